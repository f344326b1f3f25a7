from __future__ import annotations

from datetime import date

import pytest

from assistant.answering.accounts import account_of, wants_several
from assistant.answering.gathering import Gathered, evidence, gather, gather_list, listed_score
from assistant.answering.telling import gathered
from assistant.chunking import split
from assistant.types import Article, Form, Hit
from tests.answering.test_extractive import found
from tests.fakes import WordEmbeddings, make_article

EMBED = WordEmbeddings().embed_passages
SUMMARY, TIMELINE, LIST, COMPARISON = Form.SUMMARY, Form.TIMELINE, Form.LIST, Form.COMPARISON


def rare(_term: str) -> tuple[int, int]:
    return 1, 9


def hits_of(*articles: Article) -> list[Hit]:
    return [Hit(passage, article, 0.5) for article in articles for passage in split(article)]


@pytest.mark.parametrize(
    ("question", "form", "topic"),
    [
        ("Summarise the COP30 deal", SUMMARY, "COP30 deal"),
        ("Please summarize what happened at COP29 in a few sentences.", SUMMARY, "COP29"),
        ("Can you give me an overview of the 2024 election?", SUMMARY, "2024 election"),
        ("give me background on CPEC", SUMMARY, "CPEC"),
        ("Tell me about Gwadar airport", SUMMARY, "Gwadar airport"),
        ("I want to know about Suni Williams", SUMMARY, "Suni Williams"),
        ("How did the Starliner mission go?", SUMMARY, "Starliner mission"),
        ("What do we know about the Besham bombing?", SUMMARY, "Besham bombing"),
        ("What is the Baku to Belém roadmap about?", SUMMARY, "Baku to Belém roadmap"),
        ("What happened at Karachi airport?", SUMMARY, "Karachi airport"),
        ("What's the latest on COP31?", SUMMARY, "COP31"),
        ("timeline of Starliner", TIMELINE, "Starliner"),
        ("Starliner timeline", TIMELINE, "Starliner"),
        ("How did the dispute over the trophy unfold?", TIMELINE, "dispute over the trophy"),
        ("What happened when in the Starliner mission?", TIMELINE, "Starliner mission"),
        ("List the teams in the Champions Trophy", LIST, "teams in the Champions Trophy"),
        ("Name the two ministers who resigned", LIST, "two ministers who resigned"),
        ("Which Pakistani cities host matches?", LIST, "Pakistani cities host matches"),
        ("What attacks happened in Pakistan?", LIST, "attacks happened in Pakistan"),
        ("Who were the presidents of COP27 and COP28?", LIST, "presidents of COP27 and COP28"),
    ],
)
def test_the_form_and_the_topic_of_a_question_are_recognised(question: str, form: Form, topic: str):
    account = account_of(question)
    assert account is not None
    assert (account.form, account.topic) == (form, topic)
    assert wants_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "About how many people died in the Karachi bombing?",
        "What happened in which year?",
        "India vs New Zealand: who won?",
        "India vs New Zealand score",
        "Compare COP30 and COP30",
        "What are the odds that India wins?",
        "Which business owns it?",
        "What happens next?",
        "What plays a major role in the talks?",
        "Which state's voters kept the right?",
        "Which sports minister resigned?",
    ],
)
def test_what_asks_for_one_fact_wants_no_account(question: str):
    assert account_of(question) is None


@pytest.mark.parametrize("text", ["x" + "-" * 1990 + " y", "a" + ":" * 1990, "x" + ", " * 900 + "timeline"])
def test_a_long_text_is_not_looked_at_by_patterns_that_would_take_seconds(text: str):
    assert account_of(text) is None
    assert account_of("Summarise " + text) is None


def test_a_vague_topic_is_told_by_no_sentence():
    article = make_article("Everything was said. The articles of the treaty are many.", title="Treaty")
    for question in ("Summarise everything", "Summarise the articles"):
        account = account_of(question)
        assert account
        told = gather(account, [hits_of(article)], rare, EMBED, max_sentences=3)
        assert told.score < 0.3


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Compare Besham with Dasu", ("Besham", "Dasu")),
        ("What is the difference between COP29 and COP30 goals?", ("COP29 goals", "COP30 goals")),
        ("compare the goals of COP29 and COP30", ("goals of COP29", "goals of COP30")),
        ("COP28 versus COP30 on fossil fuels", ("COP28 on fossil fuels", "COP30 on fossil fuels")),
        (
            "difference between the draft and the final deal at COP29",
            ("draft at COP29", "final deal at COP29"),
        ),
    ],
)
def test_both_sides_of_a_comparison_are_whole(question: str, sides: tuple[str, str]):
    account = account_of(question)
    assert account is not None
    assert (account.form, account.sides) == (COMPARISON, sides)


@pytest.mark.parametrize(
    "question",
    [
        "Who met in Baku?",
        "When did Starliner land?",
        "Which company owns the airport?",
        "Which country hosts COP31?",
        "Which regional police chief said so?",
        "What does China want Pakistan to allow?",
        "What was wrong with the rocket?",
        "What did India say about the deal?",
        "How did Stich describe the touchdown?",
        "Tell me who won",
        "Name the captain of Pakistan",
        "Explain why India refused to travel",
        "How many leaders attended?",
        "Champions Trophy winner",
        "",
    ],
)
def test_a_question_for_one_fact_is_no_account(question: str):
    assert account_of(question) is None


def test_a_list_is_read_as_a_question():
    account = account_of("List the teams")
    assert account is not None
    assert account.question == "What are the teams?"


def story(day: int, text: str, title: str) -> Article:
    return make_article(text, title=title, published=date(2024, 6, day), source=f"Paper {day}")


LAUNCHED = story(3, "The capsule Pelican was launched from Florida with two people.", "Pelican launched")
DOCKED = story(5, "The capsule Pelican docked late because a thruster failed.", "Pelican docks late")
LANDED = story(9, "The capsule Pelican landed empty in a desert of salt.", "Pelican lands")
BREAD = story(7, "Bakers in Lyon went on strike over the price of flour and butter.", "Bakers strike")
ALL = (LANDED, BREAD, DOCKED, LAUNCHED)


def told(question: str, *sides: list[Hit]) -> Gathered:
    account = account_of(question)
    assert account is not None
    return gather(account, sides, rare, EMBED, max_sentences=3)


class TestGathering:
    def test_a_timeline_has_the_articles_on_the_topic_by_their_day(self):
        timeline = told("timeline of Pelican", hits_of(*ALL))
        assert [c.hit.article for c in timeline.chosen] == [LAUNCHED, DOCKED, LANDED]
        assert timeline.labels == ("2024-06-03", "2024-06-05", "2024-06-09")

    def test_the_day_of_publication_is_explained_where_one_stands(self):
        timeline = told("timeline of Pelican", hits_of(*ALL))
        assert "the day on which" in gathered(Form.TIMELINE, timeline.chosen)
        article = make_article(LAUNCHED.text, title="Pelican launched", published=None)
        undated = told("timeline of Pelican", hits_of(article))
        assert undated.labels == ("",)
        assert gathered(Form.TIMELINE, undated.chosen) == "Gathered from 1 article."

    def test_a_summary_quotes_what_is_told_of_the_topic_and_nothing_twice(self):
        copy = story(4, LAUNCHED.text, "Pelican launched")
        summary = told("Summarise the Pelican flight", hits_of(*ALL, copy))
        texts = [c.text for c in summary.chosen]
        assert BREAD.text not in texts
        assert sorted(set(texts)) == sorted(texts)
        assert len(texts) == 3

    def test_the_latest_is_of_the_newest_article_on_the_topic(self):
        latest = told("latest on Pelican", hits_of(*ALL, story(20, "Bread is dear.", "Bread")))
        assert {c.hit.article.id for c in latest.chosen} == {LANDED.id}

    def test_each_side_of_a_comparison_is_named_before_its_sentences(self):
        both = told("compare Pelican with Lyon", hits_of(LAUNCHED, DOCKED), hits_of(BREAD))
        assert set(both.labels) == {"Pelican", "Lyon"}
        of_lyon = [c.text for c, label in zip(both.chosen, both.labels, strict=True) if label == "Lyon"]
        assert of_lyon == [BREAD.text]

    def test_what_the_articles_do_not_have_scores_low(self):
        assert told("Summarise the Pelican launch", hits_of(*ALL)).score > 0.6
        assert told("Summarise the Zanzibar census", hits_of(*ALL)).score < 0.2
        assert told("compare Pelican with Zanzibar", hits_of(*ALL), hits_of(*ALL)).score < 0.2

    def test_words_that_only_frame_a_name_are_not_looked_for(self):
        told_of = [
            told(f"How did the {topic} go?", hits_of(*ALL)) for topic in ("Pelican mission", "Pelican")
        ]
        assert [c.text for c in told_of[0].chosen] == [c.text for c in told_of[1].chosen]

    def test_without_hits_there_is_nothing(self):
        assert told("timeline of Pelican", []).chosen == ()
        assert told("compare Pelican with Lyon", hits_of(LAUNCHED), []).score == 0.0

    def test_every_sentence_is_of_its_article(self):
        for candidate in told("Tell me about Pelican", hits_of(*ALL)).chosen:
            assert candidate.text == candidate.hit.article.text[candidate.start : candidate.end] != ""


class TestListing:
    def test_the_best_comes_first_and_names_in_a_row_are_items(self):
        others = "Fans waved old flags. Guards closed steel gates. Singers sang hymns. Pilots drew circles."
        row = "Here are Australia, England, Chad and Peru."
        text = f"Eight teams play for the cup. Rain fell all night long. {others} {row}"
        account = account_of("List the teams of the cup")
        assert account is not None
        read = found(account.question, hits_of(make_article(text, title="Cup")))
        chosen = gather_list(account, read, rare, EMBED, max_sentences=2)
        assert chosen[0] is read[0]
        assert len(chosen) <= 4
        assert row in [c.text for c in chosen]

    def test_has_nothing_to_choose_from_nothing(self):
        account = account_of("List the teams")
        assert account is not None
        assert gather_list(account, [], rare, EMBED, max_sentences=3) == []

    def test_a_list_needs_less_than_a_fact(self):
        assert 0.3 < listed_score(0.3) < 0.5
        assert listed_score(0.0) < 0.01 < 0.99 < listed_score(1.0)


def test_evidence_has_each_article_before_any_has_two():
    long = make_article("Pelican rose. " * 200, title="Long")
    hits = [*hits_of(long), *hits_of(DOCKED)]
    assert len(hits) > 3
    assert {hit.article.id for hit in evidence([hits], 2)} == {long.id, DOCKED.id}
    assert len({hit.passage.id for hit in evidence([hits, hits], 5)}) == 5
