"""The shortest input that comes to the same."""

import time
from collections.abc import Callable

from tests.benchmarks.fuzz.packing import members_of, packed


def shortest(data: bytes, is_same: Callable[[bytes], bool], seconds: float) -> bytes:
    """Leaves out of an input whatever is not needed for it to come to the same.

    Args:
        data: The input; a ZIP file is made shorter member by member.
        is_same: Whether another comes to the same.
        seconds: For how long to try.
    """
    until = time.monotonic() + seconds
    members = members_of(data)
    if not members or not is_same(packed(members)):
        return _shorter(data, is_same, until)
    at = 0
    while at < len(members) and time.monotonic() < until:
        without = members[:at] + members[at + 1 :]
        if without and is_same(packed(without)):
            members = without
        else:
            at += 1
    for at in range(len(members)):
        members = _member_shorter(members, at, is_same, until)
    return packed(members)


def _member_shorter(
    members: list[tuple[str, bytes]], at: int, is_same: Callable[[bytes], bool], until: float
) -> list[tuple[str, bytes]]:
    name, content = members[at]

    def holding(changed: bytes) -> list[tuple[str, bytes]]:
        return [*members[:at], (name, changed), *members[at + 1 :]]

    return holding(_shorter(content, lambda each: is_same(packed(holding(each))), until))


def _shorter(data: bytes, is_same: Callable[[bytes], bool], until: float) -> bytes:
    size = len(data)
    while size >= 1:
        at, found = 0, False
        while at < len(data):
            if time.monotonic() > until:
                return data
            without = data[:at] + data[at + size :]
            if is_same(without):
                data, found = without, True
            else:
                at += size
        if not found or size > len(data):
            size //= 2
    return data
