"""The checks: that every article is as it was added, with its original and cut as it should be, and indexed.

It knows what a whole article is and what an index must find; it repairs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from assistant.ingest import OnProgress
from assistant.stores.catalog import Catalog
from assistant.stores.lexical import LexicalIndex
from assistant.stores.originals import Originals
from assistant.stores.rows import Vector
from assistant.stores.vectors import VectorIndex
from assistant.types import Article, Passage, Progress

WIDE = 200  # neighbours that are asked for where one was not found
TOLERATED = 0.5  # share of probes that a graph may lose: many equal vectors hide the few others among them
SAME = 0.999  # cosine similarity of a vector with itself, rounded
PROBES = 50  # vectors that the dense index is asked for


def check_articles(
    catalog: Catalog, split: Callable[[Article], tuple[Passage, ...]], on_progress: OnProgress | None
) -> tuple[list[str], dict[str, str]]:
    """What is wrong in the catalog: (of changed articles, of wrongly cut ones by their id)."""
    changed: list[str] = []
    badly_cut: dict[str, str] = {}
    started, total, passages = time.perf_counter(), catalog.count(), 0
    for done, (entry, digest) in enumerate(catalog.ready_entries(), 1):
        article, expected = entry.article, {passage.id for passage in split(entry.article)}
        found = {passage.id for passage in entry.passages}
        called = f"catalog: article {article.id[:10]} ({article.name})"
        if article.digest != digest:
            changed.append(f"{called} is not as it was added: remove it and add it again")
        elif expected != found:
            lost, others = len(expected - found), len(found - expected)
            badly_cut[article.id] = f"{called}: {lost} passages are missing, {others} are not its own"
        passages += len(found)
        if on_progress:
            seconds = time.perf_counter() - started
            on_progress(Progress(done, total, article.name, passages, seconds))
    return changed, badly_cut


def lost_originals(catalog: Catalog, originals: Originals) -> dict[str, str]:
    """Of each article whose original is missing or damaged, by its id: what is wrong."""
    found = catalog.originals_of_articles()
    lost = {name for name in dict(found) if not originals.is_sound(name)}
    return {
        article_id: f"originals: the file of article {article_id[:10]} is missing or damaged; add it again"
        for name, article_id in found
        if name in lost
    }


def index_problems(catalog: Catalog, dense: VectorIndex, lexical: LexicalIndex) -> list[str]:
    """Where two open indexes do not hold what the catalog does, in words."""
    return [*_unfinished(catalog), *_differences(catalog, dense, lexical)]


def _unfinished(catalog: Catalog) -> list[str]:
    pending, drops = catalog.unfinished()
    if not pending and not drops:
        return []
    return [f"catalog: {len(pending)} articles and {len(drops)} removals of passages are unfinished"]


def _differences(catalog: Catalog, dense: VectorIndex, lexical: LexicalIndex) -> list[str]:
    problems = []
    expected = catalog.passage_ids()
    for label, found in (("dense", dense.ids()), ("lexical", lexical.ids())):
        if missing := expected - found:
            problems.append(f"{label} index: {len(missing)} passages are missing")
        if strays := found - expected:
            problems.append(f"{label} index: {len(strays)} passages belong to no article")
    return problems or _probe(catalog, dense, len(expected))


def _finds_itself(found: Sequence[tuple[str, float]]) -> bool:
    return bool(found) and found[0][1] >= SAME


def _probe(catalog: Catalog, dense: VectorIndex, count: int) -> list[str]:
    """Ask the dense index for some of its vectors: each must be the catalog's, and most must be found."""
    sample = dict(_sample(catalog, max(1, count // PROBES)))
    held = dense.vectors(list(sample))
    wrong = sum(i in held and float(vector @ held[i]) < SAME for i, vector in sample.items())
    if wrong:
        return [f"dense index: {wrong} of {len(sample)} vectors are not the catalog's"]
    lost = sum(not _is_found(dense, vector) for vector in sample.values())
    is_damaged = lost > TOLERATED * len(sample)
    return [f"dense index: {lost} probes did not find themselves"] if is_damaged else []


def _sample(catalog: Catalog, step: int) -> Iterator[tuple[str, Vector]]:
    """Every so many-th passage's id with its vector."""
    position = 0
    for entry in catalog.entries():
        for passage, vector in zip(entry.passages, entry.vectors, strict=True):
            position += 1
            if position % step == 0:
                yield passage.id, vector


def _is_found(dense: VectorIndex, vector: Vector) -> bool:
    return any(_finds_itself(dense.search(vector, k)) for k in (1, WIDE))
