"""Answers as HTML for the chat: every word of a document or a question is escaped here."""

from html import escape
from urllib.parse import quote_plus

from assistant import Answer, Carried, Citation, Dates, Group, Quote
from corpus import Document, without_surrogates
from ui.cards import cards_html
from ui.linking import CHANGED, place_link, place_query
from ui.told import told
from ui.tools import reason_html, wrong_html

# Characters shown of a passage that does not answer, and of a question.
_SNIPPET = 220
_QUESTION = 2400


def answer_html(answer: Answer) -> str:
    """Returns an answer, or a refusal, as the HTML of a chat message."""
    read_as = _carried(answer.question, answer.carried) if answer.carried else ""
    read_as += _dates(answer.dates) if answer.dates else ""
    return (_refusal if answer.abstained else _quotes)(answer, read_as)


def question_html(question: str) -> str:
    """Returns a question as the HTML of a chat message."""
    shown = _clipped(without_surrogates(question), _QUESTION)
    return f'<p class="asked">{escape(shown)}</p>'


def error_html(message: str) -> str:
    """Returns the one line of an error as the HTML of a chat message."""
    return f'<p class="answer told" role="alert">{escape(message)}</p>'


def _golden(document: Document, quote: Quote) -> str:
    """What page.js makes a button that stores a golden question with these words as its answer."""
    link = escape(f"#golden?{place_query(document.id, quote)}")
    return f'<a class="golden" href="{link}">This is the right passage</a>'


# The same for a question that nothing answers.
_NOTHING = '<a class="golden" href="#golden?">Nothing here answers this</a>'

# What reading.js makes a button that lists the keys.
_KEYS = '<a class="keys" href="#keys">Keys</a>'


def _dates(dates: Dates) -> str:
    """How the words about time were understood, with what page.js makes a button to remove them."""
    if not dates.kept:
        return f'<p class="dates">{escape(told(dates))}.</p>'
    shown = f"{escape(told(dates))} <q>{escape(dates.words)}</q>"
    remove = '<a class="undate" href="#any-date">×</a>'
    return f'<p class="dates"><span class="chip">{shown} {remove}</span></p>'


def _carried(question: str, carried: Carried) -> str:
    """What was taken over, each with what page.js makes a button to ask again without it."""
    chips = " ".join(
        f'<span class="chip">{escape(item.text)}'
        f' <a class="drop" href="#without?{escape(quote_plus(item.text))}">×</a></span>'
        for item in carried.items
    )
    asked = carried.standalone
    # "What about 2022?" is asked in the words of the question before it.
    full = "" if asked.startswith(question) else f"Asked <q>{escape(asked)}</q><br>"
    fresh = '<a class="fresh" href="#new-topic">New topic</a>'
    return f'<p class="carried">{full}From before: {chips} {fresh}</p>'


def _quotes(answer: Answer, read_as: str) -> str:
    if answer.groups:
        note = f'<p class="note">{escape(answer.note)}</p>' if answer.note else ""
        groups = "".join(map(_group, answer.groups))
        quotes = f'{note}<div class="groups {answer.kind}">{groups}</div>'
    else:
        quotes = "".join(map(_quote, answer.citations))
    return (
        f'<div class="answer">{read_as}{_readings(answer)}{quotes}'
        f"{cards_html(answer.citations)}"
        f'<p class="sure">{answer.confidence:.0%} sure {_NOTHING} {_KEYS}</p></div>'
    )


def _quote(citation: Citation) -> str:
    """A quote with its number, and below it what can be done with it: first of all, open it."""
    link = escape(place_link(citation))
    return (
        f'<blockquote class="quote"><p class="said" dir="auto">'
        f"“{escape(citation.quote.text.strip())}”&nbsp;"
        f'<a class="cite" href="{link}">[{citation.number}]</a></p>'
        f'<p class="actions"><a class="open" href="{link}">Open source</a>'
        f"{_taking(citation)} {_golden(citation.document, citation.quote)}"
        f" {wrong_html(place_query(citation.document.id, citation.quote))}</p></blockquote>"
    )


def _taking(citation: Citation) -> str:
    """What citing.js makes a menu of the forms of a quote, and a button that keeps it."""
    place = escape(f"?{place_query(citation.document.id, citation.quote)}")
    return (
        f' <a class="citing" href="#cite{place}">Cite</a>'
        f' <a class="keeping" href="#keep{place}">Keep</a>'
    )


def _group(group: Group) -> str:
    """One part of an answer under its label, or why nothing answers for it."""
    quotes = "".join(map(_quote, group.citations))
    reason = f'<p class="reason">{escape(group.reason)}</p>' if group.reason else ""
    return f'<section class="group"><h3>{escape(group.label)}</h3>{quotes}{reason}</section>'


def _readings(answer: Answer) -> str:
    """What mistyped words were read as."""
    return "".join(f'<p class="read-as">{escape(each.told)}</p>' for each in answer.readings)


def _refusal(answer: Answer, read_as: str) -> str:
    parts = [
        f'<div class="answer no-answer">{read_as}',
        '<p class="verdict">No answer in these documents</p>',
        f'<p class="reason">{reason_html(answer)}</p>',
        _readings(answer),
    ]
    if answer.unknown_terms:
        words = " ".join(f"<span>{escape(word)}</span>" for word in answer.unknown_terms)
        parts.append(f'<p class="unknown">Found nowhere: {words}</p>')
    if answer.nearest:
        items = "".join(_near(citation) for citation in answer.nearest)
        parts.append(
            '<div class="nearest"><p>The nearest passages; they do not answer the question:</p>'
            f"<ul>{items}</ul></div>"
        )
    return "".join([*parts, f"<p>{_NOTHING}</p></div>"])


def _near(citation: Citation) -> str:
    changed = "" if citation.verified else f' <strong class="changed">{CHANGED}</strong>'
    passage = citation.passage
    whole = Quote(passage.start, passage.end, citation.passage_text)
    return (
        f'<li><a class="near" href="{escape(place_link(citation))}">'
        f"{escape(citation.document.title)}</a>{changed}"
        f'<span class="snippet">{escape(_clipped(citation.quote.text, _SNIPPET))}</span>'
        f" {_golden(citation.document, whole)}</li>"
    )


def _clipped(text: str, length: int) -> str:
    words = " ".join(text.split())
    if len(words) <= length:
        return words
    # Between words, unless a word is so long that nothing would be left.
    end = words.rfind(" ", length // 2, length)
    return f"{words[: end if end > 0 else length]} …"
