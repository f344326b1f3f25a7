"""What fails is remembered in the data folder until it succeeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.settings import Settings
from assistant.types import RememberedFailure
from tests.fakes import WordEmbeddings, WordReader


def opened(data_dir: Path) -> Assistant:
    settings = Settings(data_dir=data_dir)
    return Assistant.open(settings=settings, embedder=WordEmbeddings(), reader=WordReader())


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with opened(tmp_path / "data") as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "good.txt").write_text("A zebra ran through Baku.", encoding="utf-8")
    (folder / "bad.txt").write_bytes(b"")
    (folder / "worse.txt").write_bytes(b"   ")
    return folder


def names(found: tuple[RememberedFailure, ...]) -> list[str]:
    return sorted(one.failure.name for one in found)


def test_are_listed_with_reason_and_hint_also_by_the_next_process(assistant: Assistant, folder: Path):
    report = assistant.add(folder)
    assert len(report.failed) == 2
    assistant.close()
    with opened(assistant.settings.data_dir) as again:
        found = again.failures()
    assert tuple(one.failure for one in found) == report.failed
    assert {one.origin for one in found} == {str(folder)}
    assert all(one.failure.reason and one.at.endswith("+00:00") for one in found)


def test_are_gone_when_they_succeed(assistant: Assistant, folder: Path):
    assistant.add(folder)
    (folder / "bad.txt").write_text("A lion slept in Karachi.", encoding="utf-8")
    report = assistant.retry()
    assert (report.added, len(report.unchanged)) == (("bad",), 1)
    assert names(assistant.failures()) == ["worse.txt"]
    (folder / "worse.txt").unlink()
    assistant.retry()
    assert assistant.failures() == ()
    assert list(assistant.settings.data_dir.glob("failures*")) == []


def test_are_forgotten_once_there_is_nothing_to_try_again(assistant: Assistant, tmp_path: Path):
    file = tmp_path / "bad.txt"
    file.write_bytes(b"")
    assistant.add(file)
    file.unlink()
    (failure,) = assistant.retry().failed
    assert "does not exist" in failure.reason
    assert assistant.failures() == ()


def test_of_uploads_stay_until_the_same_name_succeeds(assistant: Assistant):
    assistant.add(b"", name="note.txt")
    assert names(assistant.failures()) == ["note.txt"]
    assert dataclasses.replace(assistant.retry(), seconds=0).failed == ()
    assert names(assistant.failures()) == ["note.txt"]
    assistant.add(b"A lion slept.", name="note.txt")
    assert assistant.failures() == ()


def test_of_a_cancelled_run_are_added_to_those_before(assistant: Assistant, folder: Path):
    assistant.add(folder)
    report = assistant.add(folder, cancelled=lambda: True)
    assert report.is_cancelled
    assert names(assistant.failures()) == ["bad.txt", "worse.txt"]


@pytest.mark.parametrize("text", ["", "broken", "{}", '[{"name": 1}]', "[1]"])
def test_a_damaged_note_stops_nothing(assistant: Assistant, folder: Path, text: str):
    note = assistant.settings.data_dir / "failures.json"
    note.write_text(text, encoding="utf-8")
    assert assistant.failures() == ()
    assistant.add(folder)
    assert names(assistant.failures()) == ["bad.txt", "worse.txt"]
