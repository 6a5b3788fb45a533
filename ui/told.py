"""How a question's words about time were understood, in one line, here and in the page."""

from calendar import monthrange
from datetime import date

from assistant import Dates

_ORDERS = {"latest": "newest first", "earliest": "oldest first"}


def day(when: date) -> str:
    """Returns a day as people write it: 16 November 2023."""
    return f"{when.day} {when:%B %Y}"


def period(since: date | None, until: date | None) -> str:
    """Returns a stretch of days in words: *in October 2021*; empty if it is open to both sides."""
    if since is None or until is None:
        bounds = (("since", since), ("until", until))
        return "".join(f"{word} {day(bound)}" for word, bound in bounds if bound)
    if since == until:
        return f"on {day(since)}"
    whole_months = since.day == 1 and until.day == monthrange(until.year, until.month)[1]
    if not whole_months:
        return f"from {day(since)} to {day(until)}"
    first, last = f"{since:%B %Y}", f"{until:%B %Y}"
    if (since.month, until.month) == (1, 12):
        first, last = str(since.year), str(until.year)
    return f"in {first}" if first == last else f"from {first} to {last}"


def told(dates: Dates) -> str:
    """Returns where the answer looked for its words about time, without a full stop."""
    when = period(dates.since, dates.until)
    order = _ORDERS[dates.order] if dates.order else ""
    if not when:
        return order.capitalize()
    if dates.kept:
        return ", ".join(filter(None, (f"Looked {when}", order)))
    return f"No document dated {when} answers better; looked everywhere"
