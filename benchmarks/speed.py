"""Speed and memory of the product against the LangChain tutorial pipeline, in turns on the same machine.

Each pipeline runs in its own process (`speed_child`); slices of articles and questions go to them in turns,
so that whatever else the machine does hurts both alike. Each embeds the same model with the engine that its
users get, and no cache: the product with onnxruntime, the tutorial with torch. An index of 20,000 passages is
first filled from cached vectors, untimed; then some 1,000 passages are added and timed. It knows what is
compared; it does not know what a pipeline does.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from assistant.settings import Settings
from assistant.types import Article
from benchmarks import cold_start
from benchmarks.pipelines import ASSISTANT, LANGCHAIN, cut

SIZES = (1_000, 20_000)
TIMED_PASSAGES = 1_000
SLICES = 6  # of the timed articles; the pipelines take turns
WARM_UP, SEARCHES, ASKS, STARTS = 10, 200, 50, 3
FILL_ARTICLES = 500
PAIR = (ASSISTANT, LANGCHAIN)

Log = Callable[[str], None]


class Child:
    """A pipeline in a process of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.speed_child", name, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def do(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Send a command and wait for its reply.

        Raises:
            RuntimeError: If the process has ended.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": what} | arguments) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process ended with {self._process.wait()} during {what!r}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)


def measure(
    articles: Sequence[Article], questions: Sequence[str], *, sizes: Sequence[int] = SIZES, log: Log = print
) -> dict[str, Any]:
    """Measure both pipelines at each size that the articles suffice for.

    Args:
        articles: In the order in which they are added.
        questions: Searched and asked; repeated if they are few.
        sizes: Passages of the product in the index.
        log: Told what is going on.

    Returns:
        For each size: figures of each pipeline, ratios product to tutorial, and the seconds of a command; the
        last also for corpus/.
    """
    results: dict[str, Any] = {"corpus/": {"command_line_s": cold_start.measure_corpus()}}
    log(f"speed: {json.dumps(results)}")
    for size in sizes:
        filling, timed = take(articles, size)
        if not timed:
            log(f"speed: too few articles for {size:,} passages")
            continue
        results[f"{size:,} passages"] = _measure_size(filling, timed, questions, log)
        log(f"speed at {size:,}: {json.dumps(results[f'{size:,} passages']['ratios'])}")
    return results


def take(articles: Sequence[Article], size: int) -> tuple[list[Article], list[Article]]:
    """Articles that fill the index, and those that are timed; together about `size` passages."""
    settings = Settings()
    counts = np.cumsum([len(cut([article], settings)) for article in articles])
    if not len(counts) or counts[-1] < size:
        return [], []
    first_timed = int(np.searchsorted(counts, max(0, size - TIMED_PASSAGES), side="right"))
    end = int(np.searchsorted(counts, size)) + 1
    return list(articles[:first_timed]), list(articles[first_timed:end])


def _measure_size(
    filling: Sequence[Article], timed: Sequence[Article], questions: Sequence[str], log: Log
) -> dict[str, Any]:
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, _children(Path(folder)) as children:
        for name, child in children.items():
            child.do("search", text="warm up")  # loads the model
            for part in _parts(filling, FILL_ARTICLES):
                child.do("add", file=_write(Path(folder), part), fast=True)
            log(f"speed: {name} filled with {len(filling)} articles")
        ingest = _ingest(children, timed, Path(folder))
        searches = _in_turns(children, "search", questions, SEARCHES)
        asks = _in_turns({ASSISTANT: children[ASSISTANT]}, "ask", questions, ASKS)
        memory = {name: child.do("memory")["peak_mb"] for name, child in children.items()}
        for child in children.values():
            child.close()
        starts = _cold_starts(Path(folder), questions[0])
        command_line = cold_start.measure(Path(folder) / ASSISTANT, questions[0])
    pipelines = {
        name: ingest[name]
        | {"search_ms": percentiles(searches[name]), "cold_start_s": round(starts[name], 2)}
        | {"peak_mb": round(memory[name])}
        for name in PAIR
    }
    pipelines[ASSISTANT]["ask_ms"] = percentiles(asks[ASSISTANT])
    ratios = _ratios(pipelines[ASSISTANT], pipelines[LANGCHAIN])
    return {"pipelines": pipelines, "ratios": ratios, "command_line_s": command_line}


@contextmanager
def _children(folder: Path) -> Iterator[dict[str, Child]]:
    children = {name: Child(name, folder / name) for name in PAIR}
    try:
        yield children
    finally:
        for child in children.values():
            if child._process.poll() is None:
                child._process.kill()


def _ingest(
    children: dict[str, Child], articles: Sequence[Article], folder: Path
) -> dict[str, dict[str, Any]]:
    """Add slices of the articles, the pipelines in turns; the first of a turn changes."""
    totals = {name: {"seconds": 0.0, "passages": 0, "characters": 0} for name in PAIR}
    size = max(1, -(-len(articles) // SLICES))
    for turn, part in enumerate(_parts(articles, size)):
        file = _write(folder, part)
        for name in PAIR if turn % 2 == 0 else reversed(PAIR):
            reply = children[name].do("add", file=file, fast=False)
            for key in totals[name]:
                totals[name][key] += reply[key]
    return {
        name: {
            "timed_passages": total["passages"],
            "timed_characters": total["characters"],
            "passages_per_s": round(total["passages"] / total["seconds"], 1),
            "characters_per_s": round(total["characters"] / total["seconds"]),
        }
        for name, total in totals.items()
    }


def _in_turns(
    children: dict[str, Child], what: str, questions: Sequence[str], count: int
) -> dict[str, list[float]]:
    """Seconds of `count` calls of each pipeline, in turns, after a warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in children}
    for number in range(WARM_UP + count):
        for name, child in children.items():
            reply = child.do(what, text=questions[number % len(questions)])
            if number >= WARM_UP:
                seconds[name].append(reply["seconds"])
    return seconds


def _cold_starts(folder: Path, question: str) -> dict[str, float]:
    """Seconds from the start of a process to its first hits, the median of a few."""
    seconds: dict[str, list[float]] = {name: [] for name in PAIR}
    for _ in range(STARTS):
        for name in PAIR:
            started = time.perf_counter()
            child = Child(name, folder / name)
            child.do("search", text=question)
            seconds[name].append(time.perf_counter() - started)
            child.close()
    return {name: statistics.median(values) for name, values in seconds.items()}


def _ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    """Product to tutorial; above 1 is more characters, or more time."""
    return {
        "ingest_characters_per_s": round(ours["characters_per_s"] / theirs["characters_per_s"], 2),
        "search_p50": round(ours["search_ms"]["p50"] / theirs["search_ms"]["p50"], 2),
        "search_p95": round(ours["search_ms"]["p95"] / theirs["search_ms"]["p95"], 2),
        "cold_start": round(ours["cold_start_s"] / theirs["cold_start_s"], 2),
        "peak_memory": round(ours["peak_mb"] / theirs["peak_mb"], 2),
    }


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}


def _parts(articles: Sequence[Article], size: int) -> Iterator[Sequence[Article]]:
    for first in range(0, len(articles), size):
        yield articles[first : first + size]


def _write(folder: Path, articles: Sequence[Article]) -> str:
    """Articles as JSON Lines for a child."""
    file = folder / "articles.jsonl"
    rows = ({"text": a.text, "title": a.title, "root": a.root, "path": a.path} for a in articles)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(file)


def shuffled(articles: Sequence[Article], count: int, *, seed: int = 0) -> list[Article]:
    """New articles made of the paragraphs of some, for a run without other data.

    Args:
        articles: At least one that is not empty.
        count: How many to make.
        seed: The same seed makes the same articles.
    """
    random = np.random.default_rng(seed)
    paragraphs = [line for article in articles for line in article.text.split("\n") if line.strip()]
    return [
        Article(
            "\n".join(paragraphs[i] for i in random.integers(0, len(paragraphs), 12)),
            title=articles[number % len(articles)].title,
            root="shuffled",
            path=str(number),
        )
        for number in range(count)
    ]
