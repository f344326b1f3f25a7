"""Damaged indexes, other settings, folders that cannot be written: what is repaired, and what is said."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.corpus import CATALOG_NAME, STAGING_NAME, Corpus, rebuild
from assistant.errors import CorpusError, IndexMismatchError
from assistant.settings import ChunkingSettings
from assistant.stores import FREE_SPACE_HINT
from assistant.stores.lexical import LexicalIndex
from assistant.types import Filters, Progress
from tests.contents import Contents, contents
from tests.crashing import Child, channel, make_articles, write_on_a_small_disk, write_with_little_room
from tests.fakes import WordEmbeddings, make_article
from tests.retriever_contract import BAKU, QUIET, ZEBRA, ids_of
from tests.stores.test_lexical import leave_half_a_commit

CHUNKING = ChunkingSettings(max_passage_chars=100)
OTHER = ChunkingSettings(max_passage_chars=200)
LONG = make_article(
    " ".join(f"Report number {n} has something to say about rockets." for n in range(12)), url="https://r"
)
ALL = (BAKU, ZEBRA, QUIET, LONG)


def opened(
    folder: Path, embedder: WordEmbeddings | None = None, chunking: ChunkingSettings = CHUNKING
) -> Corpus:
    return Corpus(folder, embedder or WordEmbeddings(), chunking)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed corpus of four articles."""
    corpus = opened(tmp_path / "data")
    corpus.add(ALL)
    corpus.close()
    return tmp_path / "data"


def assert_whole(folder: Path) -> None:
    """All articles are there, and nothing is embedded to get them back."""
    embedder = WordEmbeddings()
    corpus = opened(folder, embedder)
    corpus.open_indexes()  # or the catalog would stand in for Chroma
    assert set(corpus.articles()) == set(ALL)
    assert {i for i, _ in corpus.lexical("baku zebra nothing rockets", 99, Filters())} == ids_of(*ALL)
    assert {i for i, _ in corpus.dense(corpus.embed_query("zebra"), 99, Filters())} == ids_of(*ALL)
    assert corpus.dense(corpus.embed_query("Zebra\nA zebra ran through Baku."), 1, Filters())[0][0] in ids_of(
        ZEBRA
    )
    assert corpus.verify().problems == ()
    assert embedder.embedded == []
    corpus.close()
    stored = contents(folder)
    assert stored == Contents(frozenset(ALL), *[frozenset(ids_of(*ALL))] * 3, 0)
    assert len(list(folder.glob("index-*"))) == 1


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


def overwrite(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(change(path.read_bytes())) and None


DELETE = ("deleted", lambda path: shutil.rmtree(path) if path.is_dir() else path.unlink())
EMPTY = ("empty", overwrite(lambda data: b""))
HALF = ("cut in half", overwrite(lambda data: data[: len(data) // 2]))
ZERO = ("zeroed", overwrite(lambda data: b"\0" * len(data)))
NOISE = ("noise", overwrite(lambda data: bytes(n * 7919 % 251 for n in range(len(data)))))
DAMAGES = [
    *(("index-*", *how) for how in [DELETE]),
    *(("index-*/dense", *how) for how in [DELETE]),
    *(("index-*/lexical", *how) for how in [DELETE]),
    *(("index-*/dense/chroma.sqlite3", *how) for how in [DELETE, EMPTY, HALF, ZERO, NOISE]),
    *(("index-*/lexical/meta.json", *how) for how in [DELETE, EMPTY, HALF, ZERO, NOISE]),
    *(("index-*/lexical/*.store", *how) for how in [DELETE, EMPTY, HALF, ZERO, NOISE]),
    *(("index-*/lexical/*.idx", *how) for how in [DELETE, HALF]),
    *(("index-*/lexical/*.term", *how) for how in [DELETE, HALF]),
]
damaged = pytest.mark.parametrize(
    ("pattern", "damage"),
    [pytest.param(pattern, damage, id=f"{pattern} {name}") for pattern, name, damage in DAMAGES],
)


class TestDamagedIndexes:
    @damaged
    def test_are_built_anew_when_they_are_next_needed(
        self, folder: Path, pattern: str, damage: Callable[[Path], None]
    ):
        damage(only(folder, pattern))
        assert_whole(folder)

    @damaged
    def test_are_reported_by_a_check_and_built_anew_by_a_repair(
        self, folder: Path, pattern: str, damage: Callable[[Path], None]
    ):
        damage(only(folder, pattern))
        before = sorted(path.name for path in folder.glob("index-*"))
        corpus = opened(folder)
        report = corpus.verify()
        assert not report.is_healthy
        assert [problem.startswith("indexes: ") for problem in report.problems] == [True]
        assert (report.articles, report.passages, report.repaired) == (4, len(ids_of(*ALL)), ())
        assert sorted(path.name for path in folder.glob("index-*")) == before
        repair = corpus.verify(repair=True)
        assert (repair.problems, repair.repaired) == ((), report.problems)
        assert corpus.verify().repaired == ()
        corpus.close()
        assert_whole(folder)

    def test_are_found_out_by_a_check_though_searches_do_not_notice(self, folder: Path):
        path = only(folder, "index-*/lexical/*.fieldnorm")
        data = path.read_bytes()
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
        corpus = opened(folder)
        assert corpus.lexical("zebra", 9, Filters())
        assert corpus.verify().problems == (f"indexes: {path.name} is damaged",)
        assert corpus.verify(repair=True).is_healthy
        corpus.close()
        assert_whole(folder)

    def test_are_built_anew_by_a_search_that_fails_in_them(self, folder: Path):
        path = only(folder, "index-*/lexical/*.store")
        data = path.read_bytes()
        kept = 150  # bytes at the end, which are looked at when the file is opened
        path.write_bytes(bytes(byte ^ 0x5A for byte in data[:-kept]) + data[-kept:])
        LexicalIndex(path.parent)
        assert_whole(folder)

    def test_are_built_anew_by_the_next_write(self, folder: Path):
        shutil.rmtree(only(folder, "index-*"))
        corpus = opened(folder)
        corpus.remove(LONG.id)
        corpus.add([LONG])
        corpus.close()
        assert_whole(folder)

    def test_are_built_anew_when_a_write_fails_on_them(self, folder: Path):
        corpus = opened(folder)
        corpus.open_indexes()
        leave_half_a_commit(only(folder, "index-*/lexical"), LONG)  # as another process did that was killed
        corpus.remove(LONG.id)
        assert corpus.lexical("rockets", 9, Filters()) == []
        assert corpus.verify().problems == ()
        corpus.add([LONG])
        corpus.close()
        assert_whole(folder)

    @pytest.mark.parametrize("store", ["dense", "lexical"])
    def test_are_found_out_though_they_can_be_opened(self, folder: Path, tmp_path: Path, store: str):
        corpus = opened(tmp_path / "other")
        corpus.add([BAKU, make_article("A stranger.")])
        corpus.close()
        shutil.rmtree(only(folder, f"index-*/{store}"))
        only(tmp_path / "other", f"index-*/{store}").rename(only(folder, "index-*") / store)
        corpus = opened(folder)
        missing = len(ids_of(*ALL) - ids_of(BAKU))
        assert corpus.verify().problems == (
            f"{store} index: {missing} passages are missing",
            f"{store} index: 1 passages belong to no article",
        )
        assert corpus.verify(repair=True).is_healthy
        corpus.close()
        assert_whole(folder)

    def test_are_found_out_though_all_ids_are_there(self, folder: Path):
        corpus = opened(folder)
        corpus.verify()
        wrong = WordEmbeddings(fingerprint="words").embed_passages(["wrong"])
        passages = corpus.passages(sorted(ids_of(ZEBRA)))
        corpus.close()
        from assistant.stores.vectors import VectorIndex

        index = VectorIndex(only(folder, "index-*/dense"))
        index.delete(list(passages))
        index.upsert(list(passages.values()), wrong)
        index.close()
        corpus = opened(folder)
        assert corpus.verify().problems == ("dense index: 1 of 15 vectors are not the catalog's",)
        assert corpus.verify(repair=True).is_healthy
        corpus.close()
        assert_whole(folder)


class TestDamagedArticles:
    def damaged(self, folder: Path, statement: str) -> Corpus:
        with closing(sqlite3.connect(folder / CATALOG_NAME)) as db, db:
            db.execute(statement, (LONG.id,))
        return opened(folder)

    @pytest.mark.parametrize("change", ["text = replace(text, 'rockets', 'ROCKETS')", "title = 'Other'"])
    def test_are_reported_if_they_are_not_as_they_were_added(self, folder: Path, change: str):
        corpus = self.damaged(folder, f"UPDATE articles SET {change} WHERE id = ?")
        (name,) = {article.name for article in corpus.articles() if article.id == LONG.id}
        problem = (
            f"catalog: article {LONG.id[:10]} ({name}) is not as it was added: remove it and add it again"
        )
        assert corpus.verify().problems == (problem,)
        assert corpus.verify(repair=True).problems == (problem,)  # what was added is nowhere
        corpus.remove(LONG.id)
        corpus.add([LONG])
        corpus.close()
        assert_whole(folder)

    def test_that_lack_passages_are_reported_and_repaired(self, folder: Path):
        corpus = self.damaged(folder, "DELETE FROM passages WHERE article_id = ?")
        missing = len(ids_of(LONG))
        called = f"catalog: article {LONG.id[:10]} ({LONG.name})"
        problems = (
            f"{called}: {missing} passages are missing, 0 are not its own",
            f"dense index: {missing} passages belong to no article",
            f"lexical index: {missing} passages belong to no article",
        )
        assert corpus.verify().problems == problems
        report = corpus.verify(repair=True)
        assert (report.problems, report.repaired) == ((), problems[:1])
        corpus.close()
        assert_whole(folder)

    def test_are_looked_at_one_by_one(self, folder: Path):
        told: list[Progress] = []
        corpus = opened(folder)
        corpus.verify(on_progress=told.append)
        assert [(progress.done, progress.total) for progress in told] == [(n, 4) for n in (1, 2, 3, 4)]
        assert {progress.name for progress in told} == {article.name for article in ALL}
        assert told[-1].passages == len(ids_of(*ALL))
        corpus.close()


def test_leftovers_of_a_crash_are_cleared_away_at_the_next_start(folder: Path):
    (folder / "index-leftover" / "dense").mkdir(parents=True)
    opened(folder).close()
    assert_whole(folder)


@pytest.mark.timeout(100)
@pytest.mark.parametrize("max_file_bytes", [60_000, 120_000, 180_000])
def test_a_write_that_found_no_room_can_be_done_again_by_the_same_process(
    tmp_path: Path, max_file_bytes: int
):
    some = make_articles(24)
    error, found, report = Child(write_with_little_room, tmp_path, some, max_file_bytes).told()
    assert str(tmp_path) in error
    assert found == [True] * len(some)
    assert report.problems == ()
    assert contents(tmp_path).is_whole
    assert len(list(tmp_path.glob("index-*"))) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Gives a disk of so many kilobytes, or another size to the one it gave."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(kilobytes: int) -> Path:
        again = ["remount"] if place.is_mount() else []
        options = ",".join([*again, f"size={kilobytes}k"])
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        if (
            shutil.which("mount") is None
            or subprocess.run(command, capture_output=True, check=False).returncode
        ):
            pytest.skip("a small disk needs the right to mount one")
        return place

    yield mount
    if place.is_mount():
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.timeout(100)
@pytest.mark.parametrize(
    "kilobytes",
    [2048, 3500, *(pytest.param(1500 + 150 * n, marks=pytest.mark.slow) for n in range(18))],
)
def test_a_write_that_filled_the_disk_can_be_done_again_by_the_same_process(
    small_disk: Callable[[int], Path], kilobytes: int
):
    folder, some = small_disk(kilobytes) / "data", make_articles(120)
    go, let_go = channel()
    child = Child(write_on_a_small_disk, folder, some, go)
    error, hint = child.hear()
    assert "disk is full" in error or "No space left" in error  # as Chroma says it, and tantivy
    assert hint == FREE_SPACE_HINT
    small_disk(200_000)
    let_go.send("there is room now")
    report, found, healthy = child.told()
    assert len(report.added) + len(report.unchanged) == len(some)
    assert found == [True] * len(some)
    assert healthy.problems == ()
    assert contents(folder).is_whole


class TestAnotherModelOrChunking:
    OTHERS = (
        (WordEmbeddings(fingerprint="other"), CHUNKING, "embedding was 'words', now 'other'"),
        (WordEmbeddings(), OTHER, "max_passage_chars was 100, now 200"),
        (
            WordEmbeddings(),
            CHUNKING.model_copy(update={"overlap_sentences": 1}),
            "overlap_sentences was 0, now 1",
        ),
    )

    @pytest.mark.parametrize(("embedder", "chunking", "difference"), OTHERS)
    def test_is_refused_with_the_way_out(
        self, folder: Path, embedder: WordEmbeddings, chunking: ChunkingSettings, difference: str
    ):
        with pytest.raises(IndexMismatchError, match=difference) as caught:
            opened(folder, embedder, chunking)
        assert "`assistant rebuild`" in caught.value.hint
        assert_whole(folder)

    @pytest.mark.parametrize(("embedder", "chunking", "difference"), OTHERS)
    def test_is_right_after_a_rebuild(
        self, folder: Path, embedder: WordEmbeddings, chunking: ChunkingSettings, difference: str
    ):
        report = rebuild(folder, embedder, chunking)
        assert sorted(report.updated) == sorted(article.title for article in ALL)
        assert not (folder / STAGING_NAME).exists()
        corpus = opened(folder, embedder, chunking)
        assert set(corpus.articles()) == set(ALL)
        assert {hit for hit, _ in corpus.lexical("zebra", 9, Filters())}
        assert corpus.verify().problems == ()
        assert corpus.verify().passages == report.passages
        corpus.close()
        stored = contents(folder)
        assert stored.is_whole
        assert len(stored.passages) == report.passages
        with pytest.raises(IndexMismatchError):
            opened(folder)

    def test_a_rebuild_with_the_same_settings_gives_the_same_corpus(self, folder: Path):
        embedder = WordEmbeddings()
        rebuild(folder, embedder, CHUNKING)
        assert len(embedder.embedded) == len(ids_of(*ALL))
        assert_whole(folder)

    def test_a_rebuild_of_an_empty_folder_is_an_empty_corpus(self, tmp_path: Path):
        assert rebuild(tmp_path, WordEmbeddings(), OTHER).updated == ()
        corpus = opened(tmp_path, chunking=OTHER)
        assert corpus.verify().is_healthy
        corpus.add([BAKU])
        assert {i for i, _ in corpus.lexical("baku", 9, Filters())} == ids_of(BAKU)
        corpus.close()

    def test_a_rebuild_that_stops_leaves_the_corpus_as_it_was_and_goes_on(self, folder: Path):
        def stop(progress: Progress) -> None:
            if progress.done >= 2:
                raise KeyboardInterrupt

        first, second = WordEmbeddings(), WordEmbeddings()
        with pytest.raises(KeyboardInterrupt):
            rebuild(folder, first, OTHER, on_progress=stop, batch_passages=1)
        assert_whole(folder)
        rebuild(folder, second, OTHER, batch_passages=1)
        assert first.embedded
        assert second.embedded
        assert not set(first.embedded) & set(second.embedded)  # what was done is not done again
        corpus = opened(folder, chunking=OTHER)
        assert set(corpus.articles()) == set(ALL)
        assert corpus.verify().problems == ()
        corpus.close()

    def test_a_rebuild_that_goes_on_follows_what_has_changed_meanwhile(self, folder: Path):
        def stop(progress: Progress) -> None:
            if progress.done == len(ALL):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rebuild(folder, WordEmbeddings(), OTHER, on_progress=stop, batch_passages=1)
        changed = make_article("All new: about tigers.", url=LONG.url, title=LONG.title)
        corpus = opened(folder)
        corpus.remove(ZEBRA.id)
        corpus.add([changed])
        corpus.close()
        rebuild(folder, WordEmbeddings(), OTHER)
        corpus = opened(folder, chunking=OTHER)
        assert set(corpus.articles()) == {BAKU, QUIET, changed}
        assert corpus.lexical("zebra rockets", 9, Filters()) == []
        assert corpus.verify().problems == ()
        corpus.close()

    def test_a_rebuild_with_yet_other_settings_begins_again(self, folder: Path):
        def stop(progress: Progress) -> None:
            if progress.done == len(ALL):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rebuild(folder, WordEmbeddings(fingerprint="third"), OTHER, on_progress=stop, batch_passages=1)
        rebuild(folder, WordEmbeddings(), OTHER)
        corpus = opened(folder, chunking=OTHER)
        assert set(corpus.articles()) == set(ALL)
        assert corpus.verify().problems == ()
        corpus.close()

    def test_a_corpus_that_was_open_during_a_rebuild_says_so_and_writes_nothing(self, folder: Path):
        corpus = opened(folder)
        assert corpus.lexical("zebra", 9, Filters())
        rebuild(folder, WordEmbeddings(), OTHER)
        for use in (
            lambda: corpus.lexical("zebra", 9, Filters()),
            lambda: corpus.add([make_article("Too late.")]),
            lambda: corpus.remove(BAKU.id),
        ):
            with pytest.raises(IndexMismatchError):
                use()
        corpus.close()
        corpus = opened(folder, chunking=OTHER)
        assert set(corpus.articles()) == set(ALL)
        assert corpus.verify().problems == ()
        corpus.close()


class TestADataFolder:
    def test_that_is_a_file_is_refused(self, tmp_path: Path):
        (tmp_path / "data").write_text("a file", encoding="utf-8")
        with pytest.raises(
            CorpusError, match=r"the data folder .*/data cannot be made: File exists"
        ) as caught:
            opened(tmp_path / "data")
        assert "--data-dir" in caught.value.hint
        with pytest.raises(CorpusError, match="cannot be made"):
            rebuild(tmp_path / "data", WordEmbeddings(), CHUNKING)
        with pytest.raises(CorpusError, match="cannot be made"):
            opened(tmp_path / "data" / "below")

    def test_whose_catalog_is_noise_is_refused_and_left_alone(self, folder: Path):
        (folder / CATALOG_NAME).write_bytes(b"\x93" * 9000)
        for use in (opened, lambda path: rebuild(path, WordEmbeddings(), CHUNKING)):
            with pytest.raises(CorpusError, match="not a database") as caught:
                use(folder)
            assert "backup" in caught.value.hint
        assert (folder / CATALOG_NAME).read_bytes() == b"\x93" * 9000

    def test_may_have_an_odd_name(self, tmp_path: Path):
        folder = tmp_path / "what? #1 100%20 “é” 北京"
        for _ in range(2):
            corpus = opened(folder)
            corpus.add(ALL)
            corpus.close()
        names = {path.name for path in folder.glob("index-*")}
        assert_whole(folder)
        assert {path.name for path in folder.glob("index-*")} == names  # sound indexes are not built anew

    def test_is_made_with_the_folders_above_it(self, tmp_path: Path):
        opened(tmp_path / "a" / "b" / "c").close()
        assert (tmp_path / "a" / "b" / "c" / CATALOG_NAME).is_file()


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], Path]]:
    """Copies a folder so that we may not write to the copy; the superuser is somebody else meanwhile."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    is_root = os.geteuid() == 0

    def copy(folder: Path) -> Path:
        copied = Path(shutil.copytree(folder, place / "data"))
        for path in [*copied.rglob("*"), copied]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        if is_root:
            os.seteuid(65534)
        return copied

    yield copy
    if is_root:
        os.seteuid(0)
    for path in [place / "data", *(place / "data").rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(place)


class TestAReadOnlyFolder:
    def test_with_a_corpus_is_an_error_that_says_what_to_do(
        self, folder: Path, read_only: Callable[[Path], Path]
    ):
        copied = read_only(folder)
        with pytest.raises(CorpusError, match=str(copied)) as caught:
            opened(copied)
        assert caught.value.hint == "Check that the data folder exists and may be written to."

    def test_that_is_empty_is_one_too(self, tmp_path: Path, read_only: Callable[[Path], Path]):
        (tmp_path / "empty").mkdir()
        copied = read_only(tmp_path / "empty")
        with pytest.raises(CorpusError, match=str(copied)) as caught:
            opened(copied)
        assert caught.value.hint == "Check that the data folder exists and may be written to."
        with pytest.raises(CorpusError, match="cannot be made"):
            opened(copied / "below")
