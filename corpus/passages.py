"""Documents are cut into passages that fit the encoder's window."""

from collections.abc import Callable, Sequence

from corpus.detection import MAIL, MARKDOWN, MSG, RECORDS, TEXT
from corpus.document import Document, Passage, Span
from corpus.marks import Kind, Mark
from corpus.sentences import line_spans, paragraph_spans, sentences_by_paragraph, trim

#: Counts the tokens of each text, special tokens not included.
TokenCounter = Callable[[Sequence[str]], list[int]]

# Formats whose lines may end inside a paragraph; the lines of all others are what they are.
_WRAPPED = {TEXT, MARKDOWN, RECORDS, MAIL, MSG}

#: Parts the contexts of a passage, if it has several.
CONTEXTS = " · "


def cut_passages(document: Document, budget: int, count_tokens: TokenCounter) -> list[Passage]:
    """Cuts a document into consecutive passages of at most ``budget`` tokens.

    A passage ends where a sentence ends, and where a paragraph ends if that leaves it at least
    half full. A heading begins a passage, and so does each row of a sheet. A sentence over the
    budget is cut at white space. Every character that is not white space lies in exactly one
    passage.

    Args:
        document: What to cut.
        budget: Tokens a passage may hold; at least 8.
        count_tokens: The encoder's own token counter.
    """
    spans = (paragraph_spans if document.media_type in _WRAPPED else line_spans)(document.text)
    paragraphs = _measured(document.text, spans, budget, count_tokens)
    over = _Over(document.marks.all())
    passages: list[Passage] = []
    current: list[Span] = []
    contexts: list[str] = []
    heading: Mark | None = None
    context: str | None = None
    row: Mark | None = None
    filled = 0

    def close() -> None:
        nonlocal filled
        if current:
            ordinal = len(passages)
            start, end = current[0].start, current[-1].end
            passages.append(
                Passage(
                    id=f"{document.id}#{ordinal}",
                    document_id=document.id,
                    ordinal=ordinal,
                    start=start,
                    end=end,
                    heading=str(heading.value) if heading else None,
                    context=_missing(contexts, document.text[start:end]),
                    sentences=tuple(current),
                )
            )
        current.clear()
        contexts[:] = [context] if context else []
        filled = 0

    for paragraph in paragraphs:
        first = paragraph[0][0].start
        before = (heading, row)
        now = (over.innermost("heading", first), over.innermost("row", first))
        said = over.innermost("context", first)
        size = sum(size for _, size in paragraph)
        if now != before or (filled >= budget / 2 and filled + size > budget):
            close()
        (heading, row), context = now, str(said.value) if said else None
        if not current:
            contexts.clear()
        if context and context not in contexts:
            contexts.append(context)
        for span, tokens in paragraph:
            if filled + tokens > budget:
                close()
            current.append(span)
            filled += tokens
    close()
    return passages


def _missing(contexts: Sequence[str], text: str) -> str | None:
    """Returns the contexts whose words do not stand in a passage itself, or None."""
    words = " ".join(text.split())
    lacking = [context for context in contexts if context not in words]
    # A short question is told with the one before it, which then need not be told alone.
    whole = [each for each in lacking if not any(each in other != each for other in lacking)]
    return CONTEXTS.join(whole) or None


def _measured(
    text: str, spans: Sequence[Span], budget: int, count_tokens: TokenCounter
) -> list[list[tuple[Span, int]]]:
    """Returns each paragraph's sentences with their sizes in tokens, none over the budget."""
    paragraphs = sentences_by_paragraph(text, spans)
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


class _Over:
    """The marks over one place after another; places must be asked for as they rise."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        kinds: set[Kind] = {"heading", "context", "row"}
        self._waiting: dict[Kind, list[Mark]] = {
            kind: [mark for mark in reversed(marks) if mark.kind == kind] for kind in kinds
        }
        self._open: dict[Kind, list[Mark]] = {kind: [] for kind in kinds}

    def innermost(self, kind: Kind, place: int) -> Mark | None:
        """Returns the mark of a kind that began last of those over a place."""
        waiting, opened = self._waiting[kind], self._open[kind]
        while waiting and waiting[-1].start <= place:
            opened.append(waiting.pop())
        while opened and opened[-1].end <= place:
            opened.pop()
        return opened[-1] if opened else None
