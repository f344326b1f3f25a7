"""What the model is shown: a question, a passage and where in it the answer is, drawn anew in each epoch."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.chunking import split
from assistant.models import Embedder
from assistant.types import Article
from training import mining
from training.data import Row
from training.near_misses import names, near_miss, numbers

#: How many of a source's questions an epoch takes; the last two are many and alike.
SHARES = {
    "squad1": 1.0,
    "squad2": 1.0,
    "new_wiki": 1.0,
    "reddit": 0.8,
    "amazon_reviews": 0.7,
    "covid_qa": 0.6,
    "policy_qa": 0.25,
    "qamr_wikipedia": 0.15,
    "qamr_wikinews": 0.4,
}
RICH = frozenset({"squad1", "squad2", "new_wiki"})  # self-contained questions on articles with titles
PASSAGE_CHARS = 500  # as the product cuts


@dataclass(frozen=True)
class Example:
    """One pair.

    Attributes:
        question: As asked.
        title: Of the article, or empty.
        text: The passage.
        answer: (start, end) in `text`, or None if the passage does not answer.
        kind: How it was made: gold, rest, neighbour, stranger, written or exchanged.
    """

    question: str
    title: str
    text: str
    answer: tuple[int, int] | None
    kind: str


class Sampler:
    """Draws the examples of an epoch; the same for the same seed.

    Args:
        rows: Questions.
        seed: Of all chance.
        embedder: What finds neighbours by meaning; None for those by shared words alone.
    """

    def __init__(self, rows: Sequence[Row], seed: int = 0, embedder: Embedder | None = None) -> None:
        self._rows, self._seed = list(rows), seed
        self._mined = mining.mined([row for row in rows if not row.source.startswith("qamr")], embedder)
        self._pools: Mapping[str, tuple[list[str], list[str]]] = {
            title: (names(" ".join(texts)), numbers(" ".join(texts)))
            for title, texts in mining.by_article(rows).items()
        }

    def epoch(self, number: int) -> list[Example]:
        """All examples of one epoch, in random order."""
        rng = random.Random(f"{self._seed}/{number}")
        examples = [
            example
            for row in self._rows
            if rng.random() < SHARES[row.source]
            for example in self._examples(row, rng)
        ]
        rng.shuffle(examples)
        return examples

    def _examples(self, row: Row, rng: random.Random) -> Iterator[Example]:
        title = row.readable_title if rng.random() < 0.6 else ""
        if not row.answers:
            yield Example(row.question, title, row.context, None, "written")
            yield Example(row.question, "", row.context, None, "written")
            yield Example(row.question, title, rng.choice(passages(row.context))[2], None, "written")
            return
        is_rich = row.source in RICH
        text, answer = self._window(row, rng)
        yield Example(row.question, title, text, answer, "gold")
        if not row.source.startswith("qamr") and rng.random() < (0.9 if is_rich else 0.4):
            yield from self._negative(row, title, rng)
        if rng.random() < (0.9 if is_rich else 0.25):
            question = self._near_miss(row, text, rng)
            if question is not None:
                yield Example(question, title, text, None, "exchanged")

    def _window(self, row: Row, rng: random.Random) -> tuple[str, tuple[int, int]]:
        start, end = row.answers[0]
        is_whole = len(row.context) <= 1100 and rng.random() < (0.4 if row.source in RICH else 0.2)
        if not is_whole or row.source.startswith("qamr"):
            size = PASSAGE_CHARS if rng.random() < 0.5 else rng.choice((250, 350, 700))
            for first, last, text in passages(row.context, size):
                if first <= start and end <= last:
                    return text, (start - first, end - first)
        if len(row.context) > 1100:
            first = max(0, start - rng.randrange(100, 500))
            return row.context[first : first + 900], (start - first, min(end - first, 900))
        return row.context, (start, end)

    def _negative(self, row: Row, title: str, rng: random.Random) -> Iterator[Example]:
        rest = [text for _, _, text in passages(row.context) if not mining.answers(text, row)]
        near = self._mined.get(row.id, ())
        if rest and (not near or rng.random() < 0.35):
            yield Example(row.question, title, rng.choice(rest), None, "rest")
        elif near:
            context = rng.choice(near)
            text = rng.choice(passages(context))[2] if rng.random() < 0.7 else context[:900]
            yield Example(row.question, title, text, None, "neighbour")

    def _near_miss(self, row: Row, text: str, rng: random.Random) -> str | None:
        if row.source in RICH and rng.random() < 0.5:
            pools = self._pools[row.title]
        else:
            pools = names(text), numbers(text)
        return near_miss(row.question, *pools, rng)


@lru_cache(maxsize=50_000)
def passages(context: str, size: int = PASSAGE_CHARS) -> tuple[tuple[int, int, str], ...]:
    """The passages that the product makes of a text: (start, end, text)."""
    cut = split(Article(text=context), max_passage_chars=size)
    return tuple((passage.start, passage.end, passage.text) for passage in cut)
