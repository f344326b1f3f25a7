"""Sentences of a real small chat model, labelled by reading, against what the check makes of them.

Each line of `llm_sentences.jsonl` has a sentence that SmolLM2-135M-Instruct wrote about `corpus/`, the
passages shown to it, the numbers of those that it named, and whether one of them says what the sentence says,
read before the check was asked. It knows labels; how sentences are checked is in `grounding`.

Run with `python -m benchmarks.llm_sentences`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assistant.answering.grounding import Grounding, Support
from assistant.entailment import OnnxEntailment
from assistant.types import Article, Hit, Passage
from benchmarks import report, results
from benchmarks.engines import product_embedder
from benchmarks.metrics import share_interval

FILE = Path(__file__).parent / "llm_sentences.jsonl"
FLAGGED, UNCONFIRMED, SHOWN = "flagged", "not confirmed", "shown as supported"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence with its label.

    Attributes:
        sentence: Without markers.
        shown: The passages that the model was shown.
        named: Those that it named.
        is_supported: Whether one of those shown says it, as a person read it.
    """

    sentence: str
    shown: tuple[Hit, ...]
    named: tuple[Hit, ...]
    is_supported: bool


def labelled(path: Path = FILE) -> Iterator[Labelled]:
    """The sentences of the file."""
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        shown = tuple(map(_hit, row["passages"]))
        named = tuple(shown[number - 1] for number in row["named"])
        yield Labelled(row["sentence"], shown, named, row["supported"])


def _hit(row: Mapping[str, str]) -> Hit:
    published = date.fromisoformat(row["published"]) if row["published"] else None
    article = Article(row["text"], title=row["title"], source=row["source"], published=published)
    return Hit(Passage(article.id, 0, len(article.text), article.text, article.title), article, 0.5)


def summary(rows: Sequence[Labelled], found: Sequence[Support]) -> dict[str, Any]:
    """How many of either label are flagged, and how many of those shown as supported are.

    Args:
        rows: At least one of each label.
        found: What the check makes of each. A sentence is flagged, not confirmed, or shown as supported.
    """
    labels: dict[str, list[bool]] = {FLAGGED: [], UNCONFIRMED: [], SHOWN: []}
    for row, one in zip(rows, found, strict=True):
        labels[_shown_as(one)].append(row.is_supported)
    supported = sum(row.is_supported for row in rows)
    right, shown = labels[SHOWN].count(True), len(labels[SHOWN])
    interval = share_interval(right / shown, shown) if shown else None
    return {
        "sentences": len(rows),
        "supported": supported,
        "flagged_of_unsupported": round(labels[FLAGGED].count(False) / (len(rows) - supported), 4),
        "false_alarms": round(labels[FLAGGED].count(True) / supported, 4),
        "not_confirmed": len(labels[UNCONFIRMED]),
        "right_of_not_confirmed": labels[UNCONFIRMED].count(True),
        "shown_as_supported": shown,
        "right_of_those": round(right / shown, 4) if shown else None,
        "interval_of_those": interval and [round(end, 4) for end in interval],
    }


def _shown_as(found: Support) -> str:
    return SHOWN if found.is_supported else UNCONFIRMED if found.is_unconfirmed else FLAGGED


def main() -> None:
    embedder = product_embedder()
    check = Grounding(embedder.embed_passages, OnnxEntailment())
    rows = list(labelled())
    found = [check.check(row.sentence, row.named, row.shown) for row in rows]
    for row, support in zip(rows, found, strict=True):
        if support.is_supported is not row.is_supported:
            label = "supported" if row.is_supported else "unsupported"
            print(f"{_shown_as(support)}, {support.value:.2f}, is {label}: {row.sentence}")
    numbers = summary(rows, found)
    print(json.dumps(numbers))
    results.save(results.describe_run(embedder.fingerprint), {"llm_sentences": numbers}, {})
    report.write()


if __name__ == "__main__":
    main()
