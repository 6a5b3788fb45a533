"""Which questions can be asked, and in what form."""

from assistant.errors import BadQuestion
from corpus import without_surrogates

#: Characters of the longest question. Beyond the encoder's window nothing is read anyway; this
#: leaves room for a pasted paragraph.
MAX_QUESTION = 2000


def checked_question(text: str) -> str:
    """Returns a question as it is asked: on one line, without half characters.

    Raises:
        BadQuestion: If it is empty or too long.
    """
    text = " ".join(without_surrogates(text).split())
    if not any(character.isprintable() for character in text.replace(" ", "")):
        raise BadQuestion("the question is empty; type what you want to know")
    if len(text) > MAX_QUESTION:
        raise BadQuestion(
            f"the question has {len(text):,} characters; ask in at most {MAX_QUESTION:,}"
        )
    return text
