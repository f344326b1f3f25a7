"""Near copies: kept, grouped as they come, and one source to a search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import retrieval
from assistant.corpus import CATALOG_NAME, Corpus
from assistant.settings import ChunkingSettings
from assistant.stores.catalog import Catalog
from assistant.types import AlsoIn, Filters
from tests.fakes import WordEmbeddings, make_article
from tests.retriever_contract import BAKU, ZEBRA

CHUNKING = ChunkingSettings(max_passage_chars=200)
LINES = (
    "The reservoir above the town of Lindau lost a third of its water in a single dry summer.",
    "Engineers found that a gate built sixty years ago had not closed since the last inspection.",
    "The council voted on Tuesday to replace it before the spring, at a cost of four million euros.",
    "Farmers below the dam said that they had warned the office three times since last May.",
    "A spokeswoman answered that every letter had been read and none had named the gate.",
    "Until the repair is done, the level will be measured each morning and published online.",
)
WIRE = make_article(" ".join(LINES), title="Dam lost water", source="Agency", url="https://a.example/dam")
CUT = make_article(" ".join(LINES[:5]), title="Water loss", source="Herald", url="https://h.example/1")
REORDERED = make_article(
    " ".join((*LINES[3:], *LINES[:3])), title="Dry dam", source="Times", url="https://t.example/1"
)
OTHER = make_article(
    "The dam at Lindau was visited by the minister, who promised money for a new gate. He did not say when it"
    " would come, nor whether the farmers downstream would be paid for what they had lost this summer.",
    title="Minister at the dam",
    url="https://o.example/1",
)


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    opened = Corpus(tmp_path / "data", WordEmbeddings(), CHUNKING)
    yield opened
    opened.close()


def titles(corpus: Corpus, query: str = "dam gate water", **options: object) -> list[str]:
    hits = retrieval.search(corpus, query, top_k=20, **options)
    return list(dict.fromkeys(hit.article.title for hit in hits))


@pytest.mark.parametrize("in_one_go", [True, False])
def test_one_story_is_one_source_and_all_are_kept(corpus: Corpus, in_one_go: bool):
    some = [WIRE, OTHER, CUT, REORDERED]
    for batch in [some] if in_one_go else [[article] for article in some]:
        corpus.add(batch)
    assert corpus.count() == 4
    hits = retrieval.search(corpus, "farmers warned the office", top_k=20)
    found = {hit.article.title for hit in hits}
    assert "Minister at the dam" in found
    (story,) = found - {"Minister at the dam"}
    best = next(hit for hit in hits if hit.article.title == story)
    assert {other.name for other in best.also_in} == {"Dam lost water", "Water loss", "Dry dam"} - {story}
    assert all(hit.also_in == () for hit in hits if hit.article.title == "Minister at the dam")


def test_a_hit_says_where_else_the_story_stands(corpus: Corpus):
    corpus.add([WIRE, CUT])
    hits = retrieval.search(corpus, "published online", top_k=1)
    assert hits[0].article == WIRE
    assert hits[0].also_in == (AlsoIn(CUT.id, "Water loss", "Herald", CUT.url),)


def test_with_the_best_one_filtered_out_another_is_found(corpus: Corpus):
    corpus.add([WIRE, CUT])
    assert titles(corpus, filters=Filters(sources=("Herald",))) == ["Water loss"]


def test_a_removed_or_rewritten_one_leaves_the_group(corpus: Corpus):
    corpus.add([WIRE, CUT, REORDERED])
    corpus.remove(REORDERED.id)
    corpus.add([replace(CUT, text=OTHER.text)])
    assert sorted(titles(corpus)) == ["Dam lost water", "Water loss"]
    assert corpus.also_in([WIRE.id, CUT.id]) == {}
    corpus.restore_removed(REORDERED.id)
    assert [other.name for other in corpus.also_in([WIRE.id])[WIRE.id]] == ["Dry dam"]


def test_one_that_is_like_two_groups_makes_them_one(corpus: Corpus):
    first, second = (
        make_article(" ".join(part), title=name, url=f"https://{name}")
        for name, part in (("first", LINES[:3]), ("second", LINES[3:]))
    )
    corpus.add([first, second])
    assert corpus.groups([first.id, second.id]) == {}
    corpus.add([WIRE])
    assert len(set(corpus.groups([first.id, second.id, WIRE.id]).values())) == 1


def test_what_a_crash_or_an_earlier_release_left_is_grouped_by_the_next_write(corpus: Corpus, tmp_path: Path):
    corpus.add([WIRE, BAKU])
    catalog = Catalog(tmp_path / "data" / CATALOG_NAME)
    with catalog._transaction() as db:
        db.execute("DELETE FROM kin")
    catalog.close()
    corpus.add([CUT])
    assert corpus.groups([WIRE.id, CUT.id, BAKU.id]).keys() == {WIRE.id, CUT.id}


def test_one_of_each_keeps_the_order_and_all_passages_of_the_first():
    ranking = [("a1", 0.9), ("b1", 0.8), ("c1", 0.7), ("a2", 0.6), ("b2", 0.5)]
    articles = {passage: passage[0] for passage, _ in ranking}
    assert retrieval.one_of_each(ranking, articles, {"a": 1, "b": 1}) == [ranking[0], ranking[2], ranking[3]]
    assert retrieval.one_of_each(ranking, articles, {}) == ranking


def test_few_words_have_no_near_copies(corpus: Corpus):
    corpus.add([BAKU, ZEBRA])
    assert corpus.groups([BAKU.id, ZEBRA.id]) == {}
