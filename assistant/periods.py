"""Stretches of the calendar, as words name them: a month, a season, the last three weeks."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

#: Months by number, as they are written out.
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: The first month of each season, north of the equator; winter begins in the year it is named by.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both within; None where it is open."""

    first: date | None
    last: date | None

    def holds(self, day: date | None) -> bool:
        """Returns whether a day lies within; one that is not known does not."""
        return day is not None and (self.first or date.min) <= day <= (self.last or date.max)

    def common(self, other: "Period") -> "Period | None":
        """Returns the days that both have, or None if there are none."""
        first = max(self.first or date.min, other.first or date.min)
        last = min(self.last or date.max, other.last or date.max)
        if first > last:
            return None
        return Period(None if first == date.min else first, None if last == date.max else last)


def month_of(year: int, month: int, length: int = 1) -> Period:
    """Returns ``length`` months from the given one, which may lie outside 1 to 12."""
    first = _month_start(year, month)
    return Period(first, _month_start(year, month + length) - timedelta(days=1))


def _month_start(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def part_of(whole: Period, part: str) -> Period:
    """Returns the early, middle or late third of a period; all of it if it is open.

    Of a month that is the days to the 10th, to the 20th, and from the 21st; of a year, four months
    each; of a decade, four years and then three each.
    """
    first, last = whole.first, whole.last
    if first is None or last is None:
        return whole
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months == 1:
        cuts = [first + timedelta(days=10 * third) for third in range(3)]
    elif months <= 12:
        cuts = [_month_start(first.year, first.month + months * third // 3) for third in range(3)]
    else:
        cuts = [
            first.replace(year=first.year + (months // 12 * third + 2) // 3) for third in range(3)
        ]
    day = timedelta(days=1)
    return {
        "early": Period(cuts[0], cuts[1] - day),
        "mid": Period(cuts[1], cuts[2] - day),
        "late": Period(cuts[2], last),
    }[part]


def last_named(name: str, today: date) -> Period:
    """Returns the latest month, season or day of the week of a name that ended before today."""
    if name in WEEKDAYS:
        back = (today.weekday() - WEEKDAYS.index(name)) % 7 or 7
        return unit_around(today, "day", back)
    ended = (period for period in _named(name, today) if period.last and period.last < today)
    return next(ended)


def this_named(name: str, today: date) -> Period:
    """Returns the month or season of a name that holds today, else the one of this year."""
    coming, *_ = periods = _named(name, today)
    return next((period for period in periods if period.holds(today)), coming)


def _named(name: str, today: date) -> list[Period]:
    """The months or seasons of a name in this year and the two before, latest first."""
    month, length = (SEASONS[name], 3) if name in SEASONS else (MONTHS.index(name) + 1, 1)
    return [month_of(today.year - back, month, length) for back in range(3)]


def unit_around(today: date, unit: str, back: int = 0) -> Period:
    """Returns the day, week (from Monday), month, quarter, year or decade around a day.

    Args:
        today: The day.
        unit: Which of them.
        back: How many of them before that.
    """
    if unit == "day":
        day = today - timedelta(days=back)
        return Period(day, day)
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return Period(monday, monday + timedelta(days=6))
    if unit == "month":
        return month_of(today.year, today.month - back)
    if unit == "quarter":
        return month_of(today.year, (today.month - 1) // 3 * 3 + 1 - 3 * back, 3)
    if unit == "year":
        return month_of(today.year - back, 1, 12)
    return month_of(today.year // 10 * 10 - 10 * back, 1, 120)


def past(today: date, count: int, unit: str) -> Period:
    """Returns the last ``count`` days, weeks, months, quarters, years or decades, up to today."""
    if unit in ("day", "week"):
        return Period(today - timedelta(days=count * (7 if unit == "week" else 1)), today)
    months = count * {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit]
    start = _month_start(today.year, today.month - months)
    day = min(today.day, monthrange(start.year, start.month)[1])
    return Period(start.replace(day=day), today)
