"""Ray nodes for tests: real ones, each with processes of its own."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass
class Node:
    """A Ray node, and how to end it."""

    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """Ends all of its processes at once, as a power cut would."""
        for pid in [*descendants(self.process.pid), self.process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Nodes:
    """A cluster: its address, and its nodes, the head first."""

    address: str
    nodes: list[Node]


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    found = [pid]
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in table.stdout.splitlines()]
    for parent in found:
        found += [child for child, its_parent in pairs if its_parent == parent]
    return found[1:]


@contextmanager
def nodes(
    count: int,
    cpus: int,
    prefixes: Sequence[Sequence[str]] = (),
    hosts: Sequence[str] = (),
    variables: Sequence[dict[str, str]] = (),
) -> Iterator[Nodes]:
    """Starts a head and other nodes.

    Args:
        count: Nodes in all.
        cpus: CPUs of each.
        prefixes: What to begin each node's command with, such as ``ip netns exec NAME``.
        hosts: The address of each; else all have this machine's own.
        variables: What else stands in each node's environment.
    """
    hosts = hosts or [own_address()] * count
    host = hosts[0]
    port = free_port()
    environment = os.environ | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32)),
        "RAY_USAGE_STATS_ENABLED": "0",
        # Seconds until a node that says nothing counts as lost; the usual ten make a test long.
        "RAY_health_check_failure_threshold": "4",
        "RAY_health_check_period_ms": "1000",
        "RAY_health_check_initial_delay_ms": "5000",
    }
    os.environ["RAY_AUTH_MODE"] = "token"
    started = Nodes(f"{host}:{port}", [])
    ray = Path(sys.executable).with_name("ray")
    # Ray's sockets lie below it, and their paths may be no longer than 107 characters.
    with TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as folder:
        try:
            for number in range(count):
                prefix = prefixes[number] if prefixes else []
                role = [f"--address={host}:{port}"]
                if number == 0:
                    role = ["--head", f"--port={port}", "--include-dashboard=false"]
                    role += [f"--temp-dir={folder}", f"--ray-client-server-port={free_port()}"]
                command = [*prefix, ray, "start", *role, f"--num-cpus={cpus}", "--block"]
                command += [f"--node-ip-address={hosts[number]}"]
                command += ["--object-store-memory=200000000", "--disable-usage-stats"]
                own = variables[number] if variables else {}
                with Path(folder, f"node{number}.log").open("wb") as log:
                    run = subprocess.Popen(command, stdout=log, stderr=log, env=environment | own)
                started.nodes.append(Node(run))
                if number == 0:
                    wait_for(host, port)
            yield started
        finally:
            for node in reversed(started.nodes):
                node.kill()


def own_address() -> str:
    """The address by which this machine's nodes know each other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


def wait_for(host: str, port: int, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection((host, port), 1):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def wait_for_nodes(address: str, count: int, seconds: float = 120) -> list[str]:
    """Waits until so many nodes are at work; returns their addresses."""
    import ray

    end = time.monotonic() + seconds
    while True:
        try:
            ray.init(address, log_to_driver=False)
            break
        except ConnectionError:  # the head has begun, and its node not yet
            if time.monotonic() > end:
                raise
    try:
        while len(alive := [node for node in ray.nodes() if node["Alive"]]) < count:
            assert time.monotonic() < end, f"{len(alive)} of {count} nodes came"
            time.sleep(0.1)
        return sorted(node["NodeManagerAddress"] for node in alive)
    finally:
        ray.shutdown()
