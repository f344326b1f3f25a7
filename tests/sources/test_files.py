"""Folders walked and files loaded safely."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from assistant.errors import SourceError
from assistant.sources import files


def write(path, data=b"text"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def places(folder):
    return [(entry.place, entry.problem) for entry in files.walk(folder.resolve())]


def test_files_come_in_the_order_of_their_places_without_hidden_ones(tmp_path):
    for name in (
        "b.txt",
        "a/z.txt",
        "a/README.md",
        "a.txt",
        ".hidden.txt",
        ".git/x.txt",
        "README.md",
        "B.txt",
    ):
        write(tmp_path / name)
    assert places(tmp_path) == [(name, "") for name in ("B.txt", "a.txt", "a/README.md", "a/z.txt", "b.txt")]


def test_data_folders_below_the_folder_are_left_out(tmp_path):
    for name in ("a.txt", "data/catalog.sqlite", "data/uploads/x.txt", "in/data/catalog.sqlite", "in/b.txt"):
        write(tmp_path / name)
    (tmp_path / "other/catalog.sqlite").mkdir(parents=True)
    write(tmp_path / "other/c.txt")
    assert places(tmp_path) == [("a.txt", ""), ("in/b.txt", ""), ("other/c.txt", "")]


def test_links_are_followed_nowhere(tmp_path):
    folder = tmp_path / "folder"
    write(folder / "in.txt")
    write(tmp_path / "secret.txt")
    (folder / "file-out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "folder-out").symlink_to(tmp_path)
    (folder / "file-in.txt").symlink_to(folder / "in.txt")
    (folder / "folder-in").symlink_to(folder)
    (folder / "broken.txt").symlink_to(folder / "none.txt")
    (folder / "circle.txt").symlink_to(folder / "circle.txt")
    assert places(folder) == [
        ("broken.txt", "it is a link that leads nowhere"),
        ("circle.txt", "it is a link that leads nowhere"),
        ("file-out.txt", "it is a link that leads out of the folder"),
        ("folder-out", "it is a link that leads out of the folder"),
        ("in.txt", ""),
    ]


def test_pipes_and_sockets_are_named_and_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.txt")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket.txt")
        problem = "it is not a file but a pipe, a socket or a device"
        assert places(tmp_path) == [("pipe.txt", problem), ("socket.txt", problem)]
        with pytest.raises(SourceError, match=problem):
            files.load(tmp_path / "pipe.txt", "pipe.txt")


def test_names_that_cannot_be_stored_are_escaped(tmp_path):
    bad = os.path.join(os.fsencode(tmp_path), b"bad\xff\x1b.txt")  # noqa: PTH118  a path of bytes
    write(tmp_path.__class__(os.fsdecode(bad)))
    ((_, place, _, _),) = files.walk(tmp_path.resolve())
    assert place == "bad\\udcff\\x1b.txt"


@pytest.fixture
def deep_folder(tmp_path):
    """A folder nested deeper than Python recurses; taken down from within, since `shutil.rmtree` recurses."""
    depth = sys.getrecursionlimit() + 200
    descriptors = [os.open(tmp_path, os.O_RDONLY)]
    for _ in range(depth):
        os.mkdir("d", dir_fd=descriptors[-1])
        descriptors.append(os.open("d", os.O_RDONLY, dir_fd=descriptors[-1]))
        if len(descriptors) > 2:
            os.close(descriptors.pop(0))
    os.close(os.open("deep.txt", os.O_CREAT | os.O_WRONLY, dir_fd=descriptors[-1]))
    for descriptor in descriptors:
        os.close(descriptor)
    yield tmp_path, "d/" * depth + "deep.txt"
    flat = tmp_path / "flat"
    flat.mkdir()
    for level in range(depth):
        (tmp_path / "d").rename(flat / str(level))
        if (flat / str(level) / "d").exists():
            (flat / str(level) / "d").rename(tmp_path / "d")


def test_folders_nested_deeper_than_python_recurses_are_walked(deep_folder):
    folder, place = deep_folder
    assert places(folder) == [(place, "")]


def test_a_folder_that_vanished_is_named(tmp_path):
    assert places(tmp_path / "gone") == [(".", "there is no such file")]


def test_loads_a_regular_file(tmp_path):
    write(tmp_path / "a.txt", b"some bytes")
    assert files.load(tmp_path / "a.txt", "a.txt") == b"some bytes"


def test_what_cannot_be_loaded_says_why(tmp_path):
    (tmp_path / "large.txt").touch()
    os.truncate(tmp_path / "large.txt", 50_000_001)
    (tmp_path / "link.txt").symlink_to("large.txt")
    expected = {
        "gone.txt": "there is no such file",
        "large.txt": "it is larger than 50 MB (50 MB)",
        "link.txt": "it cannot be read (Too many levels of symbolic links)",
        ".": "it is a folder",
    }
    for name, reason in expected.items():
        with pytest.raises(SourceError) as caught:
            files.load(tmp_path / name, name)
        assert (caught.value.name, caught.value.reason) == (name, reason)


def test_a_file_that_may_not_be_read_says_so():
    assert files.explain(PermissionError(13, "Permission denied")) == "reading it is not allowed"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_forbidden_files_and_folders_are_named(tmp_path):
    write(tmp_path / "a.txt")
    write(tmp_path / "closed/b.txt")
    (tmp_path / "a.txt").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        assert places(tmp_path) == [("a.txt", ""), ("closed", "reading it is not allowed")]
        with pytest.raises(SourceError, match="reading it is not allowed"):
            files.load(tmp_path / "a.txt", "a.txt")
    finally:
        (tmp_path / "closed").chmod(0o700)
