"""Passages become a searchable, checksummed generation, and queries become hits."""

from index.build import rebuild
from index.copying import copy_index
from index.cutting import TITLE
from index.encoder import Encoder, Vectors
from index.engine import Place
from index.errors import (
    Cancelled,
    ClusterError,
    DamagedIndex,
    EmptyCorpus,
    EncoderError,
    EngineUnavailable,
    HomeUnusable,
    IndexingError,
    NoIndex,
    RebuildRunning,
)
from index.filters import Filter
from index.generation import Generation, Hit
from index.home import Home, default_home
from index.lexical import analyze, content_words
from index.manifest import Manifest
from index.models import DEFAULT_MODEL
from index.repeats import Repeat
from index.report import BuildReport, Changes, Progress
from index.soundness import Soundness, open_sound, roll_back, verify
from index.sources import Sources
from index.stamps import FileStamp
from index.state import GenerationState, SourceState, generation_states, source_states

__all__ = [
    "DEFAULT_MODEL",
    "TITLE",
    "BuildReport",
    "Cancelled",
    "Changes",
    "ClusterError",
    "DamagedIndex",
    "EmptyCorpus",
    "Encoder",
    "EncoderError",
    "EngineUnavailable",
    "FileStamp",
    "Filter",
    "Generation",
    "GenerationState",
    "Hit",
    "Home",
    "HomeUnusable",
    "IndexingError",
    "Manifest",
    "NoIndex",
    "Place",
    "Progress",
    "RebuildRunning",
    "Repeat",
    "Soundness",
    "SourceState",
    "Sources",
    "Vectors",
    "analyze",
    "content_words",
    "copy_index",
    "default_home",
    "generation_states",
    "open_sound",
    "rebuild",
    "roll_back",
    "source_states",
    "verify",
]
