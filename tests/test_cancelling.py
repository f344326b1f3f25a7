"""An ingest that is asked to stop keeps what it has embedded, and goes on when it is asked again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from assistant.corpus import Corpus
from assistant.types import IngestReport, ItemState, Progress
from tests.contents import contents
from tests.crashing import BATCH_PASSAGES, CHUNKING, ROOT, make_articles
from tests.fakes import WordEmbeddings

SOME = make_articles(40)


def opened(folder: Path, embedder: WordEmbeddings, **fields: int) -> Corpus:
    return Corpus(folder, embedder, CHUNKING, **({"batch_passages": BATCH_PASSAGES} | fields))


@pytest.fixture
def embedder() -> WordEmbeddings:
    return WordEmbeddings(64)


@pytest.mark.parametrize("batch_passages", [BATCH_PASSAGES, 400])
@pytest.mark.parametrize("calls", [0, 1, 2, 7, 30])
def test_what_was_embedded_is_kept_and_never_embedded_again(
    tmp_path: Path, embedder: WordEmbeddings, calls: int, batch_passages: int
):
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > calls

    corpus = opened(tmp_path, embedder, batch_passages=batch_passages)
    first = corpus.add(SOME, root=ROOT, cancelled=cancelled)
    assert first.is_cancelled
    assert len(first.added) == corpus.count() < len(SOME)
    assert first.passages == len(embedder.embedded) == corpus.verify().passages
    assert corpus.verify().is_healthy
    second = corpus.add(SOME, root=ROOT)
    assert (len(second.added), len(second.unchanged), second.is_cancelled) == (
        len(SOME) - len(first.added),
        len(first.added),
        False,
    )
    assert len(embedder.embedded) == len(set(embedder.embedded)) == corpus.verify().passages
    corpus.close()
    stored = contents(tmp_path)
    assert stored.articles == frozenset(SOME)
    assert stored.is_whole


def test_nothing_is_removed_because_the_look_at_a_folder_was_cut_short(tmp_path: Path):
    corpus = opened(tmp_path, WordEmbeddings(64))
    corpus.add(SOME, root=ROOT)
    assert corpus.add(SOME[:3], root=ROOT, cancelled=lambda: True).removed == ()
    assert corpus.count() == len(SOME)
    corpus.close()


def test_others_write_while_it_embeds(tmp_path: Path):
    """Two corpora that are one folder; the second writes while the first waits for its embedder."""
    is_embedding, go_on = threading.Event(), threading.Event()

    class Slow(WordEmbeddings):
        def embed_passages(self, texts):
            is_embedding.set()
            assert go_on.wait(60)
            return super().embed_passages(texts)

    first, second = opened(tmp_path, Slow(64)), opened(tmp_path, WordEmbeddings(64))
    reports: list[IngestReport] = []
    thread = threading.Thread(target=lambda: reports.append(first.add(SOME[:4], root=ROOT)))
    thread.start()
    assert is_embedding.wait(60)
    written = second.add(SOME[2:6])  # two of them are also being embedded by the first
    go_on.set()
    thread.join(60)
    assert (len(written.added), len(reports[0].added), len(reports[0].unchanged)) == (4, 2, 2)
    assert reports[0].removed == ()  # the two that came meanwhile are newer than its look at the folder
    assert first.verify().is_healthy
    first.close()
    second.close()
    stored = contents(tmp_path)
    assert stored.articles == frozenset(SOME[:6])
    assert stored.is_whole


def test_each_item_is_told_with_its_state(tmp_path: Path):
    corpus = opened(tmp_path, WordEmbeddings(64))
    corpus.add(SOME[:1])
    told: list[Progress] = []
    corpus.add(SOME[:2], root=ROOT, on_progress=told.append)
    states = [(item.name, item.state) for progress in told for item in progress.changed]
    assert sorted(states) == [
        ("0.txt", ItemState.UNCHANGED),
        ("1.txt", ItemState.EMBEDDING),
        ("1.txt", ItemState.IN),
    ]
    corpus.close()


def test_speed_and_time_left_follow_from_what_is_done():
    half = Progress(10, 20, "a", 50, 5.0)
    assert (half.passages_per_second, half.seconds_left) == (10.0, 5.0)
    begun = Progress(0, None, "a", 0, 0.0)
    assert (begun.passages_per_second, begun.seconds_left) == (0.0, None)
