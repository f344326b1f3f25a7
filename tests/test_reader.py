from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import ModelError
from assistant.models.weights import WEIGHTS, checked
from assistant.reader import MAX_SPAN_TOKENS, OnnxReader, Reading, ReadSpan
from assistant.types import Hit, Passage
from tests.fakes import make_article, make_hit
from tests.strategies import PROPERTY

BAKU = (
    "The climate summit opened under heavy rain. Ding Xuexiang and Shehbaz Sharif met in Baku on Wednesday "
    "and spoke for an hour about the safety of engineers."
)
SEEDS = "Farmers in the valley plant barley in spring. A late frost can spoil the whole field in one night."


def reading(starts: Sequence[float], ends: Sequence[float], *, passage_start: int = 0) -> Reading:
    """Of a passage of words of three letters, a space between two."""
    text = " ".join(["abc"] * len(starts))
    article = make_article("-" * passage_start + text)
    hit = Hit(Passage(article.id, passage_start, passage_start + len(text), text), article, 0.5)
    offsets = np.array([(4 * n, 4 * n + 3) for n in range(len(starts))], np.int64).reshape(-1, 2)
    return Reading(
        hit, 0.0, offsets + passage_start, np.array(starts, np.float32), np.array(ends, np.float32)
    )


LOGITS = st.integers(0, 45).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(-9, 9), min_size=n, max_size=n)] * 2)
)


class TestTheBestSpan:
    @PROPERTY
    @given(LOGITS, st.integers(0, 200), st.integers(0, 200), st.integers(0, 50))
    def test_is_the_highest_of_all_within_the_bounds(
        self, logits: tuple[list[float], list[float]], start: int, end: int, passage_start: int
    ):
        starts, ends = logits
        read = reading(starts, ends, passage_start=passage_start)
        inside = [n for n, (first, last) in enumerate(read.offsets) if start <= first and last <= end]
        allowed = {
            (int(read.offsets[a, 0]), int(read.offsets[b, 1])): starts[a] + ends[b]
            for a in inside
            for b in inside
            if 0 <= b - a < MAX_SPAN_TOKENS
        }
        best = read.best_within(start, end)
        if best is None:
            assert allowed == {}
        else:
            assert allowed[best.start, best.end] == best.score == max(allowed.values())

    def test_is_looked_for_in_the_whole_passage(self):
        read = reading([0, 5, 0, 0], [0, 0, 7, 0], passage_start=10)
        assert read.best == ReadSpan(14, 21, 12.0)
        assert read.best_within(10, 17) == ReadSpan(14, 17, 5.0)

    def test_does_not_end_before_it_begins(self):
        assert reading([0, 9], [8, 0]).best == ReadSpan(4, 7, 9.0)

    @pytest.mark.parametrize(
        ("tokens", "is_allowed"), [(MAX_SPAN_TOKENS, True), (MAX_SPAN_TOKENS + 1, False)]
    )
    def test_has_no_more_tokens_than_a_short_answer(self, tokens: int, is_allowed: bool):
        read = reading([9, *[0] * (tokens - 1)], [*[0] * (tokens - 1), 9])
        assert (read.best == ReadSpan(0, 4 * tokens - 1, 18.0)) is is_allowed

    def test_is_not_there_in_a_passage_without_tokens(self):
        assert reading([], []).best is None

    def test_is_not_a_part_of_a_word(self):
        assert reading([1], [1]).best_within(1, 3) is None


@pytest.fixture
def copy_weights(tmp_path: Path) -> Callable[[bytes, str], Path]:
    def copy(network: bytes, digest: str) -> Path:
        (tmp_path / "reader.onnx").write_bytes(network)
        (tmp_path / "reader.json").write_text(json.dumps({"sha256": digest}), encoding="utf-8")
        return tmp_path

    return copy


class TestWeights:
    def test_are_those_that_their_description_names(self):
        assert checked(WEIGHTS, "reader") == WEIGHTS / "reader.onnx"

    def test_name_no_file_of_the_machine_that_made_them(self):
        network = (WEIGHTS / "reader.onnx").read_bytes()
        assert [name for name in (b"site-packages", b".py", b"/tmp/") if name in network] == []

    def test_with_another_hash_are_refused(self, copy_weights: Callable[[bytes, str], Path]):
        folder = copy_weights(b"other", hashlib.sha256(b"network").hexdigest())
        with pytest.raises(ModelError, match="are damaged") as raised:
            OnnxReader(folder).read("Who?", [make_hit(BAKU)])
        assert raised.value.hint == "Reinstall the package."

    def test_that_are_missing_are_an_error_with_a_hint(self, tmp_path: Path):
        with pytest.raises(ModelError, match="cannot be read") as raised:
            OnnxReader(tmp_path).read("Who?", [make_hit(BAKU)])
        assert raised.value.hint == "Reinstall the package."

    @pytest.mark.parametrize("text", ["", "{}", "[]", '"sha256"', "\xff"])
    def test_with_a_damaged_description_are_an_error_of_ours(self, tmp_path: Path, text: str):
        (tmp_path / "reader.onnx").write_bytes(b"network")
        (tmp_path / "reader.json").write_bytes(text.encode("latin-1"))
        with pytest.raises(ModelError, match="cannot be read"):
            checked(tmp_path, "reader")

    def test_that_are_no_network_are_an_error_of_ours(self, copy_weights: Callable[[bytes, str], Path]):
        folder = copy_weights(b"no network", hashlib.sha256(b"no network").hexdigest())
        with pytest.raises(ModelError, match="cannot be loaded") as raised:
            OnnxReader(folder).read("Who?", [make_hit(BAKU)])
        assert raised.value.hint == "Reinstall the package."

    def test_are_not_looked_at_before_something_is_read(self, tmp_path: Path):
        OnnxReader(tmp_path / "nowhere")


@pytest.fixture(scope="module")
def reader() -> OnnxReader:
    return OnnxReader()


TEXTS = (
    BAKU,
    SEEDS,
    "Rain.",
    "",
    "👩‍👩‍👧 北京 שלום",
    "The bridge was opened in 1932. " * 9,
    *(
        f"Team {n} won {n} of its games, and the coach of team {n} was pleased. " * (n % 4 + 1)
        for n in range(9)
    ),
)


@pytest.mark.model
class TestTheShippedReader:
    def test_answers_a_question_and_tells_another_text_from_one_that_answers(self, reader: OnnxReader):
        answering, other = reader.read("Who met in Baku?", [make_hit(BAKU), make_hit(SEEDS, title="Barley")])
        assert answering.best is not None
        assert other.best is not None
        words = BAKU[answering.best.start : answering.best.end]
        assert "Ding Xuexiang" in words
        assert "Shehbaz Sharif" in words
        assert len(words) < 60
        assert answering.best.score > 0 > other.best.score
        assert answering.answerable > other.answerable

    def test_gives_a_reading_for_each_hit_in_their_order(self, reader: OnnxReader):
        hits = [make_hit(text) for text in TEXTS]
        readings = reader.read("Who met in Baku?", hits)
        assert [each.hit for each in readings] == hits
        for each in readings:
            assert len(each.offsets) == len(each.starts) == len(each.ends)
            if each.best is not None:
                assert each.hit.passage.start <= each.best.start < each.best.end <= each.hit.passage.end

    def test_finds_no_span_in_a_blank_passage(self, reader: OnnxReader):
        blank, text = reader.read("Who met in Baku?", [make_hit(" \n"), make_hit(BAKU)])
        assert blank.best is None
        assert text.best is not None

    def test_has_nothing_to_read_without_hits(self, reader: OnnxReader):
        assert reader.read("Who?", []) == []

    def test_places_a_span_in_the_article_and_not_in_the_passage(self, reader: OnnxReader):
        article = make_article(SEEDS + " " + BAKU)
        start = len(SEEDS) + 1
        hit = Hit(Passage(article.id, start, len(article.text), BAKU, article.title), article, 0.5)
        best = reader.read("Who met in Baku?", [hit])[0].best
        assert best is not None
        assert article.text[best.start : best.end].startswith("Ding")

    def test_reads_a_passage_the_same_whatever_stands_beside_it(self, reader: OnnxReader):
        hits = [make_hit(text) for text in TEXTS]
        alone = [reader.read("Who met in Baku?", [hit])[0] for hit in hits]
        for one, other in zip(reader.read("Who met in Baku?", hits), alone, strict=True):
            np.testing.assert_array_equal(one.starts, other.starts)
            np.testing.assert_array_equal(one.ends, other.ends)
            assert one.answerable == other.answerable

    def test_reads_the_same_twice_and_in_several_threads_at_once(self, reader: OnnxReader):
        hits = [make_hit(text) for text in TEXTS]
        questions = ["Who met in Baku?", "When was the bridge opened?"] * 4
        expected = [reader.read(question, hits) for question in questions]
        fresh = OnnxReader()  # loaded by whichever thread comes first
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda question: fresh.read(question, hits), questions))
        for ours, theirs in zip(found, expected, strict=True):
            for one, other in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(one.starts, other.starts)
                np.testing.assert_array_equal(one.ends, other.ends)
                assert one.answerable == other.answerable

    @pytest.mark.parametrize("question", ["", " ", "?", "who " * 500, "👩‍👩‍👧", "a\x00b"])
    def test_reads_for_any_question(self, reader: OnnxReader, question: str):
        readings = reader.read(question, [make_hit(BAKU), make_hit("ding " * 1000)])
        assert all(np.isfinite(each.starts).all() and np.isfinite(each.ends).all() for each in readings)
