"""Originals: the file of an article is kept as it came, opens, and goes with the last that uses it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.corpus import CATALOG_NAME, backup
from assistant.errors import CorpusError, UnknownArticleError
from assistant.settings import LibrarySettings, Settings
from assistant.stores.originals import Originals
from assistant.types import Article
from tests.fakes import WordEmbeddings
from tests.sources.samples import pdf
from tests.sources.samples import story_pdf as make_story

STORY, STUB, ANOTHER = make_story(), pdf(["A stub"]), pdf(["Another"])  # two calls differ in their dates
PAGE = b"<html><title>Otters</title><body><p>The otter came back after forty years.</p></body></html>"


def opened(folder: Path, **library: object) -> Assistant:
    settings = Settings(data_dir=folder, library=LibrarySettings.model_validate(library))
    return Assistant.open(settings=settings, embedder=WordEmbeddings())


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with opened(tmp_path / "data") as made:
        yield made


def kept(assistant: Assistant) -> list[bytes]:
    folder = assistant.corpus.data_dir / "originals"
    return sorted(path.read_bytes() for path in folder.glob("[!.]*/*"))


def the_article(assistant: Assistant) -> Article:
    (article,) = assistant.articles()
    return article


class TestKeeping:
    def test_an_upload_is_kept_to_the_byte_and_named_by_its_title(self, assistant: Assistant):
        assistant.add(STORY, name="up/load.PDF")
        article = the_article(assistant)
        original = assistant.original(article.id, article.version)
        assert original.path.read_bytes() == STORY
        assert (original.media_type, original.path.suffix) == ("application/pdf", ".pdf")
        assert original.name == f"{article.title}.pdf"

    def test_a_file_and_the_files_of_a_folder_are_kept_and_outlive_them(
        self, assistant: Assistant, tmp_path: Path
    ):
        folder = tmp_path / "in"
        folder.mkdir()
        (folder / "a.pdf").write_bytes(STORY)
        (folder / "b.html").write_bytes(PAGE)
        assistant.add(folder)
        (tmp_path / "c.txt").write_text("A file by itself, with a few words of its own in it.")
        assistant.add(tmp_path / "c.txt")
        expected = sorted([STORY, PAGE, (tmp_path / "c.txt").read_bytes()])
        (tmp_path / "c.txt").unlink()
        assert kept(assistant) == expected
        kinds = {assistant.original(article.id).media_type for article in assistant.articles()}
        assert kinds == {"application/pdf", "text/plain"}

    def test_the_same_file_twice_is_kept_once(self, assistant: Assistant):
        assistant.add(STUB, name="a.pdf")
        assistant.add(STUB, name="b.pdf")
        assert kept(assistant) == [STUB]

    def test_an_unchanged_folder_is_neither_read_nor_written(self, assistant: Assistant, tmp_path: Path):
        folder = tmp_path / "in"
        folder.mkdir()
        (folder / "a.pdf").write_bytes(STORY)
        assert len(assistant.add(folder).added) == 1
        assert len(assistant.add(folder).unchanged) == 1
        assert kept(assistant) == [STORY]

    def test_of_a_file_of_many_articles_none_is_kept(self, assistant: Assistant):
        assistant.add(b'{"text": "One."}\n{"text": "Two."}\n', name="rows.jsonl")
        assert kept(assistant) == []
        assert {article.original for article in assistant.articles()} == {""}

    @pytest.mark.parametrize("library", [{"keep_originals": False}, {"max_original_mb": 1}])
    def test_the_settings_say_what_is_too_much(self, tmp_path: Path, library: dict[str, object]):
        text = ("Words of a long text. " * 60_000).encode()
        with opened(tmp_path / "data", **library) as assistant:
            assert len(assistant.add(text, name="long.txt").added) == 1
            (tmp_path / "long.txt").write_bytes(text)
            assistant.add(tmp_path / "long.txt")
            assert kept(assistant) == []

    def test_what_cannot_be_read_leaves_nothing_behind(self, assistant: Assistant):
        assert len(assistant.add(b"%PDF-1.7 broken", name="a.pdf").failed) == 1
        assert list((assistant.corpus.data_dir / "originals").rglob("*.pdf")) == []

    def test_an_article_cannot_claim_an_original_that_is_not_there(self, assistant: Assistant):
        assistant.corpus.originals.stage([b"something else"], "")  # there is a folder of what is staged
        assistant.add(Article("Some words of a script.", original="ab" * 32))
        assistant.add(Article("More words of a script.", original="../catalog.sqlite"))
        assert {article.original for article in assistant.articles()} == {""}

    def test_a_full_disk_is_an_error_that_says_so(self, tmp_path: Path):
        (tmp_path / "originals").write_text("a file where the folder should be")
        with pytest.raises(CorpusError, match="an original cannot be kept"):
            Originals(tmp_path).stage([b"x"], "")


class TestVersions:
    def test_an_older_version_opens_its_own_file_at_its_own_page(self, assistant: Assistant, tmp_path: Path):
        file = tmp_path / "a.pdf"
        old, new = pdf(["First page"], ["Second page of the first draft"]), pdf(["Another draft altogether"])
        file.write_bytes(old)
        assistant.add(file)
        before = the_article(assistant)
        file.write_bytes(new)
        assistant.add(file)
        assert assistant.original(before.id).path.read_bytes() == new
        assert assistant.original(before.id, before.version).path.read_bytes() == old
        assert assistant.article_version(before.id, before.version).article.pages == before.pages

    def test_a_catalog_of_an_earlier_release_is_brought_up(self, tmp_path: Path):
        opened(tmp_path / "data").close()
        with sqlite3.connect(tmp_path / "data" / CATALOG_NAME) as db:
            db.execute("DROP INDEX versions_by_article")
            db.execute("ALTER TABLE versions DROP COLUMN further")
        db.close()
        with opened(tmp_path / "data") as assistant:
            self.test_an_older_version_opens_its_own_file_at_its_own_page(assistant, tmp_path)


class TestGoing:
    def test_purging_the_last_article_that_uses_it_removes_it(self, assistant: Assistant):
        assistant.add(STUB, name="a.pdf")
        assistant.add(ANOTHER, name="b.pdf")
        gone, _ = sorted(assistant.articles(), key=lambda article: article.text)
        assistant.remove(gone.id)
        assert len(kept(assistant)) == 2  # it may come back
        assert assistant.undo(gone.id).original == gone.original
        assistant.remove(gone.id)
        assistant.purge(everything=True)
        assert kept(assistant) == [ANOTHER] or kept(assistant) == [STUB]
        with pytest.raises(UnknownArticleError):
            assistant.original(gone.id)

    def test_one_that_another_article_uses_stays(self, assistant: Assistant, tmp_path: Path):
        for name in ("a.txt", "b.txt"):
            (tmp_path / name).write_text("A stub that two files share.")
            assistant.add(tmp_path / name)
        first, second = assistant.articles()
        assistant.remove(first.id)
        assistant.purge(everything=True)
        assert assistant.original(second.id).path.read_text() == "A stub that two files share."

    def test_what_a_killed_process_staged_is_swept_and_what_a_living_one_did_is_not(self, tmp_path: Path):
        stage = "import sys, os, pathlib; from assistant.stores.originals import Originals; "
        stage += "Originals(pathlib.Path(sys.argv[1])).stage([b'secret'], '.txt'); os._exit(9)"
        code = subprocess.run([sys.executable, "-c", stage, str(tmp_path / "data")], check=False).returncode
        assert code == 9
        mine = Originals(tmp_path / "data")
        name, _ = mine.stage([b"mine"], ".txt")
        files = [path.read_bytes() for path in (tmp_path / "data").rglob("*.txt")]
        assert sorted(files) == [b"mine", b"secret"]
        opened(tmp_path / "data").close()
        assert [path.read_bytes() for path in (tmp_path / "data").rglob("*.txt")] == [b"mine"]
        assert mine.settle(name)


class TestHealth:
    @pytest.mark.parametrize("damage", ["missing", "changed"])
    def test_verify_finds_a_lost_original_and_the_next_look_brings_it_back(
        self, assistant: Assistant, tmp_path: Path, damage: str
    ):
        (tmp_path / "a.pdf").write_bytes(STORY)
        assistant.add(tmp_path / "a.pdf")
        place = assistant.original(the_article(assistant).id).path
        place.unlink() if damage == "missing" else place.write_bytes(b"%PDF other")
        (problem,) = assistant.verify().problems
        assert "is missing or damaged" in problem
        assert assistant.verify(repair=True).is_healthy
        assert assistant.verify().repaired == ()
        with pytest.raises(UnknownArticleError, match="is not kept"):
            assistant.original(the_article(assistant).id)
        assistant.add(tmp_path / "a.pdf")
        assert kept(assistant) == [STORY]

    def test_a_backup_brings_originals_back(self, assistant: Assistant, tmp_path: Path):
        assistant.add(STORY, name="a.pdf")
        assistant.corpus.originals.stage([b"half done"], "")
        backup(assistant.corpus.data_dir, tmp_path / "b.zip")
        Assistant.restore(tmp_path / "b.zip", tmp_path / "new")
        with opened(tmp_path / "new") as restored:
            assert restored.original(the_article(restored).id).path.read_bytes() == STORY
            assert restored.verify().is_healthy
        assert list((tmp_path / "new" / "originals").glob(".*")) == []

    def test_a_rebuild_keeps_them(self, tmp_path: Path):
        with opened(tmp_path / "data") as assistant:
            assistant.add(STORY, name="a.pdf")
        settings = Settings(data_dir=tmp_path / "data")
        Assistant.rebuild(settings=settings, embedder=WordEmbeddings(fingerprint="others"))
        with Assistant.open(settings=settings, embedder=WordEmbeddings(fingerprint="others")) as assistant:
            assert assistant.original(the_article(assistant).id).path.read_bytes() == STORY
            assert assistant.verify().is_healthy
