"""Numbers with what makes them that much: sign, currency, scale, percent, unit, range."""

import re
from collections.abc import Iterator, Sequence

from assistant.cited import Source, closest, whole_text
from assistant.counts import NUMBERS

_CURRENCIES = "$¢£¤¥֏؋৲৳฿₠-⃀﷼＄￠￡￥￦"
_CODES = "USD EUR GBP JPY CHF CAD AUD NZD CNY RMB INR BRL MXN SEK NOK DKK ZAR KRW".split()
_SIGNS = "-−–‐‑﹣－+~<>≤≥±≈"

# Words that say of what a number before them is a number.
_UNITS = """
    hundred thousand million billion trillion dozen half quarters? percent percentage points?
    basis cents? dollars? euros? pounds? yens? yuan degrees? celsius fahrenheit kelvin
    kilomet(?:er|re)s? met(?:er|re)s? centimet(?:er|re)s? millimet(?:er|re)s? miles? feet foot
    inch(?:es)? yards? acres? hectares? square cubic tons? tonnes? kilograms? kilos? grams?
    ounces? lit(?:er|re)s? gallons? barrels? seconds? minutes? hours? days? weeks? months?
    years? decades? centur(?:y|ies) times fold kilowatts? megawatts? gigawatts? watts? volts?
    hertz bytes? am pm bc bce ad ce bn mn m k km cm mm mi ft kg g lb lbs oz kw mw gw
""".split()
_SAME = {"dollar": "$", "euro": "€", "percent": "%", "percentage": "%", "meter": "metre"}
# What stands before the second number of a range.
_RANGE = re.compile(r"\d\s?[-–−]\s?$")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)", re.IGNORECASE)

_BEFORE = rf"""(?<![^\W_])(?P<before>(?:(?:[{_SIGNS}]|\b(?:minus|plus)\s)\s?)?
    (?:(?:[A-Z]{{1,3}})?[{_CURRENCIES}]\s?|\b(?:{"|".join(_CODES)})\s?)?[{_SIGNS}]?)"""
_AFTER = rf"""(?P<attached>[A-Za-z]*)
    (?P<after>(?:[\s-]?(?:[%‰°′″{_CURRENCIES}]|\ba\.m\.|\bp\.m\.|\bper\ cent\b
        |\b(?:{"|".join(_UNITS)}|{"|".join(_CODES)})\b))*)
    (?P<onward>(?=\s?[-–−]\s?[{_CURRENCIES}]?\d))?"""
_QUANTITY = re.compile(
    rf"{_BEFORE}(?P<number>\d+(?:[.,:/]\d+)*|\b(?:{'|'.join(NUMBERS)})\b){_AFTER}",
    re.IGNORECASE | re.VERBOSE,
)
_MARK = re.compile(rf"a\.m|p\.m|per cent|\w+|[%‰°′″{_CURRENCIES}]", re.IGNORECASE)


def changed_quantity(sentence: str, sources: Sequence[Source]) -> str | None:
    """Returns which number has another sign, currency, scale or unit in the sources; None if none.

    Where the closest sentence has the number, that one counts; else wherever it stands.
    """
    near = list(_quantities(closest(sentence, sources)))
    far = [each for source in sources for each in _quantities(whole_text(source))]
    for number, made, shown in _quantities(sentence):
        known = [other for value, other, _ in near if value == number]
        known = known or [other for value, other, _ in far if value == number]
        if known and made not in known:
            return f"“{shown}” has another sign, currency or unit in what it cites"
    return None


def _quantities(text: str) -> Iterator[tuple[str, tuple[frozenset[str], ...], str]]:
    """Yields each number, what makes it that much, and how it stands there."""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    for match in _QUANTITY.finditer(text):
        if _ORDINAL.fullmatch(match["attached"]):  # judged as a word
            continue
        number = match["number"].lower()
        ahead = match["before"].lower().replace("minus", "-").replace("plus", "+")
        ahead = re.sub("[−–‐‑﹣－]", "-", re.sub(r"\s", "", ahead))
        marks = [_plain(each) for each in _MARK.findall(f"{match['attached']} {match['after']}")]
        signs = {each for each in ahead if each in _SIGNS}
        money = ahead.strip(_SIGNS)
        units = {*marks, *([_plain(money)] if money else [])} - {""}
        begins, ends = match["onward"] is not None, _RANGE.search(text[: match.start()])
        ranges = {*(["begins"] if begins else []), *(["ends"] if ends else [])}
        shown = f"{match['before']}{match['number']}{match['attached']}{match['after']}".strip()
        made = (frozenset(signs), frozenset(units), frozenset(ranges))
        yield str(NUMBERS.get(number, number)), made, shown


def _plain(mark: str) -> str:
    mark = mark.lower().replace(".", "")
    mark = "%" if mark == "per cent" else mark
    mark = re.sub(r"ies$", "y", mark).removesuffix("s") if len(mark) > 3 else mark
    return _SAME.get(mark.replace("meter", "metre"), mark.replace("meter", "metre"))
