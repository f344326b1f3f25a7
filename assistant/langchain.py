"""The retriever that LangChain's chains and agents know, over an open assistant.

It turns hits into LangChain documents; it does not know how they were found. Imported only by those who use
it.
"""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.assistant import Assistant
from assistant.types import Filters


class ArticleRetriever(BaseRetriever):
    """Finds the passages that fit a query best.

    >>> retriever = ArticleRetriever(assistant=assistant, top_k=5)  # doctest: +SKIP
    >>> retriever.invoke("who met in Baku?")[0].metadata["title"]  # doctest: +SKIP
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Assistant
    top_k: int | None = None
    filters: Filters = Filters()
    rerank: bool = False  # whether the best hits of a question are read and put in the order of their answers

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain calls us with it
        **kwargs: Any,  # noqa: ARG002
    ) -> list[Document]:
        hits = self.assistant.search(query, self.top_k, self.filters, rerank=self.rerank)
        return [
            Document(id=hit.passage.id, page_content=hit.passage.text, metadata=_metadata(hit.to_dict()))
            for hit in hits
        ]


def _metadata(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != "text"}
