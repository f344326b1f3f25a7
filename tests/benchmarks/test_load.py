"""The load script against a real server: five people for ten seconds, and what it makes of the times."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.settings import AnsweringSettings, Settings
from benchmarks import load
from tests.fakes import WordEmbeddings, make_article
from tests.ui.conftest import gradio_warnings, serving

pytestmark = gradio_warnings
QUESTIONS = ["Who met in Baku?", "Where do apples ripen?", "Who won the cup of 1998?"]
ARTICLES = [
    make_article("Ding met Sharif in Baku on Wednesday. They spoke of security.", title="Talks"),
    make_article("Apples ripen late in the orchards of Quba.", title="Harvest"),
]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    settings = Settings(data_dir=tmp_path / "data", answering=AnsweringSettings(min_score=0.0))
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant:
        assistant.add(ARTICLES)
        with serving(assistant) as address:
            yield int(address.rstrip("/").rpartition(":")[2])


def test_five_people_are_all_answered_beside_slow_and_vanishing_ones(port: int) -> None:
    crowd = load.crowd(port, QUESTIONS, people=5, every=2, seconds=10, slow=2, vanishing=2)
    told = asyncio.run(crowd).summary()
    assert told["problems"] == []
    assert (told["errors"], told["questions"] > 5) == (0, True)
    assert 0 < told["first_text_seconds"]["p50"] <= told["done_seconds"]["max"]


def test_thirty_at_the_same_instant_are_all_answered(port: int) -> None:
    told = asyncio.run(load.at_once(port, QUESTIONS, 30)).summary()
    assert (told["questions"], told["errors"], told["problems"]) == (30, 0, [])
    assert threading.active_count() < 300


def test_a_conversation_tells_what_its_first_and_last_answers_cost(port: int) -> None:
    told = asyncio.run(load.conversation(port, os.getpid(), QUESTIONS, turns=4))
    assert told["turns"] == 4
    assert 0 < told["first"]["bytes"] < told["last"]["bytes"]
    assert told["last"]["processor seconds of what follows"] >= 0


def test_a_question_that_is_not_answered_is_an_error(port: int) -> None:
    wrong = load.Person(port, load.Event(9999, 3))
    asked = asyncio.run(wrong.ask("Who?"))
    assert asked.problem


def test_percentiles_are_of_the_nearest_rank() -> None:
    assert [load.percentile(range(1, 101), share) for share in (50, 95, 100)] == [50, 95, 100]
    assert load.percentile([3.0, 1.0], 50) == 1.0
    assert load.percentile([], 95) == 0.0
