"""Follow-up questions: whether the search finds the evidence, by what of the conversation it is given.

The product's search, on the turns of two sets of dialogues that have a history and marked evidence, for the
last turn alone, for the history pasted in, and for what `conversation.understand` makes of both without a
chat model. Methods are chosen on even lines and reported on odd ones. Run as

    BENCH_DATA=… python -m benchmarks.dialogue
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from assistant import Assistant
from assistant.conversation import Understood, understand
from assistant.settings import Settings
from assistant.sources.clean import clean
from assistant.types import Article, Turn
from benchmarks.datasets import Evidence
from benchmarks.engines import open_engine
from benchmarks.exact import span
from benchmarks.metrics import Span, interval, overlap, paired_interval

SETS = ("dialogue_mtrag", "dialogue_inscit")
DEPTH = 5  # passages that are looked at
RESULTS = Path(__file__).parent / "results" / f"dialogue-{date.today().isoformat()}.json"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The last question of a conversation, and where its evidence is."""

    line: int
    question: str
    history: tuple[Turn, ...]
    evidence: tuple[Evidence, ...]


Method = Callable[[Dialogue], Understood]


def last_turn(dialogue: Dialogue) -> Understood:
    """The question alone."""
    return Understood(dialogue.question)


def pasted(dialogue: Dialogue) -> Understood:
    """The whole conversation and the question, as one text."""
    return Understood(" ".join([*(turn.text for turn in dialogue.history), dialogue.question]))


def assistant(dialogue: Dialogue) -> Understood:
    """What the product searches for."""
    return understand(dialogue.question, dialogue.history)


METHODS: Mapping[str, Method] = {
    "last turn alone": last_turn,
    "history pasted in": pasted,
    "assistant": assistant,
}


def load(folder: Path) -> tuple[list[Article], list[Dialogue]]:
    """The articles of a set, and its turns that have a history and evidence."""
    rows = list(_rows(folder / "docs.jsonl"))
    articles = [Article(clean(row["text"]), title=row["title"], path=row["id"]) for row in rows]
    by_id = {row["id"]: article for row, article in zip(rows, articles, strict=True)}
    asked = [
        _dialogue(line, row, by_id)
        for line, row in enumerate(_rows(folder / "questions.jsonl"), 1)
        if row["history"] and row["evidence"]
    ]
    return articles, asked


def measure(folder: Path) -> dict[str, Any]:
    """Whether each method finds evidence in the first five passages, for one set."""
    articles, dialogues = load(folder)
    with TemporaryDirectory(ignore_cleanup_errors=True) as data:
        settings = Settings(data_dir=Path(data))
        with Assistant.open(settings=settings, embedder=open_engine("product")) as opened:
            opened.add(articles)
            found = {
                name: [_is_found(opened, dialogue, method(dialogue)) for dialogue in dialogues]
                for name, method in METHODS.items()
            }
    return {"lines": [dialogue.line for dialogue in dialogues], **found}


def summary(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Means over each set and over both, on even and odd lines, with intervals on the odd ones."""
    rows = {name: dict(result) for name, result in results.items()}
    rows["both"] = {
        key: [value for result in results.values() for value in result[key]] for key in ("lines", *METHODS)
    }
    return {name: _summary_of(row) for name, row in rows.items()}


def _summary_of(row: Mapping[str, Any]) -> dict[str, Any]:
    is_odd = np.asarray(row["lines"]) % 2 == 1
    values = {name: np.asarray(row[name], float) for name in METHODS}
    best = max(("last turn alone", "history pasted in"), key=lambda name: values[name][is_odd].mean())
    ours, theirs = values["assistant"][is_odd].tolist(), values[best][is_odd].tolist()
    return {
        "turns": {"even": int((~is_odd).sum()), "odd": int(is_odd.sum())},
        **{
            name: {
                "even": round(float(found[~is_odd].mean()), 4),
                "odd": round(float(found[is_odd].mean()), 4),
                "all": round(float(found.mean()), 4),
                "odd_interval": [round(end, 4) for end in interval(found[is_odd].tolist())],
            }
            for name, found in values.items()
        },
        "gain_over": best,
        "gain_interval_odd": [round(end, 4) for end in paired_interval(ours, theirs)],
    }


def _is_found(opened: Assistant, dialogue: Dialogue, understood: Understood) -> float:
    hits = opened.search_understood(understood, DEPTH)
    return float(any(_is_evidence(span(hit.passage), dialogue.evidence) for hit in hits))


def _is_evidence(found: Span, evidence: Sequence[Evidence]) -> bool:
    return any(overlap(found, one) for one in evidence)


def _dialogue(line: int, row: dict[str, Any], articles: Mapping[str, Article]) -> Dialogue:
    history = tuple(Turn(turn["role"], turn["text"]) for turn in row["history"])
    evidence = tuple(_locate(clean(one["text"]), articles[one["doc_id"]]) for one in row["evidence"])
    return Dialogue(line, clean(row["question"]), history, evidence)


def _locate(text: str, article: Article) -> Evidence:
    start = article.text.index(text)
    return Evidence(article.id, start, start + len(text))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line:
            yield json.loads(line)


def main() -> None:
    """Measure both sets, print the means and keep them."""
    base = Path(os.environ["BENCH_DATA"]) / "eval"
    found = summary({name: measure(base / name) for name in SETS})
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
