"""Bytes become text in the encoding that a format names for them, or in the one that fits."""

import codecs

from corpus.errors import Unreadable
from corpus.formats.text import decoded

# What a file names is often a part of what its writer used; the larger set reads both.
_LARGER: dict[str, str] = {
    **dict.fromkeys(("iso8859-1", "latin-1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "x-sjis"), "cp932"),
    **dict.fromkeys(("euc_kr", "ks_c_5601-1987"), "cp949"),
    "big5": "big5hkscs",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# A text with no larger a share of wrong bytes is in the encoding it names, and damaged; one byte
# may be wrong in any.
_DAMAGED = 0.002


def text_of(data: bytes, named: str | None) -> str:
    """Returns bytes as text, whatever they are: what fits no encoding becomes U+FFFD.

    Args:
        data: Text in some encoding; its byte order mark comes first of all.
        named: The encoding that their format names for them, if any; it may be wrong.
    """
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(marked, "replace")
    encoding = _known(named)
    # Bytes that are no ASCII and happen to be sound UTF-8 are UTF-8, whatever a Western writer
    # says; of others, such as Chinese, the same is not true.
    western = encoding is None or encoding == "cp1252"
    order = ["utf-8", encoding or "utf-8"] if western else [encoding or "utf-8", "utf-8"]
    for candidate in order:
        if (text := _strictly(data, candidate)) is not None:
            return text
    damaged = data.decode(encoding or "utf-8", "replace")
    if damaged.count("\ufffd") <= max(encoding is not None, _DAMAGED * len(damaged)):
        return damaged
    try:
        return decoded(data)
    except Unreadable:
        return data.decode(encoding or "cp1252", "replace")


def _known(named: str | None) -> str | None:
    """Returns Python's name of an encoding of text, or None if it knows none by that name."""
    if not named:
        return None
    name = named.strip().strip("\"'").lower()
    if larger := _LARGER.get(name):
        return larger
    try:
        name = codecs.lookup(name).name
        "".encode(name)
    except (LookupError, ValueError):  # also for codecs that are not of text, such as base64
        return None
    return _LARGER.get(name) or name


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except ValueError:
        return None
