"""Files that come with a mail, under names that are safe and their own."""

import mimetypes
import re
from collections.abc import Iterable
from dataclasses import dataclass

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FOLDERS = re.compile(r"[/\\]")
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail.

    Attributes:
        name: Its name, without folders, and no other's in the same mail.
        data: Its bytes.
    """

    name: str
    data: bytes


def named(files: Iterable[tuple[str, str, bytes]]) -> tuple[Attachment, ...]:
    """Returns files as attachments, each with a name of its own: "a.pdf", "a (2).pdf".

    Args:
        files: Media type, proposed name (may be empty) and bytes of each.
    """
    attachments: list[Attachment] = []
    taken: set[str] = set()
    for kind, proposed, data in files:
        stem, ending = _cleaned(kind, proposed)
        name, number = stem + ending, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem} ({number}){ending}"
        taken.add(name.casefold())
        attachments.append(Attachment(name, data))
    return tuple(attachments)


def _cleaned(kind: str, proposed: str) -> tuple[str, str]:
    """Returns a file's name without its ending, and the ending."""
    whole = _UNSAFE.sub("", proposed)
    if kind == "message/rfc822":  # a subject, often, where a slash is only a slash
        whole = f"{_FOLDERS.sub('-', whole).removesuffix('.eml')}.eml"
    name = _FOLDERS.split(whole)[-1].strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not stem or " " in ending or len(ending) > 10:
        stem, dot, ending = name, "", ""
    if not dot:
        guess = mimetypes.guess_extension(kind) or ""
        dot, ending = guess[:1], guess[1:]
    return (stem or "attachment")[:_LONGEST], dot + ending
