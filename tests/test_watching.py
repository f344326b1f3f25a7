"""A folder that is watched: the corpus follows what happens in it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.ingest import OnProgress
from assistant.settings import Settings
from assistant.types import IngestReport, Progress
from assistant.watching import Watcher
from tests.crashing import CHUNKING, Child, channel, hold_the_lock
from tests.fakes import WordEmbeddings, WordReader, make_article

WAIT_SECONDS = 60  # for what takes one on an idle machine


class Watched:
    """A watcher in a thread, and what it told."""

    def __init__(self, assistant: Assistant, folder: Path, *, on_progress: OnProgress | None = None) -> None:
        self.assistant = assistant
        self.reports: list[IngestReport] = []
        self.problems: list[str] = []
        self.stop = threading.Event()
        watcher = Watcher(
            assistant,
            folder,
            on_report=self.reports.append,
            on_problem=lambda problem, hint: self.problems.append(f"{problem}: {hint}"),
            on_progress=on_progress,
        )
        self.thread = threading.Thread(target=watcher.run, args=(self.stop,))
        self.thread.start()

    def texts(self) -> dict[str, str]:
        return {article.path: article.text for article in self.assistant.articles()}

    def becomes(self, **texts: str) -> bool:
        wanted = {f"{name}.txt": text for name, text in texts.items()}
        return until(lambda: self.texts() == wanted)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(WAIT_SECONDS)
        assert not self.thread.is_alive()


def until(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    write(folder, "zebra", "A zebra ran.")
    return folder


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")


@pytest.fixture
def embedder() -> WordEmbeddings:
    return WordEmbeddings(64)


@pytest.fixture
def watched(tmp_path: Path, folder: Path, embedder: WordEmbeddings) -> Iterator[Watched]:
    settings = Settings(data_dir=tmp_path / "data", chunking=CHUNKING)  # as the child has it
    with Assistant.open(settings=settings, embedder=embedder, reader=WordReader()) as assistant:
        found = Watched(assistant, folder)
        assert found.becomes(zebra="A zebra ran.")
        yield found
        found.end()
        assert assistant.verify().is_healthy


def test_additions_changes_renames_and_deletions_are_followed(
    watched: Watched, folder: Path, embedder: WordEmbeddings
):
    write(folder, "lion", "A lion slept.")
    assert watched.becomes(zebra="A zebra ran.", lion="A lion slept.")
    write(folder, "zebra", "Two zebras ran.")
    assert watched.becomes(zebra="Two zebras ran.", lion="A lion slept.")
    (folder / "lion.txt").rename(folder / "leo.txt")
    assert watched.becomes(zebra="Two zebras ran.", leo="A lion slept.")
    (folder / "zebra.txt").unlink()
    assert watched.becomes(leo="A lion slept.")
    assert watched.problems == []


def test_what_happens_inside_of_folders_is_followed_and_hidden_files_are_not(watched: Watched, folder: Path):
    (folder / "inner").mkdir()
    write(folder / "inner", "lion", "A lion slept.")
    assert until(lambda: set(watched.texts()) == {"zebra.txt", "inner/lion.txt"})
    write(folder, ".hidden", "A tiger hid.")
    shutil.rmtree(folder / "inner")
    assert watched.becomes(zebra="A zebra ran.")


def test_a_folder_that_vanishes_for_a_while_loses_nothing(watched: Watched, folder: Path):
    folder.rename(folder.with_name("away"))
    assert until(lambda: any("is not there" in problem for problem in watched.problems))
    assert watched.becomes(zebra="A zebra ran.")
    folder.mkdir()  # as where a disk is not mounted yet
    time.sleep(1.5)
    assert watched.becomes(zebra="A zebra ran.")
    folder.rmdir()
    folder.with_name("away").rename(folder)
    write(folder, "lion", "A lion slept.")
    assert watched.becomes(zebra="A zebra ran.", lion="A lion slept.")


def test_what_cannot_be_read_is_told_once_and_stops_nothing(watched: Watched, folder: Path):
    write(folder, "empty", "")
    assert until(lambda: any(report.failed for report in watched.reports))
    write(folder, "lion", "A lion slept.")
    assert watched.becomes(zebra="A zebra ran.", lion="A lion slept.")
    assert [failure.name for failure in watched.assistant.failures() for failure in [failure.failure]] == [
        "empty.txt"
    ]


def test_another_process_may_write_in_between_and_is_waited_for(watched: Watched, folder: Path):
    until_told, let_go = channel()
    child = Child(hold_the_lock, watched.assistant.settings.data_dir, until_told)
    child.hear()
    write(folder, "lion", "A lion slept.")
    assert until(lambda: any("is writing to" in problem for problem in watched.problems))
    let_go.send("now")
    child.told()
    assert watched.becomes(zebra="A zebra ran.", lion="A lion slept.")
    watched.assistant.add(make_article("A tiger hid.", title="Tiger", path="tiger.txt"))
    write(folder, "lion", "The lion woke.")
    assert watched.becomes(zebra="A zebra ran.", lion="The lion woke.", tiger="A tiger hid.")


def test_a_data_folder_inside_is_none_of_the_articles_and_wakes_nobody(
    tmp_path: Path, embedder: WordEmbeddings
):
    folder = tmp_path / "news"
    folder.mkdir()
    settings = Settings(data_dir=folder / "data", chunking=CHUNKING)
    with Assistant.open(settings=settings, embedder=embedder, reader=WordReader()) as assistant:
        looked: list[Progress] = []
        watched = Watched(assistant, folder, on_progress=looked.append)
        try:
            write(folder, "zebra", "A zebra ran.")
            assert watched.becomes(zebra="A zebra ran.")
            time.sleep(1.5)  # for what its own writes would wake
            so_far = len(looked)
            (folder / "data" / "note.txt").write_text("Not an article.", encoding="utf-8")
            assistant.add(make_article("A tiger hid.", title="Tiger", path="tiger.txt"))
            time.sleep(1.5)
            assert len(looked) == so_far
            assert [failure for report in watched.reports for failure in report.failed] == []
            assert watched.problems == []
        finally:
            watched.end()
