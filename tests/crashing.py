"""Processes that write to a corpus and are killed: what they do, and how they are started.

The children are forked from a server that has imported all there is to import, so that dozens of them can be
started in a second, and so that none of them inherits an open store.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

import chromadb.api.rust  # noqa: F401  (loaded by the server, not by each child)

from assistant.corpus import CATALOG_NAME, Corpus, rebuild
from assistant.errors import CorpusError
from assistant.settings import ChunkingSettings
from assistant.types import Article, Filters, Progress, VerifyReport
from tests.contents import contents
from tests.fakes import WordEmbeddings, make_article

ROOT = "/kills"
CHUNKING = ChunkingSettings(max_passage_chars=100)
OTHER_CHUNKING = ChunkingSettings(max_passage_chars=160)
BATCH_PASSAGES = 3  # about one article
WORDS = [
    "ding",
    "sharif",
    "baku",
    "summit",
    "corridor",
    "climate",
    "rocket",
    "ballot",
    "harvest",
    "river",
    "border",
    "train",
]

Send = Callable[[object], None]
Work = Callable[..., object]


def open_corpus(folder: Path, chunking: ChunkingSettings = CHUNKING) -> Corpus:
    return Corpus(folder, WordEmbeddings(64), chunking, batch_passages=BATCH_PASSAGES)


def make_articles(count: int, *, version: int = 1) -> list[Article]:
    """Files of one folder, one to four passages each; in version 2 a third has changed, a sixth has gone."""
    some = []
    for number in range(count):
        changed = version > 1 and number % 3 == 0
        if version > 1 and number % 6 == 5:
            continue
        choose = random.Random(number)
        words = [f"{choose.choice(WORDS)}{number}" for _ in range(12 + choose.randrange(30))]
        words[len(words) // 2] += "new" if changed else ""
        text = ". ".join(" ".join(words[at : at + 6]).capitalize() for at in range(0, len(words), 6)) + "."
        some.append(make_article(text, title=f"Article {number}", root=ROOT, path=f"{number}.txt"))
    return some


# -- what the children do: each tells, article by article, what is done
# ------------------------------------------


def ingest(folder: Path, tell: Send, some: Sequence[Article]) -> None:
    told = 0

    def on_progress(progress: Progress) -> None:
        nonlocal told
        for article in some[told : progress.done]:
            tell(article.id)
        told = progress.done

    corpus = open_corpus(folder)
    corpus.add(some, root=ROOT, on_progress=on_progress)
    corpus.close()


def remove(folder: Path, tell: Send, article_ids: Sequence[str]) -> None:
    corpus = open_corpus(folder)
    for article_id in set(article_ids) & corpus.ids():
        corpus.remove(article_id)
        tell(article_id)
    corpus.close()


def build_anew(folder: Path, tell: Send, chunking: ChunkingSettings = OTHER_CHUNKING) -> None:
    tell(rebuild(folder, WordEmbeddings(64), chunking, batch_passages=BATCH_PASSAGES))


def repair(folder: Path, tell: Send) -> None:
    corpus = open_corpus(folder)
    tell(corpus.verify(repair=True))
    corpus.close()


def add(folder: Path, tell: Send, some: Sequence[Article]) -> None:
    corpus = open_corpus(folder)
    tell(corpus.add(some))
    corpus.close()


def add_one_by_one(folder: Path, tell: Send, some: Sequence[Article], go: Connection) -> None:
    """Open the corpus, wait for the word, then add each article by itself, while others do the same."""
    corpus = open_corpus(folder)
    corpus.open_indexes()
    tell("open")
    go.recv()
    for article in some:
        corpus.add([article])
        tell(is_found(corpus, article))
    corpus.close()


def write_with_little_room(folder: Path, tell: Send, some: Sequence[Article], max_file_bytes: int) -> None:
    """Add articles while files may not grow beyond a size, then once more when they may."""
    corpus = open_corpus(folder)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_bytes, hard))
    try:
        corpus.add(some)
    except CorpusError as exc:
        tell(str(exc))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    corpus.add(some)
    tell([is_found(corpus, article) for article in some])
    tell(corpus.verify())
    corpus.close()


def write_on_a_small_disk(folder: Path, tell: Send, some: Sequence[Article], room: Connection) -> None:
    """Add articles until the disk is full, search, and add them once more when there is room."""
    corpus = open_corpus(folder)
    try:
        corpus.add(some)
    except CorpusError as exc:
        tell((str(exc), exc.hint))
    with suppress(CorpusError):
        corpus.dense(corpus.embed_query(some[0].text), 1, Filters())
    room.recv()
    tell(corpus.add(some))
    tell([is_found(corpus, article) for article in some])
    tell(corpus.verify())
    corpus.close()


def hold_the_lock(folder: Path, tell: Send, until: Connection) -> None:
    corpus = open_corpus(folder)
    with corpus.lock.held():
        tell(os.getpid())
        until.recv()
    corpus.close()


@dataclass(frozen=True)
class State:
    """What is found in a folder after a crash: as it lay there, and once it was opened."""

    unfinished: int  # articles and removals that the crash left to do
    articles: frozenset[Article]
    lost: frozenset[str]  # ids of articles of which a passage is not found by its own words and vector
    report: VerifyReport


def look(folder: Path, tell: Send, chunking: ChunkingSettings = CHUNKING) -> None:
    unfinished = count_unfinished(folder)
    corpus = open_corpus(folder, chunking)
    articles = frozenset(corpus.articles())
    lost = frozenset(article.id for article in articles if not is_found(corpus, article))
    tell(State(unfinished, articles, lost, corpus.verify()))
    corpus.close()


def read_stores(folder: Path, tell: Send) -> None:
    tell(contents(folder))


def count_unfinished(folder: Path) -> int:
    """What the catalog notes as left to do, read without opening the corpus, which would do it."""
    if not (folder / CATALOG_NAME).exists():
        return 0
    with sqlite3.connect(folder / CATALOG_NAME) as db:
        has_tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        pending = (
            "SELECT (SELECT count(*) FROM articles WHERE state = 'pending') + (SELECT count(*) FROM drops)"
        )
        count = db.execute(pending).fetchone()[0] if has_tables else 0
    db.close()
    return int(count)


def is_found(corpus: Corpus, article: Article) -> bool:
    own = Filters(article_ids=(article.id,))
    corpus.open_indexes()  # or the catalog would stand in for Chroma
    lexical = dict(corpus.lexical(article.text, 100, own))
    passages = corpus.passages(list(lexical))
    dense = {
        corpus.dense(corpus.embed_query(p.embedded_text), 1, Filters())[0][0] for p, _ in passages.values()
    }
    return bool(lexical) and dense == set(lexical)


def die_at(folder: Path, tell: Send, event: int, work: Work, *args: Any) -> None:
    """Do some work and be killed at the given event of the stores' code; if there are less, tell how many.

    An event is a call or a return of a function of ours, of Python or of a library that our code calls
    directly.
    """
    files = ("assistant/corpus/", "assistant/stores/", "chromadb/api/rust.py")
    count = 0

    def on_event(frame: FrameType, kind: str, _arg: object) -> None:
        nonlocal count
        if any(part in frame.f_code.co_filename for part in files):
            count += 1
            if count == event:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(on_event)
    work(folder, tell, *args)
    sys.setprofile(None)
    tell(count)


# -- how they are started
# -------------------------------------------------------------------------------------------


def channel() -> tuple[Connection, Connection]:
    """Two ends of a pipe: what is sent into the second comes out of the first."""
    return _context.Pipe(duplex=False)


_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["pytest", "tests.crashing"])


class Child:
    """A process that does some work and tells of it."""

    def __init__(self, work: Work, folder: Path, *args: Any) -> None:
        self._mine, theirs = _context.Pipe()
        self._process = _context.Process(target=_run, args=(work, folder, theirs, args), daemon=True)
        self._process.start()
        theirs.close()
        assert self.hear() == "begun"

    def hear(self) -> Any:
        """The next thing it tells; EOFError once it has ended."""
        return self._mine.recv()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; whether it has ended."""
        self._process.join(seconds)
        return self._process.exitcode is not None

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    @property
    def was_killed(self) -> bool:
        return self._process.exitcode == -signal.SIGKILL

    def told(self) -> list[Any]:
        """All that it told; waits for its end, and fails if that was an error."""
        things = list(self._things())
        self._process.join()
        assert self._process.exitcode in (0, -signal.SIGKILL), (
            f"the child ended with {self._process.exitcode}"
        )
        self._mine.close()
        return things

    def _things(self) -> Iterator[Any]:
        while True:
            try:
                yield self.hear()
            except (EOFError, ConnectionResetError):
                return


def done_by(work: Work, folder: Path, *args: Any) -> Any:
    """The last thing that a child tells of some work."""
    return Child(work, folder, *args).told()[-1]


def _run(work: Work, folder: Path, pipe: Connection, args: tuple[Any, ...]) -> None:
    pipe.send("begun")
    work(folder, pipe.send, *args)
    pipe.close()
