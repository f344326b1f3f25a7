"""ZIP archives read as articles."""

from __future__ import annotations

import pytest

from assistant import sources
from assistant.types import Article, Failure
from tests.hostile import zipped

PAGE = b"<html><title>Otters</title><article><p>The otter came back to the river.</p></article></html>"


def found(data, name="a.zip"):
    items = list(sources.parse_bytes(data, name))
    return (
        {item.path: item.text for item in items if isinstance(item, Article)},
        {item.name: item.reason for item in items if isinstance(item, Failure)},
    )


def test_each_file_is_read_by_its_own_reader_in_the_order_of_names():
    rows = b'{"text": "Row one.", "id": 1}\nbad\n'
    data = zipped(("s/z.jsonl", rows), ("b.html", PAGE), ("a.txt", "Text a."), ("c.xyz", b"\x00\x01"))
    articles, failures = found(data)
    assert list(articles.items()) == [
        ("/a.txt", "Text a."),
        ("/b.html", "The otter came back to the river."),
        ("/s/z.jsonl#1", "Row one."),
    ]
    assert list(failures) == ["a.zip/c.xyz", "a.zip/s/z.jsonl line 2"]


def test_hidden_files_and_those_of_one_system_only_are_left_out():
    data = zipped((".DS_Store", "x"), ("__MACOSX/a.txt", "x"), ("d/.git/a.txt", "x"), ("a.txt", "Text a."))
    assert found(data) == ({"/a.txt": "Text a."}, {})


def test_articles_in_a_folder_are_the_same_after_packing_anew(tmp_path):
    (tmp_path / "news.zip").write_bytes(zipped(("a.txt", "Text a."), ("b.txt", "Text b.")))
    before = {article.path: article.id for article in sources.read(tmp_path)}
    (tmp_path / "news.zip").write_bytes(
        zipped(("c.txt", "Text c."), ("b.txt", "Text b!"), ("a.txt", "Text a."))
    )
    after = {article.path: article.id for article in sources.read(tmp_path)}
    assert before.keys() == {"news.zip/a.txt", "news.zip/b.txt"}
    assert before.items() < after.items()


def test_archives_within_archives_are_opened_to_a_depth():
    data = zipped(("deep.txt", "Text 4."))
    for level in (3, 2, 1):
        data = zipped(("in.zip", data), (f"{level}.txt", f"Text {level}."))
    articles, failures = found(data)
    assert articles == {"/1.txt": "Text 1.", "/in.zip/2.txt": "Text 2.", "/in.zip/in.zip/3.txt": "Text 3."}
    assert failures == {"a.zip/in.zip/in.zip/in.zip": "archives within archives are opened to a depth of 3"}


def test_members_that_lead_out_are_named_and_not_read():
    articles, failures = found(zipped(("../out.txt", "x"), ("/etc/out.txt", "x"), ("a.txt", "Text a.")))
    assert articles == {"/a.txt": "Text a."}
    assert set(failures.values()) == {"its path leads out of the archive"}


def test_a_bomb_is_refused_and_the_rest_is_read():
    bomb = zipped(("bomb.txt", b"0" * 60_000_000), ("a.txt", "Text a."))
    articles, failures = found(bomb)
    assert articles == {"/a.txt": "Text a."}
    assert failures == {"a.zip/bomb.txt": "it becomes more than 200 times as large when unpacked"}


def test_what_archives_within_hold_counts_together():
    inner = zipped(*((f"{n}.txt", f"Text {n}.") for n in range(800)))
    articles, failures = found(zipped(*((f"{n}.zip", inner) for n in range(3))))
    assert len(articles) == 1600
    assert failures == {"a.zip/2.zip": "with the archives around it, it holds more than 2,000 files"}


def test_the_bytes_of_archives_within_count_together():
    picture = b"\x89PNG\r\n\x1a\n" + bytes(900_000)
    inner = zipped(*((f"{n}.png", picture) for n in range(40)))
    articles, failures = found(zipped(*((f"{n}.zip", inner) for n in range(3)), ("z.txt", "Text z.")))
    assert articles == {}
    too_much = [
        name
        for name, reason in failures.items()
        if reason == "more than 100 MB came out of the archive by now"
    ]
    assert too_much[0] == "a.zip/2.zip/36.png"
    assert too_much[-1] == "a.zip/z.txt"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped(), "there is no file in it"),
        (zipped((".x", "x")), "there is no file in it"),
        (b"PK\x03\x04", ""),
    ],
)
def test_an_archive_without_files_is_refused(data, reason):
    articles, failures = found(data)
    assert articles == {}
    assert list(failures) == ["a.zip"]
    assert reason in failures["a.zip"]


def test_names_are_written_so_that_they_can_be_shown():
    articles, _ = found(zipped(("a\u202eb.txt", "Text a."), ("d\\e.txt", "Text e.")))
    assert set(articles) == {"/a\\u202eb.txt", "/d/e.txt"}
