"""Baskets of quotes as files: Markdown, Word and CSV, each with a bibliography."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from assistant import Assistant
from ui.citing.checking import Check, check
from ui.citing.excerpt import Excerpt, excerpt_of
from ui.citing.formats import as_markdown
from ui.citing.receipts import Receipt
from ui.citing.styles import Run, Style, plain, reference
from ui.citing.wording import cell, markdown, shown
from ui.told import day

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

_HEADING = "Evidence"
_BIBLIOGRAPHY = "Bibliography"

_COLUMNS = """quote title author publisher published place url link document start end sha256 kept
    state reference""".split()


@dataclass(frozen=True, slots=True)
class Kept:
    """A quote of a basket, checked when the basket was exported.

    Attributes:
        excerpt: The quote as its receipt has it.
        check: What came of checking that.
    """

    excerpt: Excerpt
    check: Check

    @property
    def told(self) -> str:
        """What came of it in one line, for whoever reads the export."""
        on = day(self.check.receipt.time.date())
        if self.check.state == "verified":
            return f"Kept {on}; verified against the original at export."
        return f"Kept {on}. NOT VERIFIED at export: {self.check.state}: {self.check.detail}."


def kept(assistant: Assistant, receipts: Sequence[Receipt], address: str) -> list[Kept]:
    """Returns the quotes of some receipts, each checked now.

    Args:
        assistant: Whose index they are checked against.
        receipts: The receipts.
        address: Where the page is served.
    """
    return [Kept(excerpt_of(receipt, address), check(assistant, receipt)) for receipt in receipts]


def to_markdown(quotes: Sequence[Kept], style: Style) -> bytes:
    """Returns a basket as Markdown, in UTF-8."""
    parts = [f"# {_HEADING}"]
    parts += [f"{as_markdown(each.excerpt)}\n>\n> {markdown(shown(each.told))}" for each in quotes]
    parts.append(f"## {_BIBLIOGRAPHY}")
    parts.append("\n".join(f"- {_marked(entry)}" for entry in _entries(quotes, style)))
    return ("\n\n".join(parts) + "\n").encode()


def to_csv(quotes: Sequence[Kept], style: Style) -> bytes:
    """Returns a basket as CSV: UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for each in quotes:
        excerpt, receipt = each.excerpt, each.check.receipt
        values = (
            excerpt.text,
            excerpt.title,
            excerpt.author or "",
            excerpt.publisher or "",
            excerpt.published.isoformat() if excerpt.published else "",
            excerpt.place,
            excerpt.url or "",
            excerpt.link,
            shown(receipt.document.id),
            str(receipt.quote.start),
            str(receipt.quote.end),
            receipt.document.sha256,
            receipt.time.isoformat(),
            each.check.state,
            plain(reference(excerpt, style).entry),
        )
        writer.writerow(map(cell, values))
    return out.getvalue().encode("utf-8-sig")


def to_docx(quotes: Sequence[Kept], style: Style) -> bytes:
    """Returns a basket as a Word document."""
    from docx import Document as WordDocument  # lazy: only who exports to Word needs it

    word = WordDocument()
    properties = word.core_properties
    properties.title, properties.author, properties.comments = _HEADING, "", ""
    properties.created = properties.modified = datetime.now()
    word.add_heading(_HEADING, 1)
    for each in quotes:
        word.add_paragraph(f"“{each.excerpt.text}”", style="Quote")
        line = word.add_paragraph()
        _add(line, reference(each.excerpt, style).in_text)
        line.add_run(f" {each.excerpt.place}. " if each.excerpt.place else " ")
        line.add_run(shown(each.told)).bold = each.check.state != "verified"
    word.add_heading(_BIBLIOGRAPHY, 2)
    for entry in _entries(quotes, style):
        _add(word.add_paragraph(), entry)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of file.

    Attributes:
        write: Makes the file.
        media_type: Its type.
    """

    write: Callable[[Sequence[Kept], Style], bytes]
    media_type: str


#: The kinds of file, by the ending of their name.
Kind = Literal["md", "docx", "csv"]

#: How each is made.
EXPORTS: Mapping[Kind, Export] = {
    "md": Export(to_markdown, "text/markdown; charset=utf-8"),
    "docx": Export(
        to_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    "csv": Export(to_csv, "text/csv; charset=utf-8"),
}


def _entries(quotes: Sequence[Kept], style: Style) -> list[tuple[Run, ...]]:
    """Returns the bibliography: every source once, in alphabetical order."""
    entries = dict.fromkeys(reference(each.excerpt, style).entry for each in quotes)
    return sorted(entries, key=lambda entry: plain(entry).lstrip("“").casefold())


def _marked(entry: Sequence[Run]) -> str:
    texts = [markdown(run.text) if at == 0 else _inner(run.text) for at, run in enumerate(entry)]
    return "".join(
        f"*{text}*" if run.italic and text.strip() else text
        for text, run in zip(texts, entry, strict=True)
    )


def _inner(text: str) -> str:
    """Escapes a text that does not begin a line."""
    return markdown(f"x{text}")[1:]


def _add(paragraph: "Paragraph", runs: Sequence[Run]) -> None:
    for run in runs:
        paragraph.add_run(run.text).italic = run.italic or None
