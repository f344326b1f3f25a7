"""The real server on a free port of this machine, with three short articles."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from assistant.assistant import Assistant
from assistant.server import create_app
from assistant.settings import AnsweringSettings, ServerSettings, Settings
from tests.fakes import WordEmbeddings, make_article

ARTICLES = (
    make_article("Ding met Sharif in Baku. They spoke of security.", url="https://example.org/baku"),
    make_article("A lion slept in Karachi zoo.", title="Lion", published=date(2024, 10, 1), source="Herald"),
    make_article("The river flooded villages near Sukkur.", title="Flood", published=None, source=""),
)


@contextlib.contextmanager
def serving(assistant: Assistant, *, settings: Settings | None = None) -> Iterator[str]:
    """Serve an assistant on a free port: the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(assistant, settings or assistant.settings),
        log_level="error",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


def settings_for(folder: Path, **server: Any) -> Settings:
    return Settings(
        data_dir=folder / "data",
        answering=AnsweringSettings(min_score=0.0, max_sentences=1),
        server=ServerSettings(**server),
    )


def open_assistant(settings: Settings, articles: tuple[Any, ...] = ARTICLES) -> Assistant:
    opened = Assistant.open(settings=settings, embedder=WordEmbeddings())
    opened.add(articles)
    return opened


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with open_assistant(settings_for(tmp_path_factory.mktemp("api"), max_request_mb=1)) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(assistant: Assistant) -> Iterator[str]:
    with serving(assistant) as served:
        yield served


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/api/v1", timeout=60) as opened:
        yield opened
