"""Which questions of a page wait, so that they leave the line when the page is closed."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
from anyio import CancelScope


class Visits:
    """The open pages whose questions wait; all of it happens in the event loop."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str | None, set[CancelScope]] = defaultdict(set)

    @contextmanager
    def waiting(self, visit: str | None) -> Iterator[CancelScope]:
        """Gives a scope that ends when the page is closed; no `yield` may stand in it.

        Args:
            visit: Gradio's name for the open page, `gr.Request.session_hash`.
        """
        with CancelScope() as scope:
            self._waiting[visit].add(scope)
            try:
                yield scope
            finally:
                self._waiting[visit].discard(scope)
                if not self._waiting[visit]:
                    del self._waiting[visit]

    async def leave(self, request: gr.Request) -> None:
        """Lets go of what a page that was closed waits for; for Gradio's `unload`."""
        for scope in self._waiting.get(request.session_hash, ()):
            scope.cancel()
