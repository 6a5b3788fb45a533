"""What a home's user added, and what they say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from corpus import BUNDLED, CorpusError, UnreadableSource, facts_said
from index.durable import read_json, write_json
from index.errors import HomeUnusable

_FILE = "sources.json"


@dataclass(slots=True)
class Sources:
    """The list of what was added.

    Attributes:
        roots: Files and folders as `corpus.resolve_root` names them, in the order of adding.
        said: What the user says of the documents of a file: by its path, field and value.
        passwords: To try on what is encrypted.
    """

    roots: list[str] = field(default_factory=lambda: [BUNDLED])
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    passwords: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, home: Path) -> Self:
        """Reads what `save` wrote, or returns the bundled documents if it never did.

        Raises:
            HomeUnusable: If it cannot be read.
        """
        try:
            listing = read_json(home / _FILE)
            return cls(
                [str(root) for root in listing["roots"]],
                {str(path): _texts(said) for path, said in listing.get("said", {}).items()},
                [str(password) for password in listing.get("passwords", [])],
            )
        except (FileNotFoundError, NotADirectoryError):
            return cls()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise HomeUnusable(
                f"{home / _FILE}: cannot be read ({error});"
                " restore it from a backup, or delete it and add your sources again"
            ) from error

    def save(self, home: Path) -> None:
        """Writes the list; with passwords in it, for its owner's eyes only."""
        listing: dict[str, object] = {"schema": 1, "roots": self.roots}
        listing |= {"said": self.said} if self.said else {}
        listing |= {"passwords": self.passwords} if self.passwords else {}
        # Even the first password must at no time be readable by others.
        write_json(home / _FILE, listing, mode=0o600 if self.passwords else 0o644)

    def remove(self, root: str) -> None:
        """Takes a root off the list, with what is said of it."""
        self.roots.remove(root)
        self.said.pop(root, None)

    def add(self, roots: Sequence[str], said: Mapping[str, str], password: str | None) -> None:
        """Adds roots, and what is said of them; see `Home.add`.

        Raises:
            UnreadableSource: If it cannot be said of a document, or not of these.
        """
        self.roots.extend(root for root in dict.fromkeys(roots) if root not in self.roots)
        if password == "":
            self.passwords.clear()
        elif password and password not in self.passwords:
            self.passwords.append(password)
        if not said:
            return
        try:
            facts_said({field: value for field, value in said.items() if value}, "")
        except CorpusError as error:
            raise UnreadableSource(str(error)) from error
        if len(roots) > 1:
            raise UnreadableSource(
                f"{len(roots)} files: what is said would be said of each; add them one by one"
            )
        for root in roots:
            if not Path(root).is_file():
                raise UnreadableSource(
                    f"{root}: is no single file, so nothing can be said of it as a whole;"
                    " describe its files in NAME.meta.toml beside each"
                )
            now = {**self.said.get(root, {}), **said}
            self.said[root] = {field: value for field, value in now.items() if value}
            if not self.said[root]:
                del self.said[root]


def _texts(said: Any) -> dict[str, str]:  # noqa: ANN401 (as JSON)
    found = dict(said)
    if not all(isinstance(value, str) for value in found.values()):
        raise ValueError("what is said of a source must be text")
    return found
