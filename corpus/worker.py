"""Parses files in a process of its own, which may hang, fill its memory or crash.

Run as ``python -m corpus.worker BYTES SECONDS``. Each line of standard input asks for a file, as
JSON ``{"path", "name", "passwords"}``; the answer is a line for each text, and then ``{"done": why
not, "passing": whether another time it may be read}``.
No pickles: what parses hostile files may itself have become hostile.
"""

import contextlib
import json
import os
import signal
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.errors import Unreadable
from corpus.parsing import Parsed, Refused, parse

# Seconds after the limit, at which who asked ends this process itself.
_GRACE = 10


def main() -> None:
    """Serves until standard input ends."""
    limit_memory(int(sys.argv[1]))
    # Whatever a library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        _end_after(float(sys.argv[2]) + _GRACE)
        for answer in _answers(json.loads(line)):
            json.dump(answer, answers)
            answers.write("\n")
        answers.flush()
        _end_after(0)


def _answers(asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    reason = None
    passing = False
    try:
        with Path(asked["path"]).open("rb") as stream:
            for item in parse(stream, asked["name"], asked["passwords"]):
                match item:
                    case Parsed(member, media_type, extract):
                        yield {
                            "member": member,
                            "media_type": media_type,
                            "text": extract.text,
                            "marks": extract.marks,
                            "facts": [
                                (fact.field, fact.value, fact.origin, fact.sure)
                                for fact in extract.facts
                            ],
                            "notes": extract.notes,
                        }
                    case Refused(member, why):
                        yield {"member": member, "reason": why}
    except Unreadable as error:
        reason = str(error)
    except OSError as error:
        reason, passing = f"cannot be read ({error.strerror or error}); check the file", True
    except MemoryError:
        reason = "needs too much memory to be read; split it into smaller files"
    except (RecursionError, zlib.error) as error:
        reason = f"damaged ({error}); open it in its program and save it again"
    except Exception as error:  # whatever a parser's library raises, the next file is to be read
        reason = f"its parser failed ({type(error).__name__}); save it again in its program"
    yield {"done": reason, "passing": passing}


def _end_after(seconds: float) -> None:
    """Ends this process if it is still at it then, even if who asked is dead; 0 takes that back."""
    if hasattr(signal, "setitimer"):  # Windows has none
        signal.setitimer(signal.ITIMER_REAL, seconds)


def limit_memory(limit: int) -> None:
    """Lets this process map at most so many bytes, where the platform can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # lazy: Windows has none

        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
