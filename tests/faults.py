"""Faults at the system calls that write: the N-th fails, or is the last that a process makes.

A seccomp filter sends every call that changes a file to this process, which lets it pass, answers
with an error in its place, or kills who made it. So it reaches what any library does, in Rust and
C++ too, in every thread and child, and needs neither root nor a compiler. Linux on x86-64 only.
"""

import ctypes
import errno
import os
import platform
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from select import POLLIN, poll
from typing import Literal

#: What happens at the chosen call.
#:
#: - *full*: from it on, every call that takes space fails with ENOSPC;
#: - *denied*: from it on, every call that names a file to change fails with EACCES;
#: - *quota*, *broken*: it alone fails, with EDQUOT or EIO;
#: - *killed*: who makes it is killed before it is made;
#: - *torn*: the same, after half of what was to be written.
Fault = Literal["full", "denied", "quota", "broken", "killed", "torn"]
FAULTS: tuple[Fault, ...] = ("full", "denied", "quota", "broken", "killed", "torn")
DEADLY = ("killed", "torn")

_CREATES = os.O_CREAT | os.O_TRUNC
_AT_FDCWD = -100

# Number and arguments of each call (asm/unistd_64.h): d a descriptor, p a path, @p a path below a
# descriptor; and whether it takes space on the disk.
_CALLS = {
    1: ("write", "d", True),
    18: ("pwrite64", "d", True),
    20: ("writev", "d", True),
    296: ("pwritev", "d", True),
    328: ("pwritev2", "d", True),
    40: ("sendfile", "d", True),
    326: ("copy_file_range", "..d", True),
    285: ("fallocate", "d", True),
    77: ("ftruncate", "d", True),
    76: ("truncate", "p", True),
    2: ("open", "p", True),
    85: ("creat", "p", True),
    257: ("openat", "@p", True),
    83: ("mkdir", "p", True),
    258: ("mkdirat", "@p", True),
    86: ("link", "pp", True),
    265: ("linkat", "@p@p", True),
    88: ("symlink", ".p", True),
    266: ("symlinkat", ".@p", True),
    82: ("rename", "pp", True),
    264: ("renameat", "@p@p", True),
    316: ("renameat2", "@p@p", True),
    87: ("unlink", "p", False),
    263: ("unlinkat", "@p", False),
    84: ("rmdir", "p", False),
    90: ("chmod", "p", False),
    91: ("fchmod", "d", False),
    268: ("fchmodat", "@p", False),
    280: ("utimensat", "@p", False),
    74: ("fsync", "d", True),
    75: ("fdatasync", "d", True),
    26: ("msync", "", True),
    9: ("mmap", "....d", True),
}
_NAMES = {name: number for number, (name, _, _) in _CALLS.items()}

# Where an argument must have one of these bits for the call to change anything.
_ONLY_WITH = {"open": [(1, _CREATES)], "openat": [(2, _CREATES)], "mmap": [(2, 2), (3, 1)]}


@dataclass(frozen=True, slots=True)
class Call:
    """A call that changes files.

    Attributes:
        name: The system call's.
        paths: What it changes, as relative to the watched folder it lies in.
    """

    name: str
    paths: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} {' '.join(self.paths)}"


@dataclass(slots=True)
class Run:
    """A process that was watched.

    Attributes:
        status: Its exit status; negative if a signal ended it.
        out: What it printed.
        err: What it printed to standard error.
        calls: The calls it made below the watched folders, in order, the failed ones too.
    """

    status: int
    out: str = ""
    err: str = ""
    calls: list[Call] = field(default_factory=list)


def why_impossible() -> str | None:
    """Returns why no faults can be put into calls here, or None if they can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "faults are put into the calls of Linux on x86-64 only"
    try:
        return None if watched([sys.executable, "-c", ""], []).status == 0 else "no seccomp here"
    except OSError as error:
        return f"no seccomp here ({error.strerror})"


def watched(
    command: Sequence[str],
    folders: Sequence[Path],
    at: int | None = None,
    fault: Fault = "broken",
    env: Mapping[str, str] | None = None,
) -> Run:
    """Runs a command to its end.

    Args:
        command: What to run.
        folders: Where calls count.
        at: The call, from 0, at which the fault happens; None for no fault.
        fault: Which.
        env: Variables besides those of this process.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        run = Run(0)
        watcher = _Watcher(ours, [str(folder.resolve()) for folder in folders], at, fault, run)
        thread = threading.Thread(target=watcher.watch)
        thread.start()
        try:
            process = subprocess.Popen(
                command,
                env=os.environ | (env or {}),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                text=True,
                preexec_fn=lambda: _send_calls_to(theirs),
            )
        finally:
            theirs.close()
        run.out, run.err = process.communicate()
        run.status = process.returncode
        thread.join()
    return run


class _Watcher:
    """Decides about each call of one run."""

    def __init__(
        self, link: socket.socket, folders: list[str], at: int | None, fault: Fault, run: Run
    ) -> None:
        self._link, self._folders, self._at, self._fault = link, folders, at, fault
        self._run = run

    def watch(self) -> None:
        _, descriptors, _, _ = socket.recv_fds(self._link, 1, 1)
        if not descriptors:
            return
        [listener] = descriptors
        waiting = poll()
        waiting.register(listener, POLLIN)
        try:
            while waiting.poll()[0][1] & POLLIN:  # until the last process of it has ended
                with _passing():
                    self._decide(listener)
        finally:
            os.close(listener)

    def _decide(self, listener: int) -> None:
        asked = bytearray(80)
        ioctl(listener, 0xC0502100, asked)  # SECCOMP_IOCTL_NOTIF_RECV
        key, process, _, number, _, _, *arguments = struct.unpack("=QIIiIQ6Q", asked)
        code = 0
        with _passing():
            code = self._judged(process, number, arguments)
        go_on = 0 if code else 1  # SECCOMP_USER_NOTIF_FLAG_CONTINUE
        ioctl(listener, 0xC0182101, bytearray(struct.pack("=Qqii", key, 0, -code, go_on)))

    def _judged(self, process: int, number: int, arguments: list[int]) -> int:
        """Returns the error that a call gets, 0 for none; kills its process if that is due."""
        name, form, takes_space = _CALLS[number]
        paths = [self._below(path) for path in _paths(process, form, arguments)]
        known = tuple(path for path in paths if path is not None)
        if not known:
            return 0
        self._run.calls.append(Call(name, known))
        now = len(self._run.calls) - 1
        if self._at is None or now < self._at:
            return 0
        if self._fault == "full":
            return errno.ENOSPC if takes_space else 0
        if self._fault == "denied":
            return errno.EACCES if "p" in form else 0
        if now > self._at:
            return 0
        if self._fault not in DEADLY:
            return errno.EDQUOT if self._fault == "quota" else errno.EIO
        if self._fault == "torn" and name in ("write", "pwrite64"):
            _write_half(process, arguments, at_offset=name == "pwrite64")
        os.kill(process, signal.SIGKILL)
        return errno.EINTR

    def _below(self, path: str) -> str | None:
        for folder in self._folders:
            if path == folder or path.startswith(f"{folder}/"):
                return path[len(folder) + 1 :].removesuffix(" (deleted)") or "."
        return None


@contextmanager
def _passing() -> Iterator[None]:
    """A process may be gone before its call was looked at."""
    try:
        yield
    except (FileNotFoundError, ProcessLookupError):
        return


def _paths(process: int, form: str, arguments: list[int]) -> Iterator[str]:
    values = iter(arguments)
    for kind in form:
        value = next(values)
        if kind == "d":
            yield _link(process, f"fd/{value & 0xFFFFFFFF}")
        elif kind == "@":
            folder = ctypes.c_int(value & 0xFFFFFFFF).value
            at = "cwd" if folder == _AT_FDCWD else f"fd/{folder}"
        elif kind == "p":
            base = _link(process, at if "@" in form else "cwd")
            whole = Path(base, _text(process, value))
            # Of a link, it is the link that is changed.
            yield str(Path(os.path.realpath(whole.parent), whole.name))


def _link(process: int, name: str) -> str:
    try:
        return str(Path(f"/proc/{process}/{name}").readlink())
    except OSError:  # no such descriptor: the call itself will say so
        return ""


def _text(process: int, address: int) -> str:
    if not address:
        return ""  # utimensat of a descriptor
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        found = memory.read(4096 - address % 4096)
        if b"\0" not in found:
            found += memory.read(4096)
    return os.fsdecode(found.split(b"\0")[0])


def _write_half(process: int, arguments: list[int], *, at_offset: bool) -> None:
    descriptor, address, count = arguments[:3]
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        half = memory.read(count // 2)
    if at_offset:
        place = arguments[3]
    else:
        told = Path(f"/proc/{process}/fdinfo/{descriptor}").read_text()
        place = int(told.split()[1])
    file = os.open(f"/proc/{process}/fd/{descriptor}", os.O_WRONLY)
    try:
        os.pwrite(file, half, place)
    finally:
        os.close(file)


def _filter() -> bytes:
    """Returns the filter, as a program for the kernel's BPF machine."""
    load, equal, has, answer = 0x20, 0x15, 0x45, 0x06
    ask, allow = 0x7FC00000, 0x7FFF0000
    program = []
    for number, (name, _, _) in _CALLS.items():
        tests = _ONLY_WITH.get(name, [])
        # The number; each argument that must have a bit (its low half); then: ask, or allow.
        size = 2 * len(tests) + 1 + (1 if tests else 0)
        program += [(load, 0, 0, 0), (equal, 0, size, number)]
        for left, (argument, bits) in zip(range(len(tests), 0, -1), tests, strict=True):
            program += [(load, 0, 0, 16 + 8 * argument), (has, 0, 2 * left - 1, bits)]
        program += [(answer, 0, 0, ask)] + ([(answer, 0, 0, allow)] if tests else [])
    program.append((answer, 0, 0, allow))
    return b"".join(struct.pack("=HBBI", *step) for step in program)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


_FILTER = ctypes.create_string_buffer(_filter())
_PROGRAM = _Program(len(_FILTER) // 8, ctypes.cast(_FILTER, ctypes.c_void_p).value)
_LIBC = ctypes.CDLL(None, use_errno=True)


def _send_calls_to(link: socket.socket) -> None:
    """Puts the filter on this process, for good, and gives away the right to decide."""
    if _LIBC.prctl(38, 1, 0, 0, 0):  # PR_SET_NO_NEW_PRIVS: needed where one is not root
        raise OSError(ctypes.get_errno(), "prctl")
    # seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, …)
    listener = _LIBC.syscall(317, 1, 8, ctypes.byref(_PROGRAM))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    socket.send_fds(link, [b"."], [listener])
