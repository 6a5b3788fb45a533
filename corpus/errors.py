"""The tree of errors a user may be told.

::

    ReadoutError                one line: what, where, what to do next
    ├── CorpusError             reading documents
    │   ├── Unreadable          what a format's reader raises: only the reason
    │   │   └── UnreadableNow   the same, of a trouble that may pass
    │   ├── UnreadableSource    a file or record that could not be read
    │   └── UnknownSource       a path that was never added
    ├── IndexingError           building and opening the index (``index.errors``)
    └── AskingError             questions and evaluation (``assistant.errors``)
"""

from corpus.text import in_one_line


class ReadoutError(Exception):
    """Something the user can act on; its text is the one line they see."""

    def __str__(self) -> str:
        """Returns the line, whatever names and libraries' words were put into it."""
        return in_one_line(super().__str__())


class CorpusError(ReadoutError):
    """Documents could not be found or read."""


class Unreadable(CorpusError):
    """A reader cannot read what it was given; its text is why, and what to do, without the name."""


class UnreadableNow(Unreadable):
    """What was given cannot be read now, but may be another time, unchanged."""


class UnreadableSource(CorpusError):
    """A file, or a record in it, could not be read; the rest of the corpus is unharmed.

    Attributes:
        lasting: Whether it will be so until the file itself changes.
    """

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


class UnknownSource(CorpusError):
    """A source was named that is not among those added."""
