from __future__ import annotations

import pytest

from tests.training.rows import FOREST, HARBOUR, LONG, RAILWAY, ROWS, UNBROKEN, row
from training import mining


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Norling built it.", True),
        ("ADA NORLING built it.", True),
        ("Ada built it with Norling.", False),
        ("", False),
    ],
)
def test_a_text_answers_if_it_holds_the_answer(text: str, expected: bool):
    assert mining.answers(text, row("Who?", HARBOUR, "Ada Norling")) is expected


def test_no_text_answers_a_near_miss():
    assert not mining.answers(HARBOUR, row("Who sold it?", HARBOUR))


class TestNeighbours:
    @pytest.fixture(scope="class")
    @staticmethod
    def neighbours() -> dict[str, tuple[str, ...]]:
        return dict(mining.mined(ROWS))

    def test_never_hold_an_answer(self, neighbours: dict[str, tuple[str, ...]]):
        for each in ROWS:
            for text in neighbours.get(each.id, ()):
                assert not mining.answers(text, each)

    def test_share_words_with_the_question_the_most_alike_first(self, neighbours: dict[str, tuple[str, ...]]):
        asked = row("Who drove the first train to Kestrel?", RAILWAY, "Tomas Brandt", title="Kestrel_railway")
        assert neighbours[asked.id][0] == HARBOUR  # Kestrel

    def test_are_few_and_of_answerable_questions_only(self, neighbours: dict[str, tuple[str, ...]]):
        assert set(neighbours) == {each.id for each in ROWS if each.answers}
        assert max(len(texts) for texts in neighbours.values()) <= mining.MAX_NEIGHBOURS

    def test_are_the_same_whatever_the_order_of_the_rows(self, neighbours: dict[str, tuple[str, ...]]):
        assert mining.mined(ROWS[::-1]) == neighbours

    def test_are_none_for_a_question_without_words(self):
        assert mining.mined([row("?", HARBOUR, "Ada"), row("Who?", RAILWAY, "Tomas", n=1)]).keys() == {
            row("Who?", RAILWAY, "Tomas", n=1).id
        }


def test_contexts_are_gathered_by_article():
    gathered = mining.by_article(ROWS)
    assert gathered["Velmar"] == (HARBOUR,)
    assert gathered["Olsen"] == (LONG,)
    assert {text for texts in gathered.values() for text in texts} == {
        HARBOUR,
        RAILWAY,
        FOREST,
        LONG,
        UNBROKEN,
    }
