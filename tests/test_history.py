"""Once each, and nothing kept that should be gone: versions, duplicates, edits, the trash, the purge."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.corpus import CATALOG_NAME, Corpus
from assistant.errors import UnknownArticleError
from assistant.settings import ChunkingSettings
from assistant.stores.catalog import Catalog
from assistant.types import Article, Filters
from tests.contents import contents
from tests.fakes import WordEmbeddings, make_article
from tests.retriever_contract import BAKU, ZEBRA, ids_of

CHUNKING = ChunkingSettings(max_passage_chars=100)
STORY = make_article(
    " ".join(f"Sentence {n} of the long story says that something happened." for n in range(8)),
    title="Story",
    url="https://a.example/story",
)
ELSEWHERE = dataclasses.replace(STORY, url="https://b.example/copy", title="Copied", source="Herald")


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def corpus(tmp_path: Path, clock: Clock) -> Iterator[Corpus]:
    opened = Corpus(
        tmp_path / "data", WordEmbeddings(), CHUNKING, kept_versions=2, undo_seconds=60, clock=clock
    )
    yield opened
    opened.close()


def found(corpus: Corpus, words: str) -> set[str]:
    return {passage_id for passage_id, _ in corpus.lexical(words, 100, Filters())}


def files_with(folder: Path, word: bytes) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.name for path in files if word in path.read_bytes())


class TestVersions:
    def version(self, n: int) -> Article:
        return dataclasses.replace(STORY, text=f"This is draft {n}. It mentions edition{n}.", title=f"T{n}")

    def test_a_citation_of_an_older_version_resolves_and_says_so(self, corpus: Corpus):
        first, second = self.version(1), self.version(2)
        corpus.add([first])
        corpus.add([second])
        old = corpus.article_version(first.id, first.version)
        assert (old.article.text, old.article.title) == (first.text, "T1")
        assert old.note.startswith("Of an older version, replaced on 20")
        now = corpus.article_version(first.id, second.version)
        assert (now.article, now.note) == (second, "")

    def test_an_older_version_is_never_searched(self, corpus: Corpus):
        corpus.add([self.version(1)])
        corpus.add([self.version(2)])
        assert found(corpus, "edition1") == set()
        assert found(corpus, "edition2") == ids_of(self.version(2))

    def test_only_so_many_are_kept(self, corpus: Corpus):
        for n in range(4):
            corpus.add([self.version(n)])
        assert corpus.article_version(STORY.id, self.version(1).version).article.title == "T1"
        with pytest.raises(UnknownArticleError, match="this version of “T3” is not kept"):
            corpus.article_version(STORY.id, self.version(0).version)

    def test_a_new_date_makes_no_new_version(self, corpus: Corpus):
        corpus.add([STORY])
        corpus.add([dataclasses.replace(STORY, published=date(2020, 1, 1))])
        assert corpus.article_version(STORY.id, STORY.version).replaced is None


class TestTheSameTextElsewhere:
    def test_it_is_refused_and_named(self, corpus: Corpus):
        corpus.add([STORY])
        report = corpus.add([ELSEWHERE])
        assert report.unchanged == ("Copied (already there as Story)",)
        assert list(corpus.articles()) == [STORY]

    def test_in_one_go_too(self, corpus: Corpus):
        report = corpus.add([BAKU, STORY, ELSEWHERE])
        assert report.unchanged == ("Copied (already there as Story)",)
        assert set(corpus.articles()) == {BAKU, STORY}
        again = corpus.add([BAKU, STORY, ELSEWHERE])
        assert (len(again.unchanged), again.added, again.updated) == (3, (), ())

    def test_it_takes_the_place_when_the_first_changes_with_all_that_it_knows(self, corpus: Corpus):
        changed = dataclasses.replace(STORY, text="Now something else.")
        corpus.add([STORY, ELSEWHERE])
        corpus.add([changed])
        assert set(corpus.articles()) == {changed, ELSEWHERE}
        assert corpus.verify().is_healthy

    def test_two_files_of_one_folder_are_one_until_one_goes(self, corpus: Corpus):
        first, second = (dataclasses.replace(STORY, url="", root="/a", path=path) for path in "xy")
        corpus.add([first, second], root="/a")
        assert list(corpus.articles()) == [first]
        corpus.add([second], root="/a")
        assert list(corpus.articles()) == [second]
        assert corpus.verify().is_healthy

    def test_stubs_that_two_articles_share_stay_two(self, corpus: Corpus):
        one, two = (make_article("Subscribe to read.", title=n, url=f"https://{n}") for n in "ab")
        corpus.add([one, two])
        assert set(corpus.articles()) == {one, two}


class TestEdits:
    def test_a_correction_is_found_and_stays_on_refresh(self, corpus: Corpus):
        corpus.add([STORY])
        edited = corpus.edit(STORY.id, {"title": "The right title", "published": date(2020, 2, 2)})
        assert (edited.title, edited.published) == ("The right title", date(2020, 2, 2))
        assert dict(edited.origins) == {"title": "edited by hand", "published": "edited by hand"}
        assert found(corpus, "right title") == ids_of_edited(corpus, edited)
        assert corpus.add([STORY]).unchanged == ("The right title",)
        renewed = dataclasses.replace(STORY, text=f"{STORY.text} More.", title="Story 2")
        corpus.add([renewed])
        now = corpus.article(STORY.id)
        assert (now.title, now.published, now.text) == ("The right title", date(2020, 2, 2), renewed.text)
        assert corpus.verify().is_healthy
        assert corpus.edit(STORY.id, {}) == renewed  # and what the source says now comes back

    def test_what_is_corrected_can_be_corrected_again_and_taken_back(self, corpus: Corpus):
        corpus.add([STORY])
        corpus.edit(STORY.id, {"author": "A"})
        corpus.edit(STORY.id, {"author": "B", "published": None})
        assert (corpus.article(STORY.id).author, corpus.article(STORY.id).published) == ("B", None)
        assert corpus.edit(STORY.id, {}) == corpus.article(STORY.id) == STORY

    def test_nothing_else_can_be_edited(self, corpus: Corpus):
        corpus.add([STORY])
        with pytest.raises(ValueError, match="text cannot be edited, only title"):
            corpus.edit(STORY.id, {"text": "Else."})


def ids_of_edited(corpus: Corpus, article: Article) -> set[str]:
    return {i for i in found(corpus, "sentence") if corpus.passages([i])[i][1] == article}


class TestTheTrash:
    def test_a_removed_article_is_gone_at_once_and_can_be_brought_back(self, corpus: Corpus):
        corpus.add([BAKU, ZEBRA])
        corpus.edit(ZEBRA.id, {"author": "Hand"})
        corpus.remove(ZEBRA.id)
        assert found(corpus, "zebra") == set()
        with pytest.raises(UnknownArticleError):
            corpus.article(ZEBRA.id)
        with pytest.raises(UnknownArticleError):
            corpus.article_version(ZEBRA.id, ZEBRA.version)
        ((removed, _),) = corpus.removed()
        assert removed.id == ZEBRA.id
        back = corpus.restore_removed(ZEBRA.id[:8])
        assert back == corpus.article(ZEBRA.id)
        assert (back.author, corpus.removed()) == ("Hand", [])
        assert found(corpus, "zebra") != set()
        assert corpus.verify().is_healthy

    def test_what_a_folder_lost_can_be_brought_back_too(self, corpus: Corpus):
        file = make_article("A file.", title="F", root="/a", path="f")
        corpus.add([file], root="/a")
        corpus.add([], root="/a")
        assert corpus.restore_removed(file.id) == file

    def test_what_was_added_again_is_no_longer_in_the_trash(self, corpus: Corpus):
        corpus.add([ZEBRA])
        corpus.remove(ZEBRA.id)
        corpus.add([ZEBRA])
        assert corpus.removed() == []

    def test_it_comes_back_only_for_a_time(self, corpus: Corpus, clock: Clock):
        corpus.add([BAKU, ZEBRA])
        corpus.remove(ZEBRA.id)
        clock.now += 61
        assert corpus.removed() == []
        with pytest.raises(UnknownArticleError, match="no removed article has the id") as caught:
            corpus.restore_removed(ZEBRA.id)
        assert "assistant trash" in caught.value.hint


class TestThePurge:
    CANARY = make_article(
        "Xylocanary sang in Baku. " * 9 + "Xylocanary flew.", title="Xylocanary", source="Xylocanary Post"
    )

    @pytest.mark.parametrize("way", ["next write", "purge", "purge all"])
    def test_no_file_holds_a_word_of_it_afterwards(
        self, corpus: Corpus, clock: Clock, tmp_path: Path, way: str
    ):
        corpus.add([BAKU, self.CANARY])
        corpus.add([dataclasses.replace(self.CANARY, url="https://c", text="Xylocanary once.")])
        corpus.add([dataclasses.replace(self.CANARY, url="https://c", text="Xylocanary twice.")])
        corpus.edit(self.CANARY.id, {"author": "Xylocanary"})
        for article in list(corpus.articles()):
            if article.id != BAKU.id:
                corpus.remove(article.id)
        assert "catalog.sqlite" in "".join(files_with(tmp_path, b"Xylocanary"))
        if way == "purge all":
            assert corpus.purge(everything=True) == 2
        else:
            clock.now += 61
            corpus.purge() if way == "purge" else corpus.add([ZEBRA])
        for word in (b"Xylocanary", b"xylocanary", b"xylocanari", self.CANARY.id.encode()):
            assert files_with(tmp_path, word) == []
        assert found(corpus, "baku") >= ids_of(BAKU)
        assert corpus.dense(corpus.embed_query("baku"), 9, Filters())
        assert corpus.verify().is_healthy
        corpus.add([STORY])
        corpus.close()
        assert contents(tmp_path / "data").is_whole

    def test_no_vector_of_it_is_left(self, corpus: Corpus, tmp_path: Path):
        corpus.add([BAKU, self.CANARY])
        corpus.add([ZEBRA])
        catalog = Catalog(tmp_path / "data" / CATALOG_NAME)
        (vector,) = catalog.vectors(sorted(ids_of(self.CANARY))[:1]).values()
        catalog.close()
        needle = vector.tobytes()[:64]
        assert files_with(tmp_path, needle) != []
        corpus.remove(self.CANARY.id)
        corpus.purge(everything=True)
        assert files_with(tmp_path, needle) == []

    def test_a_purge_that_was_cut_off_is_finished_at_the_next_write(
        self, corpus: Corpus, clock: Clock, tmp_path: Path
    ):
        corpus.add([BAKU, self.CANARY])
        corpus.remove(self.CANARY.id)
        clock.now += 61
        catalog = Catalog(tmp_path / "data" / CATALOG_NAME)
        catalog.purge([self.CANARY.id])  # and then the process is killed
        catalog.close()
        assert files_with(tmp_path, b"Xylocanary") != []
        corpus.add([ZEBRA])
        assert files_with(tmp_path, b"Xylocanary") == []
