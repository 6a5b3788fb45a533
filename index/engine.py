"""What searches a generation's passages: what it must be able to do, and where it may be.

Two engines do: FAISS with Tantivy in the home itself (`index.local`), and Milvus (`index.milvus`),
for what outgrows one machine. Either finds candidates; what they are worth is reckoned the same
way, and what is quoted comes from the generation's own database, whichever it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from index.encoder import Vectors
from index.filters import Selection


@dataclass(frozen=True, slots=True)
class Place:
    """Where passages are searched.

    Attributes:
        uri: Address of a Milvus server or cluster (``https://host:19530``), or the path of a
            database of Milvus Lite, which ends in ``.db``; empty: in the home, by FAISS; None:
            where the index is that serves, at first in the home.
        token: What the server knows the user by, as ``name:password`` or a key; or none.
        shards: Into how many shards a new collection is parted, each with a stream of its own.
        replicas: How many times a collection is loaded, so that one may fail.
    """

    uri: str | None = None
    token: str = field(default="", repr=False)
    shards: int = 1
    replicas: int = 1

    @property
    def is_lite(self) -> bool:
        """Whether Milvus runs inside this process, on a file."""
        return (self.uri or "").endswith(".db")

    def at(self, uri: str) -> "Place":
        """Returns the place of that address; the token is of this one's server alone."""
        return replace(self, uri=uri) if self.uri in (None, "", uri) else Place(uri)


#: Where the index is that serves.
ANYWHERE = Place()

#: In the home itself.
HERE = Place("")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    Attributes:
        vector: Its vector, of shape (1, dimension).
        terms: Its terms, as `index.lexical.content_words` gives them.
        forms: Other forms of them, as `index.forms.other_forms` gives them.
    """

    vector: Vectors
    terms: Sequence[str]
    forms: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Candidates:
    """What was found, by passage number.

    Attributes:
        dense: The cosine of every candidate.
        lexical: BM25 of those that have a term of the query, reckoned as Tantivy does.
    """

    dense: dict[int, float]
    lexical: dict[int, float]


class Engine(Protocol):
    """Searches the passages of one generation; safe to share between threads.

    Each method raises `EngineUnavailable` if what searches cannot be reached.
    """

    def __len__(self) -> int:
        """Returns how many passages it holds."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def kind(self) -> str:
        """How it searches, for people."""

    def candidates(self, query: Query, pool: int, among: Selection | None) -> Candidates:
        """Returns the best passages by meaning and by words, up to ``pool`` by each."""

    def nearest(self, vector: Vectors) -> float:
        """Returns the cosine of the passage nearest to a vector of shape (1, dimension)."""

    def get(self, numbers: Sequence[int]) -> Vectors:
        """Returns the vectors of the passages of the given numbers, one row each."""

    def frequency(self, term: str) -> int:
        """Returns in how many passages a term stands, or in how many passages' titles if more."""

    def announce(self) -> None:
        """Lets other programs know that this is what serves from now on."""

    def check_every_row(self) -> None:
        """Raises DamagedIndex unless every row is what was written."""
