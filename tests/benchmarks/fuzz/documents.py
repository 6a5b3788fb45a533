"""Readers: whatever is in a file, it is read or refused in one line, and what is read is sound."""

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO
from random import Random
from unittest.mock import patch

from corpus import Document, Passage, detection, isolation
from corpus.document import Span
from corpus.draft import Extract
from corpus.errors import ReadoutError
from corpus.formats import ocr
from corpus.marks import Marks
from corpus.parsing import Parsed, Refused, parse
from corpus.passages import cut_passages
from corpus.reading import _document  # what of a file is settled, without a file
from corpus.sidecar import FIELDS
from index.acronyms import acronyms_in
from index.cutting import embedded_text
from index.lexical import analyze
from tests.benchmarks.fuzz import seeds
from tests.benchmarks.fuzz.mutating import with_tokens
from tests.benchmarks.fuzz.packing import mutated_archive
from tests.benchmarks.fuzz.target import Mutate, Target, Wrong, is_ours, one_line

# One input in so many is read a second time, and one text in so many is cut.
_AGAIN = 8

# Characters of the longest text that is cut into passages; all texts are, of build and page alike,
# but the sentences of a book take seconds.
_CUT = 20_000

# Tokens of a passage here, words being tokens: few, so that there are many passages.
_BUDGET = 24


def check_file(data: bytes, name: str) -> str:
    """Reads a file as a worker does, and checks all that comes of it."""
    try:
        found = _parsed(data, name)
    except ReadoutError as error:
        one_line(str(error))
        return "refused"
    if isinstance(found, str):
        return found
    sound = 0
    for item in found:
        match item:
            case Refused():
                one_line(f"{item.member}: {item.reason}")
            case Parsed(member, media_type, extract):
                sound += 1
                _check_extract(extract)
                _check_answer(item)
                check_text(extract, name if member is None else f"{name}/{member}", media_type)
    if zlib.crc32(data) % _AGAIN == 0 and _parsed(data, name) != found:
        raise Wrong("read twice, it differs")
    return "read" if sound else "refused"


def _parsed(data: bytes, name: str) -> list[Parsed | Refused] | str:
    """Reads a file; a word for it if a worker tells that its parser failed.

    A parser's library may raise whatever it likes: a worker tells that in one line. Our own code
    may not, nor what is read without a worker.
    """
    try:
        with BytesIO(data) as stream:
            plain = detection.plain_type(stream, name) is not None
        return list(parse(BytesIO(data), name, seeds.PASSWORDS))
    except ReadoutError:
        raise
    except Exception as error:  # whatever a library raises; what is ours is raised again
        if not isinstance(error, zlib.error | OSError | MemoryError) and is_ours(error):
            raise
        if plain and not isinstance(error, OSError | EOFError | zlib.error):
            raise
        return f"its parser failed ({type(error).__name__})"


def _check_extract(extract: Extract) -> None:
    text = extract.text
    if not text.strip():
        raise Wrong("a text without a word")
    for words in (text, *extract.notes, *(fact.value for fact in extract.facts)):
        try:
            words.encode()
        except UnicodeEncodeError:
            raise Wrong("half characters") from None
    if "\r" in text:
        raise Wrong("line ends that are no line feeds")
    for note in extract.notes:
        one_line(note)
    for mark in extract.marks:
        if not 0 <= mark.start < mark.end <= len(text):
            raise Wrong(f"a mark {mark.kind} out of its text")
    for fact in extract.facts:
        if fact.field not in FIELDS or not 0 <= fact.sure <= 1 or not fact.value.strip():
            raise Wrong(f"a fact {fact.field} that is none")


def _check_answer(item: Parsed) -> None:
    """What the worker writes is what its near side reads."""
    extract = item.extract
    answer = {
        "member": item.member,
        "media_type": item.media_type,
        "text": extract.text,
        "marks": extract.marks,
        "facts": [(fact.field, fact.value, fact.origin, fact.sure) for fact in extract.facts],
        "notes": extract.notes,
    }
    if isolation._item(json.loads(json.dumps(answer))) != item:
        raise Wrong("it comes out of the worker as another")


@cache
def _seen() -> set[int]:
    return set()


def check_text(extract: Extract, name: str, media_type: str) -> None:
    """Checks what a build makes of a text: what is known of it, its passages, its terms."""
    if len(extract.text) > _CUT:
        kept = tuple(mark for mark in extract.marks if mark.end <= _CUT)
        extract = Extract(extract.text[:_CUT], kept, extract.facts, extract.notes)
    key = hash((extract.text, media_type))
    if key in _seen():
        return
    _seen().add(key)
    document = _document(
        name,
        name,
        media_type,
        extract.text,
        "0" * 64,
        extract.facts,
        record=None,
        marks=extract.marks,
    )
    for field in FIELDS:
        value = getattr(document, field)
        if isinstance(value, str) and (not value.strip() or "\n" in value):
            raise Wrong(f"the {field} is no line")
    if document.marks != Marks.of(document.marks.all()):
        raise Wrong("marks are packed as others")
    check_passages(document, cut_passages(document, _BUDGET, _words))


def check_passages(document: Document, passages: Sequence[Passage]) -> None:
    """Checks that passages and sentences are slices that cover the text, and can be indexed."""
    text, at = document.text, 0
    for number, passage in enumerate(passages):
        if passage.ordinal != number or passage.id != f"{document.id}#{number}":
            raise Wrong("passages out of order")
        at = _covered(text, at, Span(passage.start, passage.end))
        within = passage.start
        for span in passage.sentences:
            within = _covered(text, within, span)
        if within != passage.end:
            raise Wrong("sentences end before their passage")
        if len(passage.sentences) > 1 and sum(_words([text[a:b] for a, b in passage.sentences])) > (
            _BUDGET
        ):
            raise Wrong("a passage over its budget")
        embedded_text(document, passage).encode()
        analyze(text[passage.start : passage.end])
    if text[at:].strip():
        raise Wrong("words in no passage")
    list(acronyms_in(text))


def _covered(text: str, at: int, span: Span) -> int:
    if not at <= span.start < span.end <= len(text):
        raise Wrong("spans that overlap, are empty, or lie outside")
    if text[at : span.start].strip():
        raise Wrong("words in no span")
    return span.end


def _words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


_HTML = (
    *(b"<div>", b"</div>", b"<p", b">", b"<table>", b"<tr>", b"<td colspan=9999 rowspan=0>"),
    *(b"<!--", b"-->", b"<![CDATA[", b"&#xD800;", b"&#0;", b"&nbsp", b"&amp;amp;", b"&zwnj;"),
    *(b"<script>", b"</script>", b"<style>", b"<title>", b"<svg>", b"<math>", b"<template>"),
    *(b'<meta charset="utf-7">', b'<meta charset="x">', b"<article>", b"<header>", b"<nav>"),
    *(b"<ul><li>", b"<ol start=-1>", b"<details>", b"<br>", b"<pre>", b"<h1>", b"<h9>", b"<base"),
    *(b'<a href="', b'{"@graph":[', b'"datePublished":', b"<frameset>", b"<body>", b"</html>"),
    *(b"<sup>", b"<sub>", b"<q>", b"hidden", b'style="display:none"', b'content="', b"<!DOCTYPE"),
)
_MAIL = (
    *(b"\n\n", b"\n ", b"--x\n", b"--x--\n", b"--", b"Content-Type: multipart/mixed\n"),
    *(b"Content-Type: text/html\n", b"Content-Type: message/rfc822\n", b"boundary=", b"charset="),
    *(b"=?utf-8?b?", b"=?x?q?", b"?=", b"=?utf-7?q?", b"Content-Transfer-Encoding: base64\n"),
    *(b"quoted-printable", b"x-uuencode", b"filename*0*=", b"filename=", b"Date: ", b"+9999"),
    *(b'"', b"\\", b"(", b"<", b"@", b"> ", b"On Monday wrote:\n", b"utf-16", b"idna", b"unknown"),
    *(b"multipart/related", b"multipart/alternative", b"text/calendar", b"application/zip"),
)
_TEXT = (
    *(b"\n", b"\n\n", b"\r", b"\t", b" ", b". ", b"U.S. ", b"e.g. ", b"...", b"\xe2\x80\x9d "),
    *(b"QUESTION: ", b"MR. PRICE:  ", b"A", b"A ", b"Aa ", b"May 3, 2021", b"today", b"2021-05-03"),
    *(b"Begin text:", b"attributable to ", b"- ", b"1. ", b"(CBSI)", b" (", b"| ", b"-\n", b"* "),
    *(b"\xe2\x80\xa2 ", b"from ", b"the ", b"January ", b"31 ", b"Feb. 30", b"'s ", b"--", b": "),
)
_MARKDOWN = (
    *(b"# ", b"\n", b"> ", b"- ", b"1. ", b"```\n", b"~~~", b"| a | b |\n|---|---|\n", b"***"),
    *(b"[", b"](", b")", b"![", b"<", b">", b"&", b"\\", b"`", b"_", b"---\n", b"===\n", b"\t"),
    *(b"[^1]: ", b"    ", b"+++\n", b"title: ", b"date: ", b"<!--", b"\n\n"),
)
_CSV = (b",", b";", b"\t", b"|", b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b"2021", b",,,,", b" ")
_RTF = (
    *(b"{", b"}", b"\\", b"\\par ", b"\\u-3\\'3f", b"\\u55357?\\u56832?", b"\\'", b"\\*\\"),
    *(b"\\bin9999 ", b"\\uc99", b"\\ansicpg65001", b"\\fcharset128", b"\\cell", b"\\row"),
    *(b"\\trowd", b"\\field", b"\\intbl", b"\\pict", b"\\info", b"\\creatim\\yr0\\mo99\\dy99"),
    *(
        b"\\s1",
        b"\\stylesheet",
        b"\\listtext",
        b"\\footnote",
        b"\\v",
        b"\\v0",
        b"\\super ",
        b"\\f9",
    ),
)
_PDF = (
    *(b"endobj\n", b"stream\n", b"endstream", b"<<", b">>", b"[", b"]", b"/Length ", b" 0 R"),
    *(
        b"/Filter/FlateDecode",
        b"/Kids",
        b"/Parent",
        b"1 0 R",
        b"3 0 R",
        b"/Type/Page",
        b"/Count -1",
    ),
    *(
        b"/Rotate 90",
        b"/MediaBox[0 0 0 0]",
        b"/CropBox[-1e9 9 1e9 9]",
        b"BT ",
        b" ET",
        b" Tj ",
        b"(",
    ),
    *(b")", b"<FEFFD800>", b" Td ", b" Tm ", b"1e30 ", b"/ActualText", b"/ToUnicode", b"/Encrypt"),
    *(
        b"/Outlines",
        b"/First",
        b"/Next",
        b"/Dest",
        b"startxref\n",
        b"xref\n",
        b"trailer",
        b"/Prev ",
    ),
    *(b"/CreationDate(D:99999999)", b"/Title<FEFF>", b" q ", b" Q ", b" cm ", b" Do ", b"/Annots"),
)
#: Words of JSON, and of records.
JSON_TOKENS = (
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"null", b"true", b"NaN", b"1e999", b"\\ud800"),
    *(b"\\u0000", b'"_id"', b'"id"', b'"text"', b'"date"', b"\n", b"\r", b"\\", b"-", b"{}", b'""'),
)


def _mixed(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    mutate = mutated_archive if data.startswith(b"PK") else with_tokens(*_HTML, *_TEXT, *_MAIL)
    return mutate(data, chance, others)


# Bytes of a huge file: where time grows with the square of the size, of this size it shows. What
# is packed may unpack to as much and more.
_HUGE, _HUGE_S = 1 << 20, 20.0

_BEGUN = {
    "a.txt": b"",
    "a.md": b"# One\n\n",
    "a.csv": b"a,b\n1,2\n",
    "a.html": b"<html><body><p>",
    "a.eml": b"From: a@b.example\nTo: c@d.example\nSubject: Talks\n\n",
    "a.rtf": b"{\\rtf1 ",
    "a.pdf": b"%PDF-1.7\n",
    "b.eml": b"From: a@b.example\nTo: c@d.example\nSubject: ",
}


def _check_huge(data: bytes) -> str:
    """A piece again and again: the first byte says in which file, what is after a zero ends it."""
    name = list(_BEGUN)[data[0] % len(_BEGUN)] if data else "a.txt"
    piece, _, end = data[1:].partition(b"\0")
    return check_file(_BEGUN[name] + piece * (_HUGE // max(1, len(piece))) + end, name)


def _pieces() -> list[bytes]:
    """A few of each format's words, to be repeated."""
    words = (_TEXT, _MARKDOWN, _CSV, _HTML, _MAIL, _RTF, _PDF, _MAIL)
    return [
        bytes([at]) + word + next_
        for at, known in enumerate(words)
        for word, next_ in zip(known, (*known[1:], b""), strict=True)
        if b"\0" not in word + next_
    ]


def _check_pdf(data: bytes) -> str:
    with patch.object(ocr, "available", lambda: False):  # or pictures would take all the time
        return check_file(data, "a.pdf")


def _reader(
    name: str, file: str, made: Callable[[], list[bytes]], mutate: Mutate, longest: int = 1 << 15
) -> Target:
    return Target(name, cache(made), lambda data: check_file(data, file), mutate, longest)


def _packed(name: str, file: str, made: Callable[[], list[bytes]]) -> Target:
    return replace(_reader(name, file, made, mutated_archive, 1 << 17), seconds=_HUGE_S)


#: The readers by name, each with the name of the file it is given.
READERS = (
    _reader("text", "a.txt", seeds.text, with_tokens(*_TEXT)),
    _reader("markdown", "a.md", seeds.markdown, with_tokens(*_MARKDOWN)),
    _reader("csv", "a.csv", seeds.delimited, with_tokens(*_CSV)),
    _reader("html", "a.html", seeds.html, with_tokens(*_HTML)),
    _reader("eml", "a.eml", seeds.mail, with_tokens(*_MAIL, *_HTML)),
    _reader("rtf", "a.rtf", seeds.rich_text, with_tokens(*_RTF)),
    Target("pdf", cache(seeds.pdf), _check_pdf, with_tokens(*_PDF), 1 << 16),
    _reader("msg", "a.msg", seeds.msg, with_tokens(), longest=1 << 18),
    _packed("docx", "a.docx", seeds.word),
    _packed("pptx", "a.pptx", seeds.slides),
    _packed("xlsx", "a.xlsx", seeds.sheets),
    _packed("opendocument", "a.odt", seeds.opendocument),
    _packed("epub", "a.epub", seeds.epub),
    _packed("zip", "a.zip", seeds.archives),
    Target(
        "huge",
        cache(_pieces),
        _check_huge,
        with_tokens(*_TEXT, *_MARKDOWN, *_HTML, *_MAIL, *_RTF),
        64,
        _HUGE_S,
    ),
)
