"""Plain text in any encoding."""

import re
from typing import BinaryIO

from corpus.draft import Extract
from corpus.errors import Unreadable
from corpus.structure import text_marks

#: A text, or one line of JSON lines, may hold this many bytes: some thirty times *War and Peace*.
MAX_TEXT_BYTES = 100 * 2**20

# What looks like something.
_SHOWN = re.compile("[^\\s\u200b-\u200d\u2060\ufeff]")

# In this order: the mark of UTF-32 begins like that of UTF-16.
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def read(stream: BinaryIO) -> Extract:
    """Reads a text as it is, but for its line ends.

    Raises:
        Unreadable: If it is too large, holds no text, or is text in no known encoding.
    """
    text = whole_text(stream)
    return Extract(text, tuple(text_marks(text)))


def whole_text(stream: BinaryIO) -> str:
    """Returns all that a stream holds as text, with line feeds for line ends.

    Raises:
        Unreadable: As `read`.
    """
    data = stream.read(MAX_TEXT_BYTES + 1)
    if len(data) > MAX_TEXT_BYTES:
        raise Unreadable(f"larger than {MAX_TEXT_BYTES >> 20} MiB; split it into smaller files")
    text = decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    if not _SHOWN.search(text):
        raise Unreadable("holds no text")
    return text


def decoded(data: bytes) -> str:
    """Returns bytes as text: by their mark, as UTF-8, else in the encoding that fits best.

    Raises:
        Unreadable: If they are text in no known encoding.
    """
    encoding = unicode_encoding(data) or "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        # The 64 kB around what is not UTF-8 settle the encoding; more costs seconds.
        start = max(0, error.start - (1 << 15))
        guess = None if b"\0" in data else _guess_encoding(data[start : start + (1 << 16)])
        if guess is None:
            raise Unreadable("not text in any known encoding; save it as UTF-8") from None
        try:
            text = data.decode(guess)
        except UnicodeDecodeError:
            raise Unreadable(f"not sound {guess}, as it seems to be; save it as UTF-8") from None
    if "\0" in text:
        raise Unreadable("binary, whatever its name says; convert it to text")
    return text


def unicode_encoding(data: bytes) -> str | None:
    """Returns which of Unicode's encodings a text's bytes are in, or None if that does not show.

    Shown by a byte order mark, or by the zeros in every second or in three of four bytes of a
    Latin text in UTF-16 or UTF-32.
    """
    for mark, name in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return name
    sample = data[: 1 << 12]
    for name, width, place in (
        ("utf-32-le", 4, 0),
        ("utf-32-be", 4, 3),
        ("utf-16-le", 2, 0),
        ("utf-16-be", 2, 1),
    ):
        letters = sample[place::width]
        zeros = sample.count(0) - letters.count(0)
        others = len(sample) - len(letters)
        if others and zeros > 0.7 * others and not letters.count(0):
            return name
    return None


def _guess_encoding(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes  # lazy: only for what is not UTF-8

    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        return None
    # On a text with few accents many encodings look alike, and the wrong one makes "Moïse"
    # "Moďse". Western European is by far the most common, unless another reads better.
    western = any(
        "cp1252" in match.could_be_from_charset
        and match.coherence >= best.coherence
        and match.chaos <= best.chaos + 0.03
        for match in matches
    )
    if western:
        return "cp1252"
    # Cyrillic in KOI8 looks like Japanese that is all half-width kana, but for rare ideographs.
    seen = [letter for letter in sample.decode(best.encoding, "ignore") if letter > "\x7f"]
    if 2 * sum("\uff61" <= letter <= "\uff9f" for letter in seen) <= len(seen):
        return best.encoding
    # Decoded as KOI8, Cyrillic of other encodings has its small letters for capitals.
    letters = [letter for letter in sample.decode("koi8_u", "ignore") if letter > "\x7f"]
    small = sum("\u0430" <= letter <= "\u0491" for letter in letters)
    return "koi8_u" if small > 0.7 * len(letters) else best.encoding
