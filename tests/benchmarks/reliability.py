"""The tables of docs/reliability.md."""

from typing import Any

from tests.benchmarks.markdown import markdown_table
from tests.faults import FAULTS


def faults_table(figures: dict[str, Any]) -> str:
    """Returns the table of what came of faults in calls that write, as Markdown."""
    head = ["what was disturbed", "calls that write", "every", "by", "faults"]
    rows = [
        [
            name,
            f"{row['calls']:,}",
            f"{row['every']}",
            "all six" if set(row["kinds"]) == set(FAULTS) else ", ".join(row["kinds"]),
            f"{row['faults']:,}",
            f"{row['as before']:,} / {row['as after']:,}",
            f"{len(row['wrong'])}",
        ]
        for name, row in figures["faults"].items()
    ]
    return markdown_table([*head, "as before / as after", "wrong"], rows)


def honesty_table(figures: dict[str, Any]) -> str:
    """Returns the table of how honest citations are, as Markdown."""
    honesty = figures["honesty"]
    before, after = honesty["before"], honesty["after"]
    edits = ", ".join(f"{count:,} {name}" for name, count in honesty["edits"].items())
    rows = {
        "press releases": f"{honesty['releases']:,}",
        "answers; of these, refusals": (
            f"{before['answers']:,}; {before['answers'] - before['answered']:,}"
        ),
        "citations and nearest passages": (
            f"{before['citations']:,}, of {before['documents cited']:,} documents"
        ),
        "answers without any fault": (
            f"{before['answers without fault']:,} of {before['answers']:,}"
        ),
        "edits": edits,
        "answers without any fault afterwards": (
            f"{after['answers without fault']:,} of {after['answers']:,}"
        ),
        "citations that the edits affect": f"{after['affected']:,} of {after['citations']:,}",
        "flagged": f"{after['flagged']:,}",
        "affected but not flagged, flagged but not affected": " and ".join(
            f"{after['faults'].get(fault, 0):,}"
            for fault in ("affected but not flagged", "flagged but not affected")
        ),
    }
    return markdown_table(["", ""], rows.items())
