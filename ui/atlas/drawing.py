"""The map of the index that answers, drawn once for each in a thread of its own."""

import logging
import threading
from dataclasses import dataclass

from assistant import Assistant
from index import Generation
from index.atlas import Atlas
from index.outlines import Outline
from ui.errors import MapNotDrawn

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Sheet:
    """A map, from when it is begun.

    Attributes:
        generation: The index it is of.
        documents: All its documents, in the order of their passages.
        share: How much of it is drawn, 0 to 1.
        atlas: The map, once it is drawn.
        failed: Whether it could not be drawn.
    """

    generation: Generation
    documents: tuple[Outline, ...]
    share: float = 0.0
    atlas: Atlas | None = None
    failed: bool = False


class Drawing:
    """Draws maps as they are asked for; safe to share between threads."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._sheet: Sheet | None = None
        self._choosing = threading.Lock()

    def outlined(self) -> Sheet:
        """Returns the sheet of the index that answers, whether or not its map was begun."""
        with self._choosing:
            generation = self._assistant.generation
            if self._sheet is None or self._sheet.generation is not generation:
                self._sheet = Sheet(generation, tuple(generation.store.outlines()))
            return self._sheet

    def begun(self) -> Sheet:
        """Returns the sheet of the index that answers, its map drawn or being drawn.

        Raises:
            MapNotDrawn: If it could not be drawn; the next call begins again.
        """
        sheet = self.outlined()
        with self._choosing:
            if sheet.failed:
                self._sheet = None
                raise MapNotDrawn(
                    f"index {sheet.generation.name}: its map could not be drawn, the server's"
                    " terminal says why; open the map again, or run: readout verify"
                )
            if sheet.share == 0.0:
                sheet.share = _BEGUN
                # A map takes seconds; that it does not keep a server from ending is worth more.
                threading.Thread(target=_draw, args=[sheet], name="draw-map", daemon=True).start()
        return sheet


# A sheet's share from when its thread is started.
_BEGUN = 0.01


def _draw(sheet: Sheet) -> None:
    def told(share: float) -> None:
        sheet.share = max(_BEGUN, share)

    try:
        sheet.atlas = Atlas.of(sheet.generation, sheet.documents, on_done=told)
    except Exception:  # the end of the thread: whatever it is, whoever waits for the map is told
        _LOG.exception("the map could not be drawn")
        sheet.failed = True
