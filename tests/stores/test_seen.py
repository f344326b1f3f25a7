"""What is remembered of files, and that it may be lost, damaged or locked without harm."""

from __future__ import annotations

import pytest

from assistant.stores.seen import FILE_NAME, SeenFile, SeenFiles

ONE, TWO = SeenFile("s1", "[1]"), SeenFile("s2", "[2]")


@pytest.fixture
def seen(tmp_path):
    opened = SeenFiles(tmp_path)
    yield opened
    opened.close()


def test_files_are_remembered_by_root_and_place(seen, tmp_path):
    assert seen.of("/a") == {}
    assert not (tmp_path / FILE_NAME).exists()
    seen.put("/a", {"x.txt": ONE, "y.txt": TWO})
    seen.put("/b", {"x.txt": TWO})
    assert seen.of("/a") == {"x.txt": ONE, "y.txt": TWO}
    assert seen.of("/a", "y.txt") == {"y.txt": TWO}
    seen.put("/a", {"x.txt": TWO}, gone=["y.txt"])
    assert seen.of("/a") == {"x.txt": TWO}
    assert SeenFiles(tmp_path).of("/b") == {"x.txt": TWO}


@pytest.mark.parametrize("damage", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_file_is_begun_anew(tmp_path, damage):
    (tmp_path / FILE_NAME).write_bytes(damage)
    seen = SeenFiles(tmp_path)
    assert seen.of("/a") == {}
    seen.put("/a", {"x.txt": ONE})
    assert seen.of("/a") == {"x.txt": ONE}
    seen.close()


def test_a_file_of_another_make_is_begun_anew(seen, tmp_path):
    (tmp_path / FILE_NAME).touch()
    assert seen.of("/a") == {}
    seen.put("/a", {"x.txt": ONE})
    assert seen.of("/a") == {"x.txt": ONE}


def test_what_cannot_be_written_is_not_remembered(tmp_path):
    seen = SeenFiles(tmp_path / "none")
    seen.put("/a", {"x.txt": ONE})
    assert seen.of("/a") == {}


def test_what_comes_after_the_end_is_not_complained_about(tmp_path, caplog):
    seen = SeenFiles(tmp_path)
    seen.put("/a", {"x.txt": ONE})
    seen.close()
    seen.put("/a", {"y.txt": TWO})
    assert caplog.messages == []
    assert SeenFiles(tmp_path).of("/a") == {"x.txt": ONE}
