"""The errors of building and opening an index, below `corpus.errors.ReadoutError`.

::

    IndexingError
    ├── NoIndex             the home has no generation yet
    ├── EmptyCorpus         there is nothing to index
    ├── DamagedIndex        a file of a generation is not what was written
    ├── EncoderError        the encoder cannot be loaded, or is not the one the index was made by
    ├── HomeUnusable        the home folder cannot be read or written
    ├── EngineUnavailable   the server that searches cannot be reached, or refuses
    ├── RebuildRunning      another process is writing
    ├── ClusterError        a Ray cluster cannot be used, or was lost
    └── Cancelled           the user stopped a build
"""

from corpus import ReadoutError


class IndexingError(ReadoutError):
    """The index could not be built or opened."""


class NoIndex(IndexingError):
    """The home has no generation to serve."""


class EmptyCorpus(IndexingError):
    """No document could be read, so there is nothing to index."""


class DamagedIndex(IndexingError):
    """A file of a generation is missing or is not what the build wrote."""


class EncoderError(IndexingError):
    """An encoder could not be loaded, or is not the one that made the index's vectors."""


class HomeUnusable(IndexingError):
    """The home folder cannot be read or written."""


class EngineUnavailable(IndexingError):
    """The server that searches an index cannot be reached, or refuses what it is asked."""


class RebuildRunning(IndexingError):
    """Another process is rebuilding the same home."""


class ClusterError(IndexingError):
    """A Ray cluster cannot be reached, has a node that will not do, or was lost."""


class Cancelled(IndexingError):
    """The user stopped a build; what it had encoded is kept for the next one."""


def first_line(error: BaseException) -> str:
    """Returns what an error of a library says, in one line; its kind if it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0]
