"""Results as Markdown, in notebooks and as tables."""

from __future__ import annotations

from datetime import date

import pandas

from assistant.types import Abstention, Answer, Article, Citation, Filters, Hit, Passage, Reason, Sentence

ARTICLE = Article(
    title="Talks *live* <b>now</b>",
    text="The ministers met in [Baku](http://x). <img src=x onerror=alert(1)>",
    source="Gazette",
    published=date(2024, 11, 13),
    url="https://example.org/a_b",
)
CITATION = Citation(1, ARTICLE, 0, 38)
ANSWER = Answer(
    "Where?",
    text="The ministers met in [Baku](http://x). [1]",
    citations=(CITATION,),
    note="One <i>says</i> so.",
)
PASSAGE = Passage(ARTICLE.id, 0, len(ARTICLE.text), ARTICLE.text, ARTICLE.title)
HIT = Hit(PASSAGE, ARTICLE, 0.5, 0.25, 3.0)


def test_an_answer_as_markdown_has_its_references_and_no_markup_of_an_article():
    assert ANSWER.to_markdown() == (
        "The ministers met in \\[Baku\\]\\(http\\://x). \\[1\\]\n\n"
        "*One \\<i\\>says\\</i\\> so.*\n\n"
        "\\[1\\] Talks \\*live\\* \\<b\\>now\\</b\\> "
        "(Gazette, 2024-11-13) https\\://example\\.org/a\\_b\n\n"
        "> The ministers met in \\[Baku\\]\\(http\\://x)."
    )


def test_an_abstention_as_markdown_says_why():
    abstained = Answer("Who?", abstention=Abstention(Reason.NOT_SUPPORTED, "Nothing *says* so."))
    assert abstained.to_markdown() == "*Nothing \\*says\\* so.*"


def test_what_is_doubted_of_an_answer_is_said_in_markdown_and_in_a_notebook():
    told = Sentence("They met.", (1,), 0.9, True)
    invented = Sentence("They sang *songs*.", reason="no passage clearly says this")
    nearly = Sentence("Both came.", reason="close to what “Talks” says", is_unconfirmed=True)
    text = "They met. [1] They sang *songs*. Both came."
    answer = Answer("Who?", text, citations=(CITATION,), sentences=(told, invented, nearly))
    said = answer.to_markdown()
    assert "*“They sang \\*songs\\*.” Not supported: no passage clearly says this*" in said
    assert "*“Both came.” Not confirmed: close to what “Talks” says*" in said
    assert said.count("*“") == 2
    assert "“They sang *songs*.” Not supported: no passage clearly says this" in answer._repr_html_()


def test_an_answer_as_markdown_begins_with_its_filters():
    filters = Filters(sources=("Caspian *Gazette*",), article_ids=(ARTICLE.id,))
    asked = Answer("Where?", "There.", hits=(HIT,), filters=filters)
    assert asked.to_markdown() == (
        "*Filters: by Caspian \\*Gazette\\*, in “Talks \\*live\\* \\<b\\>now\\</b\\>”*\n\nThere."
    )


def test_a_passage_as_markdown_is_a_quote():
    assert HIT.to_markdown().startswith("Talks \\*live\\* ")
    assert "\n\n> The ministers met in \\[Baku\\]" in HIT.to_markdown()


def test_a_notebook_shows_text_and_no_markup():
    for shown in (ANSWER._repr_html_(), HIT._repr_html_()):
        assert shown.startswith("<pre")
        assert "&lt;b&gt;now" in shown
        assert shown.count("<") == 2  # of the element itself


def test_hits_become_a_table():
    table = pandas.DataFrame([HIT.to_dict()])
    assert list(table[["title", "score", "start", "end"]].iloc[0]) == [
        ARTICLE.title,
        0.5,
        0,
        len(ARTICLE.text),
    ]
    assert table["text"][0] == ARTICLE.text
