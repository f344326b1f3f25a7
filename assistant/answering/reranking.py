"""The order of the hits once they have been read: how a passage was found, and what the reader says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.answering.calibration import calibration, probability
from assistant.answering.candidates import span_level, span_shares
from assistant.reader import Reading

READ = 20  # hits that a search reads
FEATURES = (
    "score",  # fused score of the passage
    "span",  # how far the reader's best span is above "no answer"; .5 is even
    "span_share",  # that span's share among those of all the passages and "no answer"
    "answers",  # how likely the reader holds it that the passage answers
)


def rerank(readings: Sequence[Reading]) -> list[Reading]:
    """Order readings by how likely their passages answer.

    Args:
        readings: In the order in which the passages were found.

    Returns:
        The same, best first, `hit.answers` set to a probability.
    """
    learned = calibration()
    logits = features(readings) @ np.array(learned.ranking) + learned.ranking_bias
    scored = [
        replace(reading, hit=replace(reading.hit, answers=probability(logit)))
        for reading, logit in zip(readings, logits, strict=True)
    ]
    return sorted(scored, key=lambda reading: -(reading.hit.answers or 0.0))


def features(readings: Sequence[Reading]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Features of each passage: float64, shape (len(readings), len(FEATURES)), in [0, 1]."""
    spans = [reading.best for reading in readings]
    columns = (
        [reading.hit.score for reading in readings],
        [span_level(span) for span in spans],
        span_shares(spans),
        [probability(reading.answerable) for reading in readings],
    )
    return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)
