"""The documents as a table: one row each, found by words and sorted by any column."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from corpus import BUNDLED, original_path
from index.outlines import Outline
from ui.kinds import format_label

#: How a document stands beside what the index has of it: as it was read; its file is of other
#: content now; nobody has read it yet; its file is gone; it was taken off the library; what is
#: said of it was corrected; it could not be read.
State = Literal["current", "changed", "new", "gone", "removed", "corrected", "unread"]

Column = Literal["title", "day", "publisher", "format", "size", "passages", "state"]

#: The order of states where rows are sorted by them: what asks for attention comes first.
_STATES: tuple[State, ...] = (
    *("unread", "gone", "removed", "changed", "corrected", "new", "current"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A document, or a file that holds none (yet).

    Attributes:
        id: The document's id; None of what is not in the index.
        title: Its title, or the file's name.
        source: The file, as `corpus.Document.source` names it.
        record: Which record of the file it is, or None.
        day: When it was published or, where that is not known, the day of what it reports.
        publisher: Who published it, or who signed it; empty where neither is known.
        format: What it is, for people; empty where it was not read.
        size: Bytes of its file; of one of many in a file, characters of its text; or None.
        passages: How many passages it was cut into.
        state: How it stands.
        problem: What could not be read and why; empty if all could.
        words: What is searched, as `plain` has it.
        order: What it is sorted by when sorted by title.
        order_by: The same when sorted by publisher.
    """

    id: str | None
    title: str
    source: str
    record: str | None
    day: date | None
    publisher: str
    format: str
    size: int | None
    passages: int
    state: State
    problem: str
    words: str = field(init=False, repr=False)
    order: str = field(init=False, repr=False)
    order_by: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Once, so that thousands are found and sorted at each key that is pressed.
        names = (self.title, self.source, self.record or "", self.publisher)
        object.__setattr__(self, "words", plain("\n".join(names)))
        object.__setattr__(self, "order", plain(self.title))
        object.__setattr__(self, "order_by", plain(self.publisher))


def plain(text: str) -> str:
    """Returns a text without case and accents, so that *Sao* finds *São*."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in parts if not unicodedata.combining(character))


def rows_of(
    outlines: Iterable[Outline],
    states: Mapping[Path, State],
    sizes: Callable[[Path], int | None],
    problems: Iterable[Mapping[str, str]],
) -> list[Row]:
    """Returns the rows of a corpus, in its order; what holds no document comes last.

    Args:
        outlines: Its documents.
        states: How files stand; of those that are not named nothing has changed.
        sizes: Returns the bytes of a file, or None where it is not there.
        problems: What was not read: ``source`` and ``reason`` of each.
    """
    outlines = list(outlines)
    holding = Counter(outline.source for outline in outlines)
    told = _by_document(problems, outlines, holding)
    held = {original_path(source) for source in holding}
    # What was last read is kept of a file that could not be read since: it is new to nobody.
    states = {
        path: "changed" if state == "new" and path in held else state
        for path, state in states.items()
    }
    rows = []
    for outline in outlines:
        path = original_path(outline.source)
        alone = outline.record is None and holding[outline.source] == 1
        reasons = told.pop((outline.source, outline.record), [])
        rows.append(
            Row(
                id=outline.id,
                title=outline.title,
                source=outline.source,
                record=outline.record,
                day=outline.published or outline.event_date,
                publisher=outline.publisher or outline.author or "",
                format=format_label(outline.media_type),
                size=sizes(path) if alone else outline.length,
                passages=outline.passages,
                state=states.get(path, "current"),
                problem="; ".join(reasons),
            )
        )
    unread = {source: "; ".join(reasons) for (source, _), reasons in told.items()}
    rows += [_bare(source, "unread", problem, sizes) for source, problem in unread.items()]
    rows += [
        _bare(str(path), "new", "", sizes)
        for path, state in states.items()
        if state == "new" and str(path) not in unread
    ]
    return rows


def _by_document(
    problems: Iterable[Mapping[str, str]],
    outlines: Sequence[Outline],
    holding: Mapping[str, int],
) -> dict[tuple[str, str | None], list[str]]:
    """Gives each problem to the one document it is about, or else to the place that it names."""
    origins = {(outline.source, outline.record) for outline in outlines}
    only = {outline.source: outline.record for outline in outlines if holding[outline.source] == 1}
    told: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
    for problem in problems:
        place = problem["source"]
        if not (Path(place).is_absolute() or place.startswith(f"{BUNDLED}/")):
            continue  # of no file: of the encoder, say
        parts = place.split(", ")
        files = (", ".join(parts[:end]) for end in range(len(parts), 0, -1))
        file = next((name for name in files if name in holding), place)
        inside: str | None = place.removeprefix(file).removeprefix(", ") or None
        if file in only:
            where = f"{inside}: " if inside else ""
            told[file, only[file]].append(where + problem["reason"])
        elif (file, inside) in origins:
            told[file, inside].append(problem["reason"])
        else:
            told[place, None].append(problem["reason"])
    return told


def _bare(source: str, state: State, problem: str, sizes: Callable[[Path], int | None]) -> Row:
    """The row of a file that holds no document, as far as is known."""
    path = Path(source)
    return Row(
        id=None,
        title=path.name or source,
        source=source,
        record=None,
        day=None,
        publisher="",
        format="",
        size=sizes(path),
        passages=0,
        state=state,
        problem=problem,
    )


def matching(rows: Iterable[Row], query: str) -> list[Row]:
    """Returns the rows in whose title, source or publisher all words of a query stand."""
    words = plain(query).split()
    return [row for row in rows if all(word in row.words for word in words)]


def ordered(rows: Iterable[Row], column: Column, *, descending: bool = False) -> list[Row]:
    """Returns rows sorted by a column, then by title; what has nothing there comes last."""
    by_title = sorted(rows, key=lambda row: (row.order, row.source, row.record or ""))
    if column == "title":
        return by_title[::-1] if descending else by_title
    key = _KEYS[column]
    known = [row for row in by_title if key(row) is not None]
    unknown = [row for row in by_title if key(row) is None]
    # A stable sort: rows that are alike stay in the order of their titles, whichever way.
    return sorted(known, key=key, reverse=descending) + unknown


_KEYS: dict[Column, Callable[[Row], Any]] = {
    "day": lambda row: row.day,
    "publisher": lambda row: row.order_by or None,
    "format": lambda row: row.format or None,
    "size": lambda row: row.size,
    "passages": lambda row: row.passages,
    "state": lambda row: (not row.problem, _STATES.index(row.state)),
}
