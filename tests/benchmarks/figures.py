"""Writes the README's table of figures from docs/measurements.json.

Run as ``python -m tests.benchmarks.figures`` after ``python -m tests.benchmarks``; a test checks
that the two agree.
"""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BEGIN = "<!-- figures: written by python -m tests.benchmarks.figures -->\n"
END = "<!-- end of figures -->"


def table(figures: dict[str, Any]) -> str:
    """Returns the README's tables as Markdown."""
    sets = {
        "press releases (60 + 30 questions)": figures["press releases"],
        "bundled documents (34 + 16)": figures["bundled"],
        "SQuAD 2.0, held-out articles": figures["squad2"],
    }
    columns = {
        "passage first / in five": ("passage hit@1", "passage hit@5"),
        "quote first / in five": ("quote hit@1", "quote hit@5"),
        "false answers": ("false answers",),
        "false refusals": ("false refusals",),
        "AUROC": ("AUROC",),
    }
    lines = [
        "| answers to questions nobody fitted on | " + " | ".join(columns) + " |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for name, measures in sets.items():
        cells = [" / ".join(f"{measures[key]:.2f}" for key in keys) for keys in columns.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    known = figures["known-item"]
    lines += ["", "| finding a release by its title (834, titles not indexed) | nDCG@10 | hit@1 |"]
    lines.append("|---|---|---|")
    for name, measures in known.items():
        ranks = f"{measures['nDCG@10']:.3f} | {measures['passage hit@1']:.3f}"
        lines.append(f"| {name} | {ranks} |")
    cold, build, warm = figures["cold start"], figures["build"], figures["latency"]
    lines += [
        "",
        f"| speed ({figures['machine']}) | |",
        "|---|---|",
        f"| an answer in a running process, p50 / p95 | {warm['latency p50 ms']:.0f} ms /"
        f" {warm['latency p95 ms']:.0f} ms |",
        "| `readout ask` from a cold process, as a share of `import sentence_transformers` |"
        f" {cold['ratio']:.2f} |",
        f"| full build ({build['passages']:,} passages) against sentence-transformers' own fp32"
        f" encode | {build['ratio']:.1f} times as fast |",
        "| rebuild after one release of 2,031 was edited, as a share of a full build |"
        f" {build['one of 2,031 edited, share of full build']:.1%} |",
    ]
    return "\n".join(lines) + "\n"


def with_figures(readme: str, figures: dict[str, Any]) -> str:
    """Returns the README's text with the table brought up to date."""
    between = re.compile(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", re.DOTALL)
    return between.sub(lambda _: table(figures), readme)


if __name__ == "__main__":
    figures = json.loads((ROOT / "docs" / "measurements.json").read_text(encoding="utf-8"))
    readme = ROOT / "README.md"
    readme.write_text(with_figures(readme.read_text(encoding="utf-8"), figures), encoding="utf-8")
