from __future__ import annotations

from datetime import date
from pathlib import Path

from assistant import Article, Assistant
from assistant.langchain import ArticleRetriever, articles_tool
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


def test_one_call_may_ask_for_another_number(tmp_path: Path):
    with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings()) as assistant:
        assistant.add([BAKU, ZEBRA, QUIET])
        retriever = ArticleRetriever(assistant=assistant, top_k=3)
        assert len(retriever.invoke("a quiet zebra in Baku", top_k=1)) == 1
        assert len(retriever.invoke("a quiet zebra in Baku")) == 3


class TestTool:
    MEETING = Article(
        title="Talks", text="The ministers met in Baku on Monday.", published=date(2024, 11, 13)
    )

    def test_an_agent_reads_the_answer_with_its_sources(self, tmp_path: Path):
        with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings()) as assistant:
            assistant.add(self.MEETING)
            call = {"name": "ask_articles", "args": {"question": "Where did the ministers meet?"}, "id": "1"}
            message = articles_tool(assistant).invoke({**call, "type": "tool_call"})
            assert message.content == (
                "The ministers met in Baku on Monday. [1]\n\n"
                "[1] Talks (2024-11-13): The ministers met in Baku on Monday."
            )
            assert message.artifact.citations == assistant.ask("Where did the ministers meet?").citations

    def test_an_agent_is_told_that_the_articles_do_not_say(self, tmp_path: Path):
        with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings()) as assistant:
            assistant.add(self.MEETING)
            said = articles_tool(assistant).invoke({"question": "Who won the cup of 1998?"})
            assert said.startswith("The articles do not say. ")

    def test_filters_hold(self, tmp_path: Path):
        with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings()) as assistant:
            assistant.add(self.MEETING)
            tool = articles_tool(assistant, Filters(sources=("Gazette",)))
            assert tool.invoke({"question": "Where did the ministers meet?"}).startswith(
                "The articles do not"
            )
