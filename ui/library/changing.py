"""What people change in the library: documents added, described and taken off."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.datastructures import UploadFile

from assistant import Assistant, Quote, UnknownPlace
from corpus import BUNDLED, FIELDS, CorpusError, Document
from index import Home
from ui.errors import NotPossible, UploadRefused
from ui.library.holdings import root_of
from ui.library.uploads import keep, safe_name
from ui.linking import place_of_quote

_SIDECAR = ".meta.toml"


class Folder(BaseModel):
    """A file or folder of this machine that is to be added.

    Attributes:
        path: Its path; ``~`` stands for the home of whoever runs the server.
    """

    model_config = ConfigDict(extra="forbid")

    path: str


class Correction(BaseModel):
    """What somebody says of a document.

    Attributes:
        document: Its id.
        said: By field (`corpus.FIELDS`); an empty text takes back what was said.
    """

    model_config = ConfigDict(extra="forbid")

    document: str
    said: dict[str, str]


class Source(BaseModel):
    """A source that is to be taken off the library.

    Attributes:
        root: As the list of sources names it.
    """

    model_config = ConfigDict(extra="forbid")

    root: str


def add_uploads(home: Home, files: list[UploadFile]) -> dict[str, list[dict[str, str]]]:
    """Keeps files in the home and adds those that can be read.

    Returns:
        ``added``: ``name`` and ``path`` of each; ``refused``: ``name`` and ``reason``.

    Raises:
        UploadRefused: If there are none.
        HomeUnusable: If the home cannot be written.
    """
    if not files:
        raise UploadRefused("no files came; choose some and try again")
    added, refused = [], []
    for file in files:
        name = safe_name(file.filename or "")
        if name.endswith(_SIDECAR):
            reason = "describes another file; correct the details of that one here instead"
            refused.append({"name": name, "reason": reason})
            continue
        if not file.size:
            refused.append({"name": name, "reason": "is empty"})
            continue
        roots = set(home.roots())
        path = keep(home, name, file.file)
        try:
            home.add(path)
        except CorpusError as error:
            refused.append({"name": name, "reason": str(error).removeprefix(f"{path}: ")})
            if str(path) not in roots:
                path.unlink()  # whoever brought it has it still
        else:
            added.append({"name": path.name, "path": str(path)})
    return {"added": added, "refused": refused}


def add_path(home: Home, path: str) -> str:
    """Adds a file or folder of this machine; returns its root.

    Raises:
        UnreadableSource: If nothing is there, or nothing that Readout reads.
        NotPossible: If it is not a whole path, or would hold the home itself.
        HomeUnusable: If the home cannot be written.
    """
    typed = path.strip()
    if typed == BUNDLED:
        return home.add(BUNDLED)[0]
    try:
        whole = Path(typed).expanduser()
    except RuntimeError as error:
        raise NotPossible(f"{typed}: no such user; give the whole path") from error
    if not whole.is_absolute() or "\0" in typed:
        raise NotPossible(f"{typed or 'nothing typed'}: give the whole path, from the root on")
    if home.path.is_relative_to(whole):
        raise NotPossible(f"{typed}: holds Readout's own index; add the folders beside it")
    return home.add(whole)[0]


def correct(assistant: Assistant, correction: Correction) -> None:
    """Records what somebody says of a document; the next rebuild goes by it.

    Raises:
        UnknownPlace: If there is no such document.
        NotPossible: If it has no file of its own that could be described.
        ReadoutError: If it cannot be said, or not be kept.
    """
    document = assistant.document(correction.document)
    if reason := why_fixed(assistant, document):
        raise NotPossible(f"{document.title}: {reason}")
    assistant.home.add(document.source, said=correction.said)


def why_fixed(assistant: Assistant, document: Document) -> str | None:
    """Returns why nothing can be said of a document here, or None if it can."""
    if document.source.startswith(f"{BUNDLED}/"):
        return "comes with Readout and is described there"
    if document.record is not None or assistant.generation.store.count_from(document.source) > 1:
        return "is one of many in its file; correct the file, and rebuild"
    return None


def details(assistant: Assistant, document_id: str) -> dict[str, Any]:
    """Returns what is known of a document, from where, and what can be done with it.

    Raises:
        UnknownPlace: If there is no such document.
    """
    document = assistant.document(document_id)
    sources = assistant.home.sources()
    said = sources.said.get(document.source, {})
    root = root_of(document.source, sources.roots)
    return {
        "id": document.id,
        "source": document.source,
        "record": document.record,
        "said": said,
        "fields": {field: said.get(field) or _text(document, field) for field in FIELDS},
        "facts": [
            {"field": fact.field, "value": fact.value, "origin": fact.origin}
            for fact in document.facts
        ],
        "fixed": why_fixed(assistant, document),
        "root": root,
        "alone": root == document.source
        and assistant.generation.store.count_from(document.source) == 1,
    }


def _text(document: Document, field: str) -> str:
    value = getattr(document, field)
    return "" if value is None else str(value)


def opening(assistant: Assistant, document_id: str) -> str:
    """Returns the fragment that opens a document at its first sentence.

    Raises:
        UnknownPlace: If there is no such document, or no word in it.
    """
    document = assistant.document(document_id)
    for passage in assistant.generation.passages_of(document_id)[:1]:
        for sentence in passage.sentences[:1]:
            return place_of_quote(document.id, Quote.of(document, *sentence))
    raise UnknownPlace(f"{document.title}: holds no text that could be shown")
