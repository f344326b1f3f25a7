from __future__ import annotations

import dataclasses
import inspect
import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given

from assistant import types
from assistant.types import (
    Abstention,
    Answer,
    Article,
    Citation,
    Confidence,
    Failure,
    Filters,
    Hit,
    IngestReport,
    Passage,
    Reason,
    Section,
    ShortAnswer,
    VerifyReport,
    alike,
)
from tests.strategies import PROPERTY, texts

ARTICLE = Article(
    "Ding met Sharif. They spoke.",
    title="Talks",
    author="A. Writer",
    published=date(2024, 11, 13),
    source="Gazette",
    url="https://example.org/talks",
)
PASSAGE = Passage(ARTICLE.id, 0, 16, "Ding met Sharif.", "Talks")
FIELDS = {
    "title": "Talks",
    "author": "A. Writer",
    "published": "2024-11-13",
    "source": "Gazette",
    "url": "https://example.org/talks",
    "path": "",
}
HIT_DICT = {
    "score": 0.6667,
    "similarity": 0.5,
    "lexical": None,
    "answers": None,
    "article_id": ARTICLE.id,
    "passage_id": PASSAGE.id,
    "start": 0,
    "end": 16,
    "text": "Ding met Sharif.",
    "also_in": [],
    **FIELDS,
}
CITATION_DICT = {
    "type": "char_location",
    "marker": 1,
    "cited_text": "Ding met Sharif.",
    "document_title": "Talks",
    "start_char_index": 0,
    "end_char_index": 16,
    "article_id": ARTICLE.id,
    "article_version": ARTICLE.version,
    "page": None,
    "also_in": [],
    **FIELDS,
}


def test_an_answer_as_json():
    hit = Hit(PASSAGE, ARTICLE, 2 / 3, similarity=0.5)
    answer = Answer(
        "Who?",
        text="Ding met Sharif. [1]",
        citations=(Citation(1, ARTICLE, 0, 16),),
        confidence=Confidence.SURE,
        short_answer=ShortAnswer(1, ARTICLE, 0, 4),
        note="Articles differ.",
        hits=(hit,),
        score=0.87654321,
        standalone_question="Who met?",
        searched_articles=3,
        is_complete=True,
        seconds=0.12345,
        filters=Filters(date(2024, 1, 2), None, ("Gazette",), (ARTICLE.id,)),
    )
    assert answer.asked_of == "from 2024-01-02, by Gazette, in “Talks”"
    assert json.loads(json.dumps(answer.to_dict())) == {
        "question": "Who?",
        "standalone_question": "Who met?",
        "period": None,
        "filters": {
            "published_from": "2024-01-02",
            "published_to": None,
            "sources": ["Gazette"],
            "article_ids": [ARTICLE.id],
        },
        "text": "Ding met Sharif. [1]",
        "abstention": None,
        "score": 0.8765,
        "confidence": "sure",
        "short_answer": {"text": "Ding", "marker": 1, "start_char_index": 0, "end_char_index": 4},
        "note": "Articles differ.",
        "citations": [CITATION_DICT],
        "hits": [HIT_DICT],
        "searched_articles": 3,
        "unresolved": [],
        "mode": "extractive",
        "form": None,
        "sentences": [],
        "groundedness": None,
        "generation": None,
        "seconds": 0.123,
    }


def test_an_abstention_as_json():
    answer = Answer("Who?", abstention=Abstention(Reason.NOT_SUPPORTED, "No.", ("zebra",)))
    assert answer.to_dict()["abstention"] == {
        "reason": "the corpus does not say",
        "message": "No.",
        "missing_terms": ["zebra"],
    }


def test_reports_as_json():
    report = IngestReport(("a",), ("b",), ("c",), ("d",), (Failure("e", "broken", "Mend it."),), 4, 1.23456)
    assert json.loads(json.dumps(report.to_dict())) == {
        "added": ["a"],
        "updated": ["b"],
        "unchanged": ["c"],
        "removed": ["d"],
        "failed": [{"name": "e", "reason": "broken", "hint": "Mend it."}],
        "passages": 4,
        "seconds": 1.235,
        "cancelled": False,
        "held": [],
        "notes": [],
    }
    assert VerifyReport(2, 3, ("x",), ("y",)).to_dict() == {
        "healthy": False,
        "articles": 2,
        "passages": 3,
        "problems": ["x"],
        "repaired": ["y"],
    }
    assert VerifyReport(2, 3).is_healthy


def test_the_identity_of_an_article_is_its_url_else_its_place_else_its_text():
    placed = dataclasses.replace(ARTICLE, url="", root="/r", path="a.txt")
    bare = Article("Ding met Sharif.")
    assert dataclasses.replace(ARTICLE, text="Other.", root="/r", path="p", title="T").id == ARTICLE.id
    assert dataclasses.replace(placed, text="Other.", title="T").id == placed.id
    assert dataclasses.replace(bare, title="T", published=date(2024, 1, 1)).id == bare.id
    others = [
        dataclasses.replace(ARTICLE, url="https://example.org/other"),
        dataclasses.replace(placed, root="/s"),
        dataclasses.replace(placed, path="b.txt"),
        Article("Other."),
    ]
    assert len({each.id for each in [ARTICLE, placed, bare, *others]}) == 7


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Article)])
def test_every_field_counts_for_the_digest(name: str):
    values = {
        "published": date(2000, 1, 1),
        "modified": date(2000, 1, 1),
        "sections": (Section(0, "One"),),
        "pages": (0,),
        "origins": (("title", "file name"),),
    }
    value = values.get(name, "something else")
    assert dataclasses.replace(ARTICLE, **{name: value}).digest != ARTICLE.digest


def test_only_the_text_counts_for_the_version():
    assert dataclasses.replace(ARTICLE, title="T", url="u").version == ARTICLE.version
    assert dataclasses.replace(ARTICLE, text="Other.").version != ARTICLE.version


def test_all_that_is_embedded_counts_for_the_id_of_a_passage():
    changes = [{"article_id": "b"}, {"start": 1}, {"end": 15}, {"text": "Other."}, {"header": "T"}]
    assert len({PASSAGE.id, *(dataclasses.replace(PASSAGE, **change).id for change in changes)}) == 6


@PROPERTY
@given(texts)
def test_ids_are_short_and_hexadecimal_whatever_the_text(text: str):
    article = Article(text, title=text, source=text)
    for value in (article.id, article.version, article.digest, Passage(article.id, 0, len(text), text).id):
        assert len(value) == 24
        assert set(value) <= set("0123456789abcdef")


def test_a_citation_quotes_its_article():
    assert Citation(2, ARTICLE, 17, 28).text == "They spoke."


def test_filters_in_words():
    assert Filters().describe() == ""
    filters = Filters(date(2024, 1, 2), date(2024, 1, 3), ("Gazette", "Herald"), ("a", "b"))
    assert (
        filters.describe() == "from 2024-01-02, until 2024-01-03, by Gazette or Herald, in 2 chosen articles"
    )
    assert Filters(article_ids=("a",)).describe() == "in 1 chosen article"
    assert Filters(article_ids=("a", "b")).describe({"b": "Talks"}) == "in “Talks” or 1 chosen article"
    assert not Filters()
    assert Filters(sources=("Gazette",))


@pytest.mark.parametrize(
    "value", [v for v in vars(types).values() if inspect.isclass(v) and dataclasses.is_dataclass(v)]
)
def test_values_are_frozen(value: type):
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sources": "Gazette"}, "sources must be a tuple of texts"),
        ({"sources": ["Gazette"]}, "sources must be a tuple of texts"),
        ({"sources": (5,)}, "sources must be a tuple of texts"),
        ({"article_ids": "3f9c2a"}, "article_ids must be a tuple of texts"),
        ({"published_from": "2024-11-13"}, "published_from must be a date or None, not str"),
        ({"published_to": datetime(2024, 11, 13)}, "published_to must be a date or None, not datetime"),
    ],
)
def test_filters_of_the_wrong_type_are_refused(wrong: dict[str, Any], message: str):
    with pytest.raises(TypeError, match=message):
        Filters(**wrong)


def test_filters_with_reversed_dates_are_refused():
    with pytest.raises(ValueError, match="published_from 2024-11-14 is after published_to 2024-11-13"):
        Filters(date(2024, 11, 14), date(2024, 11, 13))
    assert Filters(date(2024, 11, 13), date(2024, 11, 13))


@pytest.mark.parametrize(
    ("article", "name"),
    [
        (Article("Text.", title="Title", path="a.txt"), "Title"),
        (Article("Text.", path="a.txt"), "a.txt"),
        (Article("A text\n on two lines."), "A text on two lines."),
        (Article("x" * 61), "x" * 60 + "…"),
    ],
)
def test_an_article_has_a_name_whatever_is_known_of_it(article: Article, name: str):
    assert article.name == name


def test_reports_of_two_ingests_add_up_to_one():
    failures = [Failure(name, "empty") for name in ("x", "y")]
    first = IngestReport(("a",), ("b",), ("c",), ("d",), (failures[0],), 1, 0.5)
    second = IngestReport(("A",), ("B",), ("C",), ("D",), (failures[1],), 2, 0.25)
    whole = IngestReport(("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), tuple(failures), 3, 0.75)
    assert first + second == whole
    assert sum([first, second], IngestReport()) == whole


def test_a_citation_says_its_page_and_where_else_the_story_stands():
    paged = dataclasses.replace(ARTICLE, pages=(0, 17))
    also = (types.AlsoIn("a", "Talks, too", "Herald", ""), types.AlsoIn("b", "More talks", "", "https://b"))
    first, second = Citation(1, paged, 0, 16), Citation(2, paged, 17, 28, also)
    assert (first.page, first.details) == (1, "p. 1")
    assert (second.page, second.details) == (2, "p. 2, also in Herald, More talks")
    assert second.to_dict()["also_in"] == [
        {"article_id": "a", "name": "Talks, too", "source": "Herald", "url": ""},
        {"article_id": "b", "name": "More talks", "source": "", "url": "https://b"},
    ]
    assert Citation(1, ARTICLE, 0, 16).details == ""


def test_failures_for_one_reason_are_told_together_if_they_are_many():
    kinds = tuple(Failure(f"{n}.x{n}", f"this kind cannot be read (.x{n})", "Try text.") for n in range(6))
    other = Failure("a.pdf", "it is damaged")
    assert alike([kinds[0], other, *kinds[1:]]) == [kinds, (other,)]
    assert alike(kinds[:5]) == [(failure,) for failure in kinds[:5]]
