"""The errors of asking and measuring, below `corpus.errors.ReadoutError`.

::

    AskingError
    ├── BadQuestion     an empty or overlong question, or a threshold out of range
    ├── UnknownPlace    a document or a span that is not there
    ├── BadGolden       a golden file or a BEIR folder that cannot be used
    ├── RerankerError   a cross-encoder that the user named cannot be used
    ├── RunsDiffer      two runs that were to be compared are not of the same questions
    ├── FeedbackUnusable  what people said of answers cannot be read or written
    ├── WriterFailed    a language model that was asked to write an answer up could not
    └── PackageMissing  a package that only evaluation needs is not installed
"""

from corpus import ReadoutError


class AskingError(ReadoutError):
    """A question could not be asked or measured."""


class BadQuestion(AskingError):
    """The question, or how it is asked, makes no sense; the message says why."""


class UnknownPlace(AskingError):
    """A document, or a span in it, is not in the index."""


class BadGolden(AskingError):
    """A file of golden questions cannot be used; the message says where it is wrong."""


class RerankerError(AskingError):
    """A cross-encoder that the user named cannot be used; the message says why."""


class RunsDiffer(AskingError):
    """Two runs cannot be compared, for they are not of the same questions."""


class FeedbackUnusable(AskingError):
    """The file of what people said of answers cannot be used; the message says why."""


class WriterFailed(AskingError):
    """A language model did not write an answer up, or not to its end; the message says why."""


class PackageMissing(AskingError):
    """A package that only evaluation needs is not installed; the message says how to get it."""
