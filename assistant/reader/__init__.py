"""A small model of our own that reads a question and a passage together."""

from assistant.reader.pairs import Text, readable
from assistant.reader.reader import Reader, Reading, default_reader
from assistant.reader.reranker import Reranker

__all__ = ["Reader", "Reading", "Reranker", "Text", "default_reader", "readable"]
