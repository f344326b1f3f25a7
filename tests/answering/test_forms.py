"""Questions told by the form of a sentence."""

from __future__ import annotations

import pytest

from assistant.answering.forms import in_full, people, questions_of, says_who


def made(sentence: str, text: str = "") -> list[str]:
    return list(questions_of(sentence, text or sentence))


@pytest.mark.parametrize(
    ("sentence", "questions"),
    [
        ("Li Qiang opened the airport of Gwadar.", ["Who opened the airport of Gwadar?"]),
        (
            "Li Qiang opened the airport of Gwadar on Monday, October 14, 2024, without going there.",
            ["Who opened the airport of Gwadar?", "When did Li Qiang open the airport of Gwadar?"],
        ),
        (
            "Mohsin Naqvi, who chairs the board, met Shehbaz Sharif in Lahore.",
            ["Who met Shehbaz Sharif in Lahore?", "Where did Mohsin Naqvi meet Shehbaz Sharif?"],
        ),
        (
            "Rohit Sharma was named captain of India, and the crowd cheered.",
            ["Who was named captain of India?"],
        ),
        (
            "At least 21 people were hurt at Karachi airport.",
            ["How many people were hurt at Karachi airport?"],
        ),
        (
            "Its climate minister, Sherry Rehman, said in the closing session that the fund was a start.",
            ["What did Sherry Rehman say about the fund?"],
        ),
        (
            'Elise Buckle, a co-founder of She Changes Climate, called the change "a quick fix".',
            ["What did Elise Buckle call the change?"],
        ),
        (
            "The COP29 climate conference opened in Baku, the capital of Azerbaijan, on Monday, November 11.",
            [
                "When did the COP29 climate conference open in Baku?",
                "Where did the COP29 climate conference open?",
            ],
        ),
        (
            "Russia objected to every member of the European Union because of the sanctions over Ukraine.",
            ["Why did Russia object to every member of the European Union?"],
        ),
    ],
)
def test_a_sentence_gives_the_questions_that_it_answers(sentence: str, questions: list[str]):
    assert made(sentence, f"{sentence} They spoke to Russia.") == questions


def test_a_headline_is_asked_for_in_the_past():
    assert made("Li Qiang opens Gwadar airport") == ["Who opened Gwadar airport?"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Two Chinese killed in bombing outside Karachi airport",  # by whom is not said
        "He opened the airport of Gwadar on Monday.",  # who?
        "They go up on Monday, March 3, and come back.",
        "The capsule came down in the desert of New Mexico.",  # no person
        "Li Qiang opened it there.",  # what, where?
        "Raja announced the result in a noisy chamber.",  # of what?
        "Marina Silva promised $10 million.",  # whom, what for?
        "About 70,000 people have registered.",  # where?
        "Nelson told reporters that he was glad.",  # of what?
        "Shoukry said that 112 heads of state had come.",
        "Wopke Hoekstra said that everybody would gain.",
        "Critics said that the text was pushed through.",  # no name
        "Officials opened Gwadar airport from Islamabad.",
        "Mukhtar Babayev was sworn in.",
        "It rained.",
        "Li Qiang opened " + "a very long winding road of no end in sight at all " * 3 + "today.",
        "",
    ],
)
def test_what_would_not_stand_alone_gives_none(sentence: str):
    assert made(sentence, f"{sentence} It was said by Raja, Nelson and Shoukry.") == []


@pytest.mark.parametrize(
    ("name", "text", "full"),
    [
        ("Ding", "Ding said so to Ding Xuexiang's guests.", "Ding Xuexiang"),
        ("Premier Li", "Li spoke. It was Li Qiang.", "Li Qiang"),
        ("Nelson", "Bill Nelson spoke. Nelson left.", "Bill Nelson"),
        ("Sharif", "Prime Minister Sharif spoke.", "Sharif"),
        ("Sherry Rehman", "Rehman spoke.", "Sherry Rehman"),
    ],
)
def test_a_name_is_given_as_the_text_has_it_in_full(name: str, text: str, full: str):
    assert in_full(name, text) == full


def test_people_are_named_without_their_titles():
    said = "Environment Minister Marina Silva and Sultan Al Jaber met Ding in Baku."
    assert people(said) == ["Marina Silva", "Sultan Al Jaber"]


@pytest.mark.parametrize(
    ("sentence", "name", "does"),
    [
        ("Azerbaijan's lead negotiator, Yalchin Rafiyev, agreed.", "Yalchin Rafiyev", True),
        ("UN climate chief Simon Stiell spoke.", "Simon Stiell", True),
        ("Elise Buckle, a co-founder of a group, spoke.", "Elise Buckle", True),
        ("Molwyn Joseph of Antigua, the chief negotiator, spoke.", "Molwyn Joseph", True),
        ("Elise Buckle spoke to a minister.", "Elise Buckle", False),
        ("The president of the European Union spoke.", "European Union", False),
    ],
)
def test_a_sentence_says_who_somebody_is(sentence: str, name: str, does: bool):
    assert says_who(sentence, name) is does
