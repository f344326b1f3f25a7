"""Unchanged files are not read again, and no change is missed."""

from __future__ import annotations

import json
import os

import pytest

from assistant import sources
from assistant.corpus import Corpus
from assistant.settings import ChunkingSettings
from assistant.sources.parsers import SLOW_HINT
from assistant.stores.seen import FILE_NAME, SeenFiles
from assistant.syncing import Sync
from assistant.types import Failure, IngestReport
from tests.fakes import WordEmbeddings

ALWAYS_OLD = -60.0  # the tests do not wait until their files are old


class Folder:
    """A folder and the corpus that it is synced into; notes which files were parsed."""

    def __init__(self, tmp_path):
        self.path = tmp_path / "folder"
        self.path.mkdir()
        self.data_dir = tmp_path / "data"
        self.corpus = Corpus(self.data_dir, WordEmbeddings(), ChunkingSettings())
        self.parsed: list[str] = []

    def write(self, name, text):
        (self.path / name).write_text(text)

    def sync(self, path=None, *, version="", racy_seconds=ALWAYS_OLD, limit=None) -> IngestReport:
        self.parsed = []
        seen = SeenFiles(self.data_dir)
        sync = Sync(
            path or self.path,
            "",
            parse=self._parse,
            seen=seen,
            digests=self.corpus.digests,
            version=version,
            racy_seconds=racy_seconds,
        )
        items = (item for item, _ in zip(sync.items(), range(limit or 10**6), strict=False))
        report = self.corpus.add(items, root=None if limit else sync.root or None, total=sync.total)
        seen.close()
        return report

    def _parse(self, path, name):
        self.parsed.append(name)
        if name == "slow.html":
            return iter([Failure(name, "reading it takes longer than 30 seconds", SLOW_HINT)])
        return sources.parse_file(path, name)


@pytest.fixture
def folder(tmp_path):
    folder = Folder(tmp_path)
    folder.write("a.txt", "Otters\n\nThe otter came back to the river.")
    folder.write("b.jsonl", '{"text": "Row one.", "id": 1}\n{"text": "Row two.", "id": 2}\nbad\n')
    yield folder
    folder.corpus.close()


def counts(report):
    names = ("added", "updated", "unchanged", "removed", "failed")
    return {name: len(getattr(report, name)) for name in names if getattr(report, name)}


def test_an_unchanged_folder_is_not_read_and_reported_as_before(folder):
    first = folder.sync()
    assert counts(first) == {"added": 3, "failed": 1}
    second = folder.sync()
    assert folder.parsed == []
    assert (second.unchanged, second.failed) == (first.added, first.failed)
    assert counts(second) == {"unchanged": 3, "failed": 1}


@pytest.mark.parametrize("sets_back", [False, True])
def test_a_changed_file_is_read_even_if_its_time_is_set_back(folder, sets_back):
    folder.sync()
    path = folder.path / "a.txt"
    before = path.stat()
    folder.write("a.txt", "Otters\n\nThe otter came back to the brook.")  # as long as before
    if sets_back:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert counts(folder.sync()) == {"updated": 1, "unchanged": 2, "failed": 1}
    assert folder.parsed == ["a.txt"]
    folder.sync()
    assert folder.parsed == []


def test_a_file_that_was_just_written_is_read_again_until_it_is_old(folder):
    folder.sync(racy_seconds=60)
    folder.sync(racy_seconds=60)
    assert folder.parsed == ["a.txt", "b.jsonl"]
    folder.sync()
    folder.sync()
    assert folder.parsed == []


def test_new_readers_read_again(folder):
    folder.sync(version="1")
    folder.sync(version="2")
    assert folder.parsed == ["a.txt", "b.jsonl"]


def test_an_article_that_was_removed_stays_away_and_its_file_is_not_read_again(folder):
    (name, *_) = folder.sync().added
    (removed,) = (article.id for article in folder.corpus.articles() if article.name == name)
    folder.corpus.remove(removed)
    report = folder.sync()
    assert (counts(report), report.held) == ({"unchanged": 2, "failed": 1}, (name,))
    assert folder.parsed == []


def test_files_that_vanish_take_their_articles_along_and_may_come_back(folder):
    folder.sync()
    (folder.path / "b.jsonl").rename(folder.path.parent / "kept.jsonl")
    assert counts(folder.sync()) == {"unchanged": 1, "removed": 2}
    (folder.path.parent / "kept.jsonl").rename(folder.path / "b.jsonl")
    assert counts(folder.sync()) == {"added": 2, "unchanged": 1, "failed": 1}


def test_what_may_go_well_next_time_is_tried_again(folder):
    folder.write("slow.html", "<p>")
    folder.sync()
    folder.sync()
    assert folder.parsed == ["slow.html"]


def test_a_copy_of_another_folder_is_not_read_again(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "c.txt").write_text((folder.path / "a.txt").read_text())
    folder.sync()
    assert counts(folder.sync(other)) == {"unchanged": 1}
    assert counts(folder.sync(other)) == {"unchanged": 1}
    assert folder.parsed == []
    (folder.path / "a.txt").unlink()
    assert counts(folder.sync()) == {"unchanged": 2, "removed": 1, "failed": 1}
    assert counts(folder.sync(other)) == {"unchanged": 1}
    assert folder.corpus.count() == 3


def test_of_two_files_with_one_address_the_later_stays_a_failure(folder):
    page = {"text": "Of this page.", "url": "https://news.example/a"}
    folder.write("c.jsonl", json.dumps(page))
    folder.sync()
    folder.write("d.jsonl", json.dumps(page | {"text": "Of that page."}))
    for _ in range(2):
        report = folder.sync()
        assert report.failed[-1].reason == "the same address (https://news.example/a) as c.jsonl#1"
    folder.write("a0.jsonl", json.dumps(page | {"text": "Of a third page."}))
    report = folder.sync()
    assert [failure.name for failure in report.failed] == ["b.jsonl line 3", "c.jsonl#1", "d.jsonl#1"]


def test_a_single_file_is_not_read_again(folder):
    path = folder.path / "b.jsonl"
    assert counts(folder.sync(path)) == {"added": 2, "failed": 1}
    assert counts(folder.sync(path)) == {"unchanged": 2, "failed": 1}
    assert folder.parsed == []


def test_an_ingest_that_was_stopped_is_continued(folder):
    folder.sync(limit=2)
    assert counts(folder.sync()) == {"added": 1, "unchanged": 2, "failed": 1}
    assert folder.parsed == ["b.jsonl"]


@pytest.mark.parametrize("lost", [True, False])
def test_what_is_remembered_may_be_lost_or_wrong(folder, lost):
    folder.sync()
    if lost:
        (folder.data_dir / FILE_NAME).unlink()
    else:
        seen = SeenFiles(folder.data_dir)
        root = str(folder.path.resolve())
        seen.put(root, {place: file._replace(found="[[1]]") for place, file in seen.of(root).items()})
        seen.close()
    assert counts(folder.sync()) == {"unchanged": 3, "failed": 1}
    assert folder.parsed == ["a.txt", "b.jsonl"]
