"""The formats of documents, as people and links name them."""

from collections.abc import Mapping
from dataclasses import dataclass

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        media_type: As `corpus.Document.media_type` names it.
        label: As people do.
    """

    media_type: str
    label: str


#: The formats that are read, by the ending of their files' names.
FORMATS: Mapping[str, Format] = {
    "txt": Format("text/plain", "Text"),
    "md": Format("text/markdown", "Markdown"),
    "jsonl": Format("application/jsonl", "JSON lines"),
    "csv": Format("text/csv", "CSV"),
    "html": Format("text/html", "Web page"),
    "eml": Format("message/rfc822", "E-mail"),
    "msg": Format("application/vnd.ms-outlook", "Outlook e-mail"),
    "pdf": Format("application/pdf", "PDF"),
    "rtf": Format("application/rtf", "RTF"),
    "docx": Format(f"{_OFFICE}.wordprocessingml.document", "Word"),
    "pptx": Format(f"{_OFFICE}.presentationml.presentation", "PowerPoint"),
    "xlsx": Format(f"{_OFFICE}.spreadsheetml.sheet", "Excel"),
    "odt": Format(f"{_OPEN}.text", "OpenDocument text"),
    "ods": Format(f"{_OPEN}.spreadsheet", "OpenDocument sheet"),
    "odp": Format(f"{_OPEN}.presentation", "OpenDocument slides"),
    "epub": Format("application/epub+zip", "EPUB"),
}

_LABELS = {each.media_type: each.label for each in FORMATS.values()}
_NAMES = {each.media_type: name for name, each in FORMATS.items()}


def format_name(media_type: str) -> str:
    """Returns the name of a format in `FORMATS`; one that has none there is its own."""
    return _NAMES.get(media_type, media_type)


def format_label(media_type: str) -> str:
    """Returns the label of a format in `FORMATS`; one that is not there is its own."""
    return _LABELS.get(media_type, media_type)
