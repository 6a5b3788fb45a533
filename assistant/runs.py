"""Files of a run: a TREC run file, and what came of each question as JSON lines."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.errors import BadGolden
from assistant.golden import json_entries
from assistant.outcomes import FirstQuote, Outcome

#: What a run is called in the last column of a TREC run file.
TAG = "readout"

# What would end a field of a TREC run file, and the sign that stands for it.
_BREAKS = re.compile(r"[%\s]")


def trec_run(run: Mapping[str, Mapping[str, float]]) -> str:
    """Returns a run as a TREC run file: query, ``Q0``, id, rank, score and tag on each line.

    White space in an id is written as in a URL (``%20``), as is ``%`` itself.

    Args:
        run: For each query, what was found and its score.
    """
    return "".join(
        f"{_field(query)} Q0 {_field(name)} {rank} {score:g} {TAG}\n"
        for query, found in run.items()
        for rank, (name, score) in enumerate(_ranked(found), start=1)
    )


def outcome_lines(outcomes: Sequence[Outcome]) -> str:
    """Returns what came of each question as JSON lines, which `load_outcomes` reads."""
    return "".join(json.dumps(asdict(outcome), ensure_ascii=False) + "\n" for outcome in outcomes)


def load_outcomes(path: Path) -> list[Outcome]:
    """Reads what `outcome_lines` or ``readout evaluate --json`` wrote.

    Raises:
        BadGolden: If the file cannot be read, or is neither.
    """
    found: list[Outcome] = []
    for place, entry in json_entries(path):
        try:
            lines = entry.get("outcomes", [entry])
            found.extend(map(_outcome, lines))
        except (AttributeError, TypeError, KeyError) as error:
            raise BadGolden(
                f"{place}: not a result of: readout evaluate --results FILE, or --json"
            ) from error
    return found


def _outcome(entry: Mapping[str, Any]) -> Outcome:
    """Raises AttributeError, TypeError or KeyError if ``entry`` is no outcome."""
    first = entry["first"]
    outcome = Outcome(
        **{
            **entry,
            "first": FirstQuote(**first) if first else None,
            "turns": tuple(entry["turns"]),
        }
    )
    numbers = (outcome.confidence, outcome.milliseconds, *outcome.ranking.values())
    if not all(isinstance(number, int | float) for number in numbers):
        raise TypeError
    return outcome


def _ranked(found: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    yield from sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _field(text: str) -> str:
    return _BREAKS.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)
