"""Files, folders and bytes of every kind, through the registry."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import sources
from assistant.errors import SourceError
from assistant.sources import SUFFIXES, clean, jsonl
from assistant.types import Article, Failure

KINDS = f"Files that can be read: {', '.join(SUFFIXES)}."
FIRST_LINE, HEADING, NAME = ((("title", where),) for where in ("first line", "first heading", "file name"))
# What makes each format what it is, so that examples reach behind its first check.
PIECES = [
    *(
        b"---\n",
        b"title: ",
        b"- ",
        b"# ",
        b"> ",
        b"```\n",
        b"|",
        b"[",
        b"](",
        b"*",
        b"&#x202e;",
        b"\n\n",
        b" ",
    ),
    *(
        b"<html>",
        b"<head>",
        b"<p>",
        b"</p>",
        b"<article>",
        b"<table>",
        b"<td>",
        b"<!--",
        b"<meta charset=utf-16>",
    ),
    *(b'{"text": "', b'"}', b'", "title": "', b"\\ud800", b"\\u0000", b"null", b"1e999", b"[", b"{"),
    *(
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\x1b",
        b"\xe2\x80\xae",
        b"\xf3\xa0\x81\x81",
        b"\x9b",
        b"words ",
    ),
]


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "corpus"
    (folder / "sub").mkdir(parents=True)
    (folder / "README.md").write_text("# What this is\n\nNot an article.")
    (folder / "b.txt").write_text("Title\n\nText b.")
    (folder / "sub" / "a.MD").write_text("# Heading\n\nText a.")
    (folder / "sub" / "rows.jsonl").write_text(
        '{"text": "Row one.", "id": "x"}\nbad\n{"text": "Row three."}\n'
    )
    (folder / "sub" / "picture.png").write_bytes(b"\x89PNG")
    (folder / "sub" / "empty.txt").touch()
    (folder / "LICENSE").write_text("Anyone may.")
    return folder


def test_a_folder_is_read_whole_in_order_and_one_bad_file_stops_nothing(folder):
    root = str(folder.resolve())
    assert list(sources.read(folder)) == [
        Failure("LICENSE", "this kind of file cannot be read yet (no suffix)", KINDS),
        Article(text="Text b.", title="Title", root=root, path="b.txt", origins=FIRST_LINE),
        Article(text="Text a.", title="Heading", root=root, path="sub/a.MD", origins=HEADING),
        Failure("sub/empty.txt", "no text in it", SourceError.hint),
        Failure("sub/picture.png", "this kind of file cannot be read yet (.png)", KINDS),
        Article(text="Row one.", title="rows line 1", root=root, path="sub/rows.jsonl#x", origins=NAME),
        Failure(
            "sub/rows.jsonl line 2",
            "it is not JSON (Expecting value, column 1)",
            jsonl.HINT,
        ),
        Article(text="Row three.", title="rows line 3", root=root, path="sub/rows.jsonl#3", origins=NAME),
    ]
    assert sources.count_files(sources.entries(folder)[1]) == 4


def test_a_single_file_is_known_by_its_whole_path(folder):
    path = folder / "sub" / "rows.jsonl"
    found = [item for item in sources.read(path) if isinstance(item, Article)]
    assert [(article.root, article.path) for article in found] == [
        ("", f"{path.resolve()}#x"),
        ("", f"{path.resolve()}#3"),
    ]
    assert sources.count_files(sources.entries(path)[1]) == 1


def test_a_readme_that_is_asked_for_is_read(folder):
    (article,) = sources.read(folder / "README.md")
    assert (article.title, article.text) == ("What this is", "Not an article.")


@pytest.mark.parametrize(
    ("name", "reason"), [("none", "there is no such file"), ("a\0b", "it cannot be opened")]
)
def test_a_path_that_is_not_there_is_a_failure(tmp_path, name, reason):
    path = tmp_path / name
    assert [item.reason for item in sources.read(path)] == [reason]
    assert sources.count_files(sources.entries(path)[1]) == 0


def test_the_path_of_a_row_with_an_address_does_not_matter():
    (first,) = sources.read_bytes(b'{"text": "t", "url": "https://news.example/a", "id": 1}', "a.jsonl")
    (second,) = sources.read_bytes(b'{"text": "u", "url": "https://news.example/a", "id": 2}', "b.jsonl")
    assert first.id == second.id


def test_bytes_become_articles_and_failures_without_a_path():
    found = sources.read_bytes(b'{"text": "Row."}\nbad', "up\u202eload.jsonl")
    assert found[0] == Article(text="Row.", title="up\\u202eload line 1", origins=NAME)
    assert found[1].name == "up\\u202eload.jsonl line 2"


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"bad\nworse", "a.jsonl", "a.jsonl line 1: it is not JSON (Expecting value, column 1)"),
        (b"", "a.txt", "a.txt: no text in it"),
        (b"PK", "a.docx", "a.docx: it is called .docx, but what is in it is something else"),
        (b"text", "", ": this kind of file cannot be read yet (no suffix)"),
    ],
)
def test_bytes_without_an_article_are_refused(data, name, message):
    with pytest.raises(SourceError) as caught:
        sources.read_bytes(data, name)
    assert str(caught.value) == message


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(data=st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_any_bytes_give_clean_articles_or_a_source_error(suffix, data):
    try:
        found = sources.read_bytes(data, f"file{suffix}")
    except SourceError:
        return
    articles = [item for item in found if isinstance(item, Article)]
    assert articles
    for article in articles:
        assert article.text.strip()
        for field in (article.text, article.title, article.author, article.source, article.url):
            assert clean.clean(field) == field
