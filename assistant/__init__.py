"""A question becomes an answer made of quotes, or an honest no."""

from assistant.answer import Answer, Citation, Dates, Group, Quote, WordReading
from assistant.assistant import Assistant
from assistant.errors import AskingError, BadGolden, BadQuestion, RerankerError, UnknownPlace
from assistant.followups import Carried, CarriedItem, Turn
from assistant.questions import MAX_QUESTION

__all__ = [
    "MAX_QUESTION",
    "Answer",
    "AskingError",
    "Assistant",
    "BadGolden",
    "BadQuestion",
    "Carried",
    "CarriedItem",
    "Citation",
    "Dates",
    "Group",
    "Quote",
    "RerankerError",
    "Turn",
    "UnknownPlace",
    "WordReading",
]
