"""Which files of a source are not any more what the index has of them."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpus import SourceFile, Unlisted, files_of, original_path
from index.gathering import look
from index.store import Store

#: What a file is that a rebuild would read anew, or miss.
FileState = Literal["new", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Freshness:
    """A source as it is now.

    Attributes:
        files: Those that are not what was read of them.
        trouble: Why it cannot be looked at as a whole, or None.
    """

    files: Mapping[Path, FileState]
    trouble: str | None = None


def freshness(root: str, store: Store, read: Set[Path]) -> Freshness:
    """Looks at the files of a source; those that look as they did are not opened.

    Args:
        root: The source, as `Home.roots` has it.
        store: What was read.
        read: `Store.files` of it.
    """
    found: dict[Path, FileState] = {}
    seen: set[Path] = set()
    trouble = None
    try:
        for item in files_of(root):
            match item:
                case SourceFile(path):
                    if path not in read:
                        found[path] = "new"
                        continue
                    looked, unchanged = look(item, store)
                    seen |= looked.keys()
                    if not unchanged:
                        found[path] = "changed"
                case Unlisted(_, reason):
                    trouble = reason
    except OSError as error:
        trouble = f"cannot be read ({error.strerror}); check it"
    if not trouble:  # what cannot be listed may be there all the same
        found |= dict.fromkeys(files_below(root, read) - seen, "gone")
    return Freshness(found, trouble)


def files_below(root: str, files: Set[Path]) -> set[Path]:
    """Returns those of the files that are a source, or lie in it."""
    top = original_path(root)
    if top in files:  # a file of its own, of which there may be thousands
        return {top}
    return {path for path in files if path.is_relative_to(top)}
