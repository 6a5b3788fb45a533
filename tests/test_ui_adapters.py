"""Readout as a retriever of LangChain and LlamaIndex, with the real libraries."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import QUESTION, UNANSWERABLE

from assistant import Assistant, BadQuestion
from index import Filter, Home, rebuild

ROOT = Path(__file__).parent.parent
DEFENSE = "003_e53a6ec5a1052dec.txt"


@pytest.fixture
def assistant(bundled_home: Home) -> Iterator[Assistant]:
    with Assistant.open(bundled_home) as assistant:
        yield assistant


def holds_what_it_takes_to_cite(assistant: Assistant, text: str, metadata: dict) -> None:
    document = assistant.document(metadata["document_id"])
    assert document.text[metadata["start"] : metadata["end"]] == text
    quote = document.text[metadata["quote_start"] : metadata["quote_end"]]
    assert metadata["quote"] == quote
    assert quote in text
    known = {
        "title": document.title,
        "source": document.source,
        "published": document.published and str(document.published),
        "publisher": document.publisher,
        "sha256": document.sha256,
        "verified": True,
    }
    assert metadata | known == metadata
    assert all(
        value is None or type(value) in {str, int, float, bool} for value in metadata.values()
    )


def test_langchain_finds_the_passages_that_a_search_does(assistant: Assistant):
    from langchain_core.retrievers import BaseRetriever

    from ui.adapters.langchain import PassageRetriever

    retriever = PassageRetriever(assistant=assistant, k=4)
    assert isinstance(retriever, BaseRetriever)
    found = retriever.invoke("firearms trafficking")
    hits = assistant.search("firearms trafficking", 4)
    assert [each.id for each in found] == [hit.passage.id for hit in hits]
    assert [each.metadata["score"] for each in found] == [hit.score for hit in hits]
    for each in found:
        holds_what_it_takes_to_cite(assistant, each.page_content, each.metadata)
    assert asyncio.run(retriever.ainvoke("firearms trafficking")) == found
    assert retriever.batch(["firearms trafficking"]) == [found]
    kept = PassageRetriever(assistant=assistant, within=Filter(frozenset({DEFENSE})))
    assert {each.metadata["document_id"] for each in kept.invoke("firearms")} == {DEFENSE}


def test_langchain_finds_the_evidence_or_nothing(assistant: Assistant):
    from ui.adapters.langchain import EvidenceRetriever

    retriever = EvidenceRetriever(assistant=assistant)
    found = retriever.invoke(QUESTION)
    citations = assistant.ask(QUESTION).citations
    assert [each.metadata["quote"] for each in found] == [each.quote.text for each in citations]
    for each in found:
        holds_what_it_takes_to_cite(assistant, each.page_content, each.metadata)
    assert retriever.invoke(UNANSWERABLE) == []
    assert EvidenceRetriever(assistant=assistant, threshold=1).invoke(QUESTION) == []
    with pytest.raises(BadQuestion, match="the question is empty"):
        retriever.invoke(" ")


def test_langchain_takes_it_as_a_part_of_a_chain(assistant: Assistant):
    from langchain_core.runnables import RunnableLambda

    from ui.adapters.langchain import EvidenceRetriever

    quotes = RunnableLambda(lambda documents: [each.metadata["quote"] for each in documents])
    chain = EvidenceRetriever(assistant=assistant) | quotes
    assert chain.invoke(QUESTION) == [each.quote.text for each in assistant.ask(QUESTION).citations]


def test_llamaindex_finds_the_passages_that_a_search_does(assistant: Assistant):
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import MetadataMode

    from ui.adapters.llamaindex import PassageRetriever

    retriever = PassageRetriever(assistant, k=4)
    assert isinstance(retriever, BaseRetriever)
    found = retriever.retrieve("firearms trafficking")
    hits = assistant.search("firearms trafficking", 4)
    assert [each.node_id for each in found] == [hit.passage.id for hit in hits]
    assert [each.score for each in found] == [hit.score for hit in hits]
    for each in found:
        node = each.node
        holds_what_it_takes_to_cite(assistant, node.get_content(), node.metadata)
        assert node.get_node_info() == {key: node.metadata[key] for key in ("start", "end")}
        assert node.ref_doc_id == node.metadata["document_id"]
        assert node.get_content(MetadataMode.EMBED) == node.get_content()
        read = node.get_content(MetadataMode.LLM)
        assert f"title: {node.metadata['title']}" in read
        assert node.metadata["sha256"] not in read
    assert asyncio.run(retriever.aretrieve("firearms trafficking")) == found
    kept = PassageRetriever(assistant, within=Filter(frozenset({DEFENSE})))
    assert {each.node.ref_doc_id for each in kept.retrieve("firearms")} == {DEFENSE}


def test_llamaindex_finds_the_evidence_or_nothing(assistant: Assistant):
    from ui.adapters.llamaindex import EvidenceRetriever

    retriever = EvidenceRetriever(assistant)
    found = retriever.retrieve(QUESTION)
    citations = assistant.ask(QUESTION).citations
    assert [each.node.metadata["quote"] for each in found] == [
        each.quote.text for each in citations
    ]
    assert [each.score for each in found] == [each.score for each in citations]
    for each in found:
        holds_what_it_takes_to_cite(assistant, each.node.get_content(), each.node.metadata)
    assert asyncio.run(retriever.aretrieve(QUESTION)) == found
    assert retriever.retrieve(UNANSWERABLE) == []
    assert EvidenceRetriever(assistant, threshold=1).retrieve(QUESTION) == []


def test_two_quotes_of_a_passage_are_two_nodes(home_of: Callable[..., Home]):
    from ui.adapters.llamaindex import EvidenceRetriever

    home = home_of(
        {"a.txt": "Rosa Vega won the regatta. Ada Quill won the regatta too. It was in May."}
    )
    with Assistant.open(home) as assistant:
        question = "List all who won the regatta"
        citations = assistant.ask(question, 0).citations
        assert len({each.passage.id for each in citations}) < len(citations)
        found = EvidenceRetriever(assistant, threshold=0).retrieve(question)
    assert len(found) == len({each.node_id for each in found}) == len(citations)


def test_ids_outlive_a_rebuild(home_of: Callable[..., Home], tmp_path: Path):
    from ui.adapters.langchain import EvidenceRetriever, PassageRetriever

    home = home_of({"b.txt": "Rosa Vega won the regatta in Gros Islet. The harbour opened."})
    with Assistant.open(home) as assistant:
        retrievers = (
            PassageRetriever(assistant=assistant, k=1),
            EvidenceRetriever(assistant=assistant, threshold=0),
        )
        before = [each.invoke("Who won the regatta?")[0].id for each in retrievers]
        (tmp_path / "documents" / "a.txt").write_text("A ferry sails to Soufrière at noon.")
        rebuild(home)
        assert assistant.refresh()
        assert [each.invoke("Who won the regatta?")[0].id for each in retrievers] == before
    assert before == ["b.txt#0", "b.txt#0:0-40"]


@pytest.mark.parametrize(
    ("extra", "package", "since"),
    [("langchain", "langchain-core", 1), ("llamaindex", "llama-index-core", 0)],
)
def test_who_lacks_the_framework_is_told_how_to_get_it(extra: str, package: str, since: int):
    code = f"""
import ui.extras
from importlib.metadata import PackageNotFoundError
def missing(name):
    raise PackageNotFoundError(name)
ui.extras.version = missing
import ui.adapters.{extra}
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.stderr.splitlines()[-1] == (
        f"ui.errors.ExtraMissing: {extra} needs {package} {since} or newer, here is none;"
        f" run: pip install 'readout[{extra}]'"
    )


def test_nothing_else_imports_the_frameworks(bundled_home: Home):
    code = (
        "import sys, ui.cli, ui.adapters.metadata\n"
        "from assistant import Assistant\n"
        f"Assistant.open({str(bundled_home.path)!r}).ask({QUESTION!r})\n"
        "print(sorted({'mcp', 'langchain_core', 'llama_index'} & sys.modules.keys()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"
