"""LangChain's own standard tests, which every retriever and tool of an integration is to pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import RetrieversIntegrationTests, ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from assistant import Assistant
from assistant.langchain import ArticleRetriever, articles_tool
from assistant.settings import Settings
from tests.fakes import WordEmbeddings
from tests.retriever_contract import BAKU, QUIET, ZEBRA


@pytest.fixture(autouse=True, scope="class")
def assistant(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        opened.add([BAKU, ZEBRA, QUIET])
        request.cls.assistant = opened
        yield


class TestRetriever(RetrieversIntegrationTests):
    assistant: Assistant

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return ArticleRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"assistant": self.assistant}

    @property
    def num_results_arg_name(self) -> str:
        return "top_k"

    @property
    def retriever_query_example(self) -> str:
        return "a quiet zebra in Baku"


class _OurTool:
    assistant: Assistant

    @property
    def tool_constructor(self) -> BaseTool:
        return articles_tool(self.assistant)

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"question": "Who met in Baku?"}


class TestToolByItself(_OurTool, ToolsUnitTests):
    pass


class TestToolInUse(_OurTool, ToolsIntegrationTests):
    pass
