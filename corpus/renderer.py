"""Renders pages of one PDF in a process of its own, which may hang, fill its memory or crash.

Run as ``python -m corpus.renderer BYTES``. Standard input has what is asked, as JSON: ``{"path",
"sha256"}`` with ``"parts"``, lists of `corpus.formats.pdfplaces.LinePart`, or with ``"page"``. The
answer is JSON: ``{"pages", "boxes"}`` or ``{"png"}`` in base64; or ``{"refused": why}``.
"""

import base64
import hashlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from corpus.errors import Unreadable
from corpus.formats import pdf
from corpus.formats.pdfplaces import LinePart, boxes_of, picture_of
from corpus.worker import limit_memory


def main() -> None:
    """Answers what standard input asks."""
    limit_memory(int(sys.argv[1]))
    # Whatever a library prints must not come into the answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        answer = _answer(json.load(sys.stdin))
    except Unreadable as error:
        answer = {"refused": str(error)}
    except OSError as error:
        answer = {"refused": f"it cannot be read ({error.strerror or error})"}
    except MemoryError:
        answer = {"refused": "it needs too much memory"}
    json.dump(answer, answers)
    answers.close()


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    # The very bytes that are hashed are rendered: the file may change at any time.
    data = Path(asked["path"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != asked["sha256"]:
        raise Unreadable("the original has changed since it was read")
    with pdf.opened(io.BytesIO(data), ()) as document:
        if "page" in asked:
            return {"png": base64.b64encode(picture_of(document, asked["page"])).decode()}
        parts = [LinePart(page, tuple(box), *rest) for page, box, *rest in asked["parts"]]
        return {"pages": len(document), "boxes": list(boxes_of(document, parts))}


if __name__ == "__main__":
    main()
