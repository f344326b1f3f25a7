"""Questions to ask after an answer, made from what it cites."""

from __future__ import annotations

from assistant.answering.suggestions import Place, Suggestion, suggestions
from assistant.types import Abstention, Answer, Article, Citation, Hit, Passage, Reason

GWADAR = Article(
    "Li Qiang inaugurated Gwadar airport from Islamabad.\n"
    "Ann Lee visited Gwadar airport on Sunday, March 3.\n"
    "Bob Ray led the choir of Milan.",
    title="A day at Gwadar",
)
OTHER = Article("Cay Dow built Gwadar airport. Premier Li Qiang came late.", title="Builders")


def cited(article: Article, sentence: str, marker: int = 1) -> Citation:
    start = article.text.index(sentence)
    return Citation(marker, article, start, start + len(sentence))


def answer_of(*citations: Citation, question: str = "Who inaugurated Gwadar airport?") -> Answer:
    articles = {citation.article.id: citation.article for citation in citations} | {OTHER.id: OTHER}
    hits = [Hit(Passage(a.id, 0, len(a.text), a.text), a, 0.5) for a in articles.values()]
    return Answer(question, "So it is. [1]", citations, tuple(hits), is_complete=True)


def place(article: Article, sentence: str) -> Place:
    start = article.text.index(sentence)
    return Place(article.id, start, start + len(sentence))


OPENED, VISITED, LED = GWADAR.text.splitlines()


def test_they_are_about_what_was_asked_or_cited_and_from_the_article_that_is_cited():
    made = suggestions(answer_of(cited(GWADAR, OPENED)), ["Who is Li Qiang?"])

    assert made == [Suggestion("Who visited Gwadar airport?", (place(GWADAR, VISITED),))]


def test_who_somebody_is_is_asked_unless_the_answer_says_so():
    start = OTHER.text.index("Premier")
    said = Suggestion("Who is Li Qiang?", (Place(OTHER.id, start, len(OTHER.text)),))

    assert said in suggestions(answer_of(cited(GWADAR, OPENED)))
    told = answer_of(cited(GWADAR, OPENED), cited(OTHER, "Premier Li Qiang came late.", 2))
    assert "Who is Li Qiang?" not in [one.question for one in suggestions(told)]


def test_what_has_most_to_do_with_the_answer_comes_first():
    article = Article(
        "Ann Lee won the cup of Baku.\nBob Ray won the cup of Quba.\nCay Dow met the queen of Spain.\nX."
    )
    made = suggestions(answer_of(cited(article, "X."), question="How big is the golden cup of Quba?"))

    assert [one.question for one in made] == ["Who won the cup of Quba?", "Who won the cup of Baku?"]


def test_of_questions_about_the_same_only_one_is_offered():
    article = Article("Ann Lee visited Gwadar airport on Sunday, March 3.\nX.")
    made = suggestions(answer_of(cited(article, "X."), question="How big is Gwadar airport?"))

    assert [one.question for one in made] == ["Who visited Gwadar airport?"]


def test_nothing_is_offered_that_was_asked_or_says_more_or_less_of_it():
    answer = answer_of(cited(GWADAR, OPENED))
    asked = [
        "Who visited Gwadar airport?",
        "When did Ann Lee visit Gwadar airport on Sunday?",
        "Who is Li Qiang?",
    ]

    assert suggestions(answer, asked) == []


def test_an_abstention_offers_nothing():
    near = answer_of(cited(GWADAR, OPENED)).hits
    silent = Answer("Who?", hits=near, abstention=Abstention(Reason.NOT_SUPPORTED, "No."), is_complete=True)

    assert suggestions(silent) == []


def test_a_headline_may_be_answered_anywhere_in_its_article():
    article = Article("It was a long day.", title="Li Qiang opens Gwadar airport")
    made = suggestions(
        answer_of(cited(article, "It was a long day."), question="How long was the day in Gwadar?")
    )

    assert made == [
        Suggestion("Who opened Gwadar airport?", (Place(article.id, 0, len(article.text)),)),
    ]
