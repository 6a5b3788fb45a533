"""One change of a home in a process of its own: ``python -m tests.writing WHAT HOME``."""

import sys
from io import BytesIO
from pathlib import Path

from corpus import ReadoutError
from index import Home

QUESTION = "Who met the envoy?"

# More than one block.
_UPLOAD = b"They met once more.\n" * 20_000


def documents(home: Home) -> Path:
    """The folder of a home's documents; it lies beside the home."""
    return home.path.with_name("documents")


def write(what: str, home: Home) -> None:
    """Makes a change."""
    match what:
        case "add":
            home.add(documents(home) / "1.txt", said={"title": "Added"})
        case "remove":
            home.remove(documents(home))
        case "correct":
            home.add(documents(home) / "2.txt", said={"published": "2024-02-03"})
        case "upload":
            from ui.library.uploads import keep  # lazy, as below: each is to begin quickly

            keep(home, "minutes.txt", BytesIO(_UPLOAD))
        case "feedback":
            from assistant.feedback import Feedback

            Feedback(home).add("down", QUESTION, (), "", None, "000001")
        case "golden":
            from assistant.collecting import Collection

            Collection(home).add("Where did they meet?", (), None, None)


def main() -> None:
    what, place = sys.argv[1:]
    try:
        write(what, Home(place))
    except ReadoutError as error:
        print(f"readout: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
