"""Adding on the page, driven as Gradio drives it: the table, Cancel and Retry failed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.assistant import Assistant
from assistant.settings import Settings, WebSettings
from assistant.ui import render
from assistant.ui.adding import Adding
from assistant.ui.ask import Ask
from assistant.ui.keeping import ConversationKeeper
from tests.fakes import WordEmbeddings, WordReader
from tests.webserver import article as page
from tests.webserver import reply, served

TAB: Any = SimpleNamespace(session_hash="tab")
OTHER: Any = SimpleNamespace(session_hash="other")


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    settings = Settings(data_dir=tmp_path / "data")
    with Assistant.open(settings=settings, embedder=WordEmbeddings(), reader=WordReader()) as opened:
        yield opened


@pytest.fixture
def adding(assistant: Assistant) -> Adding:
    return Adding(assistant, Ask(assistant, ConversationKeeper(assistant)))


def files(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.txt") for name in texts]


def run(updates: Any) -> list[tuple[Any, ...]]:
    async def collect() -> list[tuple[Any, ...]]:
        return [update async for update in updates]

    return asyncio.run(collect())


def is_shown(button: Any) -> bool:
    return bool(button.visible)


def test_files_go_in_and_what_failed_can_be_tried_again(assistant: Assistant, adding: Adding, tmp_path: Path):
    paths = files(tmp_path, zebra="A zebra ran.", empty="", lion="A lion slept.")
    first, *_, last = run(adding.add(paths, TAB))
    assert is_shown(first[3])
    assert not is_shown(last[3])
    assert is_shown(last[4])
    assert last[2] == render.welcome((), 2)
    assert sorted(article.title for article in assistant.articles()) == ["lion", "zebra"]
    for article in assistant.articles():  # its name opens it
        opener = f'[^>]*data-action="read"[^>]*data-article="{article.id}" data-version="{article.version}"'
        assert re.search(f"<button{opener}[^>]*>{article.title}</button>", last[1])
    assert [Path(path).exists() for path in paths] == [False, True, False]  # what is in is not kept twice
    files(tmp_path, empty="A tiger hid.")
    *_, last = run(adding.retry(TAB))
    assert "Added: 1" in last[1].replace("</strong>", "")
    assert not is_shown(last[4])
    assert len(list(assistant.articles())) == 3
    assert run(adding.retry(OTHER))[-1][4].visible is False  # another tab has nothing to try again


def test_what_is_there_already_opens_too(assistant: Assistant, adding: Adding, tmp_path: Path):
    run(adding.add(files(tmp_path, zebra="A zebra ran."), TAB))
    *_, last = run(adding.add(files(tmp_path, zebra="A zebra ran."), TAB))
    (article,) = assistant.articles()
    assert "Already there: 1" in last[1].replace("</strong>", "")
    assert f'data-article="{article.id}"' in last[1]


def test_cancel_keeps_what_is_done_and_the_rest_goes_on_when_asked(
    assistant: Assistant, adding: Adding, tmp_path: Path
):
    paths = files(tmp_path, **{f"f{n}": f"Number {n} of them." for n in range(40)})

    async def cancel_soon() -> list[tuple[Any, ...]]:
        updates = []
        async for update in adding.add(paths, TAB):
            updates.append(update)
            if assistant.corpus.count() >= 2:
                adding.cancel(TAB)
        return updates

    last = asyncio.run(cancel_soon())[-1]
    done = assistant.corpus.count()
    assert 2 <= done < 40
    assert "Stopped. What is done is kept." in last[1]
    assert (is_shown(last[4]), last[4].value) == (True, "Go on")
    run(adding.retry(TAB))
    assert assistant.corpus.count() == 40
    assert assistant.verify().is_healthy


def test_updates_are_at_most_four_a_second_and_their_text_is_escaped(adding: Adding, tmp_path: Path):
    paths = files(tmp_path, **{f"<b>{n}": f"Number {n} of them." for n in range(30)})
    started = time.perf_counter()
    updates = run(adding.add(paths, TAB))
    tables = [update[1] for update in updates if isinstance(update[1], str)][:-1]
    assert 0 < len(tables) <= (time.perf_counter() - started) * 4 + 2
    assert all("&lt;b&gt;0.txt" in table and "<b>" not in table for table in tables)


def test_a_tab_that_is_closed_leaves_nothing(adding: Adding, tmp_path: Path):
    paths = files(tmp_path, empty="")
    run(adding.add(paths, TAB))
    adding.leave(TAB)
    assert not Path(paths[0]).exists()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Any]:
    with served() as site:
        site.pages["/a"] = reply(page())
        yield site


@pytest.fixture
def web_adding(tmp_path: Path, site: Any) -> Iterator[Adding]:
    web = WebSettings(internal_hosts=(f"127.0.0.1:{site.port}",), delay_seconds=0, retries=0)
    settings = Settings(data_dir=tmp_path / "web", web=web)
    with Assistant.open(settings=settings, embedder=WordEmbeddings(), reader=WordReader()) as opened:
        yield Adding(opened, Ask(opened, ConversationKeeper(opened)))


def test_an_address_goes_in_and_one_that_fails_can_be_tried_again(web_adding: Adding, site: Any):
    here = f"http://127.0.0.1:{site.port}"
    *_, last = run(web_adding.add_address(f" {here}/a ", TAB))
    assert last[0] is None  # the field is empty again
    assert "Added: 1" in last[1].replace("</strong>", "")
    *_, last = run(web_adding.add_address(f"{here}/b", TAB))
    assert "there is no such page (404)" in last[1]
    assert is_shown(last[4])
    site.pages["/b"] = reply(page("A tiger hid"))
    *_, last = run(web_adding.retry(TAB))
    assert "Added: 1" in last[1].replace("</strong>", "")


@pytest.mark.parametrize(
    "text", ["{file}", "file://{file}", "http://{file}", "127.0.0.1:{port}/a", "localhost", "  "]
)
def test_what_is_no_public_address_opens_nothing(adding: Adding, tmp_path: Path, site: Any, text: str):
    (path,) = files(tmp_path, secret="A zebra ran.")
    *_, last = run(adding.add_address(text.format(file=path, port=site.port), TAB))
    assert "Added" not in last[1]
    assert site.log == []
    assert Path(path).exists()


def test_a_password_is_neither_shown_nor_kept(adding: Adding, tmp_path: Path):
    updates = run(adding.add_address("http://me:secret@127.0.0.1/", TAB))
    assert "with a user name or password are not fetched" in updates[-1][1]
    assert "secret" not in str(updates)
    kept = [file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert not any(b"secret" in content for content in kept)
