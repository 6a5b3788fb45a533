"""Is a quote still true? The stored text and the original are looked at again, every time."""

import threading
from pathlib import Path

from assistant.answer import Quote
from corpus import Document, fingerprints, original_path
from index import FileStamp, Generation


class Verifier:
    """Checks quotes against the stored text and the originals; safe to share between threads.

    An original whose size and times are those recorded when it was read is taken as unchanged;
    any other is hashed again, once for each look it has.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hashed: dict[Path, tuple[FileStamp, dict[str | None, str]]] = {}

    def verify(self, generation: Generation, document: Document, quote: Quote) -> bool:
        """Returns whether ``quote`` stands in the stored text and the original is unchanged."""
        stored = document.text[quote.start : quote.end] == quote.text
        return stored and self._unchanged(generation, document)

    def _unchanged(self, generation: Generation, document: Document) -> bool:
        path = original_path(document.source)
        try:
            stamp = FileStamp.of(path)
            if stamp == generation.stamp(path):
                return True
            return self._hashes(path, stamp).get(document.record) == document.sha256
        except OSError:
            return False

    def _hashes(self, path: Path, stamp: FileStamp) -> dict[str | None, str]:
        with self._lock:
            seen, hashes = self._hashed.get(path, (None, {}))
            if seen != stamp:
                hashes = fingerprints(path)
                self._hashed[path] = (stamp, hashes)
            return hashes
