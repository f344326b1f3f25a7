"""Damaged index files, writers that collide: after each, a check is clean or repairs to clean.

Kills are in test_kills.py, full disks and read-only folders in test_recovery.py.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assistant.errors import CorpusBusyError
from assistant.types import Article
from tests.contents import Contents
from tests.crashing import (
    Child,
    Send,
    State,
    done_by,
    ingest,
    look,
    make_articles,
    open_corpus,
    read_stores,
    repair,
)

SEED = 20261124
SOME = make_articles(30)
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "filled"
    Child(ingest, folder, SOME).told()
    return folder


@pytest.fixture(scope="module")
def uninterrupted(filled: Path) -> Contents:
    return done_by(read_stores, filled)


def cut(data: bytearray, choose: random.Random) -> bytearray:
    return data[: choose.randrange(len(data))] if data else data


def empty(data: bytearray, _choose: random.Random) -> bytearray:
    return data[:0]


def flip(data: bytearray, choose: random.Random) -> bytearray:
    for _ in range(1 + choose.randrange(64)):
        if data:
            data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)
    return data


def zero(data: bytearray, choose: random.Random) -> bytearray:
    at = choose.randrange(len(data) + 1)
    return data[:at] + bytes(len(data[at : at + 4096])) + data[at + 4096 :]


Harm = Callable[[bytearray, random.Random], bytearray]


@pytest.mark.parametrize("harm", [cut, empty, flip, zero])
@pytest.mark.parametrize("count", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_a_damaged_index_file_is_found_out_and_mended(
    tmp_path: Path, filled: Path, uninterrupted: Contents, harm: Harm, count: int
):
    choose = random.Random(f"{SEED} {harm.__name__}")
    for number in range(count):
        folder = Path(shutil.copytree(filled, tmp_path / f"{number}"))
        files = sorted(path for path in folder.glob("index-*/**/*") if path.is_file() and path.stat().st_size)
        file = choose.choice(files)
        file.write_bytes(harm(bytearray(file.read_bytes()), choose))
        report = done_by(repair, folder)
        assert report.problems == (), file
        state: State = done_by(look, folder)
        assert (state.lost, state.report.problems) == (frozenset(), ()), file
        assert done_by(read_stores, folder) == uninterrupted, file
        shutil.rmtree(folder)


def add_patiently(folder: Path, tell: Send, some: Sequence[Article]) -> None:
    """Add articles, and wait for as long as another process keeps the lock."""
    corpus = open_corpus(folder)
    while True:
        try:
            tell(corpus.add(some))
            break
        except CorpusBusyError:
            continue
    corpus.close()


@pytest.mark.parametrize("is_killed", [False, True])
@pytest.mark.parametrize("count", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_two_writers_lose_nothing_also_if_one_is_killed(
    tmp_path: Path, uninterrupted: Contents, is_killed: bool, count: int
):
    choose = random.Random(SEED)
    for number in range(count):
        folder = tmp_path / f"{number}"
        first = Child(add_patiently, folder, SOME[:20])
        second = Child(add_patiently, folder, SOME[10:])  # ten of them are in the other's hands, too
        if is_killed:
            time.sleep(choose.random() * 1.5)
            first.kill()
        reports = second.told()
        first.told()
        assert len(reports) == 1
        if is_killed:
            Child(add_patiently, folder, SOME[:20]).told()
        state: State = done_by(look, folder)
        assert (state.articles, state.lost) == (frozenset(SOME), frozenset())
        assert state.report.problems == ()
        assert done_by(read_stores, folder) == uninterrupted
        shutil.rmtree(folder)
