from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.corpus import Corpus, rebuild
from assistant.errors import UnknownArticleError
from assistant.settings import ChunkingSettings
from assistant.types import Article, Failure, Filters, IngestReport, Progress
from tests.contents import contents
from tests.fakes import WordEmbeddings, make_article
from tests.retriever_contract import BAKU, QUIET, ZEBRA, ids_of, passages_of

CHUNKING = ChunkingSettings(max_passage_chars=100)
CLASH_HINT = "The earlier one is in. Give each its own address, or leave one of them out."
LONG = make_article(
    " ".join(f"Sentence number {n} of a long report says something new." for n in range(20)),
    url="https://e.org/long",
)


@pytest.fixture
def embedder() -> WordEmbeddings:
    return WordEmbeddings()


@pytest.fixture
def corpus(tmp_path: Path, embedder: WordEmbeddings) -> Iterator[Corpus]:
    opened = Corpus(tmp_path / "data", embedder, CHUNKING)
    yield opened
    opened.close()


def done(report: IngestReport) -> dict[str, tuple[str, ...]]:
    """What a report names, without what is empty."""
    kinds = ("added", "updated", "unchanged", "removed")
    return {kind: names for kind in kinds if (names := getattr(report, kind))}


def placed(text: str, path: str, root: str = "/a") -> Article:
    return make_article(text, title=path, root=root, path=path)


def found(corpus: Corpus, words: str) -> set[str]:
    """Ids of the passages that hold one of the words."""
    return {passage_id for passage_id, _ in corpus.lexical(words, 100, Filters())}


class TestWhatIsEmbedded:
    def test_an_unchanged_article_costs_nothing(self, corpus: Corpus, embedder: WordEmbeddings):
        report = corpus.add([LONG, BAKU])
        assert report.passages == len(embedder.embedded) == len(ids_of(LONG, BAKU))
        embedder.embedded.clear()
        again = corpus.add([LONG, BAKU])
        assert done(again) == {"unchanged": (LONG.title, BAKU.title)}
        assert again.passages == 0
        assert embedder.embedded == []

    def test_a_changed_sentence_costs_the_passages_that_it_changes(
        self, corpus: Corpus, embedder: WordEmbeddings
    ):
        corpus.add([LONG])
        embedder.embedded.clear()
        changed = dataclasses.replace(
            LONG, text=LONG.text.replace("number 7 of", "number X of")
        )  # of equal length
        report = corpus.add([changed])
        assert done(report) == {"updated": (LONG.title,)}
        assert embedder.embedded == [
            p.embedded_text for p in passages_of(changed) if p.id not in ids_of(LONG)
        ]
        assert report.passages == len(embedder.embedded) == 1

    def test_a_sentence_put_in_front_costs_only_the_passages_that_read_differently(
        self, corpus: Corpus, embedder: WordEmbeddings
    ):
        corpus.add([LONG])
        embedder.embedded.clear()
        changed = dataclasses.replace(
            LONG, text=f"{'A new sentence that fills its passage. ' * 2}\n{LONG.text}"
        )
        corpus.add([changed])
        known = {passage.embedded_text for passage in passages_of(LONG)}
        new = [p.embedded_text for p in passages_of(changed) if p.embedded_text not in known]
        assert sorted(embedder.embedded) == sorted(new)
        assert len(new) == 1

    def test_a_changed_title_costs_the_whole_article(self, corpus: Corpus, embedder: WordEmbeddings):
        corpus.add([LONG, BAKU])
        embedder.embedded.clear()
        changed = dataclasses.replace(LONG, title="Another title")
        corpus.add([changed, BAKU])
        assert sorted(embedder.embedded) == sorted(p.embedded_text for p in passages_of(changed))
        assert all(text.startswith("Another title\n") for text in embedder.embedded)

    def test_a_changed_date_costs_no_embedding_but_counts(self, corpus: Corpus, embedder: WordEmbeddings):
        corpus.add([BAKU])
        embedder.embedded.clear()
        changed = dataclasses.replace(BAKU, source="Times")
        assert done(corpus.add([changed])) == {"updated": (BAKU.title,)}
        assert embedder.embedded == []
        assert corpus.count(Filters(sources=("Times",))) == 1

    def test_a_text_that_comes_twice_is_embedded_once(self, corpus: Corpus, embedder: WordEmbeddings):
        corpus.add(
            [placed("The same text.", "a"), dataclasses.replace(placed("The same text.", "b"), title="a")]
        )
        assert embedder.embedded == ["a\nThe same text."]


class TestReports:
    def test_an_article_is_added_then_updated_then_unchanged(self, corpus: Corpus):
        first, second = placed("One.", "x"), placed("Two.", "x")
        assert done(corpus.add([first])) == {"added": ("x",)}
        assert done(corpus.add([second])) == {"updated": ("x",)}
        assert done(corpus.add([second])) == {"unchanged": ("x",)}
        assert corpus.article(first.id) == second
        assert corpus.count() == 1

    @pytest.mark.parametrize(
        ("first", "second", "failure"),
        [
            (
                make_article("One.", title="First", url="https://u", path="a.jsonl#1", root="/a"),
                make_article("Two.", title="Second", url="https://u", path="b.html", root="/a"),
                Failure("b.html", "the same address (https://u) as a.jsonl#1", CLASH_HINT),
            ),
            (placed("One.", "x"), placed("Two.", "x"), Failure("x", "the same place as x", CLASH_HINT)),
            (
                make_article("One.", title="First"),
                make_article("One.", title="Second"),
                Failure("Second", "the same text as First", CLASH_HINT),
            ),
        ],
    )
    @pytest.mark.parametrize("batch_passages", [1, 256])
    def test_of_two_with_one_identity_in_one_go_the_second_is_a_failure(
        self, tmp_path: Path, first: Article, second: Article, failure: Failure, batch_passages: int
    ):
        corpus = Corpus(tmp_path, WordEmbeddings(), CHUNKING, batch_passages=batch_passages)
        for kind in ("added", "unchanged"):  # and nothing is embedded to and fro when they come again
            report = corpus.add([first, BAKU, second])
            assert done(report) == {kind: (first.title, "Talks")}
            assert report.failed == (failure,)
            assert corpus.article(first.id) == first
        assert corpus.verify().is_healthy
        corpus.close()

    def test_what_comes_twice_in_one_go_is_told(self, corpus: Corpus):
        some = [make_article("One.", title="Row", url="https://u", path=f"a.jsonl#{n}") for n in (1, 2)]
        report = corpus.add(some)
        assert done(report) == {"added": ("Row",), "unchanged": ("Row (already there as a.jsonl#1)",)}
        assert (report.failed, list(corpus.articles())) == ((), some[:1])

    def test_what_could_not_be_read_is_passed_on_and_stops_nothing(self, corpus: Corpus):
        failure = Failure("b.pdf", "it is encrypted")
        report = corpus.add([BAKU, failure, make_article(" \n", title="Blank"), ZEBRA])
        assert done(report) == {"added": ("Talks", "Zebra")}
        assert report.failed == (
            failure,
            Failure("Blank", "no text in it", "Check that the file is not empty."),
        )

    @pytest.mark.parametrize(
        "field", ["text", "title", "author", "source", "url", "root", "path", "language"]
    )
    def test_half_a_character_stops_only_its_own_article(self, corpus: Corpus, field: str):
        broken = make_article(**({"text": "Broken.", "title": "Broken"} | {field: "half \ud83d"}))
        report = corpus.add([BAKU, broken, ZEBRA])
        assert done(report) == {"added": ("Talks", "Zebra")}
        assert [failure.reason for failure in report.failed] == [
            "half a character in it, which no store can write"
        ]
        report.failed[0].name.encode()

    def test_an_article_without_a_title_is_called_by_its_path_or_its_text(self, corpus: Corpus):
        bare = make_article("Bare.", title="")
        report = corpus.add([dataclasses.replace(placed("Text.", "x.txt"), title=""), bare])
        assert done(report) == {"added": ("x.txt", "Bare.")}

    def test_nothing_added_is_nothing_done(self, corpus: Corpus):
        report = corpus.add([])
        assert dataclasses.replace(report, seconds=0) == IngestReport()
        assert corpus.verify().is_healthy

    def test_progress_grows_to_the_end(self, tmp_path: Path):
        corpus = Corpus(tmp_path, WordEmbeddings(), CHUNKING, batch_passages=1)
        told: list[Progress] = []
        some = [placed(f"Number {n}. " * 10, f"{n}") for n in range(5)]
        report = corpus.add(some, total=3, on_progress=told.append)
        assert [p.done for p in told] == sorted(p.done for p in told)
        assert [p.passages for p in told] == sorted(p.passages for p in told)
        assert (told[-1].done, told[-1].total, told[-1].passages) == (5, 5, report.passages)
        assert {p.name for p in told} == {"0", "1", "2", "3", "4"}
        corpus.close()

    def test_what_is_reported_done_is_wholly_in(self, tmp_path: Path):
        corpus = Corpus(tmp_path, WordEmbeddings(), CHUNKING, batch_passages=1)
        some = [
            placed(f"Number{n} is here and fills the batch by itself, as long as it is. " * 2, f"{n}")
            for n in range(4)
        ]

        def check(progress: Progress) -> None:
            assert corpus.count() == progress.done
            for n in range(progress.done):
                assert found(corpus, f"number{n}") == ids_of(some[n])

        corpus.add(some, on_progress=check)
        assert corpus.count() == 4
        corpus.close()

    def test_an_error_while_reading_keeps_what_was_written_before(self, tmp_path: Path):
        def articles() -> Iterator[Article]:
            yield LONG
            raise ZeroDivisionError

        corpus = Corpus(tmp_path, WordEmbeddings(), CHUNKING, batch_passages=1)
        with pytest.raises(ZeroDivisionError):
            corpus.add(articles())
        assert list(corpus.articles()) == [LONG]
        assert corpus.verify().is_healthy
        assert done(corpus.add([BAKU])) == {"added": ("Talks",)}  # the lock is free again
        corpus.close()


class TestSyncingAFolder:
    def test_what_has_vanished_is_removed(self, corpus: Corpus):
        a, b = placed("Apple.", "a"), placed("Banana.", "b")
        corpus.add([a, b], root="/a")
        assert done(corpus.add([b], root="/a")) == {"unchanged": ("b",), "removed": ("a",)}
        assert list(corpus.articles()) == [b]
        assert found(corpus, "apple") == set()
        assert corpus.verify().is_healthy

    def test_an_empty_folder_removes_all_of_its_own(self, corpus: Corpus):
        corpus.add([placed("Apple.", "a"), placed("Banana.", "b")], root="/a")
        corpus.add([BAKU])
        assert sorted(corpus.add([], root="/a").removed) == ["a", "b"]
        assert list(corpus.articles()) == [BAKU]

    def test_another_folder_is_never_touched(self, corpus: Corpus):
        mine, other = placed("Mine.", "a", "/a"), placed("Other.", "a", "/b")
        inner = placed("Inner.", "x", "/a/inner")
        corpus.add([mine], root="/a")
        corpus.add([other], root="/b")
        corpus.add([inner], root="/a/inner")
        corpus.add([BAKU])
        assert done(corpus.add([], root="/a")) == {"removed": ("a",)}
        assert set(corpus.articles()) == {other, inner, BAKU}

    def test_without_a_root_nothing_is_removed(self, corpus: Corpus):
        a, b = placed("Apple.", "a"), placed("Banana.", "b")
        corpus.add([a, b], root="/a")
        corpus.add([b])
        assert set(corpus.articles()) == {a, b}

    @pytest.mark.parametrize(
        ("failure", "kept"),
        [
            ("a.txt", {"a.txt"}),
            ("rows.jsonl", {"rows.jsonl#1", "rows.jsonl#2"}),
            ("rows.jsonl line 2", {"rows.jsonl#1", "rows.jsonl#2"}),
            ("sub", {"sub/b.txt", "sub/deep/c.txt"}),
            ("sub/deep", {"sub/deep/c.txt"}),
            (".", {"a.txt", "rows.jsonl#1", "rows.jsonl#2", "sub/b.txt", "sub/deep/c.txt", "subway.txt"}),
            ("unknown", set()),
        ],
    )
    def test_what_cannot_be_read_this_time_keeps_its_earlier_version(
        self, corpus: Corpus, failure: str, kept: set[str]
    ):
        paths = ["a.txt", "rows.jsonl#1", "rows.jsonl#2", "sub/b.txt", "sub/deep/c.txt", "subway.txt"]
        corpus.add([placed(f"Text of {path}.", path) for path in paths], root="/a")
        corpus.add([Failure(failure, "reading it is not allowed")], root="/a")
        assert {article.path for article in corpus.articles()} == kept
        assert corpus.verify().is_healthy

    def test_an_article_found_in_two_folders_by_its_url_is_one(self, corpus: Corpus):
        here, there = (
            dataclasses.replace(placed("Text.", "a", root), url="https://u") for root in ("/a", "/b")
        )
        corpus.add([here], root="/a")
        corpus.add([there], root="/b")
        assert corpus.count() == 1
        assert done(corpus.add([here], root="/a")) == {"updated": ("a",)}
        assert corpus.add([], root="/b").removed == ()
        assert list(corpus.articles()) == [here]


class TestTheSameArticleAtTwoPlaces:
    """Files of two folders, or a file and an upload, that are equal in all but their place."""

    HERE, THERE = (
        dataclasses.replace(placed("Both folders hold this.", f"{root[1:]}/x.txt", root), title="Both")
        for root in ("/a", "/b")
    )
    UPLOAD = dataclasses.replace(HERE, root="", path="")
    FILE = dataclasses.replace(HERE, root="", path="/a/a/x.txt")  # HERE by its whole path

    def sync(self, corpus: Corpus, root: str, *some: Article) -> dict[str, tuple[str, ...]]:
        return done(corpus.add(some, root=root))

    @pytest.mark.parametrize(
        ("first", "second", "where"),
        [
            (HERE, THERE, "/a/a/x.txt"),
            (HERE, UPLOAD, "/a/a/x.txt"),
            (UPLOAD, HERE, "Both"),
            (HERE, FILE, "/a/a/x.txt"),
            (FILE, UPLOAD, "/a/a/x.txt"),
        ],
    )
    def test_is_in_once_and_told(
        self, corpus: Corpus, embedder: WordEmbeddings, first: Article, second: Article, where: str
    ):
        corpus.add([first])
        embedder.embedded.clear()
        for _ in range(2):
            assert done(corpus.add([second])) == {"unchanged": (f"Both (already there as {where})",)}
            assert list(corpus.articles()) == [first]
        assert embedder.embedded == []
        assert corpus.verify().is_healthy

    @pytest.mark.parametrize(
        "change", [{"title": "B"}, {"text": "Else."}, {"published": None}, {"source": "B"}, {"author": "B"}]
    )
    def test_is_in_twice_if_anything_else_differs(self, corpus: Corpus, change: dict[str, str]):
        other = dataclasses.replace(self.THERE, **change)
        corpus.add([self.HERE, BAKU])
        corpus.add([other])
        assert set(corpus.articles()) == {self.HERE, other, BAKU}

    def test_is_in_twice_if_one_folder_holds_it_twice(self, corpus: Corpus):
        other = dataclasses.replace(self.HERE, path="y.txt")
        assert self.sync(corpus, "/a", self.HERE, other) == {"added": ("Both", "Both")}

    def test_stays_when_only_the_other_folder_loses_it(self, corpus: Corpus, embedder: WordEmbeddings):
        self.sync(corpus, "/a", self.HERE)
        self.sync(corpus, "/b", self.THERE)
        corpus.add([self.UPLOAD])
        embedder.embedded.clear()
        assert self.sync(corpus, "/a") == {"removed": ("Both",)}
        assert list(corpus.articles()) == [self.UPLOAD]
        assert found(corpus, "folders") == ids_of(self.UPLOAD)
        corpus.remove(self.UPLOAD.id)
        assert self.sync(corpus, "/b", self.THERE) == {}  # a person removed it, wherever it stands
        assert (list(corpus.articles()), embedder.embedded) == ([], [])
        assert corpus.verify().is_healthy

    def test_goes_when_both_folders_have_lost_it(self, corpus: Corpus):
        self.sync(corpus, "/a", self.HERE)
        self.sync(corpus, "/b", self.THERE)
        self.sync(corpus, "/b")
        assert list(corpus.articles()) == [self.HERE]
        assert self.sync(corpus, "/a") == {"removed": ("Both",)}
        assert list(corpus.articles()) == []

    def test_keeps_the_version_of_the_folder_that_did_not_change(self, corpus: Corpus):
        changed = dataclasses.replace(self.HERE, text="This has changed here.")
        self.sync(corpus, "/a", self.HERE)
        self.sync(corpus, "/b", self.THERE)
        assert self.sync(corpus, "/a", changed) == {"updated": ("Both",)}
        assert set(corpus.articles()) == {changed, self.THERE}
        both = dataclasses.replace(self.THERE, text=changed.text)
        assert self.sync(corpus, "/b", both) == {"updated": ("Both (already there as /a/a/x.txt)",)}
        assert list(corpus.articles()) == [changed]
        assert corpus.verify().is_healthy

    @pytest.mark.parametrize("first", ["/c", "/c/d"])
    def test_is_one_file_if_one_folder_lies_in_the_other(self, corpus: Corpus, first: str):
        second = {"/c": "/c/d", "/c/d": "/c"}[first]

        def file(root: str, text: str) -> Article:
            return make_article(text, title="F", root=root, path="d/f.txt" if root == "/c" else "f.txt")

        self.sync(corpus, first, file(first, "Old."))
        self.sync(corpus, second, file(second, "Old."))
        self.sync(corpus, first, file(first, "New."))
        assert list(corpus.articles()) == [file(first, "New.")]
        self.sync(corpus, second, file(second, "New."))
        assert list(corpus.articles()) == [file(first, "New.")]
        self.sync(corpus, second, file(second, "Newer."))
        self.sync(corpus, first, file(first, "Newer."))
        assert list(corpus.articles()) == [file(second, "Newer.")]
        self.sync(corpus, second)
        self.sync(corpus, first)
        assert list(corpus.articles()) == []

    def test_is_still_in_twice_after_a_rebuild_if_it_was_before(self, corpus: Corpus, tmp_path: Path):
        both = [dataclasses.replace(one, text=f"{one.text} " * 9) for one in (self.HERE, self.THERE)]
        corpus.add(both)  # in one go: neither was there before the other
        corpus.close()
        rebuild(tmp_path / "data", WordEmbeddings(), CHUNKING, batch_passages=1)
        again = Corpus(tmp_path / "data", WordEmbeddings(), CHUNKING)
        assert set(again.articles()) == set(both)
        assert again.verify().is_healthy
        again.close()


class TestRemoving:
    def test_a_removed_article_is_not_found_any_more(self, corpus: Corpus, tmp_path: Path):
        corpus.add([BAKU, ZEBRA, QUIET])
        assert corpus.remove(ZEBRA.id) == ZEBRA
        assert found(corpus, "zebra") == set()
        assert corpus.document_frequency("zebra") == (0, 2)
        assert {i for i, _ in corpus.dense(corpus.embed_query("zebra"), 9, Filters())} == ids_of(BAKU, QUIET)
        corpus.close()
        stored = contents(tmp_path / "data")
        assert stored.articles == {BAKU, QUIET}
        assert stored.dense == stored.lexical == ids_of(BAKU, QUIET)

    def test_it_can_be_added_again(self, corpus: Corpus):
        corpus.add([BAKU, ZEBRA])
        corpus.remove(ZEBRA.id)
        assert done(corpus.add([ZEBRA])) == {"added": ("Zebra",)}
        assert found(corpus, "zebra") == ids_of(ZEBRA)
        assert corpus.verify().is_healthy

    def test_the_last_article_can_be_removed(self, corpus: Corpus):
        corpus.add([BAKU])
        corpus.remove(BAKU.id)
        assert corpus.dense(corpus.embed_query("baku"), 9, Filters()) == []
        assert corpus.document_frequency("baku") == (0, 0)
        assert corpus.verify().is_healthy

    def test_an_unknown_article_cannot(self, corpus: Corpus):
        corpus.add([BAKU])
        with pytest.raises(UnknownArticleError, match="no article has the id 'unknown'"):
            corpus.remove("unknown")

    def test_nor_can_too_short_a_beginning_be_an_id(self, corpus: Corpus):
        corpus.add([BAKU])
        with pytest.raises(UnknownArticleError, match="at least 6 characters of an id are needed") as caught:
            corpus.article(BAKU.id[:5])
        assert "assistant list" in caught.value.hint
        with pytest.raises(UnknownArticleError, match="at least 6 characters of an id are needed") as caught:
            corpus.restore_removed(BAKU.id[:5])
        assert "assistant trash" in caught.value.hint


class TestFindingAnArticle:
    @pytest.mark.parametrize("length", [6, 10, 24])
    def test_by_its_id_or_a_beginning_of_it(self, corpus: Corpus, length: int):
        corpus.add([BAKU, ZEBRA])
        assert corpus.article(BAKU.id[:length]) == BAKU

    @pytest.mark.parametrize(
        "article_id", [BAKU.id[:5], "", "%", "______", BAKU.id + "0", "\ud800abcdef", "\x00" * 8]
    )
    def test_not_by_anything_else(self, corpus: Corpus, article_id: str):
        corpus.add([BAKU, ZEBRA])
        with pytest.raises(UnknownArticleError):
            corpus.article(article_id)

    def test_not_by_a_beginning_that_two_share(self, corpus: Corpus):
        seen: dict[str, Article] = {}
        for number in range(100_000):
            article = make_article(f"{number}.")
            other = seen.setdefault(article.id[:6], article)
            if other is not article:
                break
        corpus.add([article, other])
        with pytest.raises(UnknownArticleError, match="more than one article"):
            corpus.article(article.id[:6])
        assert corpus.article(article.id) == article


class TestFilteringBySource:
    SHOUTED = make_article("The GAZETTE reported from Baku.", title="Loud", source="GAZETTE", published=None)

    @pytest.mark.parametrize("name", ["gazette", "Gazette", "GAZETTE", "gaZette"])
    def test_finds_every_way_to_write_its_name(self, corpus: Corpus, name: str):
        corpus.add([BAKU, ZEBRA, self.SHOUTED])
        by_name = Filters(sources=(name,))
        expected = ids_of(BAKU, self.SHOUTED)
        assert corpus.count(by_name) == 2
        assert {i for i, _ in corpus.lexical("baku", 9, by_name)} == expected
        assert {i for i, _ in corpus.dense(corpus.embed_query("baku"), 9, by_name)} == expected
        assert {article.source for article in corpus.articles()} == {"Gazette", "Herald", "GAZETTE"}

    def test_knows_the_sources_that_came_since(self, corpus: Corpus):
        corpus.add([ZEBRA])
        by_name = Filters(sources=("gazette",))
        assert corpus.count(by_name) == 0
        corpus.add([BAKU])
        assert corpus.count(by_name) == 1


class TestAnEmptyCorpus:
    def test_is_healthy_and_finds_nothing(self, corpus: Corpus):
        assert corpus.dense(corpus.embed_query("baku"), 9, Filters()) == []
        assert corpus.lexical("baku", 9, Filters()) == []
        assert corpus.document_frequency("baku") == (0, 0)
        assert list(corpus.articles()) == []
        report = corpus.verify(repair=True)
        assert (report.is_healthy, report.articles, report.passages, report.repaired) == (True, 0, 0, ())

    def test_is_not_given_an_index_before_it_needs_one(self, corpus: Corpus, tmp_path: Path):
        corpus.lexical("baku", 9, Filters())
        corpus.verify(repair=True)
        assert list((tmp_path / "data").glob("index-*")) == []


def test_a_corpus_is_the_same_after_reopening(tmp_path: Path):
    for _ in range(2):
        corpus = Corpus(tmp_path, WordEmbeddings(), CHUNKING)
        corpus.add([BAKU, ZEBRA])
        assert set(corpus.articles()) == {BAKU, ZEBRA}
        assert found(corpus, "zebra") == ids_of(ZEBRA)
        assert corpus.verify().is_healthy
        corpus.close()
    assert len(list(tmp_path.glob("index-*"))) == 1


def test_searching_from_several_threads_while_writing(tmp_path: Path):
    corpus = Corpus(tmp_path, WordEmbeddings(), CHUNKING, batch_passages=1)
    corpus.add([BAKU])
    errors: list[BaseException] = []
    is_done = threading.Event()

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as exc:  # noqa: BLE001
                errors.append(exc)

        return run

    def search() -> None:
        while not is_done.is_set():
            assert ids_of(BAKU) <= found(corpus, "ding sharif")
            assert corpus.dense(corpus.embed_query(BAKU.text), 1, Filters())

    readers = [threading.Thread(target=guarded(search)) for _ in range(2)]
    for thread in readers:
        thread.start()
    corpus.add([placed(f"Number {n} is about rockets and nothing else. " * 3, f"{n}") for n in range(8)])
    is_done.set()
    for thread in readers:
        thread.join(60)
    assert errors == []
    assert corpus.verify().is_healthy
    corpus.close()


@pytest.mark.timeout(60)
def test_the_first_search_and_the_first_write_do_not_wait_for_each_other(tmp_path: Path):
    corpus = Corpus(tmp_path, WordEmbeddings(), CHUNKING)
    is_writing, may_go_on = threading.Event(), threading.Event()

    def articles() -> Iterator[Article]:
        is_writing.set()
        assert may_go_on.wait(30)
        yield BAKU

    writer = threading.Thread(target=lambda: corpus.add(articles()), daemon=True)
    writer.start()
    assert is_writing.wait(30)
    results: list[object] = []

    def search() -> None:
        corpus.open_indexes()
        results.append(corpus.lexical("baku", 5, Filters()))

    assert corpus.lexical("baku", 5, Filters()) == []  # while the other thread writes
    reader = threading.Thread(target=search, daemon=True)
    reader.start()
    may_go_on.set()
    writer.join(30)
    reader.join(30)
    assert not writer.is_alive()
    assert not reader.is_alive()
    assert {i for i, _ in corpus.lexical("baku", 5, Filters())} == ids_of(BAKU)
    corpus.close()


def test_several_threads_search_for_the_first_time_at_once(tmp_path: Path):
    with_articles = Corpus(tmp_path, WordEmbeddings(), CHUNKING)
    with_articles.add([BAKU, QUIET, ZEBRA])
    with_articles.close()  # an open one would hold Chroma open for all of this process
    errors: list[Exception] = []
    for _ in range(8):
        corpus = Corpus(tmp_path, WordEmbeddings(), CHUNKING)
        start = threading.Barrier(6)
        threads = [threading.Thread(target=_search_often, args=(corpus, start, errors)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        corpus.close()
    assert errors == []


def _search_often(corpus: Corpus, start: threading.Barrier, errors: list[Exception]) -> None:
    vector = corpus.embed_query("met in Baku")
    start.wait()
    try:
        for _ in range(10):
            assert corpus.dense(vector, 5, Filters())
            assert found(corpus, "Baku")
    except Exception as exc:  # noqa: BLE001
        errors.append(exc)
