"""Lays out what `tests.benchmarks.comparison` measured, for `tests.benchmarks.figures`."""

from collections.abc import Callable
from typing import Any

from tests.benchmarks.markdown import markdown_table

Row = dict[str, Any]

#: How the sets are called on the pages, by their names in docs/measurements.json.
_SETS = {
    "press releases": "Press releases",
    "bundled": "Bundled documents",
    "squad2": "SQuAD 2.0, held-out articles",
}


def _pair(first: str, second: str, shown: str = ".2f") -> Callable[[Row], str]:
    return lambda row: f"{row[first]:{shown}} / {row[second]:{shown}}"


#: What is told of each contender's results.
_WORTH: dict[str, Callable[[Row], str]] = {
    "right first / in five": _pair("first", "five"),
    "words of the first / of five": _pair("words of the first", "words of five", ",.0f"),
    "right within 50 / 200 words": _pair("within 50 words", "within 200 words"),
    "right first, and not refused": lambda row: f"{row['first, answered']:.2f}",
    "false answers": lambda row: f"{row['false answers']:.2f}",
    "false refusals": lambda row: f"{row['false refusals']:.2f}",
    "results at the place they name": lambda row: _place(row["at its place"]),
}

#: What each contender takes.
_COST: dict[str, Callable[[Row], str]] = {
    "pieces": lambda row: f"{row['pieces']:,}",
    "until it can be asked": lambda row: f"{_brief(row['index s'])} s",
    "of processors": lambda row: f"{_brief(row['index CPU s'])} s",
    "a question, p50 / p95": lambda row: f"{_brief(row['p50 ms'])} / {_brief(row['p95 ms'])} ms",
    "of processors, mean": lambda row: f"{_brief(row['CPU ms'])} ms",
    "memory, at most": lambda row: f"{row['peak MB']:,.0f} MB",
}

#: What the README tells, of the press releases.
_BRIEF = {
    "right first / in five": _WORTH["right first / in five"],
    "words to read first": lambda row: f"{row['words of the first']:,.0f}",
    "right within 50 words": lambda row: f"{row['within 50 words']:.2f}",
    "false answers / refusals": _pair("false answers", "false refusals"),
    "says where": lambda row: _place(row["at its place"]),
    "a question, p50": lambda row: f"{_brief(row['p50 ms'])} ms",
}


def brief_table(figures: Row) -> str:
    """Returns the README's table, of one set, as Markdown."""
    measured = figures["comparison"]["sets"]["press releases"]
    return f"{_about('press releases', measured)}\n\n{_table(_BRIEF, measured['contenders'])}"


def comparison_table(figures: Row) -> str:
    """Returns the tables of every set that was measured, as Markdown."""
    comparison = figures["comparison"]
    once = comparison["compiling the encoder, once"]
    versions = ", ".join(f"{name} {of}" for name, of in comparison["versions"].items())
    parts = [
        f"`{comparison['command']}`, {comparison['date']}, {comparison['machine']}, Python"
        f" {comparison['python']}; processes that wanted a core when it began:"
        f" {comparison['load']:.0f}. {versions}. Readout compiled its encoder once before, in"
        f" {once['s']:,.0f} s and {once['peak MB']:,.0f} MB.\n"
    ]
    for name, measured in comparison["sets"].items():
        rows = measured["contenders"]
        parts += [f"{_about(name, measured)}\n", _table(_WORTH, rows), _table(_COST, rows)]
    return "\n".join(parts)


def _about(name: str, measured: Row) -> str:
    return (
        f"{_SETS[name]}: {measured['documents']:,} documents of {measured['words']:,} words,"
        f" {measured['answerable']:,} questions and {measured['unanswerable']:,} unanswerable ones."
    )


def _brief(number: float) -> str:
    return f"{number:,.{0 if number >= 10 else 1}f}"


def _place(share: float) -> str:
    """The share of results whose own offsets give their words; a dash for one that has none."""
    return f"{share:.0%}" if share else "–"


def _table(columns: dict[str, Callable[[Row], str]], rows: dict[str, Row]) -> str:
    return markdown_table(
        ["", *columns],
        ([name, *(shown(row) for shown in columns.values())] for name, row in rows.items()),
    )
