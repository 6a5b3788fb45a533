"""What a generation holds, document by document, without the texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

#: Reads the columns that `Outline.of` takes, in the order of the corpus.
QUERY = """
SELECT id, source, record, media_type, title, published, event_date, publisher, author, url,
  sha256, first, passages, coalesce(length, 0)
FROM documents LEFT JOIN (
  SELECT document_id, max(end) AS length FROM passages GROUP BY document_id
) ON document_id = id
ORDER BY first, documents.rowid
"""


@dataclass(frozen=True, slots=True)
class Outline:
    """A document without its text; see `corpus.Document` for what is not said here.

    Attributes:
        first: The number of its first passage; the others follow it.
        passages: How many passages it was cut into.
        length: Characters up to the end of its last passage.
    """

    id: str
    source: str
    record: str | None
    media_type: str
    title: str
    published: date | None
    event_date: date | None
    publisher: str | None
    author: str | None
    url: str | None
    sha256: str
    first: int
    passages: int
    length: int

    @classmethod
    def of(cls, row: Sequence[Any]) -> "Outline":
        """Takes a row of `QUERY`."""
        head, (published, event_date), rest = row[:5], row[5:7], row[7:]
        days = (date.fromisoformat(day) if day else None for day in (published, event_date))
        return cls(*head, *days, *rest)

    @property
    def day(self) -> date | None:
        """The day it was published, else that of the event it reports, where known."""
        return self.published or self.event_date
