"""Passages by their words, with Tantivy (BM25)."""

import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import tantivy

from corpus import joined
from index.errors import HomeUnusable
from index.filters import Selection
from index.ordinals import ordinals_in_digits, two_words_as_one

#: A word in a title counts this many times a word in the text.
TITLE_WEIGHT = 0.5

#: Another form of a word counts this many times the word.
FORM_WEIGHT = 0.5

_ANALYZER = "words"
_DAYS = ("published", "event_date")

# Ranges of passages that are searched as such; of more, each passage is looked up.
_MOST_RANGES = 32

# Passages added between two notes of how many were.
_NOTE = 1000

_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_POSSESSIVE = re.compile(r"['’`´]s\b")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")

# Words of questions that say nothing of their subject.
_STOPWORDS = frozenset(
    """a about an and any anyone are as at be been being but by can could did do does doing for from
    had has have he her him his how i in into is it its me my of on or our shall she should so tell
    that the their them then there these they this those to was we were what when where which who
    whom whose why will with would you your""".split()
)


@cache
def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(64))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


@cache
def _splitter() -> tantivy.TextAnalyzer:
    # The same words as the analyzer's, which are not those of r"\w+" in Hindi or Thai.
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).build()


def _prepare(text: str) -> str:
    """Spells ``text`` as it is searched: "U.S." as "US", without possessives and hidden marks.

    Words that were parted at line ends are whole, and ordinals of two words are one.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", joined(text)))
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    return two_words_as_one(_POSSESSIVE.sub("", text))


def words_of(text: str) -> list[str]:
    """Returns the words of a text as they are spelt there, those of which terms are made."""
    return _splitter().analyze(_prepare(text))


def analyze(text: str) -> list[str]:
    """Returns the terms of ``text``: lower-cased, accents folded, stemmed; in order, repeated.

    Ordinals are in digits.
    """
    return _analyzer().analyze(_indexed(text))


def _indexed(text: str) -> str:
    return ordinals_in_digits(_prepare(text))


def content_words(text: str) -> dict[str, str]:
    """Returns the words of a question that carry meaning, as typed, each with its term.

    Stop words are left out unless there is nothing else. A word that the analyzer parts (as
    "COVID-19") is given in parts.
    """
    return {word: term for word in _kept(words_of(text)) for term in analyze(word)}


def key_terms(text: str) -> list[str]:
    """Returns the terms of a text's words that carry meaning, in order, repeated."""
    return [term for word in _kept(words_of(text)) for term in analyze(word)]


def is_stopword(word: str) -> bool:
    """Returns whether a word of a question says nothing of its subject."""
    return word.lower() in _STOPWORDS


def _kept(words: list[str]) -> list[str]:
    return [word for word in words if not is_stopword(word)] or words


@contextmanager
def opened(folder: Path) -> Iterator[tantivy.Index]:
    """Opens an index of Tantivy to read; a reader must be made before this ends.

    Raises:
        ValueError: If it cannot be opened.
        HomeUnusable: If nothing can be written to the folder for temporary files.
    """
    files = list(folder.iterdir())
    # Tantivy leaves a lock file where it opens an index; a generation is never written to,
    # and may lie where nothing can be.
    links = None
    try:
        try:
            links = Path(mkdtemp(prefix="readout-lexical-"))
            for file in files:
                (links / file.name).symlink_to(file)
        except OSError as error:
            raise HomeUnusable(
                f"{links or 'temporary files'}: cannot be written ({error.strerror}); free some"
                " space, or name another folder for temporary files in TMPDIR"
            ) from error
        yield tantivy.Index.open(str(links))
    finally:
        if links:
            # Tantivy may be removing its lock at the same moment; nothing hangs on this folder.
            shutil.rmtree(links, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage as words find it: its text, and what is known of its document."""

    title: str
    text: str
    published: date | None
    event_date: date | None


class LexicalIndex:
    """BM25 over text and title; a document of this index is one passage."""

    def __init__(self, index: tantivy.Index) -> None:
        index.register_tokenizer(_ANALYZER, _analyzer())
        index.config_reader("manual")  # no thread that watches for changes: there are none
        index.reload()
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def build(
        cls,
        folder: Path,
        passages: Iterable[Entry],
        on_added: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Writes an index of passages, numbered from 0, to an empty folder.

        Args:
            folder: Where to.
            passages: What to index.
            on_added: Told how many passages were added so far.
        """
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", fast=True, indexed=True)
        for name in _DAYS:
            builder.add_unsigned_field(name, fast=True)
        builder.add_text_field("title", tokenizer_name=_ANALYZER, index_option="freq")
        builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
        index = tantivy.Index(builder.build(), path=str(folder))
        index.register_tokenizer(_ANALYZER, _analyzer())
        # One thread, so that the same passages make the same index.
        writer = index.writer(heap_size=200_000_000, num_threads=1)
        for number, entry in enumerate(passages):
            document = tantivy.Document()
            document.add_unsigned("number", number)
            for name, day in zip(_DAYS, (entry.published, entry.event_date), strict=True):
                if day is not None:
                    document.add_unsigned(name, day.toordinal())
            document.add_text("title", _indexed(entry.title))
            document.add_text("text", _indexed(entry.text))
            writer.add_document(document)
            if number % _NOTE == 0:
                on_added(number)
        writer.commit()
        writer.wait_merging_threads()

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Opens an index that `build` wrote. Raises ValueError if it cannot be opened."""
        with opened(folder) as index:
            return cls(index)

    def __len__(self) -> int:
        return self._searcher.num_docs

    def frequency(self, term: str) -> int:
        """Returns in how many passages a term stands, or in how many passages' titles if more."""
        return max(self._searcher.doc_freq(field, term) for field in ("text", "title"))

    def search(
        self,
        terms: Iterable[str],
        k: int,
        among: Selection | None = None,
        forms: Iterable[Sequence[str]] = (),
    ) -> dict[int, float]:
        """Returns the BM25 score of each of the ``k`` passages with the highest, by number.

        Args:
            terms: Terms of `analyze`.
            k: How many passages.
            among: What to search in; else all.
            forms: Other forms of the terms, as `index.forms.other_forms` gives them.
        """
        query = self._query(terms, forms)
        if not query or k < 1:
            return {}
        return self._scores(self._within(query, among) if among else query, k)

    def _within(self, query: tantivy.Query, among: Selection) -> tantivy.Query:
        conditions = []
        if among.spans is not None and len(among.spans) > _MOST_RANGES:
            conditions.append([self._among(among.numbers.tolist())])
        elif among.spans is not None:
            conditions.append([self._range("number", start, end - 1) for start, end in among.spans])
        if among.days is not None:
            first, last = (day.toordinal() for day in among.days)
            conditions.append([self._range(field, first, last) for field in _DAYS])
        parts = [(tantivy.Occur.Must, query)]
        for condition in conditions:
            anyone = tantivy.Query.boolean_query(
                [(tantivy.Occur.Should, part) for part in condition]
            )
            # What merely lets a passage through says nothing of how well it fits.
            parts.append((tantivy.Occur.Must, tantivy.Query.const_score_query(anyone, 0.0)))
        return tantivy.Query.boolean_query(parts)

    def _among(self, numbers: list[int]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._index.schema, "number", numbers)

    def _range(self, field: str, first: int, last: int) -> tantivy.Query:
        kind = tantivy.FieldType.Unsigned
        return tantivy.Query.range_query(self._index.schema, field, kind, first, last)

    def score(
        self, terms: Iterable[str], numbers: list[int], forms: Iterable[Sequence[str]] = ()
    ) -> dict[int, float]:
        """Returns the BM25 score of each of the given passages; those without a term are absent."""
        query = self._query(terms, forms)
        if not query or not numbers:
            return {}
        among = self._among(numbers)
        both = [
            (tantivy.Occur.Must, query),
            (tantivy.Occur.Must, tantivy.Query.const_score_query(among, 0.0)),
        ]
        return self._scores(tantivy.Query.boolean_query(both), len(numbers))

    def _query(self, terms: Iterable[str], forms: Iterable[Sequence[str]]) -> tantivy.Query | None:
        parts = [part for term in dict.fromkeys(terms) for part in self._fields(term)]
        parts += map(self._form, forms)
        if not parts:
            return None
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])

    def _form(self, words: Sequence[str]) -> tantivy.Query:
        """All of some words: together they count like one, so as the mean of them."""
        every = [
            (tantivy.Occur.Must, tantivy.Query.disjunction_max_query(self._fields(word)))
            for word in words
        ]
        query = tantivy.Query.boolean_query(every)
        return tantivy.Query.boost_query(query, FORM_WEIGHT / len(words))

    def _fields(self, term: str) -> list[tantivy.Query]:
        schema = self._index.schema
        title = tantivy.Query.term_query(schema, "title", term, "freq")
        return [
            tantivy.Query.term_query(schema, "text", term, "freq"),
            tantivy.Query.boost_query(title, TITLE_WEIGHT),
        ]

    def _scores(self, query: tantivy.Query, k: int) -> dict[int, float]:
        hits = self._searcher.search(query, limit=k, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        return {
            int(number): float(score)
            for number, (score, _) in zip(numbers, hits, strict=True)
            if number is not None
        }
