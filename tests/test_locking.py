from __future__ import annotations

import os
import threading
from datetime import datetime
from pathlib import Path

import pytest

from assistant.errors import CorpusBusyError, CorpusError
from assistant.locking import WriteLock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "write.lock"


def in_thread(work: object) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def test_a_second_lock_gives_up_and_names_the_process(path: Path):
    with (
        WriteLock(path).held(),
        pytest.raises(CorpusBusyError, match=f"process {os.getpid()} is writing to {path.parent}"),
        WriteLock(path, wait_seconds=0.05).held(),
    ):
        pytest.fail("two locks are held")


def test_a_lock_is_free_again_after_use_and_after_an_error(path: Path):
    with WriteLock(path).held():
        pass
    with pytest.raises(ZeroDivisionError), WriteLock(path).held():
        _ = 1 / 0
    with WriteLock(path, wait_seconds=0).held():
        pass


def test_the_message_says_since_when_it_is_held(path: Path):
    before = datetime.now().replace(microsecond=0)
    lock = WriteLock(path)
    with lock.held():
        written = path.read_text(encoding="utf-8")
        path.write_text(f"{os.getpid()} 2024-11-13 09:30:00", encoding="utf-8")
        with lock.held():  # is no other beginning
            pass
        with pytest.raises(CorpusBusyError, match=r" since 2024-11-13 09:30:00$"):
            WriteLock(path, wait_seconds=0).held().__enter__()
    process, since = written.split(" ", 1)
    assert int(process) == os.getpid()
    assert before <= datetime.fromisoformat(since) <= datetime.now()


def test_one_thread_may_hold_it_twice(path: Path):
    lock = WriteLock(path)
    with lock.held(), lock.held(), lock.held_if_free() as is_held:
        assert is_held
    with lock.held_if_free() as is_held:
        assert is_held
    with WriteLock(path, wait_seconds=0).held():
        pass


def test_it_is_kept_until_the_outermost_holder_lets_go(path: Path):
    lock = WriteLock(path)
    with lock.held():
        with lock.held_if_free():
            pass
        with WriteLock(path).held_if_free() as is_held:
            assert not is_held


def test_other_threads_wait_for_it(path: Path):
    lock, order, entered = WriteLock(path, wait_seconds=0), [], threading.Event()

    def second() -> None:
        entered.set()
        with lock.held():
            order.append("second")

    with lock.held():
        thread = in_thread(second)
        assert entered.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_another_thread_does_not_wait_if_it_need_not(path: Path):
    lock, found = WriteLock(path), []

    def second() -> None:
        with lock.held_if_free() as is_held:
            found.append(is_held)

    with lock.held():
        in_thread(second).join(10)
    in_thread(second).join(10)
    assert found == [False, True]


def test_a_file_that_cannot_be_locked_is_an_error_of_ours(path: Path):
    path.mkdir()
    with pytest.raises(CorpusError, match="cannot be locked"), WriteLock(path).held():
        pytest.fail("a folder is locked")
