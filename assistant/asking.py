"""Answers to questions that are not plain: each kind by the module that knows it."""

from assistant.comparing import compared
from assistant.kinds import Compare, Said, Showing, read_kind
from assistant.listing import listed
from assistant.parts import Asked, Found
from assistant.saying import said
from assistant.showing import shown


def by_kind(asked: Asked) -> Found | None:
    """Returns what was found for a question of a kind of its own; None to answer it as plain.

    Args:
        asked: The question, judged as a plain one.
    """
    match read_kind(asked.judgement.typed.text):
        case Compare() as kind:
            return compared(asked, kind)
        case Said() as kind:
            return said(asked, kind)
        case Showing() as kind:
            return shown(asked, kind)
        case None:
            return None
        case _:
            return listed(asked)
