"""Lines of a page put together as paragraphs."""

from __future__ import annotations

import pytest

from assistant.sources import layout
from assistant.sources.compose import Block
from assistant.sources.layout import HYPHEN, Line


def lines(*texts: str, top: float = 700, left: float = 50, size: float = 12, step: float = 14) -> list[Line]:
    """Lines below one another; each character is half as wide as it is high."""
    return [
        Line(text, left, left + len(text) * size / 2, top - number * step, size)
        for number, text in enumerate(texts)
    ]


LONG = (
    "The harbour was opened again on Monday after",
    "a month of repairs that cost twice as much as",
    "planned.",
)


def test_lines_that_are_full_go_on_and_a_page_begins_in_its_paragraph():
    assert layout.blocks([lines(*LONG)]) == [Block(" ".join(LONG), pages=(0,))]


def test_a_line_with_room_for_the_next_word_ends_a_paragraph():
    page = lines(
        *LONG, "It is open now, and ships wait for days in", "the bay, as the mayor of the city says."
    )
    texts = [block.text for block in layout.blocks([page])]
    assert texts == [" ".join(LONG), " ".join(["It is open now, and ships wait for days in", page[-1].text])]


def test_a_gap_ends_a_paragraph():
    page = [*lines(*LONG[:2]), *lines(*LONG[:2], top=640)]
    assert [block.text for block in layout.blocks([page])] == [" ".join(LONG[:2])] * 2


def test_a_paragraph_goes_on_over_the_page():
    (block,) = layout.blocks([lines(*LONG[:2]), lines(*LONG[2:])])
    assert block.text == " ".join(LONG)
    assert [block.text[start:] for start in block.pages] == [" ".join(LONG), "planned."]


def test_larger_lines_are_headings_and_the_largest_of_the_first_page_is_the_title():
    page = [*lines("Harbour opens", size=24), *lines(*LONG, top=650), *lines("Costs", size=16, top=580)]
    assert [(b.text, b.is_heading) for b in layout.blocks([page])] == [
        ("Harbour opens", True),
        (" ".join(LONG), False),
        ("Costs", True),
    ]
    assert layout.first_heading([page]) == "Harbour opens"


def test_lines_side_by_side_are_cells_of_a_row():
    page = [
        *lines("Cranes"),
        *lines("12", left=200),
        *lines("Ships", top=686),
        *lines("7", left=200, top=686),
    ]
    assert [block.text for block in layout.blocks([page])] == ["Cranes | 12", "Ships | 7"]


def test_items_of_a_list_stay_lines():
    page = lines("1. Open the gates and let all ships into it", "2. Close them", "\u2022 Wait")
    assert [block.text for block in layout.blocks([page])] == [line.text for line in page]


@pytest.mark.parametrize(
    ("start", "end", "joined"),
    [
        ("they open the har" + HYPHEN, "bour again", "they open the harbour again"),
        ("a well-known and a well" + HYPHEN, "known man", "a well-known and a well-known man"),
        ("the Franco" + HYPHEN, "German border", "the Franco-German border"),
    ],
)
def test_a_word_that_was_broken_is_whole_again(start, end, joined):
    assert [block.text for block in layout.blocks([lines(start, end)])] == [joined]


def test_running_heads_and_page_numbers_are_left_out():
    pages = [
        [*lines("The Paper", top=800), *lines(f"Story number {word} is told here.", "And it goes on.",
         "It does so for long.", "Then it ends."), *lines(f"Page {number}", top=30)]
        for number, word in enumerate(("one", "two", "three", "four"), 1)
    ]  # fmt: skip
    found = [block.text for block in layout.blocks(pages)]
    assert "The Paper" not in found
    assert not [text for text in found if text.startswith("Page")]
    assert [text.split()[2] for text in found if "number" in text] == ["one", "two", "three", "four"]


def test_lines_in_an_order_that_no_columns_explain_are_read_from_top_to_bottom():
    page = [*lines("Foot of the page.", top=100), *lines("Head of the page.", top=700)]
    assert [block.text for block in layout.blocks([page])] == ["Head of the page.", "Foot of the page."]


def test_two_columns_are_read_one_after_the_other():
    left, right = lines("Left one", "Left two"), lines("Right one", "Right two", left=300)
    text = " ".join(block.text for block in layout.blocks([[*left, *right]]))
    assert text.index("Left two") < text.index("Right one")


def test_pages_without_text_begin_where_the_next_one_does():
    assert layout.blocks([[], lines("Text."), []]) == [
        Block("", pages=(0,)),
        Block("Text.", pages=(0,)),
        Block("", pages=(0,)),
    ]
