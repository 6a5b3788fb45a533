"""The tables of docs/reliability.md."""

from typing import Any


def faults_table(figures: dict[str, Any]) -> str:
    """Returns the table of what came of faults in calls that write, as Markdown."""
    lines = [
        "| what was disturbed | calls that write | every | faults | as before / as after | wrong |",
        "|---" * 6 + "|",
    ]
    for name, row in figures["faults"].items():
        lines.append(
            f"| {name} | {row['calls']:,} | {row['every']} | {row['faults']:,} |"
            f" {row['as before']:,} / {row['as after']:,} | {len(row['wrong'])} |"
        )
    return "\n".join(lines) + "\n"


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
    lines = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines]) + "\n"
