"""Is a quote still true? The stored text and the original are looked at again, every time."""

from pathlib import Path

from assistant.answer import Quote
from corpus import Document, fingerprints, original_path
from index import FileStamp, Generation, IndexingError


class Verifier:
    """Checks quotes against the stored text and the originals; safe to share between threads.

    An original whose size and times are those recorded when it was read is taken as unchanged;
    any other is hashed again, once for each look it has.
    """

    def __init__(self) -> None:
        self._hashed: dict[Path, tuple[FileStamp, dict[str | None, str]]] = {}

    def verify(self, generation: Generation, document: Document, quote: Quote) -> bool:
        """Returns whether ``quote`` stands in the stored text and the original is unchanged."""
        stored = document.text[quote.start : quote.end] == quote.text
        return stored and self._unchanged(generation, document)

    def _unchanged(self, generation: Generation, document: Document) -> bool:
        path = original_path(document.source)
        try:
            stamp = FileStamp.of(path)
            if stamp == generation.stamp(path) and _holds(generation, document):
                return True
            # To read a pipe would mean to wait for ever.
            hashes = self._hashes(path, stamp) if path.is_file() else {}
            # Of an archive or a mail it is the file as a whole that is known.
            return hashes.get(document.record, hashes.get(None)) == document.sha256
        except OSError:
            return False

    def _hashes(self, path: Path, stamp: FileStamp) -> dict[str | None, str]:
        # Without a lock: two threads may hash the same file, but none waits for another's.
        seen, hashes = self._hashed.get(path, (None, {}))
        if seen != stamp:
            hashes = fingerprints(path)
            self._hashed[path] = (stamp, hashes)
        return hashes


def _holds(generation: Generation, document: Document) -> bool:
    """Whether a generation, and its stamps, are of this document; the index may have moved on."""
    try:
        return generation.document(document.id).sha256 == document.sha256
    except IndexingError:
        return False
