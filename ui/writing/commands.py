"""``readout ask --write``: an answer, and what a language model makes of its evidence."""

from collections.abc import Callable

from assistant import Answer, Assistant
from assistant.errors import WriterFailed
from assistant.support import Support
from assistant.synthesis import write_up
from ui import terminal
from ui.contract import Json, answer_json, written_json
from ui.settings import Settings
from ui.writing.chatmodel import ChatModel, chat_model
from ui.writing.desk import check


def of(
    assistant: Assistant, settings: Settings
) -> tuple[Callable[[Answer], Json], Callable[[Answer], None]]:
    """Returns what makes an object of an answer written up, and what shows one in a terminal.

    Raises:
        NoWriter: If no language model is set.
    """
    writer = check(chat_model(settings))
    support = Support(assistant.generation.encoder.embed_passages)

    def as_object(answer: Answer) -> Json:
        return answer_json(answer) | {"written": _written(answer, writer, support)}

    def show(answer: Answer) -> None:
        terminal.show_answer(answer)
        if answer.abstained:
            return
        terminal.echo(f"\nWritten by {writer.model} at {writer.host}, checked by Readout:\n")
        for sentence in write_up(answer, writer, support):
            terminal.show_written(sentence)

    return as_object, show


def _written(answer: Answer, writer: ChatModel, support: Support) -> Json | None:
    """Returns what was written; None of a refusal, of which nothing is sent."""
    if answer.abstained:
        return None
    sentences, problem = [], None
    try:
        for sentence in write_up(answer, writer, support):
            sentences.append(sentence)  # noqa: PERF402 (what came before a failure is kept)
    except WriterFailed as error:
        problem = str(error)
    return written_json(writer, sentences, problem)
