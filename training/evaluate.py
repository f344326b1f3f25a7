"""How well the reader reads a paragraph that it is given: `python -m training.evaluate --data FOLDER`.

On wiki_qa: exact match and F1 of the answerable questions, and how well answerable ones are told from near
misses about the same paragraphs. Whatever can be chosen is chosen on even lines; odd lines are reported. The
numbers go to `results.json`, from which `training.report` fills the model card.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from assistant.models.bundled import bundled_tokenizer
from assistant.models.weights import WEIGHTS
from assistant.reader import OnnxReader, Reader
from benchmarks.datasets import hash_files
from benchmarks.metrics import auroc, auroc_interval, best_f1, exact_match, interval, mean
from benchmarks.results import describe_run
from training import gold
from training.gold import GoldQuestion
from training.model import ReaderModel, bundled_encoder
from training.reading import TorchReader, in_passages

RESULTS = Path(__file__).parent / "results.json"
SIZES = (500, 1000)  # characters of the passages that a longer paragraph is cut into, as the product cuts
HEAD_WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)  # of the answerability head beside the span's score


@dataclass(frozen=True, slots=True)
class Answered:
    """What a reader makes of one question and its paragraph.

    Attributes:
        question: What was asked.
        text: The best span's words.
        span: Its score over "no answer".
        head: Logit of whether the paragraph answers, of its best passage.
    """

    question: GoldQuestion
    text: str
    span: float
    head: float

    @property
    def is_answerable(self) -> bool:
        """Whether the paragraph answers in truth."""
        return bool(self.question.answers)


def answer(reader: Reader, question: GoldQuestion, size: int) -> Answered:
    """Read one question's paragraph.

    Args:
        reader: What reads.
        question: With its paragraph.
        size: Characters of the passages that the paragraph is cut into; the best of any of them counts.
    """
    hits = in_passages(question.paragraph, question.title, size)
    readings = reader.read(question.text, hits)
    spans = [reading.best for reading in readings if reading.best]
    best = max(spans, key=lambda span: span.score)
    head = max(reading.answerable for reading in readings)
    return Answered(question, question.paragraph[best.start : best.end], best.score, head)


def measure(reader: Reader, questions: Sequence[GoldQuestion]) -> dict[str, Any]:
    """Choose on the even lines, report on the odd ones.

    Args:
        reader: What reads.
        questions: Of both kinds of line.

    Returns:
        `chosen`, `even` and `odd`, numbers with their intervals.
    """
    started = time.perf_counter()
    even = [question for question in questions if question.is_tuning]
    by_size = {size: [answer(reader, question, size) for question in even] for size in SIZES}
    size = max(SIZES, key=lambda one: _mean_f1(by_size[one]))
    weight = max(HEAD_WEIGHTS, key=lambda one: _auroc(by_size[size], _mixed(one)))
    odd = [answer(reader, question, size) for question in questions if not question.is_tuning]
    return {
        "chosen": {"passage_chars": size, "head_weight": weight},
        "even": summary(by_size[size], weight),
        "odd": summary(odd, weight),
        "seconds": round(time.perf_counter() - started, 1),
    }


def summary(answered: Sequence[Answered], head_weight: float) -> dict[str, Any]:
    """Exact match and F1 of the answerable ones; AUROC by span, by head and by both."""
    answerable = [one for one in answered if one.is_answerable]
    parts = {
        "em": [exact_match(one.text, one.question.answers) for one in answerable],
        "f1": [best_f1(one.text, one.question.answers) for one in answerable],
    }
    scores = {
        "auroc_span": _mixed(0.0),
        "auroc_head": lambda one: one.head,
        "auroc_both": _mixed(head_weight),
    }
    return {
        "answerable": len(answerable),
        "near_misses": len(answered) - len(answerable),
        **{name: _rounded(mean(values), interval(values)) for name, values in parts.items()},
        **{
            name: _rounded(_auroc(answered, score), auroc_interval(*_scores(answered, score)))
            for name, score in scores.items()
        },
    }


Score = Callable[[Answered], float]


def _mixed(head_weight: float) -> Score:
    return lambda one: one.span + head_weight * one.head


def _scores(answered: Sequence[Answered], score: Score) -> tuple[list[float], list[bool]]:
    return [score(one) for one in answered], [one.is_answerable for one in answered]


def _auroc(answered: Sequence[Answered], score: Score) -> float:
    return auroc(*_scores(answered, score))


def _mean_f1(answered: Sequence[Answered]) -> float:
    return mean([best_f1(one.text, one.question.answers) for one in answered if one.is_answerable])


def _rounded(value: float, bounds: tuple[float, float]) -> dict[str, Any]:
    return {"mean": round(value, 4), "interval": [round(bound, 4) for bound in bounds]}


def sample(questions: Sequence[GoldQuestion], size: int) -> list[GoldQuestion]:
    """So many questions of the even lines and so many of the odd ones, the same each time."""
    rng = random.Random(0)
    halves = [[q for q in questions if q.is_tuning is is_tuning] for is_tuning in (True, False)]
    return [question for half in halves for question in rng.sample(half, min(size, len(half)))]


def from_checkpoint(path: Path) -> tuple[Reader, dict[str, Any]]:
    """The reader of a checkpoint, through torch, and what is known of it."""
    state = torch.load(path, weights_only=True)
    model = ReaderModel(bundled_encoder())
    model.load_state_dict(state["model"])
    return TorchReader(model, bundled_tokenizer()), {"step": state["step"], "config": state["config"]}


def from_weights(folder: Path) -> tuple[Reader, dict[str, Any]]:
    """The reader that is shipped, and what is known of it."""
    known: dict[str, Any] = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    return OnnxReader(folder), known


def main() -> None:
    """Read the options, measure, and store the result unless it is of a sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder of reader.onnx and reader.json")
    parser.add_argument("--checkpoint", type=Path, help="also measure this checkpoint, through torch")
    parser.add_argument("--sample", type=int, help="a quick look at so many odd and even lines; not stored")
    options = parser.parse_args()
    if options.data is None:
        parser.error("--data or BENCH_DATA must name the folder of the data sets")
    questions = gold.load(Path(options.data))
    if options.sample:
        questions = sample(questions, options.sample)
    opened = {"onnx": from_weights(options.weights)}
    if options.checkpoint:
        opened["torch"] = from_checkpoint(options.checkpoint)
    readers = {}
    for name, (reader, known) in opened.items():
        readers[name] = {"model": known, **measure(reader, questions)}
        print(json.dumps({name: readers[name]}), flush=True)
    if not options.sample:
        run = describe_run("none")
        run.pop("settings")
        data = {"name": "wiki_qa", "sha256": hash_files(*gold.paths(Path(options.data)))}
        text = json.dumps({**run, "data": data, "readers": readers}, indent=1)
        RESULTS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
