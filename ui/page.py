"""The page of the web chat: what is asked, what was answered, and the places other parts fill."""

import logging
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

import assistant as assistants
from assistant.synthesis import Writer
from corpus import ReadoutError
from ui.access.person import Person, person_of
from ui.api.metrics import CountingAssistant
from ui.conversation import Turn, Turns, begin, restored
from ui.conversation import saved as remembered
from ui.errors import Busy
from ui.line import Line
from ui.markup import answer_html, error_html, question_html
from ui.narrowing import filter_of, title_in, told_filter, within_html
from ui.tools import tools_html
from ui.visits import Visits
from ui.writing.routes import writing_html

_LOG = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"

# Exchanges that a browser remembers, and the key it does so under.
_REMEMBERED = 40
_STORAGE = "readout-conversation"

_PLACEHOLDER = """
<div class="welcome"><h2>Ask your documents</h2>
<p>Every answer is a sentence that stands in one of them, word for word.
If nothing answers, you are told so.</p>
<div class="examples" id="examples"></div></div>
"""

# What was in the box at the moment of the Enter; page.js kept it and emptied the box at once.
_TAKE = "(question, again, within, sure, turns, saved) => [...window.readout.next(), turns, saved]"

# How sure an answer must be; page.js keeps what is chosen and sends it with each question.
_SURE = """
<label for="sure-least">Answer if at least <output id="sure-shown">{threshold:.0%}</output>
sure</label>
<input type="range" id="sure-least" min="0" max="0.95" step="0.05" value="{threshold:.2f}">
"""


# What saves the conversation as a file; asking.js does it.
_EXPORT = """
<span class="told">Save as</span>
<button type="button" class="plain" id="export-md" aria-label="Save the conversation as Markdown"
>Markdown</button><button type="button" class="plain" id="export-json"
aria-label="Save the conversation as JSON">JSON</button>
"""


def build_page(
    assistant: CountingAssistant,
    line: Line,
    writer: Writer | None = None,
    wait_of: Callable[[Person], int] = lambda _: 0,
) -> gr.Blocks:
    """Returns the page; it asks ``assistant`` and is otherwise brought to life by page.js.

    Args:
        assistant: Who answers.
        line: Where questions wait for their turn.
        writer: Who may write answers up when asked to; None if nobody does.
        wait_of: Counts a question of somebody; returns the seconds to wait if it is too often.
    """
    title_of = title_in(assistant)
    visits = Visits()

    def answer(
        turn: Turn, question: str, sure: float | None, history: tuple[assistants.Turn, ...]
    ) -> None:
        try:
            narrowed = filter_of(turn.within)
            found = assistant.ask_counted(
                question,
                sure,
                narrowed,
                any_date=turn.any_date,
                history=history,
                without=turn.without,
            )
            turn.asked = found.turn
            turn.answer = within_html(told_filter(narrowed, title_of)) + answer_html(found)
            if writer and not found.abstained:
                turn.answer += writing_html(found, writer, narrowed, sure, any_date=turn.any_date)
            turn.answer += tools_html(found, narrowed)
        except ReadoutError as error:
            turn.answer = error_html(str(error))
        except Exception:  # the end of the line: whatever it is, whoever asked is told
            _LOG.exception("a question failed")
            turn.answer = error_html("Something went wrong; the server's terminal says what.")

    async def ask(
        question: str,
        again: dict[str, Any] | None,
        within: str,
        sure: float | None,
        turns: Turns,
        saved: list[list[Any]],
        request: gr.Request,
    ) -> AsyncIterator[tuple[list[dict[str, str]], Any]]:
        _check_person(turns, request)
        # The turns are one list for each page, changed in place: two questions that are on their
        # way at once both show all that came before them.
        if not question.strip():
            yield _messages(turns), gr.skip()
            return
        _restore(turns, saved)
        turn, history = begin(question_html(question), turns, again, within)
        turns.append(turn)
        yield _messages(turns), gr.skip()
        if seconds := wait_of(_person(request)):
            turn.answer = error_html(f"Too many questions; ask again in {seconds} s.")
            yield _messages(turns), remembered(turns)
            return
        with visits.waiting(request.session_hash) as wait:
            try:
                await line.run(partial(answer, turn, question, sure, history))
            except Busy as error:
                turn.answer = error_html(f"{str(error).capitalize()}.")
        if wait.cancelled_caught:
            return  # the page was closed
        del turns[:-_REMEMBERED]
        yield _messages(turns), remembered(turns)

    def restore(turns: Turns, saved: list[list[Any]], request: gr.Request) -> list[dict[str, str]]:
        _check_person(turns, request)
        _restore(turns, saved)
        return _messages(turns)

    def forget(turns: Turns, request: gr.Request) -> tuple[list[dict[str, str]], list[list[Any]]]:
        _check_person(turns, request)
        turns.clear()
        return [], []

    page = gr.Blocks(title="Readout", analytics_enabled=False, fill_width=True)
    with page:
        turns = gr.State(Turns())
        # The secret only keeps a browser's memory readable after the server restarts.
        saved = gr.BrowserState([], storage_key=_STORAGE, secret="readout")  # noqa: S106
        gr.HTML((STATIC / "header.html").read_text(encoding="utf-8"), elem_id="top", padding=False)
        gr.HTML(
            (STATIC / "library.html").read_text(encoding="utf-8"),
            elem_id="library-panel",
            padding=False,
        )
        chat = gr.Chatbot(
            elem_id="chat",
            label="Answers",
            show_label=False,
            container=False,
            height=None,
            autoscroll=False,
            layout="panel",
            buttons=[],
            feedback_options=None,
            render_markdown=False,
            latex_delimiters=[],
            sanitize_html=True,
            group_consecutive_messages=False,
            placeholder=_PLACEHOLDER,
        )
        with gr.Row(elem_id="composer"):
            gr.HTML(
                (STATIC / "asking.html").read_text(encoding="utf-8"),
                elem_id="narrowing",
                padding=False,
            )
            question = gr.Textbox(
                label="Question",
                placeholder="Ask a question",
                elem_id="question",
                lines=1,
                max_lines=6,
                autofocus=True,
                container=False,
                show_label=False,
            )
            again = gr.JSON(label="How it is asked again", visible=False)
            within = gr.Textbox(label="What part is searched", visible=False)
            sure = gr.Number(None, label="How sure an answer must be", visible=False)
            send = gr.Button("Ask", elem_id="send", variant="primary")
            gr.HTML(
                _SURE.format(threshold=assistant.ranking.weights.threshold),
                elem_id="sure",
                padding=False,
            )
            gr.HTML(_EXPORT, elem_id="exporting", padding=False)
            clear = gr.Button("Clear conversation", elem_id="clear", size="sm")
        gr.HTML((STATIC / "source.html").read_text(encoding="utf-8"), elem_id="pane", padding=False)

        gr.on(
            [question.submit, send.click],
            ask,
            [question, again, within, sure, turns, saved],
            [chat, saved],
            js=_TAKE,
            api_name="ask_page",
            api_visibility="private",
            concurrency_limit=None,
            trigger_mode="multiple",
            show_progress="hidden",
        )
        clear.click(forget, turns, [chat, saved], api_name="clear", api_visibility="private")
        page.load(restore, [turns, saved], chat, api_name="restore", api_visibility="private")
        page.unload(visits.leave)
    return page


def _check_person(turns: Turns, request: gr.Request) -> None:
    """Lets nobody into the page of another, by whatever name of it they found out."""
    if not turns.is_of(_person(request).name or ""):
        raise gr.Error("This page belongs to somebody else; open it anew.")


def _person(request: gr.Request) -> Person:
    if request.request is None:
        raise gr.Error("Nobody asks this; open the page anew.")
    return person_of(request.request)


def _restore(turns: Turns, saved: list[list[Any]]) -> None:
    """Takes up what the browser remembers, where the server has nothing (any more)."""
    if not turns:
        turns.extend(restored(saved))


def _messages(turns: Turns) -> list[dict[str, str]]:
    messages = []
    for turn in turns:
        messages.append({"role": "user", "content": turn.question})
        if turn.answer is not None:
            messages.append({"role": "assistant", "content": turn.answer})
    return messages
