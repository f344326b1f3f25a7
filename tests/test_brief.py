"""A corpus that is opened for a question or two: the dense index stays shut, and nothing else differs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.corpus import CATALOG_NAME, Corpus
from assistant.retrieval import search
from assistant.types import Filters
from tests.crashing import CHUNKING, make_articles
from tests.fakes import WordEmbeddings, make_article

LION = make_article("A lion slept in Karachi.", title="Lion")
HEAVY = ("torch", "transformers", "sentence_transformers", "onnx", "chromadb", "trafilatura", "gradio")
# Runs a command as `assistant` does and says, after its output, which heavy libraries it has loaded.
COMMAND = (
    "import sys; from assistant.cli import app\n"
    "try: app(sys.argv[1:])\n"
    f"finally: print('HEAVY', *({{name for name in {HEAVY!r}}} & set(sys.modules)))"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    corpus = Corpus(tmp_path, WordEmbeddings(64), CHUNKING)
    corpus.add([*make_articles(20), LION])
    corpus.close()
    return tmp_path


@pytest.fixture
def brief(folder: Path) -> Iterator[Corpus]:
    opened = Corpus(folder, WordEmbeddings(64), CHUNKING, is_brief=True)
    yield opened
    opened.close()


def found(corpus: Corpus, query: str) -> dict[str, float]:
    return {hit.passage.id: pytest.approx(hit.score, abs=1e-6) for hit in search(corpus, query, top_k=100)}


def test_finds_what_an_ordinary_one_finds(folder: Path, brief: Corpus):
    ordinary = Corpus(folder, WordEmbeddings(64), CHUNKING)
    for query in ("lion", "article number 7", "Karachi"):
        assert found(brief, query) == found(ordinary, query) != {}
    assert brief.document_frequency("lion") == ordinary.document_frequency("lion")
    ordinary.close()


def test_does_not_look_at_the_dense_index(folder: Path, brief: Corpus):
    (dense,) = folder.glob("index-*/dense")
    shutil.rmtree(dense)
    assert brief.dense(brief.embed_query("Lion\nA lion slept in Karachi."), 1, Filters())[0][1] > 0.99
    assert brief.lexical("lion", 5, Filters()) != []
    assert brief.document_frequency("lion")[0] == 1
    assert not dense.exists()


def test_sees_at_once_what_another_one_writes(folder: Path, brief: Corpus):
    assert found(brief, "zebra") == found(brief, "zebra")
    zebra = make_article("A zebra ran through the city of Baku.", title="Zebra")
    other = Corpus(folder, WordEmbeddings(64), CHUNKING)
    other.add([zebra])
    other.remove(LION.id)
    other.close()
    assert brief.lexical("zebra", 5, Filters()) != []
    assert brief.lexical("lion", 5, Filters()) == []
    best = brief.dense(brief.embed_query("Zebra\nA zebra ran through the city of Baku."), 1, Filters())
    assert brief.article_ids([best[0][0]]) == {best[0][0]: zebra.id}


def test_may_write_all_the_same(folder: Path, brief: Corpus):
    assert found(brief, "lion")
    zebra = make_article("A zebra ran through the city of Baku.", title="Zebra")
    assert brief.add([zebra]).added == (zebra.title,)
    assert brief.lexical("zebra", 5, Filters()) != []
    assert brief.verify().problems == ()


@pytest.mark.parametrize("is_searched_first", [True, False])
def test_builds_a_damaged_lexical_index_anew(folder: Path, is_searched_first: bool):
    (meta,) = folder.glob("index-*/lexical/meta.json")
    meta.unlink()
    corpus = Corpus(folder, WordEmbeddings(64), CHUNKING, is_brief=True)
    if is_searched_first:
        assert corpus.lexical("lion", 5, Filters()) != []
    assert corpus.document_frequency("lion")[0] == 1
    assert corpus.verify().problems == ()
    corpus.close()


def test_finds_nothing_in_an_empty_folder_and_makes_no_index(tmp_path: Path):
    corpus = Corpus(tmp_path, WordEmbeddings(64), CHUNKING, is_brief=True)
    assert search(corpus, "lion") == ()
    assert corpus.document_frequency("lion") == (0, 0)
    corpus.close()
    assert [path.name for path in tmp_path.glob("index-*")] == []
    assert (tmp_path / CATALOG_NAME).is_file()


def run(*args: str) -> tuple[str, list[str]]:
    """What a command prints, and the heavy libraries that it loads."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *args], capture_output=True, text=True, env=environ, timeout=120
    )
    output, _, heavy = done.stdout.rpartition("HEAVY")
    assert done.returncode in (0, 3), done.stderr
    return output, sorted(heavy.split())


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "lion.txt").write_text(f"{LION.title}\n{LION.text}\n")
    assert run("add", str(folder / "lion.txt"), "--data-dir", str(folder / "data"))[1] == ["chromadb"]
    return folder / "data"


@pytest.mark.model
@pytest.mark.parametrize(
    "command", [["search", "lion"], ["ask", "Which animal slept?"], ["ask", "Who won the cup?"], ["list"]]
)
def test_a_command_loads_nothing_that_it_can_do_without(data_dir: Path, command: list[str]):
    output, heavy = run(*command, "--json", "--data-dir", str(data_dir))
    assert heavy == []
    assert json.loads(output)
