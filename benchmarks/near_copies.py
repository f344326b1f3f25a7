"""How well near copies are told from other stories about the same event: pair F1 of `assistant.near_copies`.

Pairs are made by seed from the articles of news_quiz. Near copies: an article and the same with one of five
edits, twelve pairs an edit. Others: an article and the most alike of the same week by BM25 over whole texts,
the 60 with the highest share of the article's own score. Pages that are nothing but the site's own words and
pairs that a person found to be one story (`SAME_STORY`) are left out. Thresholds were chosen on articles on
even lines; both halves are reported.

Run with `python -m benchmarks.near_copies`; it knows pairs and labels, nothing of how they are told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import near_copies
from assistant.types import Article, Passage
from benchmarks import datasets, report, results
from benchmarks.exact import LexicalSearch, terms_plan

SET = "news_quiz"
SEED = 20261124
PAIRS_PER_EDIT = 12
OTHERS = 60
OTHER = "other story"
MIN_WORDS = 100  # of an article; its half is then no short text
QUERY_WORDS = 200
DAYS = 7
# Read by a person: an agency's story in two versions, two updates of one page, one speech twice.
SAME_STORY = frozenset(
    frozenset(ids)
    for ids in (
        ("r01163", "r01169"), ("r01273", "r04305"), ("r01917", "r01921"), ("r02637", "r02767"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and whether they are one story."""

    kind: str  # the edit, or "other story"
    ids: tuple[str, str]
    a: str
    b: str

    @property
    def is_copy(self) -> bool:
        return self.kind != OTHER


def cut(text: str, _: random.Random) -> str:
    """The first half of the text, to the paragraph, as a desk cuts for length."""
    kept: list[str] = []
    for paragraph in _paragraphs(text):
        if kept and len(" ".join([*kept, paragraph]).split()) > len(text.split()) / 2:
            break
        kept.append(paragraph)
    words = " ".join(kept).split() if len(kept) == 1 else []
    half = len(text.split()) // 2
    return " ".join(words[:half]) if len(words) > half else "\n".join(kept)


def headline(text: str, chance: random.Random) -> str:
    """Another headline and a line below it."""
    words = sorted(set(text.split()), key=lambda word: (-len(word), word))[:40]
    return f"{' '.join(chance.sample(words, 9))}\n{' '.join(chance.sample(words, 18))}\n{text}"


def byline(text: str, chance: random.Random) -> str:
    """Another name and place at the top, and who contributed at the end."""
    name, other, city = chance.choice(NAMES), chance.choice(NAMES), chance.choice(CITIES)
    return f"By {name}\nThe Evening Courier\n{city} — {text}\n{other} in {city} contributed to this report."


def boilerplate(text: str, chance: random.Random) -> str:
    """What an agency and a paper put around a story."""
    start = f"{chance.choice(CITIES).upper()} ({chance.choice(AGENCIES)}) — "
    return "\n".join([start + text, *chance.sample(NOTICES, 3)])


def reorder(text: str, chance: random.Random) -> str:
    """The paragraphs in another order, the first kept in its place."""
    first, *rest = _paragraphs(text)
    chance.shuffle(rest)
    return "\n".join([first, *rest])


EDITS: Mapping[str, Callable[[str, random.Random], str]] = {
    "cut to half": cut,
    "headline": headline,
    "byline": byline,
    "agency boilerplate": boilerplate,
    "paragraphs reordered": reorder,
}
NAMES = ("Ada Marsh", "Joan Okafor", "Peter Lindqvist", "Rosa Delgado", "Tom Achterberg", "Wei Zhang")
CITIES = ("Lisbon", "Nairobi", "Oslo", "Santiago", "Seoul", "Toronto")
AGENCIES = ("North Wire", "Continental Press", "Newsline")
NOTICES = (
    "Copyright 2022 North Wire. All rights reserved. This material may not be published, broadcast, rewritten"
    " or redistributed without permission of the publisher.",
    "Reporting by staff of the bureau; writing by the overnight desk; editing by the foreign editor. Our"
    " standards can be read on our page of principles.",
    "Sign up for our morning newsletter to get the five stories of the day in your inbox before seven.",
    "Do you have information about this story? Write to our newsroom at any hour; we answer every message.",
    "The Evening Courier is an independent newspaper. Support its journalism with a subscription from one a"
    " month.",
)


def pairs(articles: Sequence[Article], *, parity: int) -> list[Pair]:
    """The pairs of one half of the articles.

    Args:
        articles: All of them, in the order of their lines.
        parity: 0 for those on even lines, 1 for those on odd ones.
    """
    usable = usable_articles(articles, parity=parity)
    return [*_copies(usable), *_others(articles, {article.path: article for article in usable})]


def measure(found: Sequence[Pair]) -> dict[str, Any]:
    """Precision, recall and F1 of finding the copies, and the share found of each kind of pair.

    A pair is found if the two share a band and are near copies, as a store would find it.

    Args:
        found: From `pairs`.
    """
    signatures = [(near_copies.signature(pair.a), near_copies.signature(pair.b)) for pair in found]
    said = [_shares_band(a, b) and near_copies.is_near_copy(a, b) for a, b in signatures]
    similarities = [near_copies.similarity(a, b) for a, b in signatures]
    right = sum(yes and pair.is_copy for yes, pair in zip(said, found, strict=True))
    n_copies = sum(pair.is_copy for pair in found)
    kinds = dict.fromkeys(pair.kind for pair in found)
    return {
        "copies": n_copies,
        "others": len(found) - n_copies,
        "precision": round(right / max(1, sum(said)), 4),
        "recall": round(right / max(1, n_copies), 4),
        "f1": round(2 * right / max(1, sum(said) + n_copies), 4),
        "found": {kind: _share(said, found, kind) for kind in kinds},
        "similarity": {
            kind: [round(pick(_of(similarities, found, kind)), 3) for pick in (min, max)] for kind in kinds
        },
    }


def measure_all_edits(usable: Sequence[Article]) -> float:
    """The share found of copies that went through all five edits; no part of the F1."""
    chance = random.Random(SEED)
    made: list[Pair] = []
    for article in chance.sample(usable, OTHERS):
        text = article.text
        for edit in EDITS.values():
            text = edit(text, chance)
        made.append(Pair("all edits", (article.path, article.path), article.text, text))
    recall: float = measure(made)["recall"]
    return recall


def usable_articles(articles: Sequence[Article], *, parity: int) -> list[Article]:
    """Articles of one half whose text no other one has and that are long enough.

    Args:
        articles: All of them, in the order of their lines.
        parity: 0 for those on even lines, 1 for those on odd ones.
    """
    once = Counter(article.text for article in articles)
    return [
        article
        for n, article in enumerate(articles, 1)
        if n % 2 == parity and once[article.text] == 1 and len(article.text.split()) >= MIN_WORDS
    ]


def _copies(usable: Sequence[Article]) -> Iterator[Pair]:
    chance = random.Random(SEED)
    chosen = chance.sample(usable, PAIRS_PER_EDIT * len(EDITS))
    for n, article in enumerate(chosen):
        kind = list(EDITS)[n % len(EDITS)]
        yield Pair(kind, (article.path, article.path), article.text, EDITS[kind](article.text, chance))


def _others(articles: Sequence[Article], usable: Mapping[str, Article]) -> list[Pair]:
    search = LexicalSearch([Passage(a.path, 0, len(a.text), a.text) for a in articles], terms_plan())
    found: dict[frozenset[str], tuple[float, Pair]] = {}
    for article in usable.values():
        numbers, scores = search.search(" ".join(article.text.split()[:QUERY_WORDS]), 30)
        for number, score in zip(numbers, scores, strict=True):
            other = articles[number]
            if other.path in usable and _is_near_in_time(article, other):
                key = frozenset((article.path, other.path))
                pair = Pair(OTHER, (article.path, other.path), article.text, other.text)
                if key not in SAME_STORY:
                    found[key] = max(
                        found.get(key, (0.0, pair)), (float(score / scores[0]), pair), key=_first
                    )
                break
    best = sorted(found.values(), key=_first, reverse=True)
    return [pair for _, pair in best[:OTHERS]]


def _first(item: tuple[float, Pair]) -> float:
    return item[0]


def _is_near_in_time(article: Article, other: Article) -> bool:
    if article.path == other.path or not article.published or not other.published:
        return False
    return abs((article.published - other.published).days) <= DAYS


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _shares_band(a: bytes, b: bytes) -> bool:
    return not set(near_copies.bands(a)).isdisjoint(near_copies.bands(b))


def _of(values: Sequence[Any], found: Sequence[Pair], kind: str) -> list[Any]:
    return [value for value, pair in zip(values, found, strict=True) if pair.kind == kind]


def _share(said: Sequence[bool], found: Sequence[Pair], kind: str) -> float:
    of_kind = _of(said, found, kind)
    return round(sum(of_kind) / len(of_kind), 4)


def _texts_per_s(articles: Sequence[Article]) -> int:
    # Of processor time: the machine may be busy with other things.
    started = time.process_time()
    for article in articles:
        near_copies.signature(article.text)
    return round(len(articles) / (time.process_time() - started))


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Measure near copies; data from the folder BENCH_DATA.")
    parser.add_argument("--data", default=os.environ.get("BENCH_DATA"), help="instead of BENCH_DATA")
    data = parser.parse_args(argv).data
    if not data:
        parser.exit(2, "set BENCH_DATA to the folder that holds eval/\n")
    dataset = datasets.load(Path(data), SET)
    numbers: dict[str, Any] = {"sha256": dataset.sha256, "seed": SEED}
    for name, parity in (("tuning", 0), ("reported", 1)):
        found = pairs(dataset.articles, parity=parity)
        numbers[name] = measure(found)
    odd = usable_articles(dataset.articles, parity=1)
    numbers |= {"all_edits_at_once": measure_all_edits(odd), "texts_per_processor_s": _texts_per_s(odd[:500])}
    path = results.save(results.describe_run(), {"near_copies": numbers}, {})
    print(json.dumps(numbers, indent=1), f"saved {path.name}", sep="\n")
    report.write()


if __name__ == "__main__":
    main()
