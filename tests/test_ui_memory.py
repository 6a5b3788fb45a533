"""A server that runs long stays small."""

import platform
import subprocess
import sys

import pytest

# Large blocks come and go, and something small that lives on lies after the last of them.
_COME_AND_GO = """
import ctypes, sys
from ui.memory import stay_small
if sys.argv[1] == "stay small":
    stay_small()
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
for size in (30, 24, 20):
    block = c.malloc(size << 20)
    kept = [c.malloc(1000) for _ in range(200)]
    c.free(block)
class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "abcdefghij"]
c.mallinfo2.restype = Info
print(c.mallinfo2().i >> 20)  # MB that are free and not given back
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others give it back themselves")
@pytest.mark.parametrize(("how", "least", "most"), [("stay small", 0, 2), ("as it is", 20, 90)])
def test_large_blocks_are_given_back_at_once(how: str, least: int, most: int):
    run = [sys.executable, "-c", _COME_AND_GO, how]
    kept = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert least <= int(kept) <= most
