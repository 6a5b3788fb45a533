"""What a sentence cites, as the rules that judge it look at it: sentences, words, terms."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.reader.pairs import Text
from index import analyze
from index.lexical import is_stopword, words_of

_CONTRACTED = re.compile(r"\b(?:can|won|shan|ain|[a-z]+n)['’`]t\b", re.IGNORECASE)

#: Words by which a writer leads over to what a text says, and that add nothing to it.
LEADING = frozenset(
    """according accordingly additionally also furthermore moreover further however meanwhile both
    during while following after before since when where who which that says said say states stated
    state notes noted announced announcement document documents passage passages text statement
    release reports reported report mentions mentioned added adds describes described explains
    explained given among these those here there in on at by for with from as if once under between
    through despite although though because due based regarding concerning together overall finally
    one another other such many several some each it they he she we i you
    the a an this and or but to of re ve ll d m s t""".split()
)

#: How far apart two terms are, at most, that stand near each other.
NEAR = 4


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that a sentence may cite.

    Attributes:
        number: Its number.
        text: Its sentences, and what stands above it.
        whole: Its text, as it stands in its document.
        start: Where it begins there.
        document_id: The document.
    """

    number: int
    text: Text
    whole: str
    start: int = 0
    document_id: str = ""


def sentences_of(sources: Sequence[Source]) -> list[str]:
    """Returns the sentences of all sources."""
    return [each for source in sources for each in source.text.sentences]


def whole_text(source: Source) -> str:
    """Returns the text of a source, below what stands above it."""
    return f"{source.text.above}\n{source.whole}"


def all_terms(sources: Sequence[Source]) -> frozenset[str]:
    """Returns every term of some sources."""
    return frozenset(analyze(_CONTRACTED.sub(" not ", "\n".join(map(whole_text, sources)))))


def words_in(text: str) -> list[str]:
    """Returns the words of a text, in order; "didn't" is "not", its tense told by no word else."""
    return words_of(_CONTRACTED.sub(" not ", text))


def content_terms(sentence: str) -> list[str]:
    """Returns the terms of a sentence's words that say something, in order."""
    return [term for word in words_in(sentence) if says(word) for term in analyze(word)]


def says(word: str) -> bool:
    """Returns whether a word adds something to what a text says."""
    return not is_stopword(word) and word.lower() not in LEADING


def share(terms: Sequence[str], known: frozenset[str]) -> float:
    """Returns the share of terms that are known; 0 if there are none."""
    return sum(term in known for term in terms) / len(terms) if terms else 0.0


def near(first: str, second: str, terms: Sequence[str], *, forward: bool = False) -> bool:
    """Returns whether two terms stand near each other in a text's terms."""
    at = [place for place, term in enumerate(terms) if term == first]
    to = [place for place, term in enumerate(terms) if term == second]
    return any(0 < b - a <= NEAR or (not forward and 0 < a - b <= NEAR) for a in at for b in to)


def closest(sentence: str, sources: Sequence[Source]) -> str:
    """Returns the source sentence that has most of a sentence's words.

    Of equal ones it is the one that has the fewest others, and of those the first.
    """
    terms = content_terms(sentence)
    said = frozenset(terms)

    def closeness(each: str) -> tuple[float, float]:
        return share(terms, frozenset(analyze(each))), share(content_terms(each), said)

    return max(sentences_of(sources), key=closeness, default="")
