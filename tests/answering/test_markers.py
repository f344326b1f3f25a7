"""Markers in all the forms that models write, and sentences that are never handed on by halves."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.markers import MAX_HELD_CHARS, STEP_CHARS, Draft, Drafts, drafts, plain, resolve


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
        ("[[1]]", (1,), ()),
        ("[[2]](#2)", (2,), ()),
        ("[1, p. 3]", (1,), ()),
        ("[1, pp. 3-4; 2]", (1, 2), ()),
        ("[source: 2]", (2,), ()),
        ("[1,2,]", (1, 2), ()),
        ("[1/2]", (1, 2), ()),
        ("[１]", (1,), ()),
        ("{1}", (1,), ()),
        ("<sup>1</sup>", (1,), ()),
        ("<sup>2, 3</sup>", (2, 3), ()),
        ("¹", (1,), ()),
        ("¹,³", (1, 3), ()),
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


def numbered(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(draft.text, draft.numbers) for draft in drafts(text, 3)]


def test_the_markers_of_a_line_that_begins_with_one_stand_before_their_sentences():
    both = [("Ann met Bob in the hall.", (1,)), ("Carl left.", (2,))]
    assert numbered("[1] Ann met Bob in the hall. [2] Carl left.") == both
    assert numbered("Ann met Bob in the hall. [1] Carl left. [2]") == both
    assert numbered("[1][3] Ann met Bob.\n- [2] Carl left.") == [
        ("Ann met Bob.", (1, 3)),
        ("Carl left.", (2,)),
    ]
    assert numbered("[1] Ann met Bob in the hall. [2]\nCarl left the town. [3]") == [
        ("Ann met Bob in the hall.", (1, 2)),
        ("Carl left the town.", (3,)),
    ]


@pytest.mark.parametrize(
    ("written", "text", "numbers"),
    [
        ("According to [2], two left.", "According to the passage, two left.", (2,)),
        ("According to [1, 2], two left.", "According to the passages, two left.", (1, 2)),
        ("As [2] says, two left.", "As the passage says, two left.", (2,)),
        ("[2] says that two left.", "The passage says that two left.", (2,)),
        (
            "As described in [1] and [2], two left.",
            "As described in the passage and another, two left.",
            (1, 2),
        ),
        ("The report [1] says that two left.", "The report says that two left.", (1,)),
        ("The house that she lived in [1].", "The house that she lived in.", (1,)),
    ],
)
def test_a_marker_that_is_a_word_of_its_sentence_leaves_a_word(
    written: str, text: str, numbers: tuple[int, ...]
):
    assert numbered(written) == [(text, numbers)]


def test_no_second_full_stop_is_left_by_a_marker():
    assert numbered("He lives in the U.S. [1].") == [("He lives in the U.S.", (1,))]
    assert numbered("Who left? [1]. Carl lives in the U.S.[2]. Bob left [3].") == [
        ("Who left?", (1,)),
        ("Carl lives in the U.S.", (2,)),
        ("Bob left.", (3,)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The score was [2-1] in the end.",
        "1. April 2024 was cold.",
        "The town of 5 km² has 10⁶ trees.",
        "The shop is open [24/7] now.",
        "The function f{9} grows.",
        "(1) Ann met Bob (2).",
    ],
)
def test_what_is_no_marker_stays(text: str):
    assert drafts(text, 4) == [Draft(text, (), (), True)]


@pytest.mark.parametrize(
    "block",
    [
        "References:\n[1] Talks in Baku. A title\n[2] Another title",
        "## Sources\n\n1. Talks in Baku\n- https://example.org\n",
        "**Sources used:** [1] Talks; [2] Attack",
        "[^1]: Talks in Baku. A title",
    ],
)
def test_a_list_of_references_is_no_part_of_the_answer(block: str):
    assert numbered(f"Ann met Bob [1].\n\n{block}") == [("Ann met Bob.", (1,))]
    assert numbered(f"Ann met Bob [1].\n\n{block}\n\nCarl left.")[1:] == [("Carl left.", ())]


def test_a_line_about_sources_is_a_sentence():
    assert numbered("Ann left.\nSources: two officials told so.")[1:] == [
        ("Sources: two officials told so.", ())
    ]
    assert numbered("Ann left.\nSource: [2]") == [("Ann left.", (2,))]


def test_of_a_table_only_the_rows_below_its_head_are_sentences():
    table = "| Name | Score |\n|:---|---:|\n| Ann | 3 [1] |\n| Bob | 4 [2] |\n"
    assert numbered(f"The scores:\n\n{table}") == [("The scores:", ()), ("Ann, 3", (1,)), ("Bob, 4", (2,))]
    assert numbered("| Ann | 3 [1] |\nBob left.") == [("Ann, 3", (1,)), ("Bob left.", ())]


def test_thoughts_are_no_part_of_the_answer():
    assert numbered("<think>Ann left. Did she?</think>Bob left.\n<think>Carl left.") == [("Bob left.", ())]


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
        "According to [2], ",
        "[1] Carl left the town",
        "\nSources:\n",
        "| a | b |\n",
        "|---|---|\n",
        "<think>",
        "</think>",
        "1. ",
        "**",
        "\r\n",
        "¹",
        "[[2]](#2)",
        " and so on and on" * 70,
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


@given(st.lists(PIECES, max_size=20), st.data())
def test_any_cut_into_deltas_gives_what_the_whole_text_gives(pieces: list[str], data: st.DataObject):
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    parser = Drafts(4)
    deltas = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    found = [draft for delta in deltas for draft in parser.feed(delta)]
    assert [*found, *parser.finish()] == drafts(text, 4) == streamed(text, 4)


def test_a_sentence_is_handed_on_once_the_next_one_has_begun():
    parser = Drafts(2)
    assert [d.text for d in parser.feed("Ann met Bob in the town [1]. Carl left the town on Friday")] == [
        "Ann met Bob in the town."
    ]


def test_text_without_the_end_of_a_sentence_is_not_held():
    words = streamed("and so on " * 500, 4)
    assert [len(draft.text) < MAX_HELD_CHARS + STEP_CHARS for draft in words] == [True] * len(words)
    assert " ".join(draft.text for draft in words) == ("and so on " * 500).strip()


@pytest.mark.parametrize(
    "piece",
    [
        "[(",
        "The talks in the U.S. ended on Friday [1]. ",
        "a.b.",
        "[1]. ",
        "[ ",
        "<a",
        "| ",
        "\n",
        "passage 1 and ",
    ],
)
def test_the_work_grows_with_the_text_and_no_faster(piece: str):
    def seconds(chars: int) -> float:
        text = (piece * chars)[:chars]
        begun = process_time()
        streamed(text, 4)
        return process_time() - begun

    seconds(200)
    shorter, longer = (min(seconds(chars) for _ in range(2)) for chars in (1500, 6000))
    assert longer < 9 * shorter  # 4 if it grows with the text, 16 if with its square


def test_numbers_come_once_and_in_order():
    assert resolve(["[3, 1]", "[1-3]"], 3) == ((3, 1, 2), ())
