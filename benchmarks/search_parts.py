"""Where the time of a search goes, part by part, beside the LangChain tutorial's, in one process, in turns.

`python -m benchmarks.search_parts --passages 20000` fills both indexes with vectors of one model, searches
for each question with both, and times the parts of ours again by themselves. It writes `search_parts.svg` and
`results/search-parts-DATE.json`. It says why a search is not faster than it is; `speed` compares the two.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from assistant import retrieval
from assistant.corpus import Corpus
from assistant.models import Embedder
from assistant.types import Filters
from benchmarks import datasets, drawing, results
from benchmarks.engines import original_embedder, product_embedder
from benchmarks.pipelines import AssistantPipeline, LangChainPipeline
from benchmarks.speed import take

DRAWING = Path(__file__).parent / "search_parts.svg"
SET = "news_quiz"
PASSAGES, QUESTIONS, WARM_UP, TOP_K, DEPTH = 20_000, 200, 20, 10, 100
ROW, LEFT, WIDTH, TOP = 24, 190, 640, 44  # pixels
COLOURS = {"ours": "#1b6ca8", "LangChain": "#b3541e"}

T = TypeVar("T")


class Halved:
    """Passages embedded by one engine, to fill an index, and queries by another, to time it."""

    def __init__(self, passages: Embedder, queries: Embedder) -> None:
        self._passages, self._queries = passages, queries
        self.fingerprint, self.dim = queries.fingerprint, queries.dim

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32, shape (len(texts), dim), rows of unit length."""
        return self._passages.embed_passages(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """float32, shape (dim,), unit length."""
        return self._queries.embed_query(text)


class Stopwatch:
    """Times of what is done again and again, by name."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """What the work returns."""
        started = time.perf_counter()
        result = work(*arguments, **named)
        self._seconds.setdefault(name, []).append(time.perf_counter() - started)
        return result

    def medians(self) -> dict[str, float]:
        """Milliseconds by name."""
        return {name: round(1000 * statistics.median(each), 2) for name, each in self._seconds.items()}


def time_parts(corpus: Corpus, question: str, watch: Stopwatch) -> None:
    """What `retrieval.search` does, a part at a time and one after the other."""
    watch.time("ours: looks for changes", corpus.refresh)
    vector = watch.time("ours: query embedded", corpus.embed_query, question)
    similarity = dict(watch.time("ours: Chroma, 100 nearest", corpus.dense, vector, DEPTH, Filters()))
    bm25 = dict(watch.time("ours: tantivy, beside the two above", corpus.lexical, question, DEPTH, Filters()))
    every = list(dict.fromkeys([*similarity, *bm25]))
    missing = [i for i in every if i not in similarity]
    similarity |= watch.time("ours: missing similarities", corpus.similarities, vector, missing)
    articles = watch.time("ours: articles and their groups", corpus.article_ids, every)
    fused = watch.time("ours: fused", retrieval.fuse, similarity, bm25, lexical_scale=75.0)
    best = [i for i, _ in watch.time("ours: fused", retrieval.smooth, fused, articles, 0.15)[:TOP_K]]
    watch.time("ours: passages read", corpus.passages, best)


def measure(data: Path, folder: Path, *, passages: int, questions: int) -> dict[str, float]:
    """Medians in milliseconds: of a whole search of both, and of the parts."""
    dataset = datasets.load(data, SET)
    filling, timed = take(dataset.articles, passages)
    asked = [question.text for question in dataset.answerable][: questions + WARM_UP]
    ours, torch = product_embedder(), original_embedder()
    product = AssistantPipeline(folder / "product", ours)
    tutorial = LangChainPipeline(folder / "tutorial", Halved(ours, torch))
    for pipeline in (product, tutorial):
        pipeline.add([*filling, *timed])
    corpus, watch = product.assistant.corpus, Stopwatch()
    corpus.open_indexes()
    for number, question in enumerate(asked):
        if number == WARM_UP:
            watch = Stopwatch()
        watch.time("ours", product.search, question, TOP_K)
        watch.time("LangChain", tutorial.search, question, TOP_K)
        watch.time("LangChain: query embedded by torch", torch.embed_query, question)
        time_parts(corpus, question, watch)
    return watch.medians()


def svg(medians: Mapping[str, float], passages: int) -> str:
    """Draw bars, the whole searches first and the parts of each below.

    Args:
        medians: Milliseconds by name; a part is "whole: part".
        passages: In the index.

    Returns:
        An SVG as wide as `WIDTH`.
    """
    names = sorted(medians, key=lambda name: (not name.startswith("ours"), ":" in name))
    most = max(medians.values())
    height = TOP + ROW * len(names) + 10
    parts = [
        '<text x="10" y="22" font-weight="bold">'
        f"A search at {passages:,} passages, milliseconds (median)</text>"
    ]
    for row, name in enumerate(names):
        y, colour = TOP + ROW * row, COLOURS[name.partition(":")[0]]
        wide = round((WIDTH - LEFT - 60) * medians[name] / most, 1)
        label, fade = (name.partition(": ")[2], 0.55) if ":" in name else (name, 1)
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{LEFT}" y="{y + 3}" width="{wide}" height="{ROW - 6}" fill="{colour}" '
            f'opacity="{fade}"/>',
            f'<text x="{LEFT + wide + 6}" y="{y + 15}">{medians[name]:.2f}</text>',
        ]
    return drawing.svg("Where the time of a search goes", parts, width=WIDTH, height=height)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--passages", type=int, default=PASSAGES)
    arguments.add_argument("--questions", type=int, default=QUESTIONS)
    options = arguments.parse_args()
    data = Path(os.environ["BENCH_DATA"])
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        medians = measure(data, Path(folder), passages=options.passages, questions=options.questions)
    told = {**results.describe_run(), "asked": vars(options), "milliseconds": medians}
    path = results.FOLDER / f"search-parts-{date.today().isoformat()}.json"
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    DRAWING.write_text(svg(medians, options.passages), encoding="utf-8")
    print(json.dumps(medians, indent=1))


if __name__ == "__main__":
    main()
