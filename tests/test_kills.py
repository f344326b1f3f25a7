"""Killed at any moment, a corpus is whole again when it is opened, and nothing that was told done is lost."""

from __future__ import annotations

import math
import random
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.corpus import CATALOG_NAME
from assistant.settings import ChunkingSettings
from assistant.stores.catalog import Catalog
from assistant.types import Article
from tests.contents import Contents
from tests.crashing import (
    CHUNKING,
    OTHER_CHUNKING,
    Child,
    State,
    Work,
    build_anew,
    die_at,
    done_by,
    ingest,
    look,
    make_articles,
    open_corpus,
    read_stores,
    remove,
    repair,
)

SEED = 20241113
pytestmark = pytest.mark.timeout(1800)  # eighty kills of a long ingest on a busy machine


@dataclass(frozen=True)
class Kills:
    """How many kills there are, and how many articles are at work."""

    while_adding: int
    while_changing: int  # for each of replacing, removing and rebuilding
    at_steps: int  # for each kind of work, of thousands of steps
    articles: int


@pytest.fixture(
    scope="module",
    params=[Kills(14, 4, 10, 20), pytest.param(Kills(80, 60, 100, 60), marks=pytest.mark.slow)],
    ids=["few", "many"],
)
def kills(request: pytest.FixtureRequest) -> Kills:
    return request.param


@pytest.fixture(scope="module")
def old(kills: Kills) -> list[Article]:
    return make_articles(kills.articles)


@pytest.fixture(scope="module")
def new(kills: Kills) -> list[Article]:
    return make_articles(kills.articles, version=2)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, old: list[Article]) -> Path:
    """A folder with the first version of all articles."""
    folder = tmp_path_factory.mktemp("kills") / "filled"
    Child(ingest, folder, old).told()
    return folder


class Clock:
    """How long some work takes when nobody disturbs it: the shortest time that it has taken so far."""

    def __init__(self, work: Work, prepare: Callable[[str], Path], *args: Any) -> None:
        self._work, self._prepare, self._args = work, prepare, args
        self._seconds = math.inf
        self.folder = prepare("timed")
        self._run(self.folder, None)

    def kill_at(self, share: float, name: str) -> tuple[Path, list[Any]]:
        """Kill the work when a share of its time is over: (its folder, what it had told).

        Where it was over before, because the machine has become faster or a process that ends can no longer
        be killed, it is done again and killed sooner.
        """
        for attempt in range(10):
            folder = self._prepare(f"{name}-{attempt}")
            told, was_killed = self._run(folder, share * self._seconds * 0.9**attempt)
            if was_killed:
                return folder, told
            shutil.rmtree(folder)
        pytest.fail(f"the work is over before a third of {share:.0%} of the time that it takes")

    def _run(self, folder: Path, seconds: float | None) -> tuple[list[Any], bool]:
        child = Child(self._work, folder, *self._args)
        started = time.perf_counter()
        if not child.wait(seconds):
            child.kill()
        if not child.was_killed:
            self._seconds = min(self._seconds, time.perf_counter() - started)
        return child.told(), child.was_killed


def shares(count: int) -> list[float]:
    """Numbers between 0 and 1, one at random in each part of the range."""
    choose = random.Random(SEED)
    return [(part + choose.random()) / count for part in range(count)]


def events(count: int, kills: int) -> list[int]:
    """Numbers of events, spread over all of them; a run may have one or two less than another."""
    return sorted({1 + int(share * count) for share in shares(kills)})


def by_id(articles: Iterable[Article]) -> dict[str, Article]:
    return {article.id: article for article in articles}


def check(state: State, *versions: Sequence[Article]) -> None:
    """Every article is there in one of its versions, found by each of its passages, and the stores agree."""
    known = {article for version in versions for article in version}
    assert state.articles <= known
    assert len(by_id(state.articles)) == len(state.articles)
    assert state.lost == frozenset()
    assert state.report.problems == ()


def assert_equal(stores: Contents, uninterrupted: Contents, folder: Path) -> None:
    assert stores == uninterrupted
    assert stores.is_whole
    assert len(list(folder.glob("index-*"))) == 1
    assert not (folder / "rebuild").exists()


def chunking_of(folder: Path) -> ChunkingSettings:
    """The settings that a corpus was built with, before or after a rebuild was taken into use."""
    catalog = Catalog(folder / CATALOG_NAME)
    fingerprint = catalog.fingerprint()
    catalog.close()
    assert fingerprint is not None
    return CHUNKING if fingerprint["max_passage_chars"] == CHUNKING.max_passage_chars else OTHER_CHUNKING


def test_adding_can_be_killed_at_any_moment(tmp_path: Path, kills: Kills, old: list[Article], filled: Path):
    uninterrupted = done_by(read_stores, filled)
    clock = Clock(ingest, lambda name: tmp_path / name, old)
    in_between = 0
    for number, share in enumerate(shares(kills.while_adding)):
        folder, told = clock.kill_at(share, f"{number}")
        state = done_by(look, folder)
        in_between += bool(state.unfinished)
        check(state, old)
        assert set(told) <= by_id(state.articles).keys()
        Child(ingest, folder, old).told()
        assert_equal(done_by(read_stores, folder), uninterrupted, folder)
        shutil.rmtree(folder)
    # Else the test shows nothing: many kills must come while an article is half there.
    assert in_between >= kills.while_adding * 0.2


def test_replacing_can_be_killed_at_any_moment(
    tmp_path: Path, kills: Kills, old: list[Article], new: list[Article], filled: Path
):
    clock = Clock(ingest, lambda name: Path(shutil.copytree(filled, tmp_path / name)), new)
    uninterrupted = done_by(read_stores, clock.folder)
    assert uninterrupted.articles == frozenset(new)
    for number, share in enumerate(shares(kills.while_changing)):
        folder, told = clock.kill_at(share, f"{number}")
        state = done_by(look, folder)
        check(state, old, new)
        found = by_id(state.articles)
        assert by_id(new).keys() <= found.keys()  # nothing that stays is missing
        assert all(found[article_id] == by_id(new)[article_id] for article_id in told)
        Child(ingest, folder, new).told()
        assert_equal(done_by(read_stores, folder), uninterrupted, folder)


def test_removing_can_be_killed_at_any_moment(tmp_path: Path, kills: Kills, old: list[Article], filled: Path):
    goes = [article.id for article in old[::2]]
    stays = frozenset(old[1::2])
    clock = Clock(remove, lambda name: Path(shutil.copytree(filled, tmp_path / name)), goes)
    uninterrupted = done_by(read_stores, clock.folder)
    assert uninterrupted.articles == stays
    for number, share in enumerate(shares(kills.while_changing)):
        folder, told = clock.kill_at(share, f"{number}")
        state = done_by(look, folder)
        check(state, old)
        assert stays <= state.articles
        assert not set(told) & by_id(state.articles).keys()
        Child(remove, folder, goes).told()
        assert_equal(done_by(read_stores, folder), uninterrupted, folder)


def test_rebuilding_can_be_killed_at_any_moment(
    tmp_path: Path, kills: Kills, old: list[Article], filled: Path
):
    clock = Clock(build_anew, lambda name: Path(shutil.copytree(filled, tmp_path / name)))
    uninterrupted = done_by(read_stores, clock.folder)
    assert uninterrupted.articles == frozenset(old)
    assert uninterrupted.passages != done_by(read_stores, filled).passages
    for number, share in enumerate(shares(kills.while_changing)):
        folder, _ = clock.kill_at(share, f"{number}")
        state = done_by(look, folder, chunking_of(folder))
        check(state, old)
        assert state.articles == frozenset(old)
        Child(build_anew, folder).told()
        check(done_by(look, folder, OTHER_CHUNKING), old)
        assert_equal(done_by(read_stores, folder), uninterrupted, folder)


def begin(folder: Path, tell: Callable[[object], None]) -> None:
    open_corpus(folder).close()


def test_a_corpus_can_be_killed_while_it_begins(tmp_path: Path, kills: Kills):
    *_, count = Child(die_at, tmp_path / "whole", 0, begin).told()
    killed = 0
    for event in events(count, kills.at_steps):
        folder = tmp_path / f"{event}"
        child = Child(die_at, folder, event, begin)
        child.told()
        killed += child.was_killed
        Child(ingest, folder, make_articles(1)).told()
        state = done_by(look, folder)
        check(state, make_articles(1))
        assert state.articles == frozenset(make_articles(1))
    assert killed >= len(events(count, kills.at_steps)) * 0.9


def lives(folder: Path, tell: Callable[[object], None], some: list[list[Article]], goes: list[str]) -> None:
    """A corpus from its first article on: two versions of a folder, then some removals."""
    for articles in some:
        ingest(folder, lambda _: None, articles)
        tell("step")
    remove(folder, lambda _: None, goes)
    tell("step")


def test_a_corpus_can_be_killed_at_any_step(tmp_path: Path, kills: Kills):
    first, second = make_articles(6), make_articles(6, version=2)
    goes = [second[0].id]
    steps = [frozenset(), frozenset(first), frozenset(second), frozenset(second[1:])]
    *_, count = Child(die_at, tmp_path / "whole", 0, lives, [first, second], goes).told()
    uninterrupted = done_by(read_stores, tmp_path / "whole")
    assert uninterrupted.articles == steps[-1]
    killed, unfinished = 0, 0
    for event in events(count, kills.at_steps):
        folder = tmp_path / f"{event}"
        child = Child(die_at, folder, event, lives, [first, second], goes)
        done = child.told().count("step")
        killed += child.was_killed
        state = done_by(look, folder)
        unfinished += bool(state.unfinished)
        check(state, first, second)
        before, after = steps[done], steps[min(done + 1, 3)]
        assert before & after <= state.articles <= before | after
        Child(lives, folder, [first, second], goes).told()
        assert_equal(done_by(read_stores, folder), uninterrupted, folder)
        shutil.rmtree(folder)
    assert killed >= kills.at_steps * 0.9
    assert unfinished >= kills.at_steps * 0.1


@pytest.mark.parametrize("work", [build_anew, repair])
def test_building_anew_can_be_killed_at_any_step(tmp_path: Path, kills: Kills, work: Work):
    some = make_articles(5)
    base = tmp_path / "base"
    Child(ingest, base, some).told()
    if work is repair:
        shutil.rmtree(next(base.glob("index-*/lexical")))
    *_, count = Child(die_at, Path(shutil.copytree(base, tmp_path / "whole")), 0, work).told()
    uninterrupted = done_by(read_stores, tmp_path / "whole")
    killed = 0
    for event in events(count, kills.at_steps // 2):
        folder = Path(shutil.copytree(base, tmp_path / f"{event}"))
        child = Child(die_at, folder, event, work)
        child.told()
        killed += child.was_killed
        state = done_by(look, folder, chunking_of(folder))
        check(state, some)
        assert state.articles == frozenset(some)
        Child(work, folder).told()
        check(done_by(look, folder, chunking_of(folder)), some)
        assert_equal(done_by(read_stores, folder), uninterrupted, folder)
        shutil.rmtree(folder)
    assert killed >= len(events(count, kills.at_steps // 2)) * 0.9
