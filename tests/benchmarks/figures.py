"""Writes the tables of the README and of docs/measurements.md from docs/measurements.json.

Run as ``python -m tests.benchmarks.figures`` after the benchmarks; a test checks that they agree.
The plot needs matplotlib, which the extra ``bench`` brings.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.reader.reader import FOLDER, RECORD
from tests.benchmarks import RESULTS, ROOT
from tests.benchmarks.beside import brief_table, comparison_table
from tests.benchmarks.engine_tables import engines_table, recovery_table, sizing_table
from tests.benchmarks.load_tables import (
    concurrency_table,
    levels_table,
    load_table,
    soak_table,
    together_table,
)
from tests.benchmarks.markdown import markdown_table
from tests.benchmarks.reliability import faults_table, honesty_table
from tests.benchmarks.search_tables import calibration_table, followups_table, fusion_table

Row = dict[str, Any]

PLOT = ROOT / "docs" / "images" / "scale.svg"
BEGIN = "<!-- figures: written by python -m tests.benchmarks.figures -->\n"
END = "<!-- end of figures -->"

# Of the machine that "build" was measured on.
_BUILD_CORES = 2


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
    page = figures["page"]
    lines += [
        "",
        f"| speed ({figures['machine']}) | |",
        "|---|---|",
        f"| an answer in a running process, p50 / p95 | {warm['latency p50 ms']:.0f} ms /"
        f" {warm['latency p95 ms']:.0f} ms |",
        f"| from Enter to the answer on the page, p50 / p95 | {page['answer p50 ms']:.0f} ms /"
        f" {page['answer p95 ms']:.0f} ms |",
        f"| until the page takes a question | {page['interactive s']:.1f} s |",
        "| `readout ask` from a cold process, as a share of `import sentence_transformers` |"
        f" {cold['ratio']:.2f} |",
        f"| full build ({build['passages']:,} passages) against sentence-transformers' own fp32"
        f" encode | {build['ratio']:.1f} times as fast |",
        "| rebuild after one release of 2,031 was edited, as a share of a full build |"
        f" {build['one of 2,031 edited, share of full build']:.1%} |",
    ]
    return "\n".join(lines) + "\n"


#: What the table of sizes shows of each.
_SCALE: dict[str, Callable[[Row], str]] = {
    "passages": lambda row: f"{row['passages']:,}",
    "vectors": lambda row: row["kind"].split(",")[0],
    "build without encoding": lambda row: f"{row['build s']:,.0f} s",
    "on disk": lambda row: f"{row['index MB']:,.0f} MB",
    "memory while serving": lambda row: f"{row['resident MB']:,.0f} MB",
    "time to open": lambda row: f"{row['open s']:.2f} s",
    "search p50 / p95": lambda row: _times(row, "search p50 ms", "search p95 ms"),
    "without encoding the query": lambda row: _times(
        row, "search without encoding p50 ms", "search without encoding p95 ms"
    ),
    "recall@10": lambda row: f"{row['recall@10']:.4f}",
    **{
        f"within {share} of the days: p50 / p95, recall@10": lambda row, name=f"within {share}": (
            f"{_times(row[name], 'p50 ms', 'p95 ms')}, {row[name]['recall@10']:.4f}"
        )
        for share in ("10 %", "1 %", "0.1 %")
    },
}


def _times(row: Row, middle: str, late: str) -> str:
    return f"{row[middle]:.1f} / {row[late]:.1f} ms"


def scale_table(figures: dict[str, Any]) -> str:
    """Returns the table of how the index grows, as Markdown."""
    rows = figures["scale"]
    lines = [
        f"| {name} | " + " | ".join(shown(row) for row in rows) + " |"
        for name, shown in _SCALE.items()
    ]
    lines.insert(1, "|---" * (len(rows) + 1) + "|")
    return "\n".join(lines) + "\n"


def plot_scale(figures: dict[str, Any]) -> None:
    """Draws how the index grows."""
    import matplotlib as mpl  # lazy: only those who measure have it

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "readout", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    rows = figures["scale"]
    counts = [row["passages"] for row in rows]
    drawn = {
        "search, p50 (ms)": "search p50 ms",
        "memory while serving (MB)": "resident MB",
        "on disk (MB)": "index MB",
        "build without encoding (s)": "build s",
    }
    figure, axes = pyplot.subplots(1, len(drawn), figsize=(10, 2.4), layout="constrained")
    for axis, (title, key) in zip(axes, drawn.items(), strict=True):
        axis.plot(counts, [row[key] for row in rows], "o-", color="#2f5d8a")
        axis.set(xscale="log", yscale="log", title=title, xlabel="passages")
        axis.grid(visible=True, alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(PLOT, metadata={"Date": None})


def failures_table(figures: dict[str, Any]) -> str:
    """Returns the table of what failures come to, as Markdown."""
    failures = figures["failures"]
    killed, flipped = failures["killed"], failures["flipped"]
    asked, build = failures["asked during rebuilds"], figures["build"]
    during = ", ".join(f"{stage} {count}" for stage, count in killed["killed during"].items())
    rows = {
        "one of 2,031 releases edited, as a share of a full build": (
            f"{build['one of 2,031 edited, share of full build']:.1%}"
        ),
        "nothing changed, likewise": f"{build['nothing changed, share of full build']:.1%}",
        "full build, all of its time / that inside the encoder": (
            f"{build['total / inside the encoder']:.2f}"
        ),
        f"rebuilds killed at a random moment ({during})": f"{killed['times']}",
        "… after which the index was sound": f"{killed['sound']}",
        "… and answered as before / as after": (
            f"{killed['answered as before']} / {killed['answered as after']}"
        ),
        "… and the next rebuild came to the right index": f"{killed['rebuilt']}",
        f"bits flipped, in {flipped['files']} files in turn": f"{flipped['times']}",
        "… found, with the file's name": f"{flipped['detected, the file named']}",
        "… served from": f"{flipped['served wrong']}",
        f"questions by {asked['readers']} readers without a pause": f"{asked['questions']:,}",
        "… that failed": f"{asked['failed']}",
        f"… p95 during {asked['rebuilds']} rebuilds / without": f"{asked['ratio']:.2f}",
        "switches noticed within a second": (
            f"{asked['switches noticed within a second']} of {asked['rebuilds']}"
        ),
    }
    lines = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines]) + "\n"


def formats_table(figures: dict[str, Any]) -> str:
    """Returns the tables of how files of each format are read, as Markdown."""
    formats = figures["formats"]
    layer, found = formats["PDF text layer in order"], formats["sentences found at their place"]
    lines = ["| files | median | worst | sentences found at their place |", "|---|---|---|---|"]
    for suffix, (median, worst) in formats["ms, median and worst"].items():
        lines.append(
            f"| `{suffix}` | {median:,.0f} ms | {worst:,.0f} ms | {found.get(suffix, '')} |"
        )
    dates = "; ".join(
        f"{name}: {', '.join(f'{count} {verdict}' for verdict, count in verdicts.items())}"
        for name, verdicts in formats["event dates"].items()
    )
    return (
        "\n".join(
            [
                *lines,
                "",
                "| | |",
                "|---|---|",
                f"| of {formats['files']} files: read | {formats['read']} |",
                f"| skipped with a reason | {formats['skipped with a reason']} |",
                f"| crashed or hung | {formats.get('crashed or hung', 0)} |",
                f"| words of {layer['files']} PDFs' text that arrive in order, median / worst |"
                f" {layer['median']:.3f} / {layer['worst']:.3f} |",
                f"| days of events on 100 press releases | {dates} |",
            ]
        )
        + "\n"
    )


def fuzz_table(figures: dict[str, Any]) -> str:
    """Returns the table of what was fuzzed, as Markdown."""
    head = ["target", "inputs", "read, answered", "refused", "parser failed, told", "findings"]
    rows = []
    for name, row in figures["fuzz"].items():
        came = Counter[str]()
        for outcome, times in row["outcomes"].items():
            came[_came_to(outcome)] += times
        shares = [
            f"{came[what] / max(1, row['inputs']):.0%}" for what in ("read", "refused", "failed")
        ]
        speed = row["inputs"] / max(1, row["seconds"])
        found = [f"{len(row['findings'])}", f"{row['slowest s']:.1f} s", f"{speed:,.0f}"]
        rows.append([f"`{name}`", f"{row['inputs']:,}", *shares, *found])
    return markdown_table([*head, "slowest", "inputs a second"], rows)


def _came_to(outcome: str) -> str:
    if outcome == "refused" or outcome.startswith("4") or outcome in ("closed", "passed over"):
        return "refused"
    return "failed" if outcome.startswith("its parser failed") else "read"


#: The measures that the reader is judged by, and how they are called.
_READER = {
    "nDCG@10": "nDCG@10",
    "passage first": "passage hit@1",
    "quote first": "quote hit@1",
    "quote in five": "quote hit@5",
    "false answers": "false answers",
    "false refusals": "false refusals",
    "AUROC": "AUROC",
    "AUROC, near": "AUROC, near",
    "AUROC, off-topic": "AUROC, off",
}


def reader_table(figures: dict[str, Any]) -> str:
    """Returns the tables of what the reader is worth, as Markdown."""
    reader = figures["reader"]
    lines = [f"| | {' | '.join(_READER)} |", "|---" * (len(_READER) + 1) + "|"]
    risks = []
    for name in ("press releases", "press releases, held out", "bundled", "squad2"):
        for ranking, measures in reader[name].items():
            cells = [f"{measures[key]:.2f}" if key in measures else "" for key in _READER.values()]
            lines.append(f"| {name}, {ranking} | {' | '.join(cells)} |")
            risk = measures["risk at coverage"]
            risks.append((f"{name}, {ranking}", risk))
    shares = list(risks[0][1])
    lines += ["", f"| wrong answers if the surest … are given | {' | '.join(shares)} |"]
    lines.append("|---" * (len(shares) + 1) + "|")
    lines += [
        f"| {name} | {' | '.join(f'{risk[share]:.2f}' for share in shares)} |"
        for name, risk in risks
    ]
    lines += ["", "| a whole answer | p50 | p95 |", "|---|---|---|"]
    speed = dict(reader["speed"])
    per_thousand = speed.pop("reading, ms per 1,000 tokens")
    lines += [
        f"| {name} | {times['p50 ms']:.0f} ms | {times['p95 ms']:.0f} ms |"
        for name, times in speed.items()
    ]
    lines += ["", f"Reading alone takes {per_thousand:.1f} ms per 1,000 tokens."]
    return "\n".join(lines) + "\n"


def curve_table(_: dict[str, Any]) -> str:
    """Returns the learning curve of the weights that come with Readout, as Markdown."""
    log = _reader_record()["log"]
    measured = [entry for entry in log if any(":" in name for name in entry)]
    names = [name for name in measured[0] if ":" in name]
    lines = [f"| run, step | loss | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for entry in measured:
        cells = " | ".join(f"{entry[name]:.2f}" for name in names)
        step = f"{entry.get('run', '')} {entry['step']:,} of {entry['of']:,}".strip()
        lines.append(f"| {step} | {entry['loss']:.2f} | {cells} |")
    return "\n".join(lines) + "\n"


def card_table(_: dict[str, Any]) -> str:
    """Returns what identifies the weights that come with Readout, as Markdown."""
    record = _reader_record()
    lines = ["| | |", "|---|---|"]
    lines += [
        f"| {name} | {value} |"
        for name, value in {
            "SHA-256 of `reader.onnx`": f"`{record['sha256']}`",
            "made by": f"`{record['command']}`",
            "trained": record["trained"],
            "questions": _counted(record["examples"]),
            "then": _counted(record["further examples"]),
            "on sets held out": ", ".join(
                f"{name} {value:.2f}" for name, value in record["held out"].items()
            ),
        }.items()
    ]
    return "\n".join(lines) + "\n"


def _counted(examples: dict[str, int]) -> str:
    return ", ".join(f"{count:,} of {name}" for name, count in examples.items())


def _reader_record() -> dict[str, Any]:
    record: dict[str, Any] = json.loads((FOLDER / RECORD).read_text(encoding="utf-8"))
    return record


def ray_table(figures: dict[str, Any]) -> str:
    """Returns how fast builds on Ray were, as Markdown."""
    found = figures.get("ray", {})
    head = ["passages", "encoded, passages/s (per core)", "read and cut, passages/s", "whole build"]
    rows = [
        [
            name,
            f"{row['passages']:,}",
            f"{row['passages/s encoded']:.0f} ({row['passages/s encoded'] / found['cores']:.0f})",
            f"{row['passages/s read and cut']:.0f}",
            f"{row['seconds']:.0f} s",
        ]
        for name in ("one process", "ray local", "two nodes, one killed")
        if (row := found.get(name))
    ]
    return markdown_table(["", *head], rows)


def hours_table(figures: dict[str, Any]) -> str:
    """Returns the hours that encoding takes at the measured rates, as Markdown."""
    build = figures["build"]
    rates = {
        "compiled, a CPU core": build["build passages/s"]
        * build["total / inside the encoder"]
        / _BUILD_CORES
    }
    if original := figures.get("ray", {}).get("original"):
        rates[f"original, {original['device']}"] = original["passages/s encoded"]
    counts = (10**6, 10**7, 10**8, 10**9)
    return markdown_table(
        ["encoder, on", "passages/s", *(f"{count:,}" for count in counts)],
        (
            [name, f"{rate:.0f}", *(f"{count / rate / 3600:,.1f} h" for count in counts)]
            for name, rate in rates.items()
        ),
    )


def with_tables(text: str, tables: list[str]) -> str:
    """Returns a page's text with the tables between its marks, in turn, brought up to date."""
    block = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    rest = iter(tables)
    return block.sub(lambda _: f"{BEGIN}{next(rest)}{END}", text)


#: The pages that show figures, and what of them, in their order.
PAGES = {
    ROOT / "README.md": [table, brief_table],
    ROOT / "docs" / "measurements.md": [
        *(comparison_table, calibration_table),
        *(formats_table, scale_table, failures_table),
        *(fusion_table, followups_table),
    ],
    ROOT / "docs" / "reliability.md": [
        *(faults_table, honesty_table),
        *(load_table, levels_table, concurrency_table, together_table, soak_table),
        fuzz_table,
    ],
    ROOT / "docs" / "reader.md": [reader_table, curve_table],
    ROOT / "docs" / "scaling.md": [engines_table, recovery_table, sizing_table],
    ROOT / "docs" / "scaling-ray.md": [ray_table, hours_table],
    FOLDER / "MODEL_CARD.md": [card_table],
}


def tables_of(page: Path, text: str, figures: dict[str, Any]) -> list[str]:
    """Returns the tables that a page has marks for, as Markdown."""
    return [table_of(figures) for table_of in PAGES[page][: text.count(BEGIN)]]


if __name__ == "__main__":
    figures = json.loads(RESULTS.read_text(encoding="utf-8"))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(with_tables(text, tables_of(page, text, figures)), encoding="utf-8")
    plot_scale(figures)
