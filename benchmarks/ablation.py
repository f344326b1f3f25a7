"""Which retrieval parameters, and why: every variant measured on the same questions.

Parameters are chosen on the questions with even line numbers; the odd ones are reported beside them and
chose nothing. Dense search is exact and lexical search in memory, so that the numbers speak of the parameters
and not of an index. It knows variants; what a hit is, is in `metrics`.

Run with `python -m benchmarks.ablation`; see `--help`.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray

from assistant import chunking
from assistant.types import Article, Passage
from benchmarks import datasets, metrics
from benchmarks.engines import ENGINES, open_engine
from benchmarks.exact import (
    Floats,
    Ints,
    LexicalPlan,
    LexicalSearch,
    Query,
    QueryBuilder,
    analyzer,
    any_term,
    nearest,
    product_plan,
    span,
    terms_plan,
    with_pairs,
)
from benchmarks.vector_cache import VectorCache

HERE = Path(__file__).parent
REPORT = HERE / "ABLATION.md"
SETS = ("wiki_qa", "news_quiz", "time_magazine", "scifact", "chunking")
LOOKED_AT = 1000  # passages of each search that a variant may use
RANKED = 60  # passages of a fused ranking: more than 5,000 characters
EMBED_AT_ONCE = 2048
SPEAKING = 3  # passages that speak for their article

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What both searches say of the passages that either of them brought, for one question.

    All arrays have one entry for each passage. `ids` count the passages in reading order,
    `article` the articles. `cosine` is exact for all; `bm25` is 0 beyond the first `LOOKED_AT`; ranks count
    from 1.
    """

    ids: Ints
    cosine: Scores
    bm25: Scores
    dense_rank: Ints
    lexical_rank: Ints
    article: Ints


Fusion = Callable[[Candidates], Scores]  # score of each candidate; -inf leaves it out


@dataclass(frozen=True, slots=True)
class Cut:
    """How articles are cut and what is embedded."""

    max_chars: int = 500
    overlap: int = 0
    has_title: bool = True

    def __str__(self) -> str:
        title = "title in front" if self.has_title else "no title"
        return f"{self.max_chars} characters, {self.overlap} sentences of overlap, {title}"


# -- fusions ---------------------------------------------------------------------------------------------


def dense_alone(c: Candidates) -> Scores:
    return c.cosine


def lexical_alone(c: Candidates) -> Scores:
    return np.where(c.bm25 > 0, c.bm25, -np.inf)


def rrf(k: int, *, dense_weight: float = 0.5, depth: int = 100) -> Fusion:
    """Reciprocal rank fusion, weighted."""

    def score(c: Candidates) -> Scores:
        dense = np.where(c.dense_rank <= depth, dense_weight / (k + c.dense_rank), 0.0)
        lexical = np.where(c.lexical_rank <= depth, (1 - dense_weight) / (k + c.lexical_rank), 0.0)
        total: Scores = dense + lexical
        return np.where(total > 0, total, -np.inf)

    return score


def convex(
    dense_weight: float,
    *,
    scale: str = "cosine",
    depth: int = 100,
    is_filled: bool = True,
    article: float = 0.0,
) -> Fusion:
    """A weighted sum of cosine and BM25, BM25 divided by its best.

    Args:
        dense_weight: Share of the cosine.
        scale: `cosine` as it is, `max` divided by its best, or `min-max` over those brought.
        depth: Passages that each search brings.
        is_filled: Whether passages that only words brought get their real cosine, not the lowest.
        article: Weight of the mean of an article's three best scores.
    """

    def score(c: Candidates) -> Scores:
        by_dense, by_words = c.dense_rank <= depth, c.lexical_rank <= depth
        cosine = np.maximum(c.cosine, 0)
        lowest, best = cosine[by_dense].min(initial=1), cosine[by_dense].max(initial=0) or 1.0
        if not is_filled:
            cosine = np.where(by_dense, cosine, lowest)
        if scale == "max":
            cosine = cosine / best
        elif scale == "min-max":
            cosine = np.clip((cosine - lowest) / (best - lowest or 1.0), 0, 1)
        words = np.where(by_words, c.bm25, 0) / (c.bm25.max(initial=0) or 1.0)
        fused = np.where(by_dense | by_words, dense_weight * cosine + (1 - dense_weight) * words, -np.inf)
        return with_article(c, fused, article) if article else fused

    return score


def by_strength(
    scale: float, *, depth: int = 100, article: float = 0.0, is_best_only: bool = True, least: float = 0.0
) -> Fusion:
    """A convex combination whose lexical share grows with the best BM25 score of the question.

    Args:
        scale: The best BM25 score at which words count as much as the cosine.
        depth: Passages that each search brings.
        article: Weight of the mean of an article's three best scores.
        is_best_only: Whether only the best passage of an article gets it, not all of them.
        least: Lexical share of a question whose words match weakly.
    """

    def score(c: Candidates) -> Scores:
        best = c.bm25.max(initial=0)
        share = max(least, best / (scale + best)) if best else 0.0
        fused = convex(1 - share, depth=depth)(c)
        return with_article(c, fused, article, is_best_only=is_best_only) if article else fused

    return score


def with_article(c: Candidates, fused: Scores, weight: float, *, is_best_only: bool = False) -> Scores:
    """A passage is helped by the three best of its article: their mean, a missing one counted as 0."""
    shares = np.zeros(c.article.max(initial=-1) + 1)
    counts = np.zeros_like(shares, dtype=int)
    is_helped = np.full(len(fused), not is_best_only)
    for i in np.lexsort((c.ids, -fused)):
        if np.isfinite(fused[i]) and counts[c.article[i]] < SPEAKING:
            is_helped[i] |= counts[c.article[i]] == 0
            shares[c.article[i]] += fused[i] / SPEAKING
            counts[c.article[i]] += 1
    return (fused + np.where(is_helped, weight * shares[c.article], 0)) / (1 + weight)


def with_neighbours(inner: Fusion, weight: float) -> Fusion:
    """A passage is helped by the better of the passages beside it."""

    def score(c: Candidates) -> Scores:
        fused = inner(c)
        place = {int(number): i for i, number in enumerate(c.ids)}
        beside = np.zeros(len(fused))
        for i, number in enumerate(c.ids):
            for other in (place.get(int(number) - 1), place.get(int(number) + 1)):
                if other is not None and c.article[other] == c.article[i] and np.isfinite(fused[other]):
                    beside[i] = max(beside[i], fused[other])
        return fused + weight * beside

    return score


CHOSEN = by_strength(75, article=0.15, least=0.22)  # as in assistant/retrieval.py

FUSIONS: dict[str, Fusion] = {
    "dense alone": dense_alone,
    "BM25 with pairs alone": lexical_alone,
    "RRF, k 10": rrf(10),
    "RRF, k 20": rrf(20),
    "RRF, k 60": rrf(60),
    "RRF, k 60, dense .3": rrf(60, dense_weight=0.3),
    **{f"cosine / max, dense {w}": convex(w, scale="max") for w in (0.4, 0.5, 0.6)},
    **{f"cosine min-max, dense {w}": convex(w, scale="min-max") for w in (0.3, 0.4, 0.5)},
    **{f"cosine, dense {w}": convex(w) for w in (0.5, 0.6, 0.65, 0.7, 0.75, 0.8)},
    "cosine, dense 0.7, lowest where not known": convex(0.7, is_filled=False),
    **{f"cosine, dense 0.7, article {w}": convex(0.7, article=w) for w in (0.1, 0.2)},
    "cosine, dense 0.7, neighbours 0.1": with_neighbours(convex(0.7), 0.1),
    "share by strength, scale 75": by_strength(75),
}
NEXT_FUSIONS: dict[str, Fusion] = {
    "the product's": CHOSEN,
    **{f"scale {scale}": by_strength(scale) for scale in (50, 60, 75, 100)},
    **{
        f"least share {least}": by_strength(75, article=0.15, least=least) for least in (0.15, 0.2, 0.25, 0.3)
    },
    "scale 75, article 0.15, all passages": by_strength(75, article=0.15, is_best_only=False),
    **{f"scale 75, article {w}, best passage": by_strength(75, article=w) for w in (0.1, 0.15, 0.2)},
    **{f"scale {s}, article 0.15, best passage": by_strength(s, article=0.15) for s in (50, 60, 100)},
}
DEPTHS: dict[str, Fusion] = {
    f"{d} of each": by_strength(75, depth=d, article=0.15) for d in (20, 50, 100, 200, 400)
}


# -- lexical variants ------------------------------------------------------------------------------------


def term(schema: Any, field: str, word: str, boost: float = 1.0) -> Query:
    query = tantivy.Query.term_query(schema, field, word)
    return query if boost == 1.0 else tantivy.Query.boost_query(query, boost)


def any_of(queries: Sequence[Query]) -> Query | None:
    return (
        tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries]) if queries else None
    )


def title_apart(boost: float, *, is_sum: bool) -> QueryBuilder:
    """Title and text in fields of their own, joined for each term by a sum or by the larger one."""

    def build(schema: Any, text: str) -> Query | None:
        words = dict.fromkeys(analyzer("fold+stem").analyze(text))
        pairs = [(term(schema, "text", word), term(schema, "title", word, boost)) for word in words]
        if is_sum:
            return any_of([query for pair in pairs for query in pair])
        return any_of([tantivy.Query.disjunction_max_query(list(pair)) for pair in pairs])

    return build


def repeated_terms() -> QueryBuilder:
    """A word that stands twice in the question counts twice."""

    def build(schema: Any, text: str) -> Query | None:
        return any_of([term(schema, "both", word) for word in analyzer("fold+stem").analyze(text)])

    return build


APART = ("text", "title")
ENGLISH = "fold+stem"
LEXICAL: dict[str, LexicalPlan] = {
    "stemmed, accents folded, title and text in one field, pairs .2, not of stop words": product_plan(),
    "no pairs": terms_plan(),
    **{f"pairs {boost}": LexicalPlan(ENGLISH, with_pairs(ENGLISH, boost)) for boost in (0.1, 0.2, 0.3)},
    "no pairs, no stemming": LexicalPlan("plain", any_term("plain")),
    "no pairs, accents kept": LexicalPlan("stem", any_term("stem")),
    "no pairs, stop words removed": LexicalPlan("stop+stem", any_term("stop+stem")),
    "no pairs, text without title": LexicalPlan(ENGLISH, any_term(ENGLISH, "text"), ("text",)),
    "no pairs, title apart, sum, boost .3": LexicalPlan(ENGLISH, title_apart(0.3, is_sum=True), APART),
    "no pairs, title apart, sum, boost 1": LexicalPlan(ENGLISH, title_apart(1.0, is_sum=True), APART),
    "no pairs, title apart, larger one, boost 1": LexicalPlan(ENGLISH, title_apart(1.0, is_sum=False), APART),
    "no pairs, repeated words count": LexicalPlan(ENGLISH, repeated_terms()),
}
CUTS = (
    Cut(350), Cut(500), Cut(750), Cut(1000), Cut(500, has_title=False), Cut(500, overlap=1),
)  # fmt: skip


# -- measuring -------------------------------------------------------------------------------------------


class Bench:
    """One set, cut and embedded in one way."""

    def __init__(
        self, dataset: datasets.Dataset, cut: Cut, engine: VectorCache, keep: set[str] | None = None
    ) -> None:
        self.dataset, self.engine = dataset, engine
        self.texts = {article.id: article.text for article in dataset.articles}
        articles = [article for article in dataset.articles if keep is None or article.id in keep]
        self.passages = [passage for article in articles for passage in cut_article(article, cut)]
        self.spans = [span(passage) for passage in self.passages]
        numbers = {article.id: number for number, article in enumerate(articles)}
        self.article = np.array([numbers[passage.article_id] for passage in self.passages])
        self.questions = dataset.answerable
        self.vectors = embed(engine, [p.embedded_text if cut.has_title else p.text for p in self.passages])
        self.queries = engine.embed_passages([question.text for question in self.questions])

    def candidates(self, plan: LexicalPlan) -> list[Candidates]:
        """What both searches bring, a value for each question."""
        lexical = LexicalSearch(self.passages, plan)
        return [
            self._candidates(vector, *lexical.search(question.text, LOOKED_AT))
            for question, vector in zip(self.questions, self.queries, strict=True)
        ]

    def measure(self, candidates: Sequence[Candidates], fusion: Fusion) -> dict[str, Any]:
        """Every metric of a fusion on the even and on the odd lines."""
        rows = [
            self._measure(question, found, fusion(found))
            for question, found in zip(self.questions, candidates, strict=True)
        ]
        ndcg = self._ndcg(candidates, fusion) if self.dataset.name in datasets.RANKING_SETS else {}
        rows = [
            row | {"ndcg_10": ndcg[q.id]} if q.id in ndcg else row
            for q, row in zip(self.questions, rows, strict=True)
        ]
        halves = {"even": True, "odd": False}
        return {name: self._means(rows, is_even) for name, is_even in halves.items()} | {
            "all": self._means(rows, None)
        }

    def _candidates(self, vector: Floats, words: Ints, bm25: Floats) -> Candidates:
        near, _ = nearest(self.vectors, vector, LOOKED_AT)
        ids = np.union1d(near[:400], words[:400])
        dense_rank, lexical_rank = (np.full(len(self.passages), 10**6) for _ in range(2))
        dense_rank[near], lexical_rank[words] = np.arange(1, len(near) + 1), np.arange(1, len(words) + 1)
        scores = np.zeros(len(self.passages))
        scores[words] = bm25
        cosine = (self.vectors[ids] @ vector).astype(float)
        return Candidates(ids, cosine, scores[ids], dense_rank[ids], lexical_rank[ids], self.article[ids])

    def _ranking(self, found: Candidates, scores: Scores) -> list[metrics.Span]:
        order = np.lexsort((found.ids, -scores))
        return [self.spans[found.ids[i]] for i in order if np.isfinite(scores[i])]

    def _measure(self, question: datasets.Question, found: Candidates, scores: Scores) -> dict[str, float]:
        ranking = self._ranking(found, scores)
        if not question.evidence:
            return {}
        if self.dataset.name == "chunking":
            window = metrics.cut(ranking, metrics.HIT_5_CHARS)
            covered = metrics.coverage(window, question.evidence)
            return {"recall": covered.recall, "precision": covered.precision, "iou": covered.iou}
        within = {
            f"hit_{n}": float(metrics.hit_within(ranking, question, self.texts, budget))
            for n, budget in ((1, metrics.HIT_1_CHARS), (5, metrics.HIT_5_CHARS))
        }
        rank = metrics.first_hit(ranking[:RANKED], question, self.texts)
        return within | {"mrr_10": metrics.reciprocal_rank(rank)}

    def _ndcg(self, candidates: Sequence[Candidates], fusion: Fusion) -> dict[str, float]:
        rankings = {
            question.id: metrics.rank_articles(self._ranking(found, fusion(found)))[:100]
            for question, found in zip(self.questions, candidates, strict=True)
        }
        return metrics.ndcg(rankings, self.questions)

    def _means(self, rows: Sequence[dict[str, float]], is_even: bool | None) -> dict[str, float]:
        chosen = [
            row
            for question, row in zip(self.questions, rows, strict=True)
            if row and (is_even is None or question.is_tuning == is_even)
        ]
        names = chosen[0] if chosen else ()
        return {name: round(metrics.mean([row[name] for row in chosen]), 4) for name in names} | {
            "n": len(chosen)
        }


def cut_article(article: Article, cut: Cut) -> tuple[Passage, ...]:
    return chunking.split(article, max_passage_chars=cut.max_chars, overlap_sentences=cut.overlap)


def embed(engine: VectorCache, texts: Sequence[str]) -> Floats:
    parts = [engine.embed_passages(texts[i : i + EMBED_AT_ONCE]) for i in range(0, len(texts), EMBED_AT_ONCE)]
    return np.concatenate(parts)


def subset(dataset: datasets.Dataset, count: int) -> set[str] | None:
    """Ids of the articles with evidence and of enough others, drawn at random; None if all are wanted."""
    if not count or count >= len(dataset.articles):
        return None
    wanted = {e.article_id for q in dataset.questions for e in q.evidence} | {
        a for q in dataset.questions for a in q.relevance
    }
    others = [article.id for article in dataset.articles if article.id not in wanted]
    drawn = np.random.default_rng(0).permutation(len(others))[: max(0, count - len(wanted))]
    return wanted | {others[i] for i in drawn}


def run(
    dataset: datasets.Dataset, engine: VectorCache, *, limit: int = 0, has_cuts: bool = False
) -> Iterator[dict[str, Any]]:
    """Measure every variant on one set; a row for each.

    Args:
        dataset: The set.
        engine: Embeds what is not in its cache.
        limit: Only so many articles, those with evidence among them; 0 for all.
        has_cuts: Whether passage sizes are tried, too; each has to be embedded.
    """
    keep = subset(dataset, limit)
    known = {"set": dataset.name, "sha256": dataset.sha256, "articles": len(keep or dataset.articles)}
    bench = Bench(dataset, Cut(), engine, keep)
    alone = bench.measure(bench.candidates(terms_plan()), lexical_alone)
    yield known | {"part": "fusion", "variant": "BM25 alone", **alone}
    for part, plan, variants in (
        ("fusion", product_plan(), FUSIONS),
        ("depth", product_plan(), DEPTHS),
        ("share by strength", product_plan(), NEXT_FUSIONS),
    ):
        candidates = bench.candidates(plan)
        for variant, fusion in variants.items():
            yield known | {"part": part, "variant": variant, **bench.measure(candidates, fusion)}
    for variant, plan in LEXICAL.items():
        found = bench.candidates(plan)
        for what, fusion in (("alone", lexical_alone), ("fused", CHOSEN)):
            yield known | {"part": f"lexical, {what}", "variant": variant, **bench.measure(found, fusion)}
    for cut in CUTS if has_cuts else ():
        bench = Bench(dataset, cut, engine, keep)
        row = {"part": "passages", "variant": str(cut), "passages": len(bench.passages)}
        yield known | row | bench.measure(bench.candidates(product_plan()), CHOSEN)


# -- report ----------------------------------------------------------------------------------------------

COLUMNS = (
    ("wiki_qa", "hit_1"), ("wiki_qa", "hit_5"), ("news_quiz", "hit_1"), ("news_quiz", "hit_5"),
    ("time_magazine", "ndcg_10"), ("scifact", "ndcg_10"), ("chunking", "recall"), ("chunking", "iou"),
)  # fmt: skip


def report(results: dict[str, Any]) -> str:
    """The results as Markdown: a table for each part, `even / odd` in each cell."""
    rows = results["rows"]
    sizes = {row["set"]: (row["articles"], row["all"]["n"]) for row in rows}
    columns = [column for column in COLUMNS if column[0] in sizes]
    lines = [
        "# Retrieval parameters",
        "",
        "Generated by `python -m benchmarks.ablation`; do not edit. Each cell is `even / odd`: parameters",
        "were chosen on the even line numbers only. hit_1 and hit_5 look at the ranking's first",
        "1,000 and 5,000 characters; nDCG@10 is of articles, each by its best passage; recall and IoU are",
        "of characters within the first 5,000.",
        "",
        f"Date {results['date']}, engine {results['engine']}. Articles and questions: "
        + ", ".join(f"{name} {articles:,} / {n:,}" for name, (articles, n) in sizes.items())
        + ".",
    ]
    for part in dict.fromkeys(row["part"] for row in rows):
        shown = [row for row in rows if row["part"] == part]
        used = [column for column in columns if any(row["set"] == column[0] for row in shown)]
        lines += ["", f"## {part.capitalize()}", ""]
        lines.append("| | " + " | ".join(f"{name} {metric}" for name, metric in used) + " |")
        lines.append("|---" * (len(used) + 1) + "|")
        for variant in dict.fromkeys(row["variant"] for row in shown):
            by_set = {row["set"]: row for row in shown if row["variant"] == variant}
            lines.append(
                f"| {variant} | "
                + " | ".join(_cell(by_set.get(name), metric) for name, metric in used)
                + " |"
            )
    return "\n".join(lines) + "\n"


def _cell(row: dict[str, Any] | None, metric: str) -> str:
    if row is None:
        return ""
    return " / ".join(
        f"{row[half][metric]:.3f}".lstrip("0") if metric in row[half] else "" for half in ("even", "odd")
    )


def store(rows: Sequence[dict[str, Any]], engine: str) -> None:
    """Write the rows of one set to the file of the day and the report anew, keeping the other sets' rows."""
    path = HERE / "results" / f"ablation-{date.today().isoformat()}.json"
    path.parent.mkdir(exist_ok=True)
    earlier = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
    kept = [row for row in earlier if row["set"] != rows[0]["set"]]
    results = {"date": date.today().isoformat(), "engine": engine, "rows": [*kept, *rows]}
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    REPORT.write_text(report(results), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description="Measure retrieval parameters; data from the folder BENCH_DATA."
    )
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument(
        "--cut-sets", default="wiki_qa,time_magazine,chunking", help="sets on which passage sizes are tried"
    )
    parser.add_argument("--engine", choices=ENGINES, default="bfloat16")
    parser.add_argument(
        "--articles", type=int, default=0, help="only the articles with evidence and others up to so many"
    )
    options = parser.parse_args(argv)
    data = os.environ.get("BENCH_DATA")
    if not data:
        parser.exit(2, "set BENCH_DATA to the folder that holds eval/\n")
    engine, cut_sets = open_engine(options.engine), options.cut_sets.split(",")
    for name in options.sets.split(","):
        dataset, rows = datasets.load(Path(data), name), []
        for row in run(dataset, engine, limit=options.articles, has_cuts=name in cut_sets):
            print(row["set"], row["part"], row["variant"], row["even"], row["odd"], flush=True)
            rows.append(row)
        store(rows, engine.fingerprint)


if __name__ == "__main__":
    main()
