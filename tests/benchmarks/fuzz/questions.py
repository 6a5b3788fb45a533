"""Questions: whatever is typed is understood somehow, at once, and each time the same."""

import json
import zlib
from datetime import date
from functools import cache
from typing import Any

from assistant import BadQuestion
from assistant.dates import read_dates
from assistant.events import read_time
from assistant.followups import carry, turns_of
from assistant.kinds import read_kind
from assistant.leaning import leans
from assistant.questions import MAX_QUESTION, checked_question
from assistant.words import read_typed
from index import Vectors
from tests.benchmarks import ROOT
from tests.benchmarks.fuzz import home
from tests.benchmarks.fuzz.mutating import with_tokens
from tests.benchmarks.fuzz.target import Target, Wrong, one_line
from ui.contract import answer_json
from ui.markup import answer_html
from ui.narrowing import filter_of

# Days of asking: ends of months, leap days, and the ends of the calendar's years of four digits.
_DAYS = (
    *(date(2026, 11, 27), date(2024, 2, 29), date(2023, 3, 31), date(2022, 1, 1)),
    *(date(2000, 12, 31), date(1901, 1, 1), date(2099, 12, 31)),
)

# One input in so many is asked a second time.
_AGAIN = 8

_SETS = ("bundled", "dates", "dated", "kinds", "press-releases")


def _seeds() -> list[bytes]:
    found = [b"Who co-chaired the 11th dialogue?\nWhen was it?\nand in 2022?"]
    for name in _SETS:
        lines = (ROOT / "tests" / "questions" / f"{name}.jsonl").read_text(encoding="utf-8")
        for line in lines.splitlines():
            entry = json.loads(line)
            if "question" not in entry:
                continue
            found.append("\n".join([entry["question"], *entry.get("turns", [])]).encode())
    return found


def _read(text: str, before: list[str], today: date) -> tuple[Any, ...]:
    """All that is made of a question before anything is searched by meaning."""
    generation = home.assistant().generation
    turns = turns_of(before, today=today)
    carried = carry(text, turns, today=today)
    typed = read_typed(generation, carried.standalone)
    # Read as other words it may be a little longer than what may be typed.
    checked_question(typed.text[:MAX_QUESTION])
    dates = read_dates(typed.text, today)
    time = read_time(generation, typed.text, today)
    for reading in (dates, time):
        at = 0
        for span in reading.spans if reading else ():
            if not at <= span.start < span.end <= len(typed.text):
                raise Wrong("words about time that overlap or lie outside")
            at = span.end
    found = generation.search_embedded(typed.text, _vector(), 10)
    return carried, typed, dates, time, read_kind(text), leans(text), found


@cache
def _vector() -> Vectors:
    """Of some question: what is made of the words does not depend on it."""
    return home.assistant().generation.encoder.embed_queries(["Who met?"])


def _check_read(data: bytes) -> str:
    question, *before = data.decode("utf-8", "surrogateescape").split("\n")
    today = _DAYS[zlib.crc32(data) % len(_DAYS)]
    try:
        filter_of(question)
    except BadQuestion as error:
        one_line(str(error))
    try:
        text = checked_question(question)
        earlier = [checked_question(each) for each in before[:5]]
    except BadQuestion as error:
        one_line(str(error))
        return "refused"
    if checked_question(text) != text or len(text) > MAX_QUESTION:
        raise Wrong("a checked question is none")
    found = _read(text, earlier, today)
    found[0].standalone.encode()
    if zlib.crc32(data) % _AGAIN == 0 and _read(text, earlier, today) != found:
        raise Wrong("read twice, it differs")
    return "read"


def _check_ask(data: bytes) -> str:
    question, *before = data.decode("utf-8", "surrogateescape").split("\n")
    today = _DAYS[zlib.crc32(data) % len(_DAYS)]
    try:
        earlier = turns_of(before[:5], today=today)
        answer = home.assistant().ask(question, today=today, history=earlier)
    except BadQuestion as error:
        one_line(str(error))
        return "refused"
    told = answer_json(answer)
    json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
    answer_html(answer).encode()
    for each in (*answer.citations, *answer.nearest):
        quote = each.quote
        if each.document.text[quote.start : quote.end] != quote.text or not each.verified:
            raise Wrong("a quote that does not stand there")
    if bool(answer.citations) == answer.abstained or not 0 <= answer.confidence <= 1:
        raise Wrong("an answer that is none")
    if zlib.crc32(data) % _AGAIN == 0:
        again = answer_json(home.assistant().ask(question, today=today, history=earlier))
        if again | {"milliseconds": 0} != told | {"milliseconds": 0}:
            raise Wrong("asked twice, it differs")
    return "no answer" if answer.abstained else "answered"


_WORDS = (
    *(
        b"between ",
        b" and ",
        b"from ",
        b" to ",
        b"in ",
        b"on the 31st",
        b"since ",
        b"until ",
        b"last ",
    ),
    *(
        b"January ",
        b"May ",
        b"2022",
        b"0000",
        b"9999",
        b"Feb 30",
        b"31/12/2021",
        b"2021-02-29",
        b"Q4 ",
    ),
    *(
        b"the ",
        b"week ",
        b"months ago",
        b"99999999 years",
        b"next ",
        b"quarter ",
        b"decade",
        b"spring ",
    ),
    *(b"compare ", b" with ", b"differ ", b"change ", b"how did ", b"what did ", b" say about "),
    *(
        b"list all ",
        b"show me the ",
        b"statement ",
        b"about ",
        b"of ",
        b"it ",
        b"they ",
        b"who else ",
    ),
    *(
        b"what about ",
        b"?",
        b"!",
        b".",
        b",",
        b"'s ",
        b"\xe2\x80\x99s ",
        b"(",
        b")",
        b'"',
        b"U.S. ",
    ),
    *(
        b"CBSI",
        b"a.b.c.",
        b"twenty-first",
        b"11th dialogue",
        b"ok thanks, ",
        b"before ",
        b"after ",
        b" ",
    ),
    *(
        b"a",
        b"A",
        b"Aa ",
        b"-",
        b"\n",
        b"&since=2023-01-01",
        b"format=pdf",
        b"%ed%a0%80",
        b"document=",
    ),
)

#: What reads questions, and what answers them.
QUESTIONS = (
    Target("questions", cache(_seeds), _check_read, with_tokens(*_WORDS), 8192, 1.0),
    Target("ask", cache(_seeds), _check_ask, with_tokens(*_WORDS), 8192, 5.0),
)
