"""Readout as retrievers of LlamaIndex; needs the extra ``readout[llamaindex]``.

Each node holds a passage; its metadata say what to quote and how to cite it, see
`ui.adapters.metadata`.
"""

import asyncio

from ui.extras import check_extra

check_extra("llamaindex", "llama-index-core", 0)

from llama_index.core.retrievers import BaseRetriever  # noqa: E402 (it was checked)
from llama_index.core.schema import (  # noqa: E402
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)

from assistant import Assistant, Citation  # noqa: E402
from index import Filter  # noqa: E402
from ui.adapters.metadata import id_of, metadata_of  # noqa: E402

# Metadata that a model reads with a passage; the rest is for programs.
_FOR_MODELS = {"title", "publisher", "published", "quote", "place", "verified"}


class PassageRetriever(BaseRetriever):
    """Finds the passages closest to a query; something is always found, answering or not."""

    def __init__(self, assistant: Assistant, k: int = 10, within: Filter | None = None) -> None:
        """Says how to search.

        Args:
            assistant: Who searches.
            k: How many passages.
            within: What part of the corpus to search; else all of it.
        """
        super().__init__()
        self._assistant = assistant
        self._k = k
        self._within = within

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._assistant.search(query_bundle.query_str, self._k, self._within)
        return [_node(hit) for hit in hits]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class EvidenceRetriever(BaseRetriever):
    """Finds the passages that answer a question, each with its quote; none if nothing answers."""

    def __init__(
        self,
        assistant: Assistant,
        threshold: float | None = None,
        within: Filter | None = None,
    ) -> None:
        """Says how to ask.

        Args:
            assistant: Who answers.
            threshold: Confidence, 0 to 1, below which nothing is returned; else the fitted one.
            within: What part of the corpus to search; else all of it.
        """
        super().__init__()
        self._assistant = assistant
        self._threshold = threshold
        self._within = within

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        answer = self._assistant.ask(query_bundle.query_str, self._threshold, self._within)
        return [_node(citation) for citation in answer.citations]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


def _node(citation: Citation) -> NodeWithScore:
    passage, metadata = citation.passage, metadata_of(citation)
    node = TextNode(
        id_=id_of(citation),
        text=citation.passage_text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=metadata,
        excluded_embed_metadata_keys=list(metadata),  # the index embedded it in its own way
        excluded_llm_metadata_keys=[key for key in metadata if key not in _FOR_MODELS],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=citation.document.id)},
    )
    return NodeWithScore(node=node, score=citation.score)
