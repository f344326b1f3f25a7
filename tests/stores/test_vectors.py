from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import CorpusError
from assistant.stores.vectors import MAX_BATCH, VectorIndex, damage
from assistant.types import Article, Filters
from tests.fakes import WordEmbeddings, make_article, make_passage
from tests.retriever_contract import RetrieverContract, ids_of, passages_of


class Dense:
    def __init__(self, folder: Path) -> None:
        self._folder, self._embedder = folder, WordEmbeddings()
        self._index = VectorIndex(folder)

    def add(self, some: Sequence[Article]) -> None:
        rows = [(passage, article) for article in some for passage in passages_of(article)]
        self._index.upsert(
            rows, self._embedder.embed_passages([passage.embedded_text for passage, _ in rows])
        )

    def remove(self, article: Article) -> None:
        self._index.delete([*ids_of(article), "unknown"])

    def search(self, query: str, k: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        return self._index.search(self._embedder.embed_query(query), k, filters)

    def reopen(self) -> None:
        self._index.close()
        self._index = VectorIndex(self._folder)

    def close(self) -> None:
        self._index.close()


class TestDenseSearch(RetrieverContract):
    def open(self, folder: Path) -> Dense:
        return Dense(folder)


def unit_vectors(count: int, dim: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def filled(folder: Path, vectors: np.ndarray) -> tuple[VectorIndex, list[str]]:
    article = make_article()
    rows = [(make_passage(f"passage {n}", article_id=article.id), article) for n in range(len(vectors))]
    index = VectorIndex(folder)
    index.upsert(rows, vectors)
    return index, [passage.id for passage, _ in rows]


def test_the_search_equals_brute_force_cosine(tmp_path: Path):
    vectors, queries = unit_vectors(300, 32, seed=1), unit_vectors(20, 32, seed=2)
    index, ids = filled(tmp_path, vectors)
    for query in queries:
        cosine = vectors @ query
        best = np.argsort(-cosine)[:10]
        assert index.search(query, 10) == [(ids[n], pytest.approx(float(cosine[n]), abs=1e-5)) for n in best]
    index.close()


def test_a_similarity_is_the_cosine_and_higher_is_better(tmp_path: Path):
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0]], np.float32)
    index, ids = filled(tmp_path, vectors)
    found = index.search(np.array([1, 0], np.float32), 4)
    assert found == list(zip(ids, [pytest.approx(c, abs=1e-6) for c in (1, 0.6, 0, -1)], strict=True))
    index.close()


def test_more_passages_than_one_call_takes(tmp_path: Path):
    vectors = unit_vectors(MAX_BATCH + 2, 4, seed=3)
    index, ids = filled(tmp_path, vectors)
    assert index.ids() == set(ids)
    index.delete(ids[:-1])
    assert index.ids() == {ids[-1]}
    index.close()


def test_no_word_of_an_article_is_kept(tmp_path: Path):
    dense = Dense(tmp_path)
    dense.add([make_article("A confidential zebra.", title="Unspoken")])
    dense.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Gazette" in stored  # what searches filter by is kept in clear
    assert b"zebra" not in stored
    assert b"Unspoken" not in stored


def test_the_index_files_that_a_kill_would_ruin_are_never_written(tmp_path: Path):
    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in tmp_path.glob("*/*")}

    index, _ = filled(tmp_path, unit_vectors(10, 4, seed=4))
    as_made = files()
    index, ids = filled(
        tmp_path, unit_vectors(3000, 4, seed=4)
    )  # three times what makes Chroma write by default
    index.delete(ids[:1500])
    index.close()
    assert files() == as_made
    assert not [name for name in as_made if name.startswith("index_metadata")]
    # Laid out from memory that was not cleared, so emptied.
    assert as_made["data_level0.bin"] == as_made["length.bin"] == b""


def test_a_vector_is_written_once_however_often_its_passage_is(tmp_path: Path):
    index, ids = filled(tmp_path, unit_vectors(10, 4, seed=4))
    index, _ = filled(tmp_path, unit_vectors(10, 4, seed=4))
    index.close()
    with sqlite3.connect(tmp_path / "chroma.sqlite3") as db:
        written = db.execute("SELECT id FROM embeddings_queue WHERE vector IS NOT NULL").fetchall()
    db.close()
    assert sorted(passage_id for (passage_id,) in written) == sorted(ids)


def test_vectors_of_another_length_are_an_error_of_ours(tmp_path: Path):
    index, _ = filled(tmp_path, unit_vectors(3, 4, seed=5))
    with pytest.raises(CorpusError, match="dimension"):
        index.search(np.ones(5, np.float32), 1)
    index.close()


# Ends in the middle of a transaction that has reached the disk, as a killed process does.
DIES_WHILE_WRITING = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.executescript("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; CREATE TABLE half (x);")
db.executemany("INSERT INTO half VALUES (?)", [("x" * 5000,) for _ in range(50)])
os._exit(9)
"""


class TestDamage:
    @pytest.fixture(params=["plain", "what? #1 100%20 é"])
    def folder(self, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
        folder = tmp_path / request.param
        index, _ = filled(folder, unit_vectors(50, 4, seed=6))
        index.close()
        return folder

    def test_a_sound_folder_has_none(self, folder: Path):
        assert damage(folder) is None

    def test_a_missing_file_is_damage(self, folder: Path):
        (folder / "chroma.sqlite3").unlink()
        assert damage(folder) == "chroma.sqlite3 is missing"
        assert damage(folder / "nowhere") == "chroma.sqlite3 is missing"
        assert not (folder / "chroma.sqlite3").exists()

    def test_every_kind_of_broken_file_is_damage(self, folder: Path):
        database = folder / "chroma.sqlite3"
        sound = database.read_bytes()
        half = len(sound) // 2
        noise = np.random.default_rng(7).bytes(half)
        for broken in (b"", sound[:half], b"\0" * len(sound), noise, sound[:half] + noise, sound[:100]):
            database.write_bytes(broken)
            assert damage(folder)
        database.write_bytes(sound)
        assert damage(folder) is None

    def test_another_database_is_damage(self, folder: Path):
        database = folder / "chroma.sqlite3"
        database.unlink()
        with sqlite3.connect(database) as db:
            db.execute("CREATE TABLE other (x)")
        db.close()
        assert damage(folder) == "no such table: embeddings_queue"

    def test_index_files_of_another_release_are_damage(self, folder: Path):
        (folder / "segment").mkdir()
        (folder / "segment" / "index_metadata.pickle").write_bytes(b"")
        assert damage(folder) == "it holds index files written by another program or release"

    def test_a_write_that_was_cut_off_is_undone_and_is_no_damage(self, folder: Path):
        database = folder / "chroma.sqlite3"
        subprocess.run([sys.executable, "-c", DIES_WHILE_WRITING, database], check=False)
        assert (folder / "chroma.sqlite3-journal").stat().st_size > 0
        assert damage(folder) is None
        with sqlite3.connect(database) as db:
            assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
        db.close()


def test_a_folder_that_is_a_file_is_an_error_of_ours(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CorpusError):
        VectorIndex(tmp_path / "file")
