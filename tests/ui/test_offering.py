"""Questions to ask next wait for the answers of everyone else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.assistant import Assistant
from assistant.settings import AnsweringSettings, Settings
from assistant.types import Answer, Filters
from assistant.ui.offering import Offering
from tests.fakes import WordEmbeddings, make_article

CUPS = make_article("Ann Lee won the golden cup of Quba.\nBob Ray won the silver cup of Quba.")
OFFERED = ["Who won the golden cup of Quba?"]


class WatchedAssistant(Assistant):
    """An assistant that tells when it is asked for follow-ups."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.is_asked = threading.Event()

    def follow_ups(self, *args: Any, **options: Any) -> list[str]:
        self.is_asked.set()
        return super().follow_ups(*args, **options)


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[WatchedAssistant]:
    settings = Settings(data_dir=tmp_path, answering=AnsweringSettings(min_score=0))
    with WatchedAssistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        opened.add(CUPS)
        yield opened


@pytest.fixture
def answer(assistant: Assistant) -> Answer:
    return assistant.ask("Who won the silver cup of Quba?")


def test_they_come_at_once_when_nobody_else_asks(assistant: Assistant, answer: Answer) -> None:
    assert asyncio.run(Offering(assistant).find(answer, Filters(), [])) == OFFERED


def test_they_come_when_the_last_answer_is_there(assistant: WatchedAssistant, answer: Answer) -> None:
    async def asked_meanwhile() -> tuple[bool, list[str]]:
        offering = Offering(assistant)
        with offering.rests():
            with offering.rests():
                finding = asyncio.create_task(offering.find(answer, Filters(), []))
                await asyncio.to_thread(assistant.is_asked.wait, 60)
            was_done = finding.done()
        return was_done, await finding

    assert asyncio.run(asked_meanwhile()) == (False, OFFERED)


def test_none_come_too_late(assistant: Assistant, answer: Answer) -> None:
    async def asked_all_the_time() -> list[str]:
        offering = Offering(assistant, patience_seconds=0.05)
        with offering.rests():
            return await offering.find(answer, Filters(), [])

    assert asyncio.run(asked_all_the_time()) == []
