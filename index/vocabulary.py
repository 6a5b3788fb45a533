"""The corpus's own words, as it spells them, and which of them a mistyped word is close to."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import tantivy

from index.lexical import opened, words_of

# Letters of the shortest word that has a suggestion, and of the shortest that may have one that
# is two edits away.
_SHORTEST, _LONG = 4, 6

# Close words that are looked at; of those two edits away some begin with another letter.
_LOOKED_AT = 50


@cache
def _folder() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
        .filter(tantivy.Filter.remove_long(64))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .build()
    )


def folded(word: str) -> str:
    """Returns a word in small letters without accents; empty if it is longer than any word."""
    return "".join(_folder().analyze(word))


class Vocabulary:
    """The distinct words of a corpus, without those that hold digits.

    An index of its own, with a document for each word, the most frequent first: Tantivy finds the
    words within an edit distance by an automaton over all of them.
    """

    def __init__(self, index: tantivy.Index) -> None:
        index.config_reader("manual")  # no thread that watches for changes: there are none
        index.reload()
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def build(cls, folder: Path, texts: Iterable[str]) -> None:
        """Writes the vocabulary of ``texts`` to an empty folder."""
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("rank", fast=True)
        builder.add_text_field("word", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("spelling", stored=True, tokenizer_name="raw", index_option="basic")
        index = tantivy.Index(builder.build(), path=str(folder))
        writer = index.writer(heap_size=100_000_000, num_threads=1)
        for rank, (word, spelling) in enumerate(_by_frequency(texts)):
            document = tantivy.Document()
            document.add_unsigned("rank", rank)
            document.add_text("word", word)
            document.add_text("spelling", spelling)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """Opens what `build` wrote. Raises ValueError if it cannot be opened."""
        with opened(folder) as index:
            return cls(index)

    def spelling(self, word: str) -> str | None:
        """Returns how the corpus spells a word most often, case and accents; None if it has not."""
        query = tantivy.Query.term_query(self._index.schema, "word", folded(word))
        return next(self._found(query), None)

    def suggestion(self, word: str, edits: int = 2) -> str | None:
        """Returns the word of the corpus that is closest to one that it does not have, or None.

        Closest is one edit away (a letter more, less or other, or two swapped), in words of six
        letters or more also two, if the first letter is right; of several the most frequent.
        Nothing is close to short words and numbers.

        Args:
            word: The word.
            edits: How many edits away it may be at most, 1 or 2.
        """
        typed = folded(word)
        if len(typed) < _SHORTEST or not typed.isalpha():
            return None
        if near := next(self._near(typed, 1), None):
            return near
        if edits < 2 or len(typed) < _LONG:
            return None
        far = self._near(typed, 2)
        return next((found for found in far if folded(found)[0] == typed[0]), None)

    def _near(self, typed: str, distance: int) -> Iterator[str]:
        schema = self._index.schema
        return self._found(tantivy.Query.fuzzy_term_query(schema, "word", typed, distance))

    def _found(self, query: tantivy.Query) -> Iterator[str]:
        found = self._searcher.search(
            query, limit=_LOOKED_AT, count=False, order_by_field="rank", order=tantivy.Order.Asc
        )
        for _, address in found.hits:
            yield str(self._searcher.doc(address)["spelling"][0])


def _by_frequency(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Returns each word, folded, and its usual spelling; the most frequent first, then by name."""
    spellings: Counter[str] = Counter()
    for text in texts:
        spellings.update(words_of(text))
    counts: Counter[str] = Counter()
    usual: dict[str, str] = {}
    for spelling, count in sorted(spellings.items(), key=lambda item: (-item[1], item[0])):
        word = folded(spelling)
        if word.isalpha():
            counts[word] += count
            usual.setdefault(word, spelling)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(word, usual[word]) for word, _ in ordered]
