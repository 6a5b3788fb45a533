"""Readout as retrievers of LangChain; needs the extra ``readout[langchain]``.

Each document holds a passage; its metadata say what to quote and how to cite it, see
`ui.adapters.metadata`.
"""

from ui.extras import check_extra

check_extra("langchain", "langchain-core", 1)

from langchain_core.callbacks import CallbackManagerForRetrieverRun  # noqa: E402 (it was checked)
from langchain_core.documents import Document  # noqa: E402
from langchain_core.retrievers import BaseRetriever  # noqa: E402

from assistant import Assistant, Citation  # noqa: E402
from index import Filter  # noqa: E402
from ui.adapters.metadata import id_of, metadata_of  # noqa: E402


class PassageRetriever(BaseRetriever):
    """Finds the passages closest to a query; something is always found, answering or not.

    Attributes:
        assistant: Who searches.
        k: How many passages.
        within: What part of the corpus to search; else all of it.
    """

    assistant: Assistant
    k: int = 10
    within: Filter | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 (LangChain gives it)
    ) -> list[Document]:
        return [_document(hit) for hit in self.assistant.search(query, self.k, self.within)]


class EvidenceRetriever(BaseRetriever):
    """Finds the passages that answer a question, each with its quote; none if nothing answers.

    Attributes:
        assistant: Who answers.
        threshold: Confidence, 0 to 1, below which nothing is returned; else the fitted one.
        within: What part of the corpus to search; else all of it.
    """

    assistant: Assistant
    threshold: float | None = None
    within: Filter | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 (LangChain gives it)
    ) -> list[Document]:
        answer = self.assistant.ask(query, self.threshold, self.within)
        return [_document(citation) for citation in answer.citations]


def _document(citation: Citation) -> Document:
    return Document(
        id=id_of(citation), page_content=citation.passage_text, metadata=metadata_of(citation)
    )
