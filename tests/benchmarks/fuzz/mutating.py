"""Inputs are made of others: bytes, text, and the pieces that formats are made of."""

import re
from collections.abc import Callable, Sequence
from random import Random

_EVIL_NUMBERS = (
    *(b"0", b"-1", b"-0", b"00", b"1e309", b"NaN", b"0x7f", b"1.5", b""),
    *(b"255", b"256", b"65535", b"65536", b"2147483647", b"2147483648", b"4294967296"),
    *(b"9223372036854775808", b"-9223372036854775809", b"9" * 30, b"1" + b"0" * 400),
)
_NUMBER = re.compile(rb"\d+")

_ODD = "\0\x01\x0b\x0c\x1b\x1c\x85\xa0\xad\u0300\u0301\u061c\u0660\u1e9e\u200b\u200d\u200f\u2028"
_ODD += "\u2029\u202a\u202e\u2066\u2069\ufb03\ufdfa\ufeff\ufffe\uffff\uff11\U0001d7d8\U0001f468"
_ODD += "\U000e0041\U0010ffff\u0130\u0131ßΣς²½ⅷ①\u0e33\u0149\u0345"

#: Characters that are often handled wrong, in UTF-8; the last are halves of characters.
CHARACTERS = (
    *map(str.encode, _ODD),
    *(b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xc0\x80", b"\xff"),
)

_ENCODINGS = (
    *("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "latin-1", "cp1252"),
    *("koi8_u", "shift_jis", "gb18030", "big5", "cp037", "iso2022_jp", "hz"),
)

#: How many bytes a mutation may grow an input to, whatever its target takes.
_GROWN = 1 << 16


def mutated(
    data: bytes, chance: Random, others: Sequence[bytes], tokens: Sequence[bytes] = ()
) -> bytes:
    """Returns an input with a few things changed.

    Args:
        data: The input.
        chance: Where all choices come from.
        others: Inputs to take pieces of.
        tokens: Words of the format.
    """
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5, 9))):
        data = chance.choice(_CHANGES)(data, chance, others, tokens)
    return data


def _span(data: bytes, chance: Random, most: int = 1 << 30) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    length = min(most, int(chance.expovariate(1) * chance.choice((1, 4, 30, 300))) + 1)
    return start, min(start + length, len(data))


def _flip(data: bytes, chance: Random, *_: object) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 4, 16))):
        changed[chance.randrange(len(data))] = chance.choice((chance.randrange(256), 0, 255, 32))
    return bytes(changed)


def _cut(data: bytes, chance: Random, *_: object) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def _end(data: bytes, chance: Random, *_: object) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _move(data: bytes, chance: Random, *_: object) -> bytes:
    start, end = _span(data, chance)
    rest = data[:start] + data[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def _repeat(data: bytes, chance: Random, *_: object) -> bytes:
    """A piece again and again: what expressions that backtrack, and nesting, fail at."""
    start, end = _span(data, chance, 64)
    times = chance.choice((2, 3, 10, 100, 1000, 20_000))
    times = min(times, _GROWN // max(1, end - start))
    return data[:start] + data[start:end] * times + data[end:]


def _insert(data: bytes, chance: Random, others: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    piece = chance.choice(tokens) if tokens and chance.random() < 0.8 else chance.choice(CHARACTERS)
    if chance.random() < 0.15:
        piece *= min(chance.choice((2, 9, 100, 3000)), _GROWN // max(1, len(piece)))
    return data[:start] + piece + data[end if chance.random() < 0.3 else start :]


def _odd(data: bytes, chance: Random, *_: object) -> bytes:
    start, end = _span(data, chance, 3)
    return data[:start] + chance.choice(CHARACTERS) + data[end:]


def _number(data: bytes, chance: Random, *_: object) -> bytes:
    found = list(_NUMBER.finditer(data[:_GROWN]))
    if not found:
        return data
    match = chance.choice(found)
    return data[: match.start()] + chance.choice(_EVIL_NUMBERS) + data[match.end() :]


def _splice(data: bytes, chance: Random, others: Sequence[bytes], _: object) -> bytes:
    if not others:
        return data
    other = chance.choice(others)
    start, end = _span(data, chance)
    from_, to = _span(other, chance)
    return data[:start] + other[from_:to] + data[end:]


def _recode(data: bytes, chance: Random, *_: object) -> bytes:
    if chance.random() < 0.7:  # what is in another encoding is mostly refused at once
        return data
    return data.decode("utf-8", "replace").encode(chance.choice(_ENCODINGS), "replace")


def _line(data: bytes, chance: Random, *_: object) -> bytes:
    """Lines in another order, doubled, or with other ends."""
    lines = data.split(b"\n")
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[at], lines[to] = chance.choice(
        ((lines[to], lines[at]), (lines[at], lines[at]), (lines[at] + lines[to], b""))
    )
    return chance.choice((b"\n", b"\n", b"\n", b"\r\n", b"\r", b"")).join(lines)


_CHANGES: tuple[Callable[..., bytes], ...] = (
    *(_flip, _cut, _end, _move, _repeat, _insert, _insert, _insert),
    *(_odd, _number, _splice, _splice, _recode, _line),
)


def with_tokens(*tokens: bytes) -> Callable[[bytes, Random, Sequence[bytes]], bytes]:
    """Returns `mutated` for a format of these words."""

    def mutate(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
        return mutated(data, chance, others, tokens)

    return mutate
