"""What a page may rely on when it follows work in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from assistant.ui.follow import Emit, follow, wait_for_all

SECONDS = 20  # more than any of this takes


def collect(work: Callable[[Emit[int]], None], *, pause_seconds: float = 0.0) -> list[int]:
    async def run() -> list[int]:
        return [value async for value in follow(work, pause_seconds=pause_seconds)]

    return asyncio.run(asyncio.wait_for(run(), SECONDS))


def test_yields_what_is_emitted_in_order() -> None:
    taken = [threading.Event() for _ in range(3)]

    def work(emit: Emit[int]) -> None:
        for number, event in enumerate(taken):
            emit(number)
            assert event.wait(SECONDS)

    async def run() -> list[int]:
        values = []
        async for value in follow(work, pause_seconds=0):
            values.append(value)
            taken[value].set()
        return values

    assert asyncio.run(asyncio.wait_for(run(), SECONDS)) == [0, 1, 2]


def test_leaves_out_what_is_overtaken_but_never_the_last() -> None:
    begun, emitted = threading.Event(), threading.Event()

    def work(emit: Emit[int]) -> None:
        emit(0)
        assert begun.wait(SECONDS)
        for number in range(1, 100):
            emit(number)
        emitted.set()

    async def run() -> list[int]:
        values = []
        async for value in follow(work, pause_seconds=SECONDS):
            values.append(value)
            begun.set()
            await asyncio.to_thread(emitted.wait, SECONDS)
        return values

    assert asyncio.run(asyncio.wait_for(run(), SECONDS)) == [0, 99]


def test_end_of_the_work_cuts_the_pause_short() -> None:
    def work(emit: Emit[int]) -> None:
        emit(1)

    assert collect(work, pause_seconds=10 * SECONDS) == [1]


def test_work_that_emits_nothing_yields_nothing() -> None:
    assert collect(lambda _: None) == []


def test_error_comes_after_the_last_value() -> None:
    def work(emit: Emit[int]) -> None:
        emit(1)
        raise ValueError("broken")

    async def run() -> None:
        async for value in follow(work):
            values.append(value)

    values: list[int] = []
    with pytest.raises(ValueError, match="broken"):
        asyncio.run(asyncio.wait_for(run(), SECONDS))
    assert values == [1]


def test_emit_says_when_nobody_follows_any_more() -> None:
    answers: list[bool] = []
    left, told = threading.Event(), threading.Event()

    def work(emit: Emit[int]) -> None:
        answers.append(emit(1))
        assert left.wait(SECONDS)
        answers.append(emit(2))
        told.set()

    async def run() -> None:
        values = follow(work)
        assert await anext(values) == 1
        await values.aclose()  # type: ignore[attr-defined]
        left.set()
        await asyncio.to_thread(told.wait, SECONDS)

    asyncio.run(asyncio.wait_for(run(), SECONDS))
    assert answers == [True, False]


def test_what_nobody_follows_any_more_is_waited_for() -> None:
    begun, free, is_done = threading.Event(), threading.Event(), threading.Event()

    def work(emit: Emit[int]) -> None:
        emit(1)
        begun.set()
        assert free.wait(SECONDS)
        is_done.set()

    async def leave() -> None:
        async for _ in follow(work):
            break
        await asyncio.to_thread(begun.wait, SECONDS)

    asyncio.run(leave())
    wait_for_all(0.01)
    assert not is_done.is_set()
    threading.Timer(0.1, free.set).start()
    wait_for_all(SECONDS)
    assert is_done.is_set()
