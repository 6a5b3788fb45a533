"""Books in EPUB: their chapters in reading order."""

import posixpath
import zipfile
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from corpus.document import Fact
from corpus.draft import Draft, Extract, tidied
from corpus.errors import Unreadable
from corpus.formats.archive import check_archive, member
from corpus.formats.html import add_html
from corpus.formats.html_facts import day_of
from corpus.text import in_one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_PROTECTED = "protected against copying; get it without protection"
_MARKUP = {"application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"}
_NO_CHAPTERS = {"cover", "toc"}
_FIELDS = {"title": "title", "creator": "author", "publisher": "publisher"}


def read(stream: BinaryIO) -> Extract:
    """Reads a book's chapters in order, without its cover and table of contents.

    Raises:
        Unreadable: If it is no book, damaged, protected against copying, or holds no text.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(f"a damaged book ({error}); copy or save it again") from None
    with archive:
        check_archive(archive)
        names = set(archive.namelist())
        place = _package_place(archive, names)
        package = _parsed(member(archive, place))
        chapters = _chapters(package, posixpath.dirname(place))
        if _encrypted(archive, names) & set(chapters):
            raise Unreadable(_PROTECTED)
        draft = Draft()
        draft.facts.extend(_facts(package))
        for chapter in chapters:
            told = in_one_line(chapter)
            if chapter not in names:
                draft.notes.append(f"chapter {told} is missing")
                continue
            try:
                with draft.within("part", chapter):
                    add_html(draft, member(archive, chapter))
            except Unreadable as error:
                draft.notes.append(f"chapter {told} is left out: {error}")
    extract = draft.extract()
    if not extract.text:
        raise Unreadable(extract.notes[0] if extract.notes else "holds no text")
    return extract


def _package_place(archive: zipfile.ZipFile, names: set[str]) -> str:
    """Returns where the file lies that lists the book's parts."""
    if _CONTAINER in names:
        for element in _parsed(member(archive, _CONTAINER)).iter("{*}rootfile"):
            if (place := unquote(element.get("full-path", ""))) in names:
                return place
    packages = sorted(name for name in names if name.endswith(".opf"))
    if not packages:
        raise Unreadable("a book without a list of its parts; save it again")
    return packages[0]


def _chapters(package: "_Element", folder: str) -> list[str]:
    """Returns the members that hold the chapters, each once, in reading order."""
    left_out = {
        _place(folder, reference)
        for reference in package.iter("{*}reference")
        if reference.get("type", "").lower() in _NO_CHAPTERS
    }
    items = {item.get("id"): item for item in package.iter("{*}item")}
    chapters: dict[str, None] = {}
    for reference in package.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _MARKUP:
            continue
        place = _place(folder, item)
        if "nav" not in item.get("properties", "").split() and place not in left_out:
            chapters[place] = None
    return list(chapters)


def _place(folder: str, element: "_Element") -> str:
    address = unquote(element.get("href", "").partition("#")[0])
    return posixpath.normpath(posixpath.join(folder, address))


def _encrypted(archive: zipfile.ZipFile, names: set[str]) -> set[str]:
    """Returns the members that are encrypted; often only fonts are, which takes no protection."""
    if _ENCRYPTION not in names:
        return set()
    references = _parsed(member(archive, _ENCRYPTION)).iter("{*}CipherReference")
    return {unquote(reference.get("URI", "")).lstrip("/") for reference in references}


def _facts(package: "_Element") -> list[Fact]:
    values: dict[str, list[str]] = {}
    for metadata in package.iter("{*}metadata"):
        for element in metadata.iter("{http://purl.org/dc/elements/1.1/}*"):
            if value := tidied("".join(element.itertext())):
                # A date may be that of a change, if it says so.
                event = next((v for k, v in element.items() if k.endswith("event")), "publication")
                if event in {"publication", "original-publication"}:
                    values.setdefault(str(element.tag).rpartition("}")[2], []).append(value)
    facts = [
        Fact(field, ", ".join(values[name]) if name == "creator" else values[name][0],
             f"book metadata (dc:{name})", 0.9)
        for name, field in _FIELDS.items()
        if name in values
    ]  # fmt: skip
    if day := next((day for value in values.get("date", ()) if (day := day_of(value))), None):
        facts.append(Fact("published", day.isoformat(), "book metadata (dc:date)", 0.7))
    return facts


def _parsed(content: bytes) -> "_Element":
    from lxml import etree  # lazy: only for books

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"a damaged book ({error.msg}); copy or save it again") from None
    if root is None:
        raise Unreadable("a damaged book; copy or save it again")
    return root
