"""A Milvus server, a cluster, or Lite within this process: reached, asked its version, told on."""

import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus import Problem
from index.engine import Place
from index.errors import DamagedIndex, EngineUnavailable, first_line

# Seconds for what a question waits for, and for what only a build or an opening does.
QUICK, SLOW = 10.0, 600.0

# The first version of a server that reckons BM25; Lite does from 3.0 on.
_WITH_WORDS = (2, 5)

_NOT_FOUND = 100

# Lite takes pings every ten seconds, which are pymilvus's, for an attack and cuts the connection.
_GRPC = {True: {"grpc.keepalive_time_ms": 86_400_000}, False: {}}

# What a server says of a token that it refuses; not of an author, or of a tokenizer.
_NOT_ALLOWED = re.compile(r"\b(?:un)?auth(?:enti\w+|ori[sz]\w+)?\b|\bpermission|\btokens?\b")

# Codes of what is asked for in a way that no waiting mends (Milvus: merr.ErrParameterInvalid, …).
_WRONGLY_ASKED = {1100, 1101, 1102}

_connecting = threading.Lock()


class Recovering(EngineUnavailable):
    """A server answers, but cannot do just now what it is asked; it may soon."""


class Server:
    """A connection to Milvus; safe to share between threads.

    Attributes:
        uri: Where it is.
        is_lite: Whether it runs in this process.
        client: What speaks to it.
        version: Its version, as it says it.
        has_words: Whether it can search by words; if not, it searches by meaning alone.
    """

    def __init__(self, place: Place) -> None:
        """Connects.

        Raises:
            EngineUnavailable: If that fails, or if its packages are not installed.
        """
        # What goes wrong is told once, by our own errors: not by gRPC's core on standard error, nor
        # by loggers that print tracebacks (pymilvus sets its own when it is imported).
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        try:
            from pymilvus import MilvusClient  # lazy: a second, and only those who have a server
        except ImportError as error:
            raise EngineUnavailable(
                f"{place.uri}: speaking to Milvus needs more packages;"
                " run: pip install 'readout[milvus]'"
            ) from error
        for name in ("grpc", "pymilvus", "milvus_lite"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        if place.is_lite:
            try:
                Path(place.uri or "").parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise EngineUnavailable(
                    f"{place.uri}: its folder cannot be made ({error.strerror}); mend that, or name"
                    " another place"
                ) from error
        self.uri = place.uri or ""
        self.is_lite = place.is_lite
        with self.told():
            self.client: Any = MilvusClient(
                self.uri, token=place.token, timeout=QUICK, grpc_options=_GRPC[self.is_lite]
            )
            self.version = str(self.client.get_server_version(timeout=QUICK))
        self.has_words = place.is_lite or _number(self.version) >= _WITH_WORDS

    @contextmanager
    def told(self, collection: str = "") -> Iterator[None]:
        """Tells what goes wrong with the server in one line.

        Args:
            collection: The one that is asked; that it is not there is told as damage.

        Raises:
            EngineUnavailable: If the server cannot be reached, or refuses.
            DamagedIndex: If it has no such collection.
        """
        from grpc import RpcError, StatusCode
        from pymilvus.exceptions import MilvusException, ParamError

        try:
            yield
        except MilvusException as error:
            reason = _reason(error.message or str(error))
            if collection and error.code == _NOT_FOUND:
                raise missing(self.uri, collection) from error
            if error.code in _WRONGLY_ASKED or isinstance(error, ParamError):
                raise EngineUnavailable(
                    f"{self.uri}: Milvus does not take what it is asked ({reason});"
                    " run: readout rebuild --engine faiss"
                ) from error
            raise self._unavailable(reason) from error
        except RpcError as error:
            code = error.code() if callable(getattr(error, "code", None)) else None
            if code == StatusCode.UNIMPLEMENTED:
                raise EngineUnavailable(
                    f"{self.uri}: this server is too old for that"
                    f" ({first_line(error)}); use Milvus 2.5 or newer"
                ) from error
            details = error.details() if callable(getattr(error, "details", None)) else ""
            raise self._unavailable(_reason(details or str(error))) from error

    def _unavailable(self, reason: str) -> EngineUnavailable:
        uri, low = self.uri, reason.lower()
        if _NOT_ALLOWED.search(low):
            return EngineUnavailable(
                f"{uri}: Milvus refuses the token ({reason}); set token in [engine] of"
                " readout.toml, or READOUT_ENGINE_TOKEN"
            )
        if self.is_lite:
            return EngineUnavailable(
                f"{uri}: Milvus Lite fails ({reason}); only one process may have it open: stop the"
                " other, or use a server"
            )
        line = (
            f"{uri}: Milvus does not answer as it should ({reason}); when it runs again, repeat"
            " what you did; nothing was lost"
        )
        gone = any(word in low for word in ("fail connecting", "retry timeout", "illegal"))
        return EngineUnavailable(line) if gone else Recovering(line)


def missing(uri: str, collection: str) -> DamagedIndex:
    """Returns the error that tells of a collection that is not there, or is not what it was."""
    return DamagedIndex(
        f"{uri}: the collection {collection} is gone or is not the one that this index was built"
        " with, so it is not served; run: readout rebuild"
    )


@lru_cache(maxsize=8)
def _connected(uri: str, token: str) -> Server:
    return Server(Place(uri, token))


def connect(place: Place) -> Server:
    """Returns a connection to a server, the same one each time.

    Raises:
        EngineUnavailable: If it cannot be reached; the next call tries again.
    """
    with _connecting:
        return _connected(place.uri or "", place.token)


def why_no_words(place: Place) -> Problem | None:
    """Returns why a server cannot search by words, if it cannot.

    Raises:
        EngineUnavailable: If it cannot be reached.
    """
    server = connect(place)
    if server.has_words:
        return None
    return Problem(
        server.uri,
        f"Milvus {server.version} has no BM25, so passages are found by meaning alone and ranked"
        " by both; for search by words use Milvus 2.5 or newer",
    )


def _reason(message: str) -> str:
    """The gist of a message in at most 160 characters, without what only a programmer reads."""
    gist = re.split(r", (?:debug|channel_state)=|\n", message)[0]
    return gist if len(gist) <= 160 else f"{gist[:159]}…"


def _number(version: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)", version)
    return tuple(map(int, found.groups())) if found else (0, 0)


def count_rows(server: Server, collection: str, level: str, timeout: float) -> int:
    """Returns how many rows of a collection are loaded.

    Args:
        server: Where it is.
        collection: Its name.
        level: ``Strong``, which counts all that was written until now, or ``Bounded``.
        timeout: In seconds.
    """
    with server.told(collection):
        [row] = server.client.query(
            collection,
            filter="",
            output_fields=["count(*)"],
            consistency_level=level,
            timeout=timeout,
        )
    return int(row["count(*)"])
