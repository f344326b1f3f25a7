from __future__ import annotations

import pytest

from benchmarks import resync


@pytest.mark.slow
def test_an_unchanged_folder_is_synced_in_a_small_share_of_its_first_ingest(tmp_path):
    found = resync.measure(tmp_path, articles=1000, vectors="random")
    assert found["passages"] > 2000
    assert found["share"] < 0.1  # of an ingest that embeds nothing; the product's takes ten times as long


def test_texts_have_the_length_that_is_said_and_differ():
    words = resync._words(resync.random.Random(7))
    texts = {resync._text(words, number) for number in range(20)}
    assert len(texts) == 20
    assert all(980 <= len(text) <= resync.CHARS for text in texts)
