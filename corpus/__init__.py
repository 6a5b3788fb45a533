"""Files become documents, and documents become passages that are exact slices of them."""

from corpus.document import Document, Fact, Passage, Span
from corpus.errors import CorpusError, ReadoutError, UnknownSource, UnreadableSource
from corpus.isolation import Worker
from corpus.marks import Mark, Marks
from corpus.passages import CONTEXTS, TokenCounter, cut_passages
from corpus.reading import MAX_BYTES, Problem, document_id, fingerprints, holds_records
from corpus.sentences import sentence_spans
from corpus.sidecar import FIELDS, facts_said
from corpus.sources import (
    BUNDLED,
    SourceFile,
    Unlisted,
    files_of,
    original_path,
    read_source,
    resolve_root,
)
from corpus.text import joined, without_surrogates

__all__ = [
    "BUNDLED",
    "CONTEXTS",
    "FIELDS",
    "MAX_BYTES",
    "CorpusError",
    "Document",
    "Fact",
    "Mark",
    "Marks",
    "Passage",
    "Problem",
    "ReadoutError",
    "SourceFile",
    "Span",
    "TokenCounter",
    "UnknownSource",
    "Unlisted",
    "UnreadableSource",
    "Worker",
    "cut_passages",
    "document_id",
    "facts_said",
    "files_of",
    "fingerprints",
    "holds_records",
    "joined",
    "original_path",
    "read_source",
    "resolve_root",
    "sentence_spans",
    "without_surrogates",
]
