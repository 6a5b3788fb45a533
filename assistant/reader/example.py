"""What the reader is trained on, one question at a time."""

from dataclasses import dataclass

from assistant.reader.pairs import Text

#: Passages that are looked at for a question, and negatives kept of them.
DEPTH, NEGATIVES = 20, 8


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the passages to read for it.

    Attributes:
        set_name: The set it is from.
        question: As it was asked.
        positive: The passage that answers; None if none does.
        answering: Which of its sentences answer; empty if it is not known which.
        answers: The words of the answers, where they are known.
        negatives: Passages that do not answer, the most tempting first.
    """

    set_name: str
    question: str
    positive: Text | None
    answering: tuple[int, ...]
    answers: tuple[str, ...]
    negatives: tuple[Text, ...]
