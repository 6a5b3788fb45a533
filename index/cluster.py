"""A build's work, shared out on a Ray cluster.

Only the reading of files, the cutting of documents and the encoding of texts go there; what is
written is written here. So a build that is stopped goes on as any other does (`index.journal`),
and what it makes is what it would make alone.
"""

import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from index.encoder import Encoder
from index.errors import ClusterError, first_line
from index.models import COMPILED, EncoderIdentity, encoder_files
from index.node import Model, inspect, probe, versions
from index.spreading import Spread, own_words, reason_of, telling

#: An address that stands for a cluster of this machine alone, which ends with the build.
LOCAL = "local"

# Seconds to wait for a head that may not be there, and for each node to load an encoder.
_REACH, _INSPECT = 5, 120


class Cluster:
    """A connection to a Ray cluster; a context manager.

    Attributes:
        gpus: How many GPUs it has.
    """

    def __init__(self, address: str) -> None:
        """Takes ``auto``, ``local``, or ``host:port`` of a cluster that this machine is part of."""
        self._address = address
        self.gpus = 0

    def __enter__(self) -> Self:
        """Connects.

        Raises:
            ClusterError: If that fails.
        """
        _check_reachable(self._address)
        # No word to Ray's makers, and none from its own processes among ours.
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
        own: dict[str, Any] = {}
        if self._address == LOCAL:
            own = {"num_cpus": (os.cpu_count() or 1) + 1, "include_dashboard": False}
            # Else Ray leaves a token in the user's folder. It reads this when it is imported.
            if "RAY_AUTH_MODE" not in os.environ and "ray" not in sys.modules:
                os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        try:
            import ray.data  # lazy: seconds, and only who has a cluster needs it
        except ImportError as error:
            raise ClusterError(
                f"a Ray cluster needs a package that is missing ({first_line(error)});"
                " run: pip install 'readout[ray]'"
            ) from error
        terminated = signal.getsignal(signal.SIGTERM)
        try:
            with _silent():
                ray.init(self._address, log_to_driver=False, logging_level=logging.ERROR, **own)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise ClusterError(
                f"{self._address}: no Ray cluster answers there ({reason_of(error)});"
                " start one with: ray start --head, or give --ray local"
            ) from error
        finally:
            with suppress(ValueError):  # not in the main thread, where Ray sets none
                signal.signal(signal.SIGTERM, terminated)
        try:
            logging.getLogger("ray.data").setLevel(logging.CRITICAL)
            context = ray.data.DataContext.get_current()
            context.enable_progress_bars = False
            context.print_on_execution_start = False
            with telling(self._address):
                self.gpus = int(ray.cluster_resources().get("GPU", 0))
        except BaseException:
            ray.shutdown()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends what still runs there for this build, and disconnects."""
        import ray

        ray.shutdown()

    def crew(self, models: Path, encoder: Encoder, identity: EncoderIdentity) -> Spread:
        """Sends an encoder to every node.

        Raises:
            ClusterError: If a node lacks this Readout, or encodes otherwise.
        """
        import ray

        model = Model(identity, encoder_files(models, identity), probe(encoder))
        on_gpu = identity.runtime != COMPILED and self.gpus > 0
        with telling(self._address):
            sent = ray.put(model)
            _check_nodes(None if on_gpu else sent)
        return Spread(self._address, encoder, sent, self.gpus if on_gpu else 0)


@contextmanager
def _silent() -> Iterator[None]:
    """Keeps standard error clear of what Ray's native part announces there when it starts."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _check_reachable(address: str) -> None:
    """Raises ClusterError if nothing answers at an address; Ray itself would wait for minutes."""
    if address in {LOCAL, "auto"}:
        return
    if "://" in address:
        raise ClusterError(
            f"{address}: Ray's client cannot run Ray Data; run this on a machine of the cluster,"
            " with --ray auto"
        )
    host, colon, port = address.rpartition(":")
    if not (colon and host and port.isdigit()):
        raise ClusterError(f"{address}: no address of a Ray cluster; give auto, local or host:port")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACH).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"{address}: nothing answers there ({getattr(error, 'strerror', None) or error});"
            " check the address, or start a cluster with: ray start --head"
        ) from error


def _check_nodes(model: Any) -> None:  # noqa: ANN401 (a reference of Ray's)
    """Raises ClusterError if a node would not do as this machine does."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    remote = ray.remote(inspect)
    nodes = {each["NodeID"]: each["NodeManagerAddress"] for each in ray.nodes() if each["Alive"]}
    asked = {
        where: remote.options(
            num_cpus=0,
            max_retries=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(name, soft=False),
        ).remote(model)
        for name, where in nodes.items()
    }
    here = versions()
    for where, answer in asked.items():
        try:
            there = ray.get(answer, timeout=_INSPECT)
        except (ray.exceptions.RayError, TimeoutError) as error:
            if (told := own_words(error)) is not None:
                raise ClusterError(
                    f"Ray node {where}: {told}; leave it out of the cluster"
                ) from error
            raise ClusterError(
                f"Ray node {where}: Readout does not run there ({reason_of(error)});"
                f" install Readout {here['readout']} there, with its extra ray"
            ) from error
        for name, wanted in here.items():
            if there.get(name) != wanted:
                raise ClusterError(
                    f"Ray node {where}: has {name} {there.get(name, 'none')}, here is {wanted};"
                    f" run there: pip install '{name}=={wanted}'"
                )
