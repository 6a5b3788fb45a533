"""What people say of a document: in a file beside it, or when they add it."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from corpus.document import Fact
from corpus.errors import Unreadable
from corpus.text import without_surrogates

#: The end of the name of a file that describes another: ``report.pdf.meta.toml``, or
#: ``report.meta.toml``.
ENDING = ".meta.toml"

#: What can be said of a document.
FIELDS = ("title", "publisher", "author", "published", "event_date", "url")
_DAYS = {"published", "event_date"}


def sidecar_of(path: Path) -> Path | None:
    """Returns the file that describes ``path``, or None if there is none."""
    named = (path.with_name(f"{path.name}{ENDING}"), path.with_name(f"{path.stem}{ENDING}"))
    return next((beside for beside in named if beside.is_file()), None)


def describes_any(sidecar: Path) -> bool:
    """Returns whether there is a file that a sidecar of this name describes."""
    name = sidecar.name.removesuffix(ENDING)
    others = (entry for entry in sidecar.parent.iterdir() if not entry.name.endswith(ENDING))
    return any(name in (entry.name, entry.stem) for entry in others)


def facts_beside(sidecar: Path) -> list[Fact]:
    """Returns what a sidecar says.

    Raises:
        Unreadable: If it is not TOML, or says something that cannot be said of a document.
        OSError: If it cannot be read.
    """
    try:
        values = tomllib.loads(sidecar.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # also for numbers of thousands of digits
        raise Unreadable(f"not TOML ({error}); correct it") from None
    return facts_said(values, sidecar.name)


def facts_said(values: Mapping[str, object], origin: str) -> list[Fact]:
    """Returns what a person says of a document as facts; nothing is surer.

    Args:
        values: By field; days as dates or ISO texts.
        origin: Where they say it.

    Raises:
        Unreadable: If a field is unknown, or its value no text or day.
    """
    facts = []
    for field, value in values.items():
        if field not in FIELDS:
            raise Unreadable(f"{field!r} cannot be said of a document; say {', '.join(FIELDS)}")
        words = " ".join(without_surrogates(str(value)).split())
        sound = bool(words) and isinstance(value, str | date)
        if sound and field in _DAYS:
            sound = _is_day(words)
        if not sound:
            kind = "a day, such as 2023-11-16" if field in _DAYS else "a text"
            raise Unreadable(f"{field} must be {kind}, not {words!r}")
        facts.append(Fact(field, words[:10] if field in _DAYS else words, origin, 1.0))
    return facts


def _is_day(words: str) -> bool:
    """Whether a text is an ISO date, with or without a time of day."""
    try:
        datetime.fromisoformat(words)
    except ValueError:
        return False
    return words[4:5] == words[7:8] == "-"
