"""The words of a mail, and what of them is quoted from an earlier one."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from corpus.draft import Draft, Extract
from corpus.formats.html_article import unseen_in
from corpus.formats.html_blocks import write_blocks
from corpus.formats.html_tree import CONTROL, tree_of
from corpus.marks import Mark

_QUOTED = re.compile(r"((?:>[ \t]?)+)(.*)", re.DOTALL)
_FLOWED_QUOTED = re.compile(r"(>+)(.*)", re.DOTALL)
_SIGNATURE = "-- "

_PGP_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Z][\w-]*: [^\n]*\n)*")
_PGP_SIGNATURE = re.compile(
    r"-----BEGIN PGP SIGNATURE-----.*?-----END PGP SIGNATURE-----", re.DOTALL
)
PGP_MESSAGE = re.compile(r"\s*-----BEGIN PGP MESSAGE-----")

# Where an earlier mail begins, in the words of the programs that people use.
_WROTE = (
    r"wrote|writes|schrieb(?:[ \n][^\n:]{0,80})?|a écrit|escribió|ha scritto|escreveu|schreef"
    r"(?:[ \n][^\n:]{0,80})?|skrev(?:[ \n][^\n:]{0,80})?|napisał(?:\(a\)|a)?|пишет|написал\(?а?\)?"
)
_ATTRIBUTION = (
    r"(?:On|In|Am|Le|El|Il|Em|Op|Den|W dniu|Dnia|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|[A-Z][^\n]{0,80})"
    rf"\b[^\n]{{0,200}}(?:\n[^\n]{{1,200}})??[ \n](?:{_WROTE})[ \xa0]?:[ \t]*$"
)
_DIVIDER = (
    r"-{2,}[ ]?(?:Original Message|Original Appointment|Forwarded message|Forwarded by [^\n]{0,80}"
    r"|Ursprüngliche Nachricht|Weitergeleitete Nachricht|Message d['’]origine|Message transféré"
    r"|Mensaje original|Mensaje reenviado|Messaggio originale|Messaggio inoltrato"
    r"|Mensagem original|Mensagem encaminhada|Oorspronkelijk bericht|Doorgestuurd bericht)[ ]?-{2,}"
    r"|Begin forwarded message:|Anfang der weitergeleiteten (?:Nachricht|E-?Mail):"
    r"|Début du message (?:réexpédié|transféré)[ \xa0]?:"
)
_FROM = r"[*]?(?:From|Von|De|Da|Van|Från|Fra|Od|От|发件人|差出人)[*]?[ \xa0]?[:：]"
_OTHER_HEADER = (
    r"[*]?(?:Sent|Date|To|Cc|Subject|Reply-To|Importance|Attachments|Gesendet|Datum|An|Betreff|Envoyé"
    r"|Envoyé le|À|Objet|Fecha|Enviado|Enviado el|Enviada em|Para|Asunto|Assunto|Inviato|Data|A"
    r"|Oggetto|Verzonden|Aan|Onderwerp|Skickat|Till|Ämne|Sendt|Til|Emne|Дата|Кому|Тема"
    r"|发送时间|收件人|主题|日期)[*]?[ \xa0]?[:：]"
)
# The lines of one header may be folded, or be paragraphs of their own; three headers are enough.
_HEADERS = (
    rf"{_FROM}[^\n]*(?:\n\n?[ \t]*(?!{_OTHER_HEADER})[^\n]+)?(?:\n\n?{_OTHER_HEADER}[^\n]*){{2}}"
)
_OPENING = re.compile(
    rf"^(?:(?P<attribution>{_ATTRIBUTION})|(?P<block>{_DIVIDER}|{_HEADERS}))", re.MULTILINE
)


def add_plain(draft: Draft, text: str, flowed: bool = False, joins: bool = False) -> None:
    """Adds the text of a mail, its lines as they are, without the signs that quote them.

    Args:
        draft: Where to.
        text: With line feeds for line ends.
        flowed: Whether a line that ends with a space goes on in the next (RFC 3676).
        joins: Whether that space is no part of the text.
    """
    text = _PGP_SIGNED.sub("", _PGP_SIGNATURE.sub("", text)).expandtabs()
    for depth, lines in _paragraphs(_flowed(text, joins) if flowed else _fixed(text)):
        span = draft.add("\n".join(lines).strip())
        if depth:
            draft.mark(span, "quoted", depth)


def add_markup(draft: Draft, markup: bytes | str) -> None:
    """Adds the text of a mail in HTML; block quotes are quoted from an earlier one.

    Raises:
        Unreadable: If its elements are nested too deeply.
    """
    root = tree_of(markup)
    if root is not None:
        write_blocks(draft, root, unseen_in(root), set(root.iter("blockquote")))


def with_earlier_mail(extract: Extract) -> Extract:
    """Marks as quoted what follows the headers, or the name, of an earlier mail in a mail's part.

    A line such as "On Monday, Jane wrote:" belongs to the quote that it announces; if no line
    below is marked as quoted, all the rest of its part is the quote.
    """
    quoted = sorted(mark for mark in extract.marks if mark.kind == "quoted")
    found = [
        mark
        for part in extract.marks
        if part.kind == "part"
        for mark in _earlier_mail(extract.text, part, quoted)
    ]
    return replace(extract, marks=(*extract.marks, *found))


def _earlier_mail(text: str, part: Mark, quoted: list[Mark]) -> Iterator[Mark]:
    starts = [mark.start for mark in quoted]
    depth = 0
    end = 0  # of the opening before
    for match in _OPENING.finditer(text, part.start, part.end):
        if _quote_at(match.start(), quoted, starts):
            continue
        follows = len(text[match.end() : part.end]) - len(text[match.end() : part.end].lstrip())
        quote = _quote_at(match.end() + follows, quoted, starts)
        if match["attribution"] and quote:
            yield Mark(match.start(), match.end(), "quoted", quote.value)
        elif match["block"] or match.end() + follows < part.end:
            if not depth or text[end : match.start()].strip():
                depth += 1
                yield Mark(match.start(), part.end, "quoted", depth)
            end = match.end()


def _quote_at(place: int, quoted: list[Mark], starts: list[int]) -> Mark | None:
    """Returns a quote that a place lies in; of quotes in each other one of the first ten."""
    last = bisect_right(starts, place)
    for mark in reversed(quoted[max(0, last - 10) : last]):
        if place < mark.end:
            return mark
    return None


def _fixed(text: str) -> Iterator[tuple[int, str]]:
    """Yields each line with how deep it is quoted."""
    for line in text.split("\n"):
        match = _QUOTED.match(line)
        if match is None:
            yield 0, line.rstrip()
        elif line.startswith(">From "):  # as mailboxes write a line that begins with "From"
            yield 0, line[1:].rstrip()
        else:
            yield match[1].count(">"), match[2].rstrip()


def _flowed(text: str, joins: bool) -> Iterator[tuple[int, str]]:
    """Yields each line, made whole, with how deep it is quoted."""
    open_depth, pieces = 0, list[str]()
    for line in text.split("\n"):
        match = _FLOWED_QUOTED.match(line)
        depth, content = (len(match[1]), match[2]) if match else (0, line)
        content = content.removeprefix(" ")
        goes_on = content.endswith(" ") and content != _SIGNATURE
        if pieces and (depth != open_depth or content == _SIGNATURE):
            yield open_depth, "".join(pieces).rstrip()
            pieces = []
        open_depth = depth
        pieces.append(content[:-1] if joins and goes_on else content)
        if not goes_on:
            yield depth, "".join(pieces).rstrip()
            pieces = []
    if pieces:
        yield open_depth, "".join(pieces).rstrip()


def _paragraphs(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """Yields the lines between blank ones, parted where the depth changes."""
    depth, block = 0, list[str]()
    for at, raw in lines:
        line = CONTROL.sub(" ", raw).rstrip()
        if block and (not line or at != depth):
            yield depth, block
            block = []
        if line:
            depth = at
            block.append(line)
    if block:
        yield depth, block
