"""Files become documents, and documents become passages that are exact slices of them."""

from corpus.document import Document, Passage, Span
from corpus.errors import CorpusError, ReadoutError, UnknownSource, UnreadableSource
from corpus.passages import TokenCounter, cut_passages
from corpus.reading import Problem, fingerprints, without_surrogates
from corpus.sentences import sentence_spans
from corpus.sources import (
    BUNDLED,
    SourceFile,
    Unlisted,
    files_of,
    original_path,
    read_source,
    resolve_root,
)

__all__ = [
    "BUNDLED",
    "CorpusError",
    "Document",
    "Passage",
    "Problem",
    "ReadoutError",
    "SourceFile",
    "Span",
    "TokenCounter",
    "UnknownSource",
    "Unlisted",
    "UnreadableSource",
    "cut_passages",
    "files_of",
    "fingerprints",
    "original_path",
    "read_source",
    "resolve_root",
    "sentence_spans",
    "without_surrogates",
]
