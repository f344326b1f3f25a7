"""Backups: taken while others write, checked as a whole, brought back without touching what is there."""

from __future__ import annotations

import json
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.corpus import CATALOG_NAME, Corpus, backup, restore
from assistant.errors import CorpusBusyError, CorpusError
from assistant.locking import WriteLock
from assistant.settings import ChunkingSettings
from assistant.types import Article, Filters
from tests.contents import contents
from tests.crashing import make_articles
from tests.fakes import WordEmbeddings
from tests.retriever_contract import BAKU, ZEBRA

CHUNKING = ChunkingSettings(max_passage_chars=100)


def opened(folder: Path, embedder: WordEmbeddings | None = None) -> Corpus:
    return Corpus(folder, embedder or WordEmbeddings(), CHUNKING, batch_passages=1)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    corpus = opened(tmp_path / "data")
    corpus.add([BAKU, ZEBRA])
    corpus.edit(BAKU.id, {"author": "Hand"})
    corpus.close()
    (tmp_path / "data" / "assistant.toml").write_text("[retrieval]\ntop_k = 3\n")
    (tmp_path / "data" / "originals" / "ab").mkdir(parents=True)
    (tmp_path / "data" / "originals" / "ab" / "ab.pdf").write_bytes(b"%PDF")
    return tmp_path / "data"


@pytest.fixture
def file(data_dir: Path, tmp_path: Path) -> Path:
    assert backup(data_dir, tmp_path / "b.zip").articles == 2
    return tmp_path / "b.zip"


def verified(folder: Path) -> set[Article]:
    """The articles of a folder that is whole without embedding anything."""
    embedder = WordEmbeddings()
    corpus = opened(folder, embedder)
    assert corpus.verify().problems == ()
    articles = set(corpus.articles())
    assert corpus.lexical("baku", 9, Filters())
    corpus.close()
    assert embedder.embedded == []
    assert contents(folder).is_whole
    return articles


@pytest.mark.parametrize("is_there", [True, False])
def test_a_backup_comes_back_whole_with_all_that_belongs_to_it(file: Path, tmp_path: Path, is_there: bool):
    target = tmp_path / "new" / "data"
    if is_there:
        target.mkdir(parents=True)
    restored = restore(file, target)
    assert (restored.articles, restored.set_aside) == (2, None)
    assert {article.author for article in verified(target)} == {"Hand", ""}
    assert (target / "assistant.toml").read_text() == "[retrieval]\ntop_k = 3\n"
    assert (target / "originals" / "ab" / "ab.pdf").read_bytes() == b"%PDF"
    assert sorted(path.name for path in target.parent.iterdir()) == ["data"]
    corpus = opened(target)
    assert corpus.edit(BAKU.id, {}) == BAKU  # corrections came along
    corpus.close()


def test_a_backup_taken_during_an_ingest_restores_to_clean(tmp_path: Path):
    corpus = opened(tmp_path / "data")
    corpus.add([BAKU])
    some = make_articles(12)
    adding = threading.Thread(target=corpus.add, args=(some,))
    adding.start()
    made = []
    while adding.is_alive():
        made.append(backup(tmp_path / "data", tmp_path / f"{len(made)}.zip"))
    adding.join()
    assert made
    for n, each in enumerate([made[0], made[len(made) // 2], made[-1]]):
        restore(each.path, tmp_path / f"restored{n}")
        found = verified(tmp_path / f"restored{n}")
        assert {BAKU} <= found <= {BAKU, *some}
        assert len(found) >= each.articles
    assert set(corpus.articles()) == {BAKU, *some}
    corpus.close()


def test_what_is_there_is_kept_unless_told_and_then_set_aside(file: Path, data_dir: Path):
    corpus = opened(data_dir)
    corpus.remove(ZEBRA.id)
    corpus.close()
    with pytest.raises(CorpusError, match="is not empty") as caught:
        restore(file, data_dir)
    assert "--force" in caught.value.hint
    restored = restore(file, data_dir, force=True)
    assert restored.set_aside is not None
    assert len(verified(data_dir)) == 2
    assert len(verified(restored.set_aside)) == 1


def test_a_damaged_catalog_is_refused_and_names_the_way_back(file: Path, data_dir: Path):
    catalog = data_dir / CATALOG_NAME
    catalog.write_bytes(b"\x93" * 5000)
    for attempt in (lambda: opened(data_dir), lambda: backup(data_dir, file.with_name("c.zip"))):
        with pytest.raises(CorpusError, match="the catalog is damaged") as caught:
            attempt()
        assert "`assistant restore FILE --force`" in caught.value.hint
    assert not file.with_name("c.zip").exists()
    restore(file, data_dir, force=True)
    assert len(verified(data_dir)) == 2


def test_nothing_is_restored_over_a_writer(file: Path, data_dir: Path):
    before = verified(data_dir)
    done = threading.Event()
    held = threading.Event()

    def write() -> None:
        with WriteLock(data_dir / "write.lock").held():
            held.set()
            done.wait(30)

    writer = threading.Thread(target=write)
    writer.start()
    held.wait(30)
    with pytest.raises(CorpusBusyError):
        restore(file, data_dir, force=True, wait_seconds=0.1)
    done.set()
    writer.join()
    assert verified(data_dir) == before


def rewritten(file: Path, **changed: bytes | None) -> Path:
    """A backup with other members; those that are None are left out."""
    target = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        members = {name: old.read(name) for name in old.namelist()} | changed
        for name, data in members.items():
            if data is not None:
                new.writestr(name, data)
    return target


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: f.write_bytes(f.read_bytes()[:-200]), "damaged, or no backup"),
        (lambda f: f.write_bytes(b"PK no zip"), "damaged, or no backup"),
        (lambda f: f.unlink(), "does not exist"),
        (lambda f: rewritten(f, **{"assistant.toml": b"else"}).replace(f), "assistant.toml in it is damaged"),
        (lambda f: rewritten(f, **{"assistant.toml": None}).replace(f), "not a whole one"),
        (lambda f: rewritten(f, **{"../evil": b"x"}).replace(f), "not a whole one"),
        (lambda f: rewritten(f, **{"manifest.json": b"{}"}).replace(f), "damaged, or no backup"),
    ],
)
def test_a_damaged_backup_changes_nothing(file: Path, tmp_path: Path, damage, message: str):
    damage(file)
    with pytest.raises(CorpusError, match=message):
        restore(file, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name not in {"b.zip"}) == ["data"]


def test_no_member_may_lead_out_of_the_folder(file: Path, tmp_path: Path):
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["files"]["../evil"] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    evil = rewritten(file, **{"../evil": b"x", "manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(CorpusError, match="not a whole one"):
        restore(evil, tmp_path / "new" / "data")
    assert not (tmp_path / "evil").exists()


def test_a_backup_that_cannot_be_written_says_so(data_dir: Path, tmp_path: Path):
    with pytest.raises(CorpusError, match="the backup cannot be written"):
        backup(data_dir, tmp_path / "missing" / "b.zip")
    with pytest.raises(CorpusError, match="there is no corpus"):
        backup(tmp_path / "nothing", tmp_path / "b.zip")
    assert replace(BAKU, author="Hand") in {replace(article, origins=()) for article in verified(data_dir)}


def test_a_file_that_is_no_backup_is_not_written_over(data_dir: Path, tmp_path: Path):
    article, earlier = tmp_path / "article.md", tmp_path / "backup.zip"
    article.write_text("Years of work.")
    with pytest.raises(CorpusError, match="is no backup"):
        backup(data_dir, article)
    assert article.read_text() == "Years of work."
    backup(data_dir, earlier)
    assert backup(data_dir, earlier).articles == 2
