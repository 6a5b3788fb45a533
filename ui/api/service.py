"""What every route is given: who answers, who rebuilds, and where questions wait."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from assistant.feedback import Feedback
from ui.api.metrics import CountingAssistant
from ui.line import Line
from ui.rebuilding import Rebuilding
from ui.watching import Watcher
from ui.writing.desk import Desk


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes share, with each other and with the page.

    Attributes:
        assistant: Who answers.
        rebuilding: Who rebuilds.
        watcher: Who knows whether the newest index can be opened.
        feedback: Where what people say of answers is kept.
        desk: Who writes answers up.
        line: Where questions wait for their turn.
        searched: When a generation was last seen to answer, as `time.monotonic` has it.
    """

    assistant: CountingAssistant
    rebuilding: Rebuilding
    watcher: Watcher
    feedback: Feedback
    desk: Desk
    line: Line = field(default_factory=Line)
    searched: dict[str, float] = field(default_factory=dict)


async def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


#: What a route declares to be given the service.
Serving = Annotated[Service, Depends(_service)]
