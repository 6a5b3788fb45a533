"""Are words that somebody puts in quotation marks in a text, word for word?

Only two things may differ, as people cannot type them and no reader would call it a change: the
form of quotation marks and apostrophes, and which white space stands between words.
"""

import re
from dataclasses import dataclass

from corpus import Span

# A quotation, in the marks that writers of English, German or French use. Single ones are also
# apostrophes, so they count only around words.
_QUOTED = re.compile(
    r"[“„](?P<curly>[^“”„]*)[“”]"
    r"|«(?P<angle>[^«»]*)»"
    r"|\"(?P<straight>[^\"]*)\""
    r"|(?<![^\W_])[‘](?P<single>[^‘’]*(?:’[^\W_][^‘’]*)*)’(?![^\W_])"
)
_MARK = re.compile(r"[“”„«»\"]")

_AS_TYPED = str.maketrans({**dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‘’‚‛`´′ʼ", "'")})


@dataclass(frozen=True, slots=True)
class Quotations:
    """What a sentence quotes.

    Attributes:
        words: What stands between quotation marks, in order.
        rest: The sentence without it.
        closed: Whether every mark that opens is closed.
    """

    words: tuple[str, ...]
    rest: str
    closed: bool


def quotations_of(sentence: str) -> Quotations:
    """Returns what stands between quotation marks in a sentence."""
    words = tuple(
        text.strip()
        for match in _QUOTED.finditer(sentence)
        if (text := next(filter(None, match.groups()), "")).strip()
    )
    rest = _QUOTED.sub(" ", sentence)
    return Quotations(words, rest, not _MARK.search(rest))


def find_verbatim(words: str, text: str) -> Span | None:
    """Returns where words first stand in a text, as whole words; None if they do not.

    Quotation marks and apostrophes count as equal in every form, and so does white space.
    """
    wanted = " ".join(words.translate(_AS_TYPED).split())
    if not wanted:
        return None
    plain, places = _as_typed(text)
    before = r"(?<![^\W_])" if wanted[0].isalnum() else ""
    after = r"(?![^\W_])" if wanted[-1].isalnum() else ""
    found = re.search(f"{before}{re.escape(wanted)}{after}", plain)
    return Span(places[found.start()], places[found.end() - 1] + 1) if found else None


def _as_typed(text: str) -> tuple[str, list[int]]:
    """Returns a text with plain marks and single spaces, and where each character stood."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text.translate(_AS_TYPED)):
        if character.isspace():
            if characters and characters[-1] == " ":
                continue
            character = " "
        characters.append(character)
        places.append(place)
    return "".join(characters), places
