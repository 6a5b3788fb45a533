"""Other forms of what a question names: an acronym's expansion, a country's people."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.lexical import content_words, key_terms, words_of
from index.store import Store

_COUNTRIES = Path(__file__).with_name("countries.txt")

# Words of the longest name that is looked for.
_LONGEST = 8

#: The terms of one form of a name.
Form = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Countries:
    """The other forms of each form of a country's name, by its terms, or as it is in capitals."""

    names: dict[Form, list[Form]]
    capitals: dict[str, list[Form]]


def other_forms(question: str, store: Store, spelling: Callable[[str], str | None]) -> list[Form]:
    """Returns other forms of the acronyms, expansions and countries that a question names.

    Args:
        question: The question.
        store: What holds the acronyms that the corpus defines.
        spelling: Returns how the corpus spells a word most often.

    Returns:
        For each form its terms, all of which must be there; none whose terms are all in the
        question as it is.
    """
    asked = set(content_words(question).values())
    words = words_of(question.lower() if question.isupper() else question)
    capitals = [word for word in map(_in_capitals(spelling), words) if word]
    terms = key_terms(question)
    countries = _countries()
    found = [tuple(terms) for terms in store.expansions(capitals)]
    found += [tuple(key_terms(short)) for short in store.acronyms(_runs(terms))]
    for word in capitals:
        found += countries.capitals.get(word, [])
    for name in _longest(terms, countries.names):
        found += countries.names[name]
    return [form for form in dict.fromkeys(found) if not asked.issuperset(form)]


def names_country(word: str) -> bool:
    """Returns whether a word is the name of a country or of its people, spelt as it should be."""
    return tuple(key_terms(word)) in _countries().names


def _in_capitals(spelling: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Returns what gives a word as an acronym is spelt, or None if it cannot be one."""

    def spelt(word: str) -> str | None:
        if len(word) < 2 or word == "us":  # the pronoun
            return None
        usual = word if _is_capitals(word) else spelling(word)
        return usual if usual and _is_capitals(usual) else None

    return spelt


def _is_capitals(word: str) -> bool:
    """Whether a word is spelt as an acronym: CBSI, DoD, BiH."""
    return sum(map(str.isupper, word)) >= 2


def _runs(terms: list[str]) -> list[Form]:
    """Every run of terms that may be a name."""
    return [
        tuple(terms[start:end])
        for start in range(len(terms))
        for end in range(start + 1, min(start + _LONGEST, len(terms)) + 1)
    ]


def _longest(terms: list[str], known: Collection[Form]) -> Iterator[Form]:
    """Yields the known names among the terms; of those that overlap the longest.

    The "Dominican Republic" names nothing of Dominica.
    """
    start = 0
    while start < len(terms):
        runs = (tuple(terms[start:end]) for end in range(start + _LONGEST, start, -1))
        name = next((run for run in runs if run in known), None)
        if name:
            yield name
        start += len(name) if name else 1


@cache
def _countries() -> _Countries:
    countries = _Countries({}, {})
    for line in _COUNTRIES.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        names = [name.strip() for name in line.split(",")]
        forms = {name: tuple(key_terms(name)) for name in names}
        for name, form in forms.items():
            others = [other for other in forms.values() if other != form]
            if len(words_of(name)) == 1 and _is_capitals(name):
                countries.capitals.setdefault(name, []).extend(others)
            else:
                countries.names.setdefault(form, []).extend(others)
    return countries
