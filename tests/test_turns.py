"""Two who add one folder at once: the second waits, embeds nothing again and removes nothing newer."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.corpus.folder import LOCKS_NAME
from assistant.locking import turn
from assistant.settings import ChunkingSettings
from assistant.stores.holds import hashed
from assistant.types import IngestReport, Progress
from tests.crashing import make_articles
from tests.fakes import WordEmbeddings, make_article

WAIT = 60.0
ROOT = "/a/folder"
SOME = [
    make_article(f"Story {n} of the folder.", title=f"S{n}", root=ROOT, path=f"{n}.txt") for n in range(20)
]


ELSEWHERE = make_article("Another folder's story.", root="/another", path="0.txt")


class SlowEmbeddings(WordEmbeddings):
    """Begins when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may_go_on = threading.Event(), threading.Event()

    def embed_passages(self, texts: list[str]) -> NDArray[np.float32]:  # type: ignore[override]
        self.begun.set()
        assert self.may_go_on.wait(WAIT)
        return super().embed_passages(texts)


def opened(folder: Path, embedder: WordEmbeddings) -> Corpus:
    return Corpus(folder, embedder, ChunkingSettings())


def test_the_second_of_two_embeds_nothing_again(tmp_path: Path):
    slow, quick = SlowEmbeddings(), WordEmbeddings()
    first, second = opened(tmp_path, slow), opened(tmp_path, quick)
    reports: list[IngestReport] = []
    thread = threading.Thread(target=lambda: reports.append(first.add(SOME, root=ROOT)))
    thread.start()
    assert slow.begun.wait(WAIT)
    seen: list[str] = []

    def on_progress(progress: Progress) -> None:
        seen.append(progress.name)
        slow.may_go_on.set()

    report = second.add(SOME, root=ROOT, on_progress=on_progress)
    thread.join(WAIT)
    assert (len(reports[0].added), len(report.unchanged), report.passages) == (20, 20, 0)
    assert "waiting" in seen[0]
    assert (len(slow.embedded), quick.embedded) == (20, [])
    first.close()
    second.close()


def test_who_is_cancelled_waits_no_longer(tmp_path: Path):
    corpus = opened(tmp_path, WordEmbeddings())
    with turn(tmp_path / LOCKS_NAME / f"{hashed(ROOT)}.lock", lambda: True) as is_ours:
        assert is_ours
        report = corpus.add(SOME, root=ROOT, cancelled=lambda: True)
        assert (report.is_cancelled, corpus.count()) == (True, 0)
        assert len(corpus.add(make_articles(2)).added) == 2  # all else may be added meanwhile
        assert len(corpus.add([ELSEWHERE], root="/another").added) == 1
    assert len(corpus.add(SOME, root=ROOT).added) == 20
    corpus.close()


def test_what_came_while_it_waited_is_newer_than_its_look(tmp_path: Path):
    mine, others = opened(tmp_path, WordEmbeddings()), opened(tmp_path, WordEmbeddings())
    mine.add(SOME, root=ROOT)
    newer = make_article("A story that came later.", root=ROOT, path="later.txt")
    with turn(tmp_path / LOCKS_NAME / f"{hashed(ROOT)}.lock", lambda: True):
        waits, reports = threading.Event(), list[IngestReport]()

        def add() -> None:
            reports.append(mine.add(SOME[1:], root=ROOT, on_progress=lambda _progress: waits.set()))

        thread = threading.Thread(target=add)
        thread.start()
        assert waits.wait(WAIT)
        others.add([newer])
    thread.join(WAIT)
    assert reports[0].removed == ("S0",)
    assert newer.id in mine.ids()
    mine.close()
    others.close()
