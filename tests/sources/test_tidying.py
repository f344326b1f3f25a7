"""Text without a site's own lines, and headings and pages that stay where they were."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.sources.tidying import Body, tidy
from assistant.types import Section

LINES = [
    "Advertisement",
    "",
    "  The bridge",
    "It opened on Monday.",
    "Share this:",
    "Cost",
    "It cost a million.",
]
TEXT = "\n".join(LINES)


def at(line: str) -> int:
    return TEXT.index(line)


def test_boilerplate_goes_and_offsets_move_with_the_text():
    sections = [Section(at("Share this:"), "Share this:"), Section(at("Cost"), " The  cost ")]
    body = tidy(TEXT, sections=sections, pages=[0, at("It opened"), at("Share"), at("It cost")])
    assert body.text == "The bridge\nIt opened on Monday.\nCost\nIt cost a million."
    assert body.sections == (Section(body.text.index("Cost"), "The cost"),)
    assert [body.text[start:][:7] for start in body.pages] == ["The bri", "It open", "Cost\nIt", "It cost"]


def test_a_page_that_was_nothing_but_boilerplate_begins_where_the_text_ends():
    assert tidy("It rained.\nAll rights reserved.", pages=[0, 11]) == Body("It rained.", (), (0, 10))


def test_the_title_leaves_the_first_line():
    assert tidy("THE  bridge\nIt opened.", title="The bridge").text == "It opened."
    assert tidy("It opened.\nThe bridge\nIt is red.", title="The bridge").text.count("The bridge") == 1


def test_on_a_web_page_the_title_may_stand_below_an_address_and_a_date():
    text = "https://courier.example/bridge\nMonday\nThe bridge\nIt opened.\nThe bridge"
    assert tidy(text, title="The bridge", on_page=True).text == "Monday\nIt opened.\nThe bridge"


def test_a_text_of_nothing_else_stays():
    assert tidy(" Advertisement\n", title="Advertisement").text == "Advertisement"
    assert tidy("The bridge", title="The bridge").text == "The bridge"
    assert tidy(" \n ").text == ""


@given(st.lists(st.sampled_from([*LINES, "One more line.", " "]), max_size=12), st.data())
def test_an_offset_still_points_at_its_character(lines, data):
    text = "\n".join(lines)
    offset = data.draw(st.integers(0, len(text)))
    body = tidy(text, pages=[offset])
    (moved,) = body.pages
    assert 0 <= moved <= len(body.text)
    rest = [line.strip() for line in text[offset:].split("\n")]
    if rest[0] and rest[0] in body.text.split("\n"):
        assert body.text[moved:].strip().startswith(rest[0])
