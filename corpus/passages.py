"""Documents are cut into passages that fit the encoder's window."""

import re
from collections.abc import Callable, Sequence

from corpus.document import Document, Passage, Span
from corpus.sentences import sentences_by_paragraph, trim

#: Counts the tokens of each text, special tokens not included.
TokenCounter = Callable[[Sequence[str]], list[int]]

_MARKDOWN_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")


def cut_passages(document: Document, budget: int, count_tokens: TokenCounter) -> list[Passage]:
    """Cuts a document into consecutive passages of at most ``budget`` tokens.

    A passage ends where a sentence ends, and where a paragraph ends if that leaves it at least
    half full. A sentence over the budget is cut at white space. Every character that is not
    white space lies in exactly one passage.

    Args:
        document: What to cut.
        budget: Tokens a passage may hold; at least 8.
        count_tokens: The encoder's own token counter.
    """
    paragraphs = _measured(document.text, budget, count_tokens)
    headings = _Headings(document)
    passages: list[Passage] = []
    current: list[Span] = []
    filled = 0

    def close() -> None:
        nonlocal filled
        if current:
            ordinal = len(passages)
            passages.append(
                Passage(
                    id=f"{document.id}#{ordinal}",
                    document_id=document.id,
                    ordinal=ordinal,
                    start=current[0].start,
                    end=current[-1].end,
                    heading=headings.path,
                    sentences=tuple(current),
                )
            )
        current.clear()
        filled = 0

    for paragraph in paragraphs:
        first = paragraph[0][0]
        if headings.starts(first) or (
            filled >= budget / 2 and filled + sum(size for _, size in paragraph) > budget
        ):
            close()
        headings.enter(first)
        for span, size in paragraph:
            if filled + size > budget:
                close()
            current.append(span)
            filled += size
    close()
    return passages


def _measured(text: str, budget: int, count_tokens: TokenCounter) -> list[list[tuple[Span, int]]]:
    """Returns each paragraph's sentences with their sizes in tokens, none over the budget."""
    paragraphs = sentences_by_paragraph(text)
    sizes = iter(count_tokens([text[slice(*span)] for spans in paragraphs for span in spans]))
    return [
        [piece for span in spans for piece in _fit(text, span, next(sizes), budget, count_tokens)]
        for spans in paragraphs
    ]


def _fit(
    text: str, span: Span, size: int, budget: int, count_tokens: TokenCounter
) -> list[tuple[Span, int]]:
    if size <= budget or span.end - span.start == 1:
        return [(span, size)]
    middle = (span.start + span.end) // 2
    blanks = (at for at in range(span.start, span.end) if text[at].isspace())
    cut = min(blanks, key=lambda at: abs(at - middle), default=middle)
    parts = (trim(text, span.start, cut), trim(text, cut, span.end))
    halves = [part for part in parts if part]
    sizes = count_tokens([text[slice(*half)] for half in halves])
    return [
        piece
        for half, part in zip(halves, sizes, strict=True)
        for piece in _fit(text, half, part, budget, count_tokens)
    ]


class _Headings:
    """The headings that stand over the place where a document is being cut."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        self._markdown = document.media_type == "text/markdown"
        self._open: list[tuple[int, str]] = []

    @property
    def path(self) -> str | None:
        return " › ".join(title for _, title in self._open) or None

    def _match(self, span: Span) -> re.Match[str] | None:
        if not self._markdown:
            return None
        return _MARKDOWN_HEADING.match(self._text[span.start : span.end])

    def starts(self, span: Span) -> bool:
        return self._match(span) is not None

    def enter(self, span: Span) -> None:
        if match := self._match(span):
            level = len(match[1])
            self._open = [(at, title) for at, title in self._open if at < level]
            self._open.append((level, match[2]))
