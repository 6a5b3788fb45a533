"""The page of the web chat: what is asked, what was answered, and the places other parts fill."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.chatbot import ExampleMessage

from assistant import Assistant, UnknownPlace
from corpus import ReadoutError
from ui.conversation import Turn, begin, restored
from ui.conversation import saved as remembered
from ui.markup import answer_html, error_html, question_html

_LOG = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"

# Questions about the bundled documents, each with the document that answers it.
_EXAMPLES = (
    ("Who co-chaired the 11th dialogue?", "003_e53a6ec5a1052dec.txt"),
    ("Which countries are the thirteen CBSI countries?", "000_fbc2b366f62d71d8.txt"),
    ("What did Joshua Rusk announce?", "000_fbc2b366f62d71d8.txt"),
)

# Exchanges that a browser remembers, and the key it does so under.
_REMEMBERED = 40
_STORAGE = "readout-conversation"

_PLACEHOLDER = """
<div class="welcome"><h2>Ask your documents</h2>
<p>Every answer is a sentence that stands in one of them, word for word.
If nothing answers, you are told so.</p></div>
"""

# What was in the box at the moment of the Enter; page.js kept it and emptied the box at once.
_TAKE = "(question, again, sure, turns, saved) => [...window.readout.next(), turns, saved]"

# How sure an answer must be; page.js keeps what is chosen and sends it with each question.
_SURE = """
<label for="sure-least">Answer only if at least <output id="sure-shown">{threshold:.0%}</output>
sure</label>
<input type="range" id="sure-least" min="0" max="0.95" step="0.05" value="{threshold:.2f}">
"""


def build_page(assistant: Assistant) -> gr.Blocks:
    """Returns the page; it asks ``assistant`` and is otherwise brought to life by page.js."""

    def ask(
        question: str,
        again: dict[str, Any] | None,
        sure: float | None,
        turns: list[Turn],
        saved: list[list[Any]],
    ) -> Iterator[tuple[list[dict[str, str]], Any]]:
        # The turns are one list for each page, changed in place: two questions that are on their
        # way at once both show all that came before them.
        if not question.strip():
            yield _messages(turns), gr.skip()
            return
        _restore(turns, saved)
        turn, history = begin(question_html(question), turns, again)
        turns.append(turn)
        yield _messages(turns), gr.skip()
        try:
            answer = assistant.ask(
                question,
                sure,
                any_date=turn.any_date,
                history=history,
                without=turn.without,
            )
            turn.asked, turn.answer = answer.turn, answer_html(answer)
        except ReadoutError as error:
            turn.answer = error_html(str(error))
        except Exception:  # the end of the line: whatever it is, whoever asked is told
            _LOG.exception("a question failed")
            turn.answer = error_html("Something went wrong; the server's terminal says what.")
        del turns[:-_REMEMBERED]
        yield _messages(turns), remembered(turns)

    def restore(turns: list[Turn], saved: list[list[Any]]) -> dict[str, Any]:
        _restore(turns, saved)
        return gr.update(value=_messages(turns), examples=_examples(assistant))

    def forget(turns: list[Turn]) -> tuple[list[dict[str, str]], list[list[Any]]]:
        turns.clear()
        return [], []

    page = gr.Blocks(title="Readout", analytics_enabled=False, fill_width=True)
    with page:
        turns = gr.State([])
        # The secret only keeps a browser's memory readable after the server restarts.
        saved = gr.BrowserState([], storage_key=_STORAGE, secret="readout")  # noqa: S106
        gr.HTML((STATIC / "header.html").read_text(encoding="utf-8"), elem_id="top", padding=False)
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
            examples=_examples(assistant),
        )
        with gr.Row(elem_id="composer"):
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
            sure = gr.Number(None, label="How sure an answer must be", visible=False)
            send = gr.Button("Ask", elem_id="send", variant="primary")
            gr.HTML(
                _SURE.format(threshold=assistant.ranking.weights.threshold),
                elem_id="sure",
                padding=False,
            )
            clear = gr.Button("Clear conversation", elem_id="clear", size="sm")
        gr.HTML((STATIC / "source.html").read_text(encoding="utf-8"), elem_id="pane", padding=False)

        gr.on(
            [question.submit, send.click],
            ask,
            [question, again, sure, turns, saved],
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
    return page


def _restore(turns: list[Turn], saved: list[list[Any]]) -> None:
    """Takes up what the browser remembers, where the server has nothing (any more)."""
    if not turns:
        turns.extend(restored(saved))


def _messages(turns: list[Turn]) -> list[dict[str, str]]:
    messages = []
    for turn in turns:
        messages.append({"role": "user", "content": turn.question})
        if turn.answer is not None:
            messages.append({"role": "assistant", "content": turn.answer})
    return messages


def _examples(assistant: Assistant) -> list[ExampleMessage]:
    return [ExampleMessage(text=text) for text, document in _EXAMPLES if _has(assistant, document)]


def _has(assistant: Assistant, document: str) -> bool:
    try:
        return assistant.document(document).source.startswith("bundled/")
    except UnknownPlace:
        return False
