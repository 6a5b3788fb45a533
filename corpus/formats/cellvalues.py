"""A spreadsheet cell's value as people see it."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

# What a general format shows of a number that is not whole.
_DIGITS = 10

# No format lays out numbers from this one on.
_MOST = 10**20

# A part of a number format: quoted or escaped text, what is as wide as a character or fills the
# cell, colours, conditions and currencies, or one sign.
_PIECE = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[(?:\$([^\]-]*)[^\]]*|[^\]]*)\]|([0#?.,]+)|(.)')
_SIGNS = frozenset("$€£¥%()+-–−/: '&^~{}<>=!")


def shown(value: object, number_format: str | None) -> str:
    """Returns a cell's value as a person sees it; days and times as ISO 8601 has them.

    Args:
        value: What openpyxl found: a text, number, truth value, day, time or duration, or None.
        number_format: The cell's format, in English notation; it matters for numbers only.
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        # Fifteen digits are what spreadsheets keep; the others come from binary fractions.
        number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
        return _formatted(number, number_format or "General")
    if isinstance(value, datetime):
        at = _time(value.time())
        return f"{value:%Y-%m-%d} {at}" if value.time() != time() else f"{value:%Y-%m-%d}"
    if isinstance(value, time):
        return _time(value)
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = "-" if seconds < 0 else "", abs(seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _time(value: time) -> str:
    return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"


def _formatted(value: Decimal, number_format: str) -> str:
    if not value.is_finite() or abs(value) >= _MOST:
        return f"{float(value):.{_DIGITS}g}"
    sections = _sections(number_format)
    if value < 0 and len(sections) > 1:
        return _in_format(-value, sections[1]) or _general(value)
    if value == 0 and len(sections) > 2:
        return _in_format(value, sections[2]) or _general(value)
    return _in_format(value, sections[0]) or _general(value)


def _sections(number_format: str) -> list[str]:
    """Returns the parts of a format for positive and negative numbers, zero and text."""
    sections = [""]
    for piece in _PIECE.finditer(number_format):
        if piece[5] == ";":
            sections.append("")
        else:
            sections[-1] += piece[0]
    return sections


def _in_format(value: Decimal, section: str) -> str:
    """Returns a number in a format; empty if that is general, or lays out more than digits."""
    before, digits, after = "", "", ""
    for piece in _PIECE.finditer(section):
        quoted, escaped, currency, places, sign = piece.groups()
        if places:
            if digits:
                return ""  # parted digits: a telephone number, a fraction
            digits = places
            continue
        if sign and sign not in _SIGNS:
            return ""  # a date, a power, or "General"
        text = quoted or escaped or currency or sign or ""
        before, after = (before, after + text) if digits else (before + text, after)
    if not digits:
        return before.strip()  # a text in place of the number
    number = _placed(abs(value), digits, before + after)
    minus = "-" if value < 0 and any(map(str.isdigit, number.strip("0.,"))) else ""
    return f"{minus}{before}{number}{after}".strip()


def _placed(value: Decimal, places: str, signs: str) -> str:
    whole, _, fraction = places.partition(".")
    # A comma at the end leaves three digits away.
    thousands = len(places) - len(places.rstrip(","))
    value = value.scaleb(2 * signs.count("%") - 3 * thousands)
    fraction = fraction.rstrip(",")
    step = Decimal(1).scaleb(-len(fraction))
    rounded = value.quantize(step, ROUND_HALF_UP)
    text = f"{rounded:{',' if ',' in whole.rstrip(',') else ''}f}"
    number, _, decimals = text.partition(".")
    needed = len(fraction.rstrip("#?"))
    while len(decimals) > needed and decimals.endswith("0"):
        decimals = decimals[:-1]
    number = number.zfill(whole.count("0")) if "," not in whole else number
    return f"{number}.{decimals}" if decimals else number


def _general(value: Decimal) -> str:
    if value == value.to_integral_value() and abs(value) < _MOST:
        return f"{value:.0f}"
    return f"{float(value):.{_DIGITS}g}"
