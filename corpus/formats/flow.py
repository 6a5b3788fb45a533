"""The running text of a word processor's file: paragraphs, headings, lists and tables."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from corpus.document import Span
from corpus.draft import Draft, tidied
from corpus.marks import HEADINGS

#: A heading is no longer than this many characters: a longer one is a paragraph in big type.
MAX_HEADING = 250

#: What introduces a list ends so.
INTRODUCES = (":", "：")

# Superscript digits and signs, each as long as the one it stands for.
_RAISED = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")


def with_superscripts(pieces: Iterable[tuple[str, bool]]) -> str:
    """Returns a paragraph's text with superscript digits where plain ones would change a number.

    That is so right after a number or before one: 10⁶, or a note's sign in 2019³.

    Args:
        pieces: Its pieces, and whether each stands as a superscript.
    """
    runs = [
        ("".join(text for text, _ in run), raised)
        for raised, run in groupby((piece for piece in pieces if piece[0]), lambda piece: piece[1])
    ]
    texts: list[str] = []
    for place, (text, raised) in enumerate(runs):
        before = texts[-1] if texts else ""
        after = runs[place + 1][0] if place + 1 < len(runs) else ""
        figures = any(map(str.isdigit, text)) and not any(map(str.isspace, text))
        # A full stop or comma between would make decimals of a note's sign.
        joins = before.rstrip(".,")[-1:].isdigit() or after[:1].isdigit()
        texts.append(text.translate(_RAISED) if raised and figures and joins else text)
    return "".join(texts)


class Flow:
    """Adds paragraphs to a draft, each marked with its number.

    Paragraphs are counted from 1, over all that hold a word: headings, list items and what stands
    in text boxes are paragraphs, a row of a table is one, and a note has the number of the
    paragraph that refers to it.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._number = 0
        self._lead = ""
        self._parents: list[tuple[int, str]] = []  # of the next list item: depth, text
        self._in_list = False
        self._notes: list[tuple[int, str]] = []

    def paragraph(self, text: str) -> None:
        """Adds a paragraph."""
        if tidied(text):
            self.add_notes()
            self._counted(self._draft.paragraph(text))
            self._lead = tidied(text) if tidied(text).endswith(INTRODUCES) else ""

    def heading(self, text: str, level: int) -> None:
        """Adds a heading, unless its length says that it is a paragraph; see `Draft.heading`."""
        if len(tidied(text)) > MAX_HEADING:
            self.paragraph(text)
        elif tidied(text):
            self.add_notes()
            self._counted(self._draft.heading(text, level))

    def item(self, text: str, depth: int) -> None:
        """Adds a list's item; it keeps the line that introduces the list, and the items over it.

        Args:
            text: The item.
            depth: How deep it stands in lists, from 0.
        """
        words = tidied(text)
        if not words:
            return
        goes_on = self._in_list or bool(self._lead)
        span = self._draft.line(words) if goes_on else self._draft.paragraph(words)
        parents = [parent for parent in self._parents if parent[0] < depth]
        over = [self._lead, *(parent for _, parent in parents)]
        lead = self._lead
        self._counted(span)
        context = HEADINGS.join(filter(None, over))
        if span and context:
            self._draft.mark(span, "context", context)
        self._lead, self._parents, self._in_list = lead, [*parents, (depth, words)], True

    def row(self, cells: Sequence[str], columns: Sequence[str], under: str = "") -> None:
        """Adds a table's row.

        Args:
            cells: What stands in each column.
            columns: The columns' names.
            under: What names the row although it stands in one above: a merged cell.
        """
        span = self._draft.row(cells, columns)
        if span:
            self._counted(span)
            if tidied(under):
                self._draft.mark(span, "context", tidied(under))

    def note(self, text: str) -> None:
        """Keeps a footnote to what was added last, to stand after its paragraph, list or table."""
        if tidied(text):
            self._notes.append((max(self._number, 1), text))

    def add_notes(self) -> None:
        """Adds the notes that were kept; to be called at the end."""
        notes, self._notes = self._notes, []
        for number, text in notes:
            span = self._draft.paragraph(text)
            if span:
                self._draft.mark(span, "paragraph", number)

    def _counted(self, span: Span | None) -> None:
        if span:
            self._number += 1
            self._draft.mark(span, "paragraph", self._number)
        self._lead, self._parents, self._in_list = "", [], False
