"""A corpus of many passages: how long it takes to open, to answer, to come back after a kill; its memory.

`python -m benchmarks.scale --passages 200000` compares that size with 2,000. Texts are made up, and vectors
are random directions that follow from the text, so that nothing but the stores is measured. Each step runs in
a process of its own. It knows `Corpus`; it does not know models, questions or what is a good answer.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.settings import ChunkingSettings
from assistant.types import Article, Filters
from benchmarks import results
from benchmarks.memory import peak_mb

SMALL = 2_000
DIM = 384
SENTENCES = 40  # of an article: about ten passages
ADDED = 100  # articles, while which it is killed
SEARCHES = 200
TOP_K = 100  # passages that each index brings, as `retrieval.depth`
WORDS = [
    f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in ("rta", "llon", "sker", "vim", "nd", "tho")
]


class RandomDirections:
    """An embedder without meaning: each text has a direction of its own, always the same one."""

    dim = DIM
    fingerprint = "random directions"

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32, shape (len(texts), DIM), rows of unit length."""
        return (
            np.stack([self.embed_query(text) for text in texts]) if texts else np.zeros((0, DIM), np.float32)
        )

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """float32, shape (DIM,), unit length."""
        found = np.random.default_rng(list(text.encode())).standard_normal(DIM, np.float32)
        unit: NDArray[np.float32] = found / np.linalg.norm(found)
        return unit


def article(number: int) -> Article:
    """The article of a number, always the same one."""
    choose = random.Random(number)
    sentences = (" ".join(choose.choices(WORDS, k=14)).capitalize() + "." for _ in range(SENTENCES))
    text = " ".join(sentences)
    return Article(text, title=f"Report {number}", published=date(2024, 1 + number % 12, 1), source="Scale")


def opened(folder: Path) -> Corpus:
    """The corpus of a folder."""
    return Corpus(folder, RandomDirections(), ChunkingSettings())


# -- what the processes do
# ------------------------------------------------------------------------------------


def fill(folder: Path, passages: int) -> dict[str, Any]:
    """Add articles until there are so many passages."""
    corpus = opened(folder)
    started, written, number = time.perf_counter(), 0, 0
    last: list[float] = []
    while written < passages:
        some = [article(n) for n in range(number, number + 200)]
        begun = time.process_time()
        written += corpus.add(some, joins_copies=False).passages
        last.append(time.process_time() - begun)
        number += 200
    seconds = time.perf_counter() - started
    corpus.close()
    return {
        "passages": written,
        "articles": number,
        "seconds": seconds,
        "a_second": written / seconds,
        "cpu_seconds_of_200_articles": [round(float(np.median(some)), 2) for some in (last[:5], last[-5:])],
    }


def search(folder: Path, passages: int) -> dict[str, Any]:
    """Open the corpus, answer once; wait until Chroma is open, answer many times."""
    del passages
    started = time.perf_counter()
    corpus = opened(folder)
    both(corpus, "first")
    first = time.perf_counter() - started
    corpus.open_indexes()
    cpu = time.process_time()
    ready = time.perf_counter() - started
    seconds = []
    for number in range(SEARCHES):
        words = " ".join(random.Random(number).choices(WORDS, k=5))
        started = time.perf_counter()
        both(corpus, words)
        seconds.append(time.perf_counter() - started)
    corpus.close()
    p50, p95 = (1000 * float(np.quantile(seconds, share)) for share in (0.5, 0.95))
    return {
        "first_answer_seconds": first,
        "chroma_open_seconds": ready,
        "chroma_open_cpu_seconds": cpu,
        "p50_ms": p50,
        "p95_ms": p95,
    }


def both(corpus: Corpus, query: str) -> None:
    """Ask both indexes, as a search does."""
    corpus.dense(corpus.embed_query(query), TOP_K, Filters())
    corpus.lexical(query, TOP_K, Filters())


def brief(folder: Path, passages: int) -> dict[str, Any]:
    """Open the corpus for one question, as the command line does."""
    del passages
    started = time.perf_counter()
    corpus = Corpus(folder, RandomDirections(), ChunkingSettings(), is_brief=True)
    both(corpus, "first")
    seconds = time.perf_counter() - started
    corpus.close()
    return {"first_answer_seconds": seconds}


def add(folder: Path, passages: int) -> dict[str, Any]:
    """Add some articles more; the parent kills this."""
    corpus = opened(folder)
    corpus.open_indexes()
    sys.stderr.write("begun\n")
    sys.stderr.flush()
    started = time.perf_counter()
    report = corpus.add(extra(passages), joins_copies=False)
    corpus.close()
    return {"seconds": time.perf_counter() - started, "added": len(report.added)}


def recover(folder: Path, passages: int) -> dict[str, Any]:
    """Open what was killed, add the same articles once more, and check it all."""
    started = time.perf_counter()
    corpus = opened(folder)
    corpus.add(extra(passages), joins_copies=False)
    added = time.perf_counter() - started
    report = corpus.verify()
    ids = {one.id for one in extra(passages)}
    is_whole = report.is_healthy and ids <= corpus.ids()
    corpus.close()
    return {"seconds": added, "healthy": is_whole, "passages": report.passages, "problems": report.problems}


def extra(passages: int) -> Iterator[Article]:
    """The articles that are added while it is killed."""
    return (article(10_000_000 + passages + number) for number in range(ADDED))


STEPS = {"fill": fill, "search": search, "brief": brief, "add": add, "recover": recover}


# -- what the parent does
# -------------------------------------------------------------------------------------


def run(step: str, folder: Path, passages: int) -> dict[str, Any]:
    """Run a step in a process of its own; its numbers and its peak memory."""
    command = [sys.executable, "-m", "benchmarks.scale", "--step", step, "--folder", str(folder)]
    done = subprocess.run(
        [*command, "--passages", str(passages)], stdout=subprocess.PIPE, check=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def kill(folder: Path, passages: int, seconds: float) -> None:
    """Begin to add and kill that after some seconds."""
    command = [sys.executable, "-m", "benchmarks.scale", "--step", "add", "--folder", str(folder)]
    child = subprocess.Popen(
        [*command, "--passages", str(passages)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert child.stderr
    for line in child.stderr:
        if line == "begun\n":
            break
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    child.communicate()


def measure(passages: int, folder: Path) -> dict[str, Any]:
    """All numbers of one size."""
    found: dict[str, Any] = {"fill": run("fill", folder, passages)}
    for step in ("search", "brief"):
        found[step] = run(step, folder, passages)
    kill(folder, passages, random.Random(passages).uniform(0.1, 0.8))
    found["after_a_kill"] = run("recover", folder, passages)
    found["disk_mb"] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return found


def main() -> None:
    """Run one step, or all of them for both sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=200_000)
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--save", action="store_true")
    args = parser.parse_args()
    if args.step:
        found = STEPS[args.step](args.folder, args.passages)
        print(json.dumps(found | {"peak_mb": peak_mb()}))
        return
    sizes: dict[str, Any] = {}
    for passages in (SMALL, args.passages):
        folder = Path(tempfile.mkdtemp(prefix="scale-"))
        try:
            sizes[str(passages)] = measure(passages, folder)
            print(json.dumps({passages: sizes[str(passages)]}, indent=1), flush=True)
        finally:
            shutil.rmtree(folder)
        if args.save:
            results.save(results.describe_run(), {"scale": sizes}, {})


if __name__ == "__main__":
    main()
