"""What the office formats share: sound ZIP packages, their properties, and errors told plainly."""

import posixpath
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from corpus.document import Fact
from corpus.draft import Draft, Extract
from corpus.errors import Unreadable
from corpus.text import without_surrogates

if TYPE_CHECKING:
    from lxml.etree import _Element

#: No package holds more members, or more bytes when unpacked.
MAX_MEMBERS, MAX_BYTES = 10_000, 1 << 30

#: No member of more bytes than the first unpacks to more than the second times what it takes.
LARGE, MAX_EXPANSION = 50 << 20, 200

#: Why such a package is not opened.
TOO_MUCH = "would unpack to far more than an office file holds; not opened"

#: How sure a property is: a title or name may be a template's, and a file's first day another's.
SURE_OF_NAMES, SURE_OF_CREATED, SURE_OF_MODIFIED = 0.6, 0.4, 0.2

#: How sure is a title that stands in the document and is marked as one.
SURE_OF_TITLE = 0.7

# What programs write where nobody did: a title that says nothing, a name that is no person's.
_NO_TITLE = re.compile(
    r"(?:untitled|(?:microsoft )?(?:powerpoint|word|excel)?[- ]*"
    r"(?:presentation|document|workbook|spreadsheet|slide|sheet|book)) ?\d*"
    r"|(?:powerpoint-)?pr[äé]sentation ?\d*",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"python-docx|openpyxl|apache poi|xlsxwriter|(?:microsoft )?office user|windows user|user"
    r"|admin(?:istrator)?|author|unknown",
    re.IGNORECASE,
)

# When the templates were made that python-docx and python-pptx start from.
_TEMPLATES = ("2013-12-23T23:15", "2013-01-27T09:14")

# The strict dialect of the formats names all things otherwise; nothing else differs in their text.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"

_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"

# The libraries check little: a missing part or attribute, or one of another kind, surfaces as
# whatever Python raises there. SyntaxError is what both XML parsers raise.
_DAMAGE = (
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
)


@contextmanager
def damage_told(what: str, program: str) -> Iterator[None]:
    """Tells what a library raises on a damaged file as `Unreadable`.

    Args:
        what: What it is, such as ``Word file``.
        program: What people open it in.
    """
    try:
        yield
    except _DAMAGE as error:
        raise Unreadable(f"damaged {what}; open it in {program} and save it again") from error


def extract_of(draft: Draft) -> Extract:
    """Returns what a draft holds.

    Raises:
        Unreadable: It holds no text.
    """
    extract = draft.extract()
    if not extract.text:
        raise Unreadable("holds no text; if it shows some, that is in pictures")
    return extract


def sound_package(stream: BinaryIO) -> BinaryIO:
    """Returns an office file as the libraries can open it.

    That is the file itself, unless it is of the strict dialect or refers to parts that it lacks:
    then a mended copy.

    Raises:
        Unreadable: It has too many parts, would unpack to too much, or is encrypted.
        Exception: As `zipfile` and lxml raise on damaged files; see `damage_told`.
    """
    with ZipFile(stream) as package:
        _check(package)
        mended = _mended(package)
    if mended:
        copy = BytesIO()
        with ZipFile(stream) as package, ZipFile(copy, "w", ZIP_STORED) as other:
            for name in dict.fromkeys(package.namelist()):
                other.writestr(name, mended[name] if name in mended else package.read(name))
        copy.seek(0)
        return copy
    stream.seek(0)
    return stream


def core_facts(stream: BinaryIO, origin: str) -> list[Fact]:
    """Returns what an Office Open XML file's core properties say of it.

    Args:
        stream: A sound package.
        origin: The facts' origin, such as ``Word properties``.
    """
    with ZipFile(stream) as package:
        relations = _relations(package, "_rels/.rels")
        names = [target for kind, target in relations if kind.endswith("/core-properties")]
        found = [name for name in names if name in package.namelist()]
        tree = _parsed(package.read(found[0])) if found else None
    stream.seek(0)
    if tree is None:
        return []
    title, author = (tree.findtext(f"{_DC}{name}") or "" for name in ("title", "creator"))
    days = (tree.findtext(f"{_TERMS}{name}") or "" for name in ("created", "modified"))
    return facts_of(origin, title, author, *days)


def facts_of(origin: str, title: str, author: str, created: str, modified: str) -> list[Fact]:
    """Returns a file's properties as facts, without what programs fill in by themselves.

    Args:
        origin: The facts' origin.
        title: The title.
        author: Who wrote it.
        created: When, as an ISO date or date and time.
        modified: When it was last changed, as such.
    """
    title, author = (" ".join(without_surrogates(each).split()) for each in (title, author))
    facts = []
    if title and not _NO_TITLE.fullmatch(title):
        facts.append(Fact("title", title, origin, SURE_OF_NAMES))
    if author and not _NO_PERSON.fullmatch(author):
        facts.append(Fact("author", author, origin, SURE_OF_NAMES))
    for moment, sure in (created, SURE_OF_CREATED), (modified, SURE_OF_MODIFIED):
        day = _day(moment)
        if day and not moment.strip().startswith(_TEMPLATES):
            facts.append(Fact("published", day, origin, sure))
    return facts


def _day(moment: str) -> str:
    try:
        day = date.fromisoformat(moment.strip()[:10])
    except ValueError:
        return ""
    return day.isoformat() if day.year > 1980 else ""  # before: a clock that was never set


def _check(package: ZipFile) -> None:
    members = package.infolist()
    if len(members) > MAX_MEMBERS:
        raise Unreadable(f"has {len(members):,} parts, no office file has so many; not opened")
    # A member that unpacks to more than it declares is refused by zipfile itself.
    if sum(member.file_size for member in members) > MAX_BYTES or any(
        member.file_size > max(LARGE, MAX_EXPANSION * member.compress_size) for member in members
    ):
        raise Unreadable(TOO_MUCH)
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("encrypted; save it without a password")


def _mended(package: ZipFile) -> dict[str, bytes]:
    """Returns the members that have to differ for the libraries to open the package."""
    names = package.namelist()
    mended = {}
    if "_rels/.rels" in names and _STRICT.search(package.read("_rels/.rels")):
        for name in names:
            if name.endswith((".xml", ".rels")):
                mended[name] = _STRICT.sub(_TRANSITIONAL, package.read(name))
    for name in names:
        if name.endswith(".rels"):
            content = mended.get(name) or package.read(name)
            without = _without_dangling(name, content, set(names))
            if without is not None:
                mended[name] = without
    return mended


def _without_dangling(name: str, content: bytes, names: set[str]) -> bytes | None:
    """Returns a list of relations without those to missing parts; None if all are there."""
    from lxml.etree import tostring  # lazy: only office files need it

    tree = _parsed(content)
    dangling = [
        relation
        for relation in tree
        if relation.get("TargetMode") != "External"
        and _target(name, relation.get("Target") or "") not in names
    ]
    for relation in dangling:
        tree.remove(relation)
    return tostring(tree) if dangling else None


def _relations(package: ZipFile, name: str) -> list[tuple[str, str]]:
    """Returns the kinds and targets of what a package's list of relations names."""
    return [
        (relation.get("Type") or "", _target(name, relation.get("Target") or ""))
        for relation in _parsed(package.read(name))
    ]


def _target(name: str, target: str) -> str:
    base = posixpath.dirname(posixpath.dirname(name))
    return posixpath.normpath(posixpath.join("/", base, target)).lstrip("/")


def _parsed(content: bytes) -> "_Element":
    from lxml.etree import XMLParser, fromstring  # lazy: only office files need it

    return fromstring(content, XMLParser(resolve_entities=False, no_network=True))
