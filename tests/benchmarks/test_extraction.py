"""How pages are scored, and that the facts that a person checked are kept as digests."""

from __future__ import annotations

import json
from datetime import date

import pytest

from assistant.types import Article
from benchmarks import extraction
from benchmarks.extraction import Counts, Page

TEXT = "The otter came back to the river in spring and stayed there all summer long."


def test_runs_of_four_words_are_compared():
    assert extraction.compare("a b c d e", "a b c d e") == Counts(1, 0, 0)
    assert extraction.compare("a b c d e", "a b c d x") == Counts(
        pytest.approx(1 / 3), *[pytest.approx(1 / 3)] * 2
    )
    assert extraction.compare("", "a b c d") == Counts(0, 0, 1)
    assert extraction.compare("a, b. c d", "a b c d") == Counts(1, 0, 0)


def test_each_page_counts_the_same():
    found = extraction.score([Counts(1, 0, 0), Counts(0.5, 0.5, 0)])
    assert found == {"f1": pytest.approx(0.8571, abs=1e-4), "precision": 0.75, "recall": 1.0}
    assert extraction.score([Counts(0, 0, 1)]) == {"f1": 0, "precision": 0, "recall": 0}


def test_a_headline_is_kept_as_a_hash_of_its_words():
    digest = extraction.title_digest("Otters: back in Spring!")
    assert digest == extraction.title_digest("otters back  in spring")
    assert digest != extraction.title_digest("Otters back in summer")
    assert len(digest) == 16


def test_the_checked_facts_hold_no_words_of_a_page():
    rows = [json.loads(line) for line in extraction.FACTS.read_text(encoding="utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) == 40
    assert all(set(row) == {"id", "title", "published"} and len(row["title"]) == 16 for row in rows)
    assert all(not row["published"] or date.fromisoformat(row["published"]) for row in rows)


def test_facts_that_are_wrong_and_unknown_are_told_apart(tmp_path):
    title = extraction.title_digest("Otters")
    file = tmp_path / "facts.jsonl"
    file.write_text(
        "\n".join(json.dumps({"id": n, "title": title, "published": "2024-11-13"}) for n in "abcd"),
        encoding="utf-8",
    )
    articles = {
        "a": Article("t", title="OTTERS", published=date(2024, 11, 13)),
        "b": Article("t", title="Otters", published=date(2024, 11, 14)),
        "c": Article("t", title="Beavers"),
    }
    assert extraction.measure_facts(articles, file) == {
        "pages": 3, "title_right": 2, "published_right": 1, "published_wrong": 1, "both_right": 1,
    }  # fmt: skip


def test_all_readers_read_a_page():
    source = f"<html><body><article><h1>Otters</h1><p>{TEXT}</p><p>{TEXT[::-1]}</p></article></body></html>"
    marked = f"{TEXT}\n{TEXT[::-1]}\nCopyright 2024 The Paper."
    numbers, rows = extraction.measure([Page("a", 1, source.encode(), marked)])
    assert numbers["assistant"]["all"]["precision"] == 1
    assert len(numbers["trafilatura"]) == 12
    assert numbers["trafilatura_best"]["settings"] in numbers["trafilatura"]
    assert numbers["boilerplate"]["removed_words"] == 4
    assert rows[0]["id"] == "a"
