"""The lines over a text's body: headline, who it is by, where and when it was published."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import NamedTuple

from corpus.dates import days_in
from corpus.document import Fact
from corpus.sentences import paragraph_spans

# A title is a line, not a sentence.
_LONGEST_TITLE = 200
# The lines over a body, and the characters they may take.
_LINES, _REACH = 12, 3000
_LONGEST_LINE = 1000

_LINE = re.compile(r"\S[^\n]*")
_LABEL = re.compile(
    r"(?:date(?: of publication)?|(?:first )?published(?: on)?|publication date|posted(?: on)?"
    r"|released?(?: on| date)?|issued(?: on)?|for immediate release|datum|fecha|data|publi[ée] le)"
    r"\b\s*[:\-–—,]?\s*",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"(?:for (?:immediate|urgent) release|embargoed\b.*|(?:press|media|news) ?"
    r"(?:release|statement|note|notice|advisory|communiqu[ée]|briefing)s?|statements?|readout"
    r"|communiqu[ée] de presse|communiqu[ée]|(?:presse|medien)(?:mitteilung|information|erklärung)"
    r"|(?:comunicado|nota)(?: de prensa)?|fact ?sheet|remarks|transcript)"
    r"(?:\s+(?:no|nr|n)?[.°º]?\s*\d[\d/.-]*)?[\s:.]*",
    re.IGNORECASE,
)
# Whom to ask, as it stands over many a release.
_CONTACT = re.compile(
    r"(?:(?:press|media|presse) ?)?(?:contacts?|kontakt|contacto|enquiries|inquiries)\s*:.*"
    r"|ansprechpartner(?:in)?\s*:.*"
    r"|(?:tel|telephone|telefon|téléphone|teléfono|phone|mobile?|fax|e-?mail)\b\.?\s*:?.*[@\d].*"
    r"|\S+@\S+|[+(]?\d[\d\s()./-]{6,}",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?P<name>title|headline|subject|author|by|source|publisher|issued by)\s*:\s*(?P<value>\S.*)",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:By|BY|Par|Por|Von) (?P<who>[A-ZÀ-Þ][^,.:;]*(?:, [^.:;]+)?)")
_ATTRIBUTED = re.compile(r"\battributable to (?:the )?(?P<who>[^:\n]{3,100}?)\s*(?::|\.?$)")
_PROVIDED = re.compile(
    r"(?P<who>[A-ZÀ-Þ].{5,120}?) (?:provided|issued|released|made|gave) the following"
    r" (?:readout|statement|remarks|comments?)\b"
)
_NAME = r"(?:[A-ZÀ-Þ][\w.’'-]*|de|da|di|van|von|al|bin|del?|la)"
_OFFICIAL = re.compile(
    rf"{_NAME}(?: {_NAME}){{1,6}}, (?=[A-ZÀ-Þ]).*\b(?:Secretar|Spokes\w+|Minister\w*|President"
    r"|Ambassador|Directors?|Chair\w*|Commissioner|Representative|Chief|Head|General|Envoy"
    r"|Administrator|Coordinator|Counselor|Officer|Editor|Senator|Governor|Chancellor|Advis[eo]r)"
    r"[^:;!?]*"
)
_OFFICE = re.compile(
    r"(?:The )?(?:U\.?S\.? |US |UK |United States |Federal |Royal |Permanent )*"
    r"(?:Offices?|Ministry|Departments?|Bureau|Embassy|Mission|Directorate(?:-General)?"
    r"|Secretariat|Council|Government|Delegation|Ministère|Ministerio|Ministério)"
    r"(?:,? (?:of|the|for|to|and|in|de|des|du|la|del|[A-ZÀ-Þ][\w.’'-]*))+"
)
# In capitals, a headline looks the same: "COUNCIL ANNOUNCES TALKS".
_LETTERHEAD = re.compile(
    r"(?:THE )?(?:U\.?S\.? |UNITED STATES |FEDERAL |ROYAL )*(?:OFFICE|MINISTRY|DEPARTMENT|BUREAU"
    r"|EMBASSY|DIRECTORATE|SECRETARIAT|MINISTÈRE|MINISTERIO|MINISTÉRIO)"
    r" (?:OF|FOR|DE|DES|DU|DEL|DA|DO)(?: [A-ZÀ-Þ’'-]+){1,4}"
)
# "2:35 p.m. EDT", "Via Teleconference", "Washington, D.C."
_WHERE_AND_WHEN = re.compile(
    r"(?:As Prepared.*|Via \w+|\d{1,2}:\d\d\b.{0,20}"
    r"|[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)?, (?:D\.?C\.?|[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)?))"
)
# A line with one of these that ends in a full stop is a sentence.
_WORD = re.compile(r"\b[a-zß-ÿ]{4,}")
_SPEECH = re.compile(r"[A-Z][A-Z.’' -]{2,50}:\s")
_ISO = re.compile(r"\d{4}\D\d\d\D\d\d")
_LONGEST_PLACE = 60
# "WASHINGTON, May 3, 2021 —", "Brussels (3 May 2021) –"
_PLACE = re.compile(r"[A-ZÀ-Þ][\w .,’'/-]{1,60}[,( ]\s*$")
_DASH = re.compile(r"\)?\s*(?:\([^)\n]{1,30}\)\s*)?[-–—]+\s")
_AROUND_DATE = re.compile(r"(?:[A-ZÀ-Þ][\w.’'-]*+|(?:den|le|el)\s|[\s,.()|/:-])*+")


class Line(NamedTuple):
    """A line over a text's body.

    Attributes:
        end: Where it ends in the text, or where the body begins in it.
        facts: What it says.
        over: Whether the body begins there.
    """

    end: int
    facts: tuple[Fact, ...]
    over: bool = False


def title_in(text: str) -> str | None:
    """Returns the headline a text opens with, or None where it opens with a sentence."""
    first = next(iter(paragraph_spans(text[: _LONGEST_TITLE * 4])), None)
    if first is None:
        return None
    line = " ".join(text[first.start : first.end].split()).lstrip("# ")
    headline = 0 < len(line) <= _LONGEST_TITLE and line[-1] not in ".:;,!"
    return line if headline and not _dated(line) else None


def facts_of(text: str) -> list[Fact]:
    """Returns what the lines over a text's body say of it."""
    return [fact for line in _lines(text) for fact in line.facts]


def dateline_of(text: str) -> date | None:
    """Returns the day of publication that the lines over a text's body give, or None."""
    days = (fact.value for fact in facts_of(text) if fact.field == "published")
    return next(map(date.fromisoformat, days), None)


def without_header(text: str) -> str:
    """Returns a text without the lines over its body but the headline."""
    end = 0
    headline = ""
    for line in _lines(text):
        headline = next((fact.value for fact in line.facts if fact.field == "title"), headline)
        end = line.end
    return f"{headline}\n\n{text[end:].lstrip()}".lstrip()


def _lines(text: str) -> Iterator[Line]:
    start = len(text) - len(text.lstrip())
    titled = personal = False
    for match in islice(_LINE.finditer(text, start), _LINES):
        if match.start() > start + _REACH:
            return
        line = _line_by_itself(match) or _place(match, personal)
        if line is None and not titled and not personal and not _SPEECH.match(match[0]):
            line = _headline(text, match)
        if line is None:
            line = _attribution(match)
        if line is None:
            return
        yield line
        titled = titled or any(fact.field == "title" for fact in line.facts)
        personal = personal or any(fact.origin == _BY_PERSON for fact in line.facts)
        if line.over:
            return


_BY_PERSON = "the author's line"


def _line_by_itself(match: re.Match[str]) -> Line | None:
    if dated := _dated(match[0]):
        day, end, sure = dated
        fact = Fact("published", day.isoformat(), "the dateline", sure)
        rest = match[0][end : end + _LONGEST_LINE].strip(" .|-–—:")
        said = _attributed(rest)
        return Line(match.start() + end, (fact, *said), over=bool(rest))
    if len(match[0]) > _LONGEST_LINE:
        return None
    line = " ".join(match[0].split())
    if _TAG.fullmatch(line) or _CONTACT.fullmatch(line):
        return Line(match.end(), ())
    if field := _FIELD.fullmatch(line):
        name = field["name"].lower()
        kind = {"title": "title", "headline": "title", "subject": "title"}.get(name) or (
            "author" if name in ("author", "by") else "publisher"
        )
        origin = _BY_PERSON if kind == "author" else f"the line “{field['name']}:”"
        return Line(match.end(), (Fact(kind, field["value"], origin, 0.8),))
    if len(line) <= 150 and (by := _BYLINE.fullmatch(line)):
        return Line(match.end(), (Fact("author", by["who"], _BY_PERSON, 0.7),))
    if len(line) <= 250 and _OFFICIAL.fullmatch(line):
        return Line(match.end(), (Fact("author", line, _BY_PERSON, 0.7),))
    if (len(line.split()) <= 8 and _OFFICE.fullmatch(line)) or _LETTERHEAD.fullmatch(line):
        origin = "the line that names the office"
        facts = (Fact("publisher", line, origin, 0.6), Fact("author", line, origin, 0.4))
        return Line(match.end(), facts)
    return None


def _place(match: re.Match[str], personal: bool) -> Line | None:
    """Returns a line of place or time, such as stand under a speaker's name."""
    line = match[0].strip()
    if _WHERE_AND_WHEN.fullmatch(line):
        return Line(match.end(), ())
    told = line[-1] in ":;!?" or (line[-1] == "." and _WORD.search(line))
    short = len(line) <= 100 and not told and not _SPEECH.match(line)
    return Line(match.end(), ()) if personal and short and len(line.split()) <= 12 else None


def _headline(text: str, match: re.Match[str]) -> Line | None:
    title = title_in(text[match.start() : match.start() + _LONGEST_TITLE * 4])
    if title is None or title[0] in '“"«*' or _attributed(title):
        return None
    end = match.end()
    while len(" ".join(text[match.start() : end].split()).lstrip("# ")) < len(title):
        end = text.find("\n", end + 1) if "\n" in text[end + 1 :] else len(text)
    return Line(end, (Fact("title", title, "the first line", 0.6),))


def _attribution(match: re.Match[str]) -> Line | None:
    """Returns the sentence that says whose words the body's are; the body begins in it."""
    facts = _attributed(match[0][:_LONGEST_LINE])
    return Line(match.start(), facts, over=True) if facts else None


def _attributed(line: str) -> tuple[Fact, ...]:
    who = _ATTRIBUTED.search(line) or _PROVIDED.match(line)
    name = who["who"].strip(" .") if who else ""
    return (Fact("author", name, "the sentence over the text", 0.75),) if name.strip() else ()


def _dated(line: str) -> tuple[date, int, float] | None:
    """Returns the day of publication that a line opens with, where that ends, and how sure."""
    label = _LABEL.match(line)
    start = label.end() if label else 0
    words = line[start : start + _LONGEST_TITLE]
    named = next(iter(days_in(words, None)), None)
    if named is None:
        return None
    before, after, end = words[: named.start], words[named.end :], start + named.end
    alone = not re.search(r"\w", after)
    if label and not before:
        return named.day, end, 0.8
    if _AROUND_DATE.fullmatch(before) and len(before) <= _LONGEST_PLACE and alone:
        return named.day, start + len(words), 0.7
    if not before and _ISO.fullmatch(words, 0, named.end) and not after.startswith((":", ",")):
        return named.day, end, 0.7
    if _PLACE.fullmatch(before) and (dash := _DASH.match(after)):
        return named.day, end + dash.end(), 0.7
    return None
