"""A real `readout serve` to measure: its process, what that takes of the machine, its rebuilds."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from index import Home

#: What the documents of a home are told apart by: without the note, and with it.
STATES = (0, 1)

_NOTE = "The harbour master of Port Lumen, Ada Quill, opened the northern quay on 3 May 1987.\n"

# Seconds that a server may take to start, and a rebuild to end.
_START, _END = 120, 1200


@dataclass(frozen=True, slots=True)
class Taken:
    """What a process takes of its machine.

    Attributes:
        rss_mb: Memory that is in RAM, files that are mapped included.
        own_mb: That of it which is no file's.
        fds: Open file descriptors.
        threads: Threads.
        home_mb: What the home takes on the disk.
        temporary_mb: What it left in the folder for temporary files.
        generations: Generations in the home.
    """

    rss_mb: float
    own_mb: float
    fds: int
    threads: int
    home_mb: float
    temporary_mb: float
    generations: int


@dataclass(frozen=True, slots=True)
class Served:
    """A server at work.

    Attributes:
        home: What it serves.
        address: Where.
        pid: Its process.
        notes: A folder of the corpus; see `rebuild`.
        temporary: Its folder for temporary files.
    """

    home: Home
    address: str
    pid: int
    notes: Path
    temporary: Path

    def taken(self) -> Taken:
        """Returns what it takes now."""
        status = dict(
            line.split(":", 1)
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines()
            if ":" in line
        )
        kilobytes = {name: int(status[name].split()[0]) for name in ("VmRSS", "RssAnon")}
        return Taken(
            rss_mb=kilobytes["VmRSS"] / 1024,
            own_mb=kilobytes["RssAnon"] / 1024,
            fds=len(list(Path(f"/proc/{self.pid}/fd").iterdir())),
            threads=int(status["Threads"]),
            home_mb=_blocks(self.home.path) * 512 / 1e6,
            temporary_mb=_blocks(self.temporary) * 512 / 1e6,
            generations=len(self.home.names()),
        )

    async def rebuild(self, client: httpx.AsyncClient, state: int) -> str:
        """Rebuilds through the API, with a note more or less; returns the new generation's name.

        Args:
            client: A client of the server.
            state: 1 to have the note among the documents, 0 not to.

        Raises:
            RuntimeError: If the rebuild fails, or makes no new generation.
        """
        note = self.notes / "note.txt"
        if state:
            note.write_text(_NOTE, encoding="utf-8")
        else:
            note.unlink()
        started = await client.post("/api/rebuild", headers={"X-Readout": "1"})
        run = started.raise_for_status().json()["run"]
        ends = time.monotonic() + _END
        while time.monotonic() < ends:
            standing = (await client.get("/api/rebuild")).json()
            if standing["state"] != "running" and standing["run"] == run:
                if standing["state"] != "finished" or not standing["report"]["changed"]:
                    raise RuntimeError(f"a rebuild went wrong: {standing}")
                return str(standing["report"]["generation"])
            await asyncio.sleep(0.1)
        raise RuntimeError("a rebuild takes too long")


@contextmanager
def serving(original: Path) -> Iterator[Served]:
    """Serves a copy of a home, as `readout serve` does, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="readout-served-") as base:
        home, notes = Home(Path(base) / "home"), Path(base) / "notes"
        shutil.copytree(original, home.path, symlinks=True)
        temporary = Path(base) / "temporary"
        notes.mkdir()
        temporary.mkdir()
        (notes / "first.txt").write_text("Port Lumen lies on the northern shore.\n")
        home.add(notes)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # The package in this folder, whatever is installed.
        command = [sys.executable, "-c", "from ui.cli import main; main()", "serve"]
        log = Path(base) / "log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [*command, "--home", str(home.path), "--port", str(port)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | {"TMPDIR": str(temporary)},
            )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(process, address, log)
            yield Served(home, address, process.pid, notes, temporary)
            if said := log.read_text().splitlines()[1:]:
                print("the server said:", *said[:40], sep="\n", file=sys.stderr)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    ends = time.monotonic() + _START
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        try:
            httpx.get(f"{address}/readyz", timeout=30).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"no server came up: {log.read_text()}")


def _blocks(folder: Path) -> int:
    """Returns how many blocks of 512 bytes the files of a folder take on the disk."""
    count = 0
    for path in folder.rglob("*"):
        try:
            count += path.lstat().st_blocks
        except FileNotFoundError:
            continue  # a rebuild goes on
    return count
