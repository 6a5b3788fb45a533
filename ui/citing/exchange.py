"""Sources of quotes for reference managers: CSL-JSON, BibTeX and RIS."""

import hashlib
import re
from typing import Any
from urllib.parse import quote

from ui.citing.excerpt import Excerpt

# What TeX reads as its own. A brace stands in no escape of its own kind: BibTeX counts those too.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_"},
    }
)


def csl_item(excerpt: Excerpt) -> dict[str, Any]:
    """Returns a source as an item of CSL-JSON, with the quote as its annotation."""
    item: dict[str, Any] = {"id": key_of(excerpt), "type": "webpage" if excerpt.url else "document"}
    item["title"] = excerpt.title
    if excerpt.author:  # as the document names them: who is a person, and who an office, is unknown
        item["author"] = [{"literal": excerpt.author}]
    if excerpt.publisher:
        item["publisher"] = excerpt.publisher
    if day := excerpt.published:
        item["issued"] = {"date-parts": [[day.year, day.month, day.day]]}
    if excerpt.url:
        item["URL"] = excerpt.url
    item["annote"] = annotation(excerpt)
    return item


def bibtex(excerpt: Excerpt) -> str:
    """Returns a source as an entry for BibTeX and biblatex, with the quote as its annotation."""
    fields = {"title": f"{{{_tex(excerpt.title)}}}"}  # twice in braces: its capitals stay
    if excerpt.author:
        fields["author"] = f"{{{_tex(excerpt.author)}}}"  # and its commas part no names
    if excerpt.publisher:
        fields["howpublished"] = _tex(excerpt.publisher)
    if excerpt.published:
        fields["year"] = f"{excerpt.published:%Y}"
        fields["date"] = excerpt.published.isoformat()
    if excerpt.url:
        fields["url"] = quote(excerpt.url, safe=":/?#[]@!$&'()*+,;=%~")  # without brace, backslash
    fields["annote"] = _tex(annotation(excerpt))
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{key_of(excerpt)},\n{lines}}}\n"


def ris(excerpt: Excerpt) -> str:
    """Returns a source as a record of RIS, with the quote as its note."""
    import rispy  # lazy: only who asks for this needs it

    record: dict[str, Any] = {
        "type_of_reference": "ELEC" if excerpt.url else "GEN",
        "id": key_of(excerpt),
        "title": excerpt.title,
    }
    if excerpt.author:
        record["authors"] = [excerpt.author]
    if excerpt.publisher:
        record["publisher"] = excerpt.publisher
    if excerpt.published:
        record["year"] = f"{excerpt.published:%Y}"
        record["date"] = f"{excerpt.published:%Y/%m/%d}"
    if excerpt.url:
        record["urls"] = [excerpt.url]
    record["notes"] = [annotation(excerpt)]
    _number, _, lines = str(rispy.dumps([record])).partition("\n")
    return lines.strip("\n") + "\n"


def key_of(excerpt: Excerpt) -> str:
    """Returns a name for a source, the same each time: who, when, and a few digits of its id."""
    who = re.findall(r"[A-Za-z]+", excerpt.author or excerpt.publisher or excerpt.title)
    year = f"{excerpt.published:%Y}" if excerpt.published else ""
    digits = hashlib.sha256(excerpt.document.encode()).hexdigest()[:6]
    return f"{''.join(who[:3])[:24].lower() or 'source'}{year}{digits}"


def annotation(excerpt: Excerpt) -> str:
    """Returns the quote with its place."""
    return f"“{excerpt.text}”" + (f" ({excerpt.place})" if excerpt.place else "")


def _tex(text: str) -> str:
    return text.translate(_TEX)
