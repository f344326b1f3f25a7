"""A page's session belongs to who opened it, over real HTTP: its name leads nobody else to what it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.assistant import Assistant
from assistant.page_sessions import named
from assistant.settings import AnsweringSettings, Settings
from tests.fakes import WordEmbeddings, make_article
from tests.ui.conftest import gradio_warnings, serving

pytestmark = gradio_warnings

SESSION = "b7p2x0q1k9d"  # as Gradio's page makes one
FACT = "Ding Xuexiang met Shehbaz Sharif in Baku."


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("sessions")
    settings = Settings(data_dir=folder / "data", answering=AnsweringSettings(min_score=0.0))
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant:
        assistant.add(make_article(FACT, title="Talks"))
        with serving(assistant) as served:
            yield served


@contextmanager
def visitor(address: str) -> Iterator[httpx.Client]:
    """Someone whose browser has taken the page's cookie."""
    with httpx.Client(base_url=address, timeout=60) as client:
        client.get("/").raise_for_status()
        yield client


def question_box(client: httpx.Client) -> dict[str, Any]:
    """The event that asks, from the page's own description."""
    config = client.get("/config").json()
    (box,) = (c["id"] for c in config["components"] if c["props"].get("elem_id") == "question")
    return next(d for d in config["dependencies"] if [box, "submit"] in d["targets"])


def ask(client: httpx.Client, session: str = SESSION) -> str:
    """Ask as the page does; returns the id of the event."""
    event = question_box(client)
    data = ["Who met in Baku?", *[None] * (len(event["inputs"]) - 1)]
    message = {"data": data, "fn_index": event["id"], "session_hash": session, "event_data": None}
    joined = client.post("/gradio_api/queue/join", json=message)
    return str(joined.raise_for_status().json()["event_id"])


def stream(client: httpx.Client, session: str = SESSION) -> str:
    """All that an event stream says until it ends or only says that it is alive."""
    said = ""
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as answer:
        for line in answer.iter_lines():
            said += line
            if any(sign in line for sign in ("close_stream", "unexpected_error", "heartbeat")):
                break
    return said


def test_who_learns_the_name_of_a_session_reads_nothing_of_it(address: str) -> None:
    with visitor(address) as ann, visitor(address) as bob, httpx.Client(base_url=address) as nobody:
        ask(ann)
        for other in (bob, nobody):
            assert "Xuexiang" not in (said := stream(other))
            assert '"success":false' in said.replace(" ", "")
        assert "Xuexiang" in stream(ann)


def test_who_uses_the_name_of_a_session_has_one_of_their_own(address: str) -> None:
    with visitor(address) as ann, visitor(address) as bob:
        first, second = ask(ann), ask(bob)
        heard = {client: stream(client) for client in (ann, bob)}
    assert (first in heard[ann], second in heard[ann]) == (True, False)
    assert (first in heard[bob], second in heard[bob]) == (False, True)


def test_who_knows_the_name_of_a_session_closes_nothing_of_it(address: str) -> None:
    with visitor(address) as ann, visitor(address) as bob:
        event = ask(ann)
        with bob.stream("GET", f"/gradio_api/heartbeat/{SESSION}"):
            pass  # to Gradio, whose heartbeat ends has left
        said = {"session_hash": SESSION, "fn_index": question_box(bob)["id"], "event_id": "0" * 32}
        assert bob.post("/gradio_api/cancel", json=said).json() == {"success": True}
        heard = stream(ann)
    assert event in heard
    assert "Xuexiang" in heard


def test_a_program_without_a_cookie_is_answered_as_before(address: str) -> None:
    with httpx.Client(base_url=address, timeout=60) as program:
        joined = program.post("/gradio_api/call/chat", json={"data": ["Who met in Baku?"]}).json()
        with program.stream("GET", f"/gradio_api/call/chat/{joined['event_id']}") as answer:
            said = next(line for line in answer.iter_lines() if line.startswith("data: ["))
    assert "Xuexiang" in json.loads(said.removeprefix("data: "))[0]


@pytest.mark.parametrize("session", ["", "a", "../../x", "é\n", "x" * 100_000, "\ud800"])
def test_whatever_a_session_is_called_each_owner_has_another_one_of_that_name(session: str) -> None:
    names = {named(session, owner) for owner in ("", "visitor:1", "visitor:2", "account:1")}
    assert len(names) == 4
    assert all(len(name) == 32 and name.isalnum() for name in names)
