"""What a folder leaves out of its articles."""

from __future__ import annotations

import pytest

from assistant import sources
from assistant.settings import load
from assistant.sources.ignoring import IGNORE_FILE
from assistant.types import Failure

NAMES = ("a.txt", "b.tmp.txt", "drafts/c.txt", "drafts/keep.txt", "sub/drafts/d.txt", "sub/e.md", "f o.txt")


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"Text of {name}.")
    return tmp_path


def places(folder, *ignore):
    return [entry.place for entry in sources.entries(folder, ignore=ignore)[1]]


def test_without_patterns_nothing_is_left_out(folder):
    assert places(folder) == sorted(NAMES)
    (folder / IGNORE_FILE).write_text("\n\n")
    assert places(folder) == sorted(NAMES)


def test_the_file_of_a_folder_counts_before_what_is_asked_for(folder):
    (folder / IGNORE_FILE).write_text("\ufeff# notes\n*.tmp.txt\r\n/drafts/\nf o.txt\n", encoding="utf-8")
    assert places(folder) == ["a.txt", "sub/drafts/d.txt", "sub/e.md"]
    assert places(folder, "sub/", "!b.tmp.txt") == ["a.txt", "b.tmp.txt"]


def test_patterns_need_no_file(folder):
    assert places(folder, "drafts/*", "!drafts/keep.txt", "*.md") == [
        "a.txt", "b.tmp.txt", "drafts/keep.txt", "f o.txt", "sub/drafts/d.txt"
    ]  # fmt: skip


def test_links_in_what_is_left_out_are_not_reported(folder):
    (folder / "drafts" / "out.txt").symlink_to("/etc/hostname")
    assert places(folder, "drafts/") == ["a.txt", "b.tmp.txt", "f o.txt", "sub/e.md"]


@pytest.mark.parametrize(
    ("patterns", "reason"),
    [(b"!", "it holds what is no pattern"), (None, "it is a folder")],
)
def test_a_file_of_patterns_that_cannot_be_used_reads_nothing(folder, patterns, reason):
    if patterns is None:
        (folder / IGNORE_FILE).mkdir()
    else:
        (folder / IGNORE_FILE).write_bytes(patterns)
    (failure,) = sources.read(folder)
    assert isinstance(failure, Failure)
    assert failure.name == "."
    assert failure.reason.startswith(f"{IGNORE_FILE}: ")
    assert reason in failure.reason


def test_patterns_come_from_the_settings():
    assert load(environ={"ASSISTANT_INGEST_IGNORE": "*.tmp, drafts/"}).ingest.ignore == ("*.tmp", "drafts/")
