"""Markers in all the forms that models write, and sentences that are never handed on by halves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.markers import Draft, Drafts, drafts, plain, resolve


def streamed(text: str, count: int, size: int = 1) -> list[Draft]:
    parser = Drafts(count)
    found = [d for at in range(0, len(text), size) for d in parser.feed(text[at : at + size])]
    return [*found, *parser.finish()]


@pytest.mark.parametrize(
    ("marker", "numbers", "unknown"),
    [
        ("[1]", (1,), ()),
        ("[1, 2]", (1, 2), ()),
        ("[1][2]", (1, 2), ()),
        ("[1] [3]", (1, 3), ()),
        ("【1】", (1,), ()),
        ("【1†L3-L5】", (1,), ()),
        ("［2］", (2,), ()),
        ("[1-3]", (1, 2, 3), ()),
        ("[1–3]", (1, 2, 3), ()),
        ("[2 to 4]", (2, 3, 4), ()),
        ("[1; 3 and 4]", (1, 3, 4), ()),
        ("[^2]", (2,), ()),
        ("[Passage 2]", (2,), ()),
        ("(passages 1 and 3)", (1, 3), ()),
        ("\\[2\\]", (2,), ()),
        ("[2](http://evil.example)", (2,), ()),
        ("[0]", (), ("0",)),
        ("[9]", (), ("9",)),
        ("[3-9]", (3, 4), ("3-9",)),
        ("[4-2]", (), ("4-2",)),
        ("[1-99999]", (), ("1-99999",)),
        ("[123456789012345678901234567890]", (), ("123456789012345678901234567890",)),
        ("[2024]", (), ("2024",)),
    ],
)
@pytest.mark.parametrize("form", ["The talks ended {}.", "The talks ended. {}", "The talks ended.{} "])
def test_a_marker_names_its_passages(
    form: str, marker: str, numbers: tuple[int, ...], unknown: tuple[str, ...]
):
    assert drafts(form.format(marker), 4) == [Draft("The talks ended.", numbers, unknown, True)]


def test_a_marker_belongs_to_the_sentence_before_it_or_to_the_line_that_it_begins():
    assert [(d.text, d.numbers) for d in drafts("Ding left. [1] Sharif stayed. [2]", 2)] == [
        ("Ding left.", (1,)),
        ("Sharif stayed.", (2,)),
    ]
    assert [(d.text, d.numbers) for d in drafts("[1] Ding left.\n[2]: Sharif stayed.", 2)] == [
        ("Ding left.", (1,)),
        ("Sharif stayed.", (2,)),
    ]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("![a cat](http://evil.example/x.png)", "a cat"),
        ("![a cat][ref]", "a cat"),
        ("[click](javascript:alert(1))", "click)"),
        ("see http://evil.example/?q=1 now", "see  now"),
        ("<img src=x onerror=alert(1)>a", "a"),
        ("<script>b</script>", "b"),
        ("**bold** and _thin_ and `code`", "bold and thin and code"),
        ("# Title", "Title"),
        ("<think>secret plan</think>Yes.", "Yes."),
        ("2 * 3 and snake_case", "2 * 3 and snake_case"),
    ],
)
def test_markup_becomes_plain_text(raw: str, text: str):
    assert plain(raw) == text


PIECES = st.sampled_from(
    [
        "The talks ended on Friday",
        "It rained",
        ". ",
        "! ",
        "\n",
        " [1]",
        "[2, 3]",
        "【4】",
        "[1-",
        "](",
        "![",
        "<b",
        " [9]",
        "U.S. ",
    ]
)


@given(st.lists(PIECES, max_size=14), st.integers(1, 7))
def test_a_stream_gives_sentences_without_half_a_marker(pieces: list[str], size: int):
    text = "".join(pieces)
    for draft in streamed(text, 4, size):
        assert draft.text == " ".join(draft.text.split())
        assert "【" not in draft.text
        assert "[1]" not in draft.text
        assert set(draft.numbers) <= {1, 2, 3, 4}


def test_a_stream_gives_what_the_whole_text_gives():
    text = (
        "At 5 p.m. Ding met Sharif in the U.S. embassy [1]. They spoke [2][3]. \n\n"
        "Then【4】he left for Baku, again [1-2]."
    )
    for size in (1, 2, 3, 5, 8, 13, 200):
        assert streamed(text, 4, size) == drafts(text, 4)


def test_numbers_come_once_and_in_order():
    assert resolve(["[3, 1]", "[1-3]"], 3) == ((3, 1, 2), ())
