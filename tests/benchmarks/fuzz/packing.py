"""ZIP files: what is inside them is changed, and what their directory says of it."""

import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from io import BytesIO
from itertools import islice
from random import Random

from lxml import etree

from tests.benchmarks.fuzz.mutating import mutated

_XML = (
    *(b"<", b">", b"/>", b"</", b"&#0;", b"&#xD800;", b"&#x10FFFF;", b"&lol;", b"&amp;", b"&lt;"),
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x ?>", b"<a>", b"</a>", b'""', b'="', b"xmlns="),
    b'<!DOCTYPE a [<!ENTITY lol "lol"><!ENTITY x SYSTEM "file:///etc/passwd">]>',
    *(b'encoding="utf-16"', b'encoding="utf-7"', b"true", b"false", b"../../../x", b"http://x/"),
)

# Values that XML of offices has, and numbers that nobody expects.
_VALUES = (
    *(b"0", b"-1", b"1", b"true", b"none", b"rId1", b"Heading1", b"A1:XFD1048576", b"2147483648"),
    *(b"1e308", b"99999999999999999999", b"NaN", b"2021-13-45", b"PT99999H", b"#REF!", b"=1/0"),
    *(b"General", b"yyyy-mm-dd", b"0.00%", b"[h]:mm", b"../x.xml", b"http://x/", b"\xc2\xad"),
)

# Elements of a tree that are looked at, and that it may grow to.
_MOST = 5000

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)

# What XML cannot hold.
_NOT_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ud800-\udfff\ufffe\uffff]")

# Names that a member may be given.
_NAMES = ("", ".", "..", "/", "../x", "/etc/x", "a\0b", "x" * 300, "\u202ex", "a\nb", "con", "é/ü")

# Places in a member's entry of the directory, and how many bytes they are: flags, method, CRC,
# packed and unpacked size, lengths of name, extra field and comment, where it begins.
_ENTRY = ((8, "H"), (10, "H"), (16, "I"), (20, "I"), (24, "I"), (28, "H"), (30, "H"), (32, "H"))
_ENTRY += ((42, "I"),)


def members_of(data: bytes) -> list[tuple[str, bytes]] | None:
    """Returns the members of a ZIP file; None if it cannot be unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > 1 << 22:
                return None
            return [(entry.filename, archive.read(entry)) for entry in entries]
    except Exception:  # whatever `zipfile` makes of it: it is one that cannot be unpacked
        return None


def packed(members: Sequence[tuple[str, bytes]]) -> bytes:
    """Returns a ZIP file of members, some perhaps of one name; the same each time."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in members:
            entry = zipfile.ZipInfo(name.replace("\0", "_") or "_")
            entry.compress_type = zipfile.ZIP_DEFLATED if len(content) > 64 else zipfile.ZIP_STORED
            with archive.open(entry, "w") as stream:
                stream.write(content)
    return out.getvalue()


def mutated_archive(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Returns a ZIP file with something changed: mostly inside, at times around it."""
    members = members_of(data)
    if not members or chance.random() < 0.08:
        return mutated(data, chance, others)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(members))
        name, content = members[at]
        if chance.random() < 0.85:
            other = members_of(chance.choice(others)) if others and chance.random() < 0.3 else None
            same = [text for each, text in other or members if each.endswith(name[-5:])]
            grown = _grafted(content, chance, same) if chance.random() < 0.7 else None
            members[at] = (name, grown or mutated(content, chance, same, _XML))
        else:
            chance.choice(_AMONG)(members, at, chance)
        if not members:
            return b"PK\5\6" + b"\0" * 18
    rewritten = packed(members)
    return _lying(rewritten, chance) if chance.random() < 0.1 else rewritten


def _grafted(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes | None:
    """Returns XML with elements gone, doubled, moved or of others; None if it is no XML."""
    trees = [_tree(content), _tree(chance.choice(others)) if others else None]
    own = trees[0]
    if own is None:
        return None
    for _ in range(chance.choice((1, 1, 2, 4))):
        elements = list(islice(own.iter(etree.Element), _MOST))
        element, parent = chance.choice(elements), chance.choice(elements)
        givers = [tree for tree in trees if tree is not None]
        given = chance.choice(list(islice(chance.choice(givers).iter(etree.Element), _MOST)))
        what = chance.randrange(8)
        if what == 0 and element is not own:
            element.getparent().remove(element)
        elif what <= 2:
            if sum(1 for _ in given.iter()) * 2 + len(elements) < _MOST:
                parent.insert(chance.randrange(len(parent) + 1), deepcopy(given))
        elif what == 3:
            element.tag = given.tag
        elif what == 4 and element.attrib:
            del element.attrib[chance.choice(list(element.attrib))]
        elif what <= 6 and (given.attrib or element.attrib):
            name, value = chance.choice(list((given.attrib or element.attrib).items()))
            element.set(name, _value(value, chance))
        else:
            element.text = _value(given.text or "", chance)
    if chance.random() < 0.03:  # deeper than anybody nests
        tag, depth = element.tag, chance.choice((100, 250, 1000))
        for _ in range(depth):
            element = etree.SubElement(element, tag)
        element.text = "deep"
    return etree.tostring(own)


def _value(value: str, chance: Random) -> str:
    changed = mutated(value.encode(), chance, (), _VALUES) if chance.random() < 0.8 else b""
    return _NOT_XML.sub("", changed.decode("utf-8", "ignore"))


def _tree(content: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(content, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _gone(members: list[tuple[str, bytes]], at: int, _: Random) -> None:
    del members[at]


def _doubled(members: list[tuple[str, bytes]], at: int, chance: Random) -> None:
    members.append((members[at][0], mutated(members[at][1], chance, (), _XML)))


def _renamed(members: list[tuple[str, bytes]], at: int, chance: Random) -> None:
    names = (*_NAMES, *(name for name, _ in members))
    members[at] = (chance.choice(names), members[at][1])


def _swapped(members: list[tuple[str, bytes]], at: int, chance: Random) -> None:
    to = chance.randrange(len(members))
    one, other = members[at], members[to]
    members[at], members[to] = (one[0], other[1]), (other[0], one[1])


def _bomb(members: list[tuple[str, bytes]], at: int, chance: Random) -> None:
    members[at] = (members[at][0], chance.choice((b" ", b"\0", b"<a>", b"&lt;")) * (1 << 20))


_AMONG: tuple[Callable[[list[tuple[str, bytes]], int, Random], None], ...] = (
    *(_gone, _doubled, _renamed, _swapped, _bomb),
)


def _lying(data: bytes, chance: Random) -> bytes:
    """The same with a lie in its directory."""
    places = [at for at in range(len(data) - 46) if data.startswith(b"PK\1\2", at)]
    if not places:
        return data
    at = chance.choice(places)
    where, size = chance.choice(_ENTRY)
    most = 1 << 8 * struct.calcsize(size)
    value = chance.choice((0, 1, 8, 12, 99, most - 1, most // 2, chance.randrange(most)))
    changed = bytearray(data)
    struct.pack_into(f"<{size}", changed, at + where, value % most)
    return bytes(changed)
