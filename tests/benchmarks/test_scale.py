"""The benchmark of many passages: its texts and vectors are always the same, and a tiny run goes through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.scale import ADDED, RandomDirections, article, measure


def test_texts_and_vectors_follow_from_their_number():
    assert article(7) == article(7) != article(8)
    embedder = RandomDirections()
    one, same, other = embedder.embed_passages(["one", "one", "other"])
    assert np.array_equal(one, same)
    assert one @ one == pytest.approx(1, abs=1e-5)
    assert abs(float(one @ other)) < 0.3


@pytest.mark.slow
def test_a_small_run_goes_through_all_steps(tmp_path: Path):
    found = measure(100, tmp_path)
    assert found["after_a_kill"]["healthy"]
    assert found["after_a_kill"]["passages"] > found["fill"]["passages"] + ADDED
    assert found["search"]["p95_ms"] > 0
    assert found["search"]["peak_mb"] < 2000
