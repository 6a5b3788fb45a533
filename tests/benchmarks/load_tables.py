"""The tables of docs/reliability.md on load: many at once, very many one after the other."""

from typing import Any

from tests.benchmarks.markdown import markdown_table

Figures = dict[str, Any]


def load_table(figures: Figures) -> str:
    """Returns what many people at once come to, as Markdown."""
    load = figures["load"]
    before, after = load["before"], load["after"]
    rows = {
        "people, half over HTTP and half at the page": f"{load['askers']}",
        "for": f"{load['seconds']:.0f} s, while {load['rebuilds']} rebuilds went on",
        "load of the machine by others before": f"{load['load before']:.1f}",
        "answers": f"{load['answers']:,}",
        "errors / wrong answers / told to come back": (
            f"{load['errors']} / {load['wrong']} / {load['told to come back']}"
        ),
        "answers a second": f"{load['a second']:.1f}",
        **{f"{way}: p50 / p95 / p99": _times(load[way]) for way in ("HTTP", "page")},
        "slowest person's median, as a multiple of the quickest's": (
            f"{load['slowest median / quickest']:.2f}"
        ),
        "memory at start / end (of no file)": (
            f"{before['rss_mb']:.0f} / {after['rss_mb']:.0f} MB"
            f" ({before['own_mb']:.0f} / {after['own_mb']:.0f} MB)"
        ),
        "open files, threads at start / end": (
            f"{before['fds']}, {before['threads']} / {after['fds']}, {after['threads']}"
        ),
    }
    return markdown_table(["", ""], [[name, value] for name, value in rows.items()])


def levels_table(figures: Figures) -> str:
    """Returns how answers come as more and more people ask, as Markdown."""
    head = ["people", "answers a second", "p50 / p95 / p99", "told to come back", "errors", "wrong"]
    rows = [
        [
            f"{row['askers']}",
            f"{row['a second']:.1f}",
            _times(row["all"]),
            f"{row['told to come back']}",
            f"{row['errors']}",
            f"{row['wrong']}",
        ]
        for row in figures["load"]["levels"]
    ]
    return markdown_table(head, rows)


def concurrency_table(figures: Figures) -> str:
    """Returns what different numbers of questions at once and of threads come to, as Markdown."""
    found = figures["concurrency"]
    head = ["threads for a question's passages", "questions at once", "people", "answers a second"]
    rows = [
        [
            row["threads"],
            f"{row['at once']}",
            f"{row['askers']}",
            f"{row['a second']:.1f}",
            f"{row['p50 ms']:,.0f} / {row['p95 ms']:,.0f} ms",
            f"{row['cpu ms']:.0f} ms",
        ]
        for row in found["at once"]
    ]
    return markdown_table([*head, "p50 / p95", "processor time each"], rows)


def together_table(figures: Figures) -> str:
    """Returns what encoding questions together comes to, as Markdown."""
    head = ["questions in one run", "each", "least cosine to alone", "the same bit for bit"]
    rows = [
        [
            f"{row['together']}",
            f"{row['ms each']:.2f} ms",
            f"{row['least cosine to the one encoded alone']:.4f}",
            f"{row['bit for bit the same']:.0%}",
        ]
        for row in figures["concurrency"]["encoded together"]
    ]
    return markdown_table(head, rows)


def soak_table(figures: Figures) -> str:
    """Returns what a server takes after very many questions and rebuilds, as Markdown."""
    soak = figures["soak"]
    rows = [
        [
            f"{run['home']}: {run['questions']:,}, {run['rebuilds']}",
            *(
                f"{at['rss_mb']:.0f} ({at['own_mb']:.0f}) MB, {at['fds']} files,"
                f" {at['threads']} threads, {at['home_mb']:.1f} MB"
                for at in (run["at start"], run["half-way"], run["at end"])
            ),
            ("; ".join(run["not flat"]) or "flat") if run["judged"] else "too short to tell",
        ]
        for run in soak["runs"]
    ]
    total = f"{soak['questions']:,} questions, {soak['rebuilds']} rebuilds, {soak['failed']} failed"
    return markdown_table([total, "at start", "half-way", "at end", "verdict"], rows)


def _times(times: Figures) -> str:
    shown = " / ".join(f"{times[name]:,.0f}" for name in ("p50 ms", "p95 ms", "p99 ms"))
    return f"{shown} ms"
