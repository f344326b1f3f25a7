"""A source that may say only so much: its best passages are kept, in order, and those of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import Assistant
from assistant.conversation import Understood
from assistant.settings import Settings
from assistant.types import Article
from benchmarks.diversity import OnePassageASource, TwoPassagesASource
from tests.fakes import WordEmbeddings, WordReader

ARTICLES = [
    Article("Bo Ek won the election in Kiruna by two votes.", title="One", source="Paper", path="1"),
    Article("The election in Kiruna was won by Bo Ek.", title="Two", source="Paper", path="2"),
    Article("Bo Ek is the winner of the vote held in Kiruna.", title="Three", source="Paper", path="3"),
    Article("Ada Lindh won the election in Kiruna.", title="Four", source="Record", path="4"),
    Article("In Kiruna an election was held on Sunday.", title="Five", path="5"),
    Article("Kiruna has moved its church; an election follows.", title="Six", path="6"),
]


@pytest.mark.parametrize(("kind", "most"), [(Assistant, 3), (TwoPassagesASource, 2), (OnePassageASource, 1)])
def test_evidence_has_the_best_passages_of_a_source_alone(kind: type[Assistant], most: int, tmp_path: Path):
    settings = Settings(data_dir=tmp_path)
    with kind.open(settings=settings, embedder=WordEmbeddings(), reader=WordReader()) as assistant:
        assistant.add(ARTICLES)
        question = "Who won the election in Kiruna?"
        found = [hit.article for hit in assistant.evidence(Understood(question))]
        ranked = [hit.article for hit in assistant.search(question)]
    of_paper = [article for article in ranked if article.source == "Paper"]
    assert len(of_paper) == 3
    assert found == [article for article in ranked if article not in of_paper[most:]]
