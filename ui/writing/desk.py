"""Where answers are written up: who writes, how many at once, and what is told of it."""

import json
from collections.abc import AsyncIterator, Generator
from contextlib import closing
from threading import BoundedSemaphore
from typing import TypeVar

from anyio.to_thread import run_sync
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from assistant import Answer, Assistant
from assistant.errors import WriterFailed
from assistant.support import Support
from assistant.synthesis import Writer, write_up
from ui.contract import Json, end_json, sentence_json
from ui.errors import NoWriter

# Texts that are written at once. Each holds a thread while its model is silent.
_AT_ONCE = 4


_W = TypeVar("_W", bound=Writer)


def check(writer: _W | None) -> _W:
    """Returns who writes.

    Raises:
        NoWriter: If nobody does.
    """
    if writer is None:
        raise NoWriter("no language model is set; say READOUT_LLM_URL and READOUT_LLM_MODEL")
    return writer


class Desk:
    """Writes answers up for the page and for programs."""

    def __init__(self, assistant: Assistant, writer: Writer | None) -> None:
        """Takes who found the answers, and who writes; None if nobody does."""
        self._assistant, self._writer = assistant, writer
        self._places = BoundedSemaphore(_AT_ONCE)

    def check(self) -> Writer:
        """Returns who writes.

        Raises:
            NoWriter: If nobody does.
        """
        return check(self._writer)

    def events(self, answer: Answer) -> Generator[tuple[str, Json]]:
        """Yields ``sentence`` events as sentences are checked, then one ``end``.

        Raises:
            NoWriter: If nobody writes.
        """
        writer = self.check()
        if not self._places.acquire(blocking=False):
            yield "end", end_json(writer, "too many answers are being written; try again soon")
            return
        try:
            support = Support(self._assistant.generation.encoder.embed_passages)
            with closing(write_up(answer, writer, support)) as written:
                for sentence in written:
                    yield "sentence", sentence_json(sentence)
        except WriterFailed as error:
            yield "end", end_json(writer, str(error))
        else:
            yield "end", end_json(writer, None)
        finally:
            self._places.release()


class EventStream(StreamingResponse):
    """A response of server-sent events."""

    media_type = "text/event-stream"


def streamed(events: Generator[tuple[str, Json]]) -> EventStream:
    """Returns events as server-sent events; ends them when nobody listens any more."""

    async def sent() -> AsyncIterator[bytes]:
        with closing(events):
            while found := await run_sync(next, events, None):
                name, data = found
                yield format_sse_event(event=name, data_str=json.dumps(data))

    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return EventStream(sent(), headers=headers)
