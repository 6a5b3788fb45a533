"""What stands by an answer to go on from it; asking.js and feedback.js bring it to life."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from assistant import Answer, WordReading
from index import Filter
from ui.narrowing import link_of


def tools_html(answer: Answer, within: Filter | None) -> str:
    """Returns what stands below an answer: what it is worth, its link, room for what may follow.

    Args:
        answer: The answer.
        within: What part of the corpus was searched.
    """
    link = escape(link_of(answer.question, within))
    down = "It should be answered" if answer.abstained else "Bad answer"
    thumbs = f'<a class="thumb" href="#down">{down}</a>'
    if not answer.abstained:
        thumbs = f'<a class="thumb" href="#up">Good answer</a> {thumbs}'
    everywhere = ""
    if answer.abstained and within:
        whole = escape(link_of(answer.question, None))
        everywhere = f' <a class="ask everywhere" href="{whole}">Search all documents</a>'
    return (
        f'<p class="tools">{thumbs}{everywhere}'
        f' <a class="question-link" href="{link}">Copy link</a></p>'
        '<div class="further"></div>'
    )


def only_html(document_id: str) -> str:
    """Returns the link that narrows the search to one document."""
    link = escape(f"#only?{urlencode({'document': document_id})}")
    return f' · <a class="only" href="{link}">Search only here</a>'


def wrong_html(place: str) -> str:
    """Returns what feedback.js makes a button that says a passage is wrong.

    Args:
        place: The place as links name it.
    """
    return f'<a class="wrong" href="{escape(f"#wrong?{place}")}">Wrong passage</a>'


def reason_html(answer: Answer) -> str:
    """Returns why nothing answers; words that may be meant ask again with them."""
    reason, did_you_mean, _ = (answer.reason or "").partition(" Did you mean ")
    if not (answer.meant and did_you_mean):
        return escape(answer.reason or "")
    words = " and ".join(f"“{escape(each.read_as)}”" for each in answer.meant)
    link = escape(link_of(_corrected(answer.question, answer.meant), None))
    return f'{escape(reason)} <a class="ask" href="{link}">Did you mean {words}?</a>'


def _corrected(question: str, meant: Sequence[WordReading]) -> str:
    for each in meant:
        question = question.replace(each.word, each.read_as)
    return question
