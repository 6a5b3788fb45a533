"""The command ``readout feedback``: what people said of answers, and golden questions of it."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index import Home
from ui import terminal
from ui.errors import FileUnwritable
from ui.options import common

if TYPE_CHECKING:
    from assistant.feedback import Verdict


@click.command()
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE",
    help="Write golden questions to FILE, and wrong passages beside it.",
)
@common
def feedback(home: Home, target: Path | None, as_json: bool) -> None:
    """Show what was said of answers in the page; export golden questions made of it.

    Answers said to be good, passages said to be the right ones and questions that nothing answers
    become golden questions, unless they were asked in a part of the corpus. Wrong passages go into
    a file of their own, FILE with "-wrong" in its name.

    Example: readout feedback --export golden.jsonl
    """
    from assistant.feedback import Feedback, golden_rows, opinion_json, wrong_rows

    opinions = Feedback(home).opinions()
    golden, wrong = golden_rows(opinions), wrong_rows(opinions)
    written = {}
    if target is not None:
        beside = target.with_name(f"{target.stem}-wrong{target.suffix}")
        written = {str(target): _write(target, golden), str(beside): _write(beside, wrong)}
    if as_json:
        terminal.echo_json(
            {
                "opinions": list(map(opinion_json, opinions)),
                "golden": golden,
                "wrong": wrong,
                "written": written,
            }
        )
        return
    said = Counter(opinion.verdict for opinion in opinions)
    names: dict[Verdict, str] = {
        "up": "good answers",
        "down": "bad answers",
        "right": "right passages",
        "wrong": "wrong passages",
        "nothing": "nothing answers",
    }
    terminal.show_table({name: said[verdict] for verdict, name in names.items()})
    for path, count in written.items():
        terminal.echo(f"{path}: {count} written")


def _write(path: Path, rows: list[dict[str, Any]]) -> int:
    """Writes JSON lines; returns how many.

    Raises:
        FileUnwritable: If that fails.
    """
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    try:
        path.write_text(lines, encoding="utf-8")
    except OSError as error:
        raise FileUnwritable(f"{path}: cannot be written ({error.strerror})") from error
    return len(rows)
