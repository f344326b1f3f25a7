"""Every number of the answer that was chosen on data, with the run that chose it: `weights/answering.json`.

`benchmarks/tune_answer.py` writes the file; nothing here knows what the numbers weigh.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.errors import ModelError

PATH = Path(__file__).parent.parent / "weights" / "answering.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted.

    Attributes:
        sentence: Weight of each of `candidates.FEATURES` in a sentence's score.
        answered: Weight of each of `abstention.FEATURES` in the logit of "the best sentence answers".
        answered_bias: Added to that logit.
        ranking: Weight of each of `reranking.FEATURES` in a passage's score.
        ranking_bias: Added to that logit.
        thresholds: Least probability to answer at, by name: lenient, balanced, strict.
        sure: Probability from which an answer is called sure.
        likely: Probability from which it is called likely; below, weak.
    """

    sentence: tuple[float, ...]
    answered: tuple[float, ...]
    answered_bias: float
    ranking: tuple[float, ...]
    ranking_bias: float
    thresholds: dict[str, float]
    sure: float
    likely: float


@cache
def calibration(path: Path = PATH) -> Calibration:
    """Read the file, once; a ModelError says that it is missing or damaged."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return Calibration(
            tuple(known["sentence"].values()),
            tuple(known["answered"].values()),
            known["answered_bias"],
            tuple(known["ranking"].values()),
            known["ranking_bias"],
            known["thresholds"],
            known["sure"],
            known["likely"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ModelError(f"{path} cannot be read: {exc}", hint="Reinstall the package.") from exc


def probability(logit: float) -> float:
    """The probability of a logit, in [0, 1]; no logit is too large or too small."""
    return 0.5 * (1 + math.tanh(logit / 2))
