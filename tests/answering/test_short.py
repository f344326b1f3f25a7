from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.candidates import FEATURES, PERIOD_WEIGHT, Candidate
from assistant.answering.extractive import select
from assistant.answering.short import MAX_CHARS, MIN_SCORE, disagreement, newest_first, short_answer
from assistant.reader import ReadSpan
from assistant.types import ShortAnswer
from tests.fakes import WordEmbeddings, make_hit
from tests.strategies import PROPERTY, texts


def quoted(text: str, words: str = "", *, score: float = 3.0, **fields: object) -> Candidate:
    """A quoted sentence in which the reader found some words, if any."""
    hit = make_hit(text, **fields)
    start = text.index(words)
    span = ReadSpan(start, start + len(words), score) if words else None
    return Candidate(hit, 0, len(text), (0.5,) * len(FEATURES), 1.0, span)


MET = "Ding met Sharif in Baku on 13 November and brought 26 engineers."


class TestTheShortAnswer:
    @pytest.mark.parametrize(
        ("question", "words"),
        [
            ("Who met Sharif?", "Ding"),
            ("Where did they meet?", "Baku"),
            ("When did they meet?", "13 November"),
            ("How many engineers came?", "26"),
            ("What did Ding bring?", "engineers"),
        ],
    )
    def test_is_what_the_reader_found_if_its_kind_fits(self, question: str, words: str):
        candidate = quoted(MET, words)
        start = MET.index(words)
        answer = short_answer(question, [candidate])
        assert answer == ShortAnswer(1, candidate.hit.article, start, start + len(words))
        assert answer.text == words

    def test_of_when_is_the_whole_date(self):
        text = "Ding and Sharif met in Baku on Wednesday, November 13, 2024, and spoke."
        for read in ("on Wednesday", "Wednesday, November", "2024"):
            answer = short_answer("When did they meet?", [quoted(text, read)])
            assert answer is not None
            assert answer.text.removeprefix("on ") == "Wednesday, November 13, 2024"

    @pytest.mark.parametrize(
        ("question", "read", "words"),
        [
            ("when? who met in Baku?", "Sharif, met in Baku on Wednesday, November 13, 2024", None),
            ("When did they meet in Baku?", "met in Baku on Wednesday, November 13, 2024", None),
            ("When did they land?", "two days after November 13, 2024", "two days after November 13, 2024"),
            ("When did they rule?", "ruled from 1990 to 1994", "ruled from 1990 to 1994"),
        ],
    )
    def test_of_when_does_not_repeat_what_was_asked(self, question: str, read: str, words: str | None):
        text = f"Ding and {read}, and spoke about safety."
        answer = short_answer(question, [quoted(text, read)])
        assert answer is not None
        assert answer.text == (words or "Wednesday, November 13, 2024")

    @pytest.mark.parametrize(
        ("question", "words"),
        [
            ("How many engineers came?", "Ding"),
            ("When did they meet?", "Baku"),
        ],
    )
    def test_is_not_given_if_its_kind_does_not_fit(self, question: str, words: str):
        assert short_answer(question, [quoted(MET, words)]) is None

    @pytest.mark.parametrize(
        ("question", "words"),
        [
            ("Which country will host COP31?", "Türkiye"),
            ("Who will host COP31?", "Türkiye"),
            ("Which country gave up its bid?", "Australia"),
            ("Which bid will Türkiye accept?", "Australia"),
        ],
    )
    def test_of_who_will_do_it_is_the_name_before_the_verb(self, question: str, words: str):
        text = "Türkiye will host COP31 in Antalya, after Australia gave up its bid."
        answer = short_answer(question, [quoted(text, "Australia")])
        assert answer is not None
        assert answer.text == words

    def test_of_who_will_do_it_is_not_whom_the_question_names(self):
        answer = short_answer("Who will join Ding in Baku?", [quoted("Ding will join Sharif.", "Sharif")])
        assert answer is not None
        assert answer.text == "Sharif"

    @pytest.mark.parametrize(
        ("text", "whole"),
        [
            ("Ding and Sharif met in Baku.", "Ding and Sharif"),
            ("Ding Xuexiang, and Pakistan's prime minister, Sharif, met there.",
             "Ding Xuexiang, and Pakistan's prime minister, Sharif"),
            ("Talks ended and Sharif met the press.", "Sharif"),
            ("Ding spoke and on the next day, after a long and tiring flight, Sharif met him.", "Sharif"),
            ("Ding and Sharif left once they met.", "Sharif"),
        ],
    )  # fmt: skip
    def test_names_all_who_did_what_is_asked(self, text: str, whole: str):
        answer = short_answer("Who met in Baku?", [quoted(text, "Sharif")])
        assert answer is not None
        assert answer.text == whole

    def test_names_the_one_that_the_question_leaves_open(self):
        answer = short_answer("Who left?", [quoted("Ding and Sharif met.", "Sharif")])
        assert answer is not None
        assert answer.text == "Sharif"

    @pytest.mark.parametrize("question", ["Why did they meet?", "What did Ding say?"])
    def test_is_not_given_to_questions_that_want_more_than_a_few_words(self, question: str):
        assert short_answer(question, [quoted(MET, "Ding")]) is None

    def test_is_not_given_if_the_reader_holds_no_answer_much_likelier(self):
        assert short_answer("Who met Sharif?", [quoted(MET, "Ding", score=MIN_SCORE - 0.1)]) is None
        assert short_answer("Who met Sharif?", [quoted(MET, "Ding", score=MIN_SCORE)]) is not None

    def test_is_not_given_if_it_is_as_long_as_a_sentence(self):
        text = "Ding " + "x" * MAX_CHARS
        assert short_answer("Who met Sharif?", [quoted(text, text)]) is None
        assert short_answer("Who met Sharif?", [quoted(text, text[:MAX_CHARS])]) is not None

    def test_needs_a_sentence_with_a_span(self):
        assert short_answer("Who met Sharif?", []) is None
        assert short_answer("Who met Sharif?", [quoted(MET)]) is None

    def test_is_looked_for_in_the_first_sentence_only(self):
        assert short_answer("Who met Sharif?", [quoted(MET), quoted(MET, "Ding")]) is None

    def test_beside_a_time_that_agrees_the_reader_may_be_less_sure(self):
        candidate = quoted("Ann led it (1929–1935).", "Ann", score=MIN_SCORE - 1)
        assert short_answer("Who led it in May 1931?", [candidate]) is None
        timed = replace(candidate, helped=PERIOD_WEIGHT)
        assert short_answer("Who led it in May 1931?", [timed]) == ShortAnswer(1, timed.hit.article, 0, 3)


KILLED = "How many people were killed?"


class TestTheNewestFirst:
    OLD = quoted("It killed 26.", "26", title="Old", published=date(2024, 11, 13))
    NEW = quoted("It killed 31.", "31", title="New", published=date(2024, 11, 15))
    NEWEST = quoted("It killed 33.", "33", title="Newest", published=date(2024, 11, 16))
    UNDATED = quoted("It killed 40.", "40", title="Undated", published=None)
    SAME = quoted("In all 26 died.", "26", title="Same", published=date(2024, 11, 20))

    def test_where_articles_differ(self):
        assert newest_first(KILLED, [self.OLD, self.NEW]) == [self.NEW, self.OLD]
        assert newest_first(KILLED, [self.OLD, self.NEW, self.NEWEST]) == [self.NEWEST, self.OLD, self.NEW]

    def test_nothing_moves_otherwise(self):
        for chosen in ([], [self.OLD], [self.NEW, self.OLD], [self.OLD, self.UNDATED], [self.OLD, self.SAME]):
            assert newest_first(KILLED, chosen) == chosen
        assert newest_first("Who was killed?", [self.OLD, self.NEW]) == [self.OLD, self.NEW]


class TestDisagreement:
    def test_names_both_numbers_and_where_they_stand(self):
        chosen = [
            quoted("It killed 26 people.", "26 people", title="First"),
            quoted("The blast was heard far away.", title="Second"),
            quoted("It killed 31 people.", "31", title="Third"),
        ]
        assert disagreement(KILLED, chosen) == "The articles may differ: “26 people” [1], “31” [3]."

    def test_is_told_of_dates(self):
        chosen = [
            quoted("They met on 13 November.", "13 November", title="First"),
            quoted("They met on 14 November.", "14 November", title="Second"),
        ]
        note = "The articles may differ: “13 November” [1], “14 November” [2]."
        assert disagreement("When did they meet?", chosen) == note

    def test_says_when_the_articles_are_of_different_days(self):
        chosen = [
            quoted("It killed 31.", "31", title="First", published=date(2024, 11, 15)),
            quoted("It killed 26.", "26", title="Second", published=date(2024, 11, 13)),
            quoted("It killed 20.", "20", title="Third", published=None),
        ]
        note = "The articles may differ: “31” (2024-11-15) [1], “26” (2024-11-13) [2]."
        assert disagreement(KILLED, chosen) == note
        assert disagreement(KILLED, chosen[1:]) == (
            "The articles may differ: “26” (2024-11-13) [1], “20” [2]."
        )

    def test_white_space_in_the_words_is_made_one_space(self):
        chosen = [
            quoted("It killed 26\n people.", "26\n people", title="First"),
            quoted("It killed 31.", "31", title="Second"),
        ]
        assert disagreement(KILLED, chosen) == "The articles may differ: “26 people” [1], “31” [2]."

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("26 people", "some 26"),  # a figure in common
            ("26", "dozens"),  # no figure to compare
            ("a few", "31"),
        ],
    )
    def test_is_not_claimed_where_words_can_agree(self, one: str, other: str):
        chosen = [
            quoted(f"It killed {one} then.", one, title="First"),
            quoted(f"It killed {other} then.", other, title="Second"),
        ]
        assert disagreement(KILLED, chosen) == ""

    def test_is_not_claimed_within_one_article(self):
        both = "It killed 26 people. Later there were 31."
        assert disagreement(KILLED, [quoted(both, "26"), quoted(both, "31")]) == ""

    def test_is_not_claimed_where_the_reader_is_not_sure(self):
        chosen = [
            quoted("It killed 26.", "26", title="First"),
            quoted("It cost 31.", "31", score=-1.0, title="Second"),
        ]
        assert disagreement(KILLED, chosen) == ""

    def test_is_not_claimed_of_names(self):
        chosen = [
            quoted("Ding 1 came.", "Ding 1", title="First"),
            quoted("Li 2 came.", "Li 2", title="Second"),
        ]
        assert disagreement("Who came?", chosen) == ""

    def test_needs_something_to_compare(self):
        assert disagreement(KILLED, []) == ""
        assert disagreement(KILLED, [quoted("It killed 26.", "26")]) == ""


@PROPERTY
@given(texts, st.lists(st.tuples(texts.filter(bool), st.data()), max_size=3))
def test_any_sentence_and_any_span_can_be_asked_about(question: str, drawn: list):
    chosen = []
    for n, (text, data) in enumerate(drawn):
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        chosen.append(quoted(text, text[start:end], title=str(n)))
    answer = short_answer(question, chosen)
    assert answer is None or answer.text in chosen[0].text
    note = disagreement(question, chosen)
    assert note == "" or note.startswith("The articles may differ: “")


def test_two_articles_that_differ_in_a_figure_only_are_both_quoted():
    embed = WordEmbeddings().embed_passages
    first = quoted("The storm on the coast killed 12 people.", "12", title="Monday")
    second = quoted(
        "The storm on the coast killed 15 people.", "15", title="Tuesday", url="https://a.example/2"
    )
    same = quoted("The storm on the coast killed 12 people.", "12", title="Sunday", url="https://a.example/3")
    question = "How many people did the storm kill?"
    chosen = select(question, [first, same, second], embed, max_sentences=3)
    assert chosen == [first, second]
    assert disagreement(question, chosen) == "The articles may differ: “12” [1], “15” [2]."
