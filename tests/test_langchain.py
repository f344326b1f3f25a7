from __future__ import annotations

from pathlib import Path

from assistant import Assistant
from assistant.langchain import ArticleRetriever
from assistant.settings import Settings
from assistant.types import Filters
from tests.fakes import WordEmbeddings
from tests.retriever_contract import BAKU, QUIET, ZEBRA, ids_of


def test_hits_become_documents_with_all_that_is_known_of_them(tmp_path: Path):
    with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings()) as assistant:
        assistant.add([BAKU, ZEBRA, QUIET])
        documents = ArticleRetriever(assistant=assistant, top_k=2).invoke("a zebra in Baku")
        hits = assistant.search("a zebra in Baku", 2)
        assert [document.page_content for document in documents] == [hit.passage.text for hit in hits]
        assert [document.id for document in documents] == [hit.passage.id for hit in hits]
        assert documents[0].metadata == {
            key: value for key, value in hits[0].to_dict().items() if key != "text"
        }
        assert documents[0].metadata["title"] == "Zebra"


def test_filters_hold(tmp_path: Path):
    with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings()) as assistant:
        assistant.add([BAKU, ZEBRA, QUIET])
        retriever = ArticleRetriever(assistant=assistant, filters=Filters(sources=("Gazette",)))
        assert {document.id for document in retriever.invoke("zebra")} == ids_of(BAKU)
