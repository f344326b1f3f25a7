"""The pairs of the near-copy benchmark and how they are counted."""

from __future__ import annotations

import random
from datetime import date, timedelta

from assistant.types import Article
from benchmarks import near_copies
from benchmarks.near_copies import Pair


def article(number: int, words: str = "") -> Article:
    text = "\n".join(
        f"{words} Paragraph {number}-{n} tells of event {number * 50 + n}." * 4 for n in range(20)
    )
    return Article(text, path=f"a{number}", published=date(2022, 1, 1) + timedelta(days=number % 3))


def test_every_edit_changes_the_text_in_its_own_way():
    text = article(1).text
    made = {name: edit(text, random.Random(1)) for name, edit in near_copies.EDITS.items()}
    assert len(made["cut to half"].split()) <= len(text.split()) / 2 + 1
    assert text.startswith(made["cut to half"])
    assert sorted(made["paragraphs reordered"].split("\n")) == sorted(text.split("\n"))
    assert all(text in made[name] for name in ("headline", "byline", "agency boilerplate"))
    assert len({text, *made.values()}) == 6


def test_one_long_paragraph_is_cut_in_its_middle():
    assert near_copies.cut("one two three four five six", random.Random(1)) == "one two three"


def test_pairs_are_of_one_half_and_the_same_each_time():
    articles = [article(n, "Alike.") for n in range(1, 201)]
    found = near_copies.pairs(articles, parity=1)
    assert found == near_copies.pairs(articles, parity=1)
    assert all(int(name[1:]) % 2 for pair in found for name in pair.ids)
    assert sum(pair.is_copy for pair in found) == 60
    assert all(pair.ids[0] != pair.ids[1] for pair in found if not pair.is_copy)


def test_pages_with_one_text_are_left_out():
    twin = article(1)
    usable = near_copies.usable_articles([twin, article(2), twin, article(4), article(5)], parity=1)
    assert [found.path for found in usable] == ["a5"]


def test_what_is_missed_and_what_is_wrong_are_counted():
    one, two = article(1).text, article(2, "Quite other words stand here.").text[::-1]
    found = [
        Pair("cut to half", ("a", "a"), one, one),
        Pair("cut to half", ("a", "a"), one, two),
        Pair(near_copies.OTHER, ("a", "b"), one, one),
        Pair(near_copies.OTHER, ("a", "b"), one, two),
    ]
    measured = near_copies.measure(found)
    assert (measured["precision"], measured["recall"], measured["f1"]) == (0.5, 0.5, 0.5)
    assert measured["found"] == {"cut to half": 0.5, near_copies.OTHER: 0.5}
