"""Near copies: what is one story, what is another, and that kept signatures stay comparable."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from assistant import near_copies
from assistant.sources import read
from benchmarks.near_copies import EDITS

CORPUS = Path(__file__).parent.parent / "corpus"
ARTICLES = [article.text for article in read(CORPUS)]
STORY = max(ARTICLES, key=len)


def compare(a: str, b: str) -> tuple[bool, bool]:
    """Whether two texts share a band, and whether they are near copies."""
    first, second = near_copies.signature(a), near_copies.signature(b)
    shares = bool(set(near_copies.bands(first)) & set(near_copies.bands(second)))
    return shares, near_copies.is_near_copy(first, second)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_story_is_a_near_copy(edit: str):
    edited = EDITS[edit](STORY, random.Random(1))
    assert edited != STORY
    assert compare(STORY, edited) == (True, True)


def test_no_two_articles_of_the_sample_corpus_are_near_copies():
    signatures = [near_copies.signature(text) for text in ARTICLES]
    assert len(signatures) == 38
    found = [
        (m, n)
        for m, a in enumerate(signatures)
        for n, b in enumerate(signatures[:m])
        if near_copies.is_near_copy(a, b)
    ]
    assert found == []


def test_case_punctuation_and_spacing_do_not_count():
    plain = near_copies.signature(STORY)
    assert near_copies.signature(STORY.upper().replace(" ", "  ").replace(",", " —")) == plain


def test_the_similarity_is_the_share_of_the_shorter_text():
    words = [f"word{n}" for n in range(600)]
    whole, third, other = (
        near_copies.signature(" ".join(part))
        for part in (words, words[:200], [*words[:300], *(f"x{n}" for n in range(300))])
    )
    assert near_copies.similarity(whole, whole) == 1
    assert near_copies.similarity(whole, third) == pytest.approx(1, abs=0.12)
    assert near_copies.similarity(whole, other) == pytest.approx(0.5, abs=0.1)
    assert near_copies.similarity(third, whole) == near_copies.similarity(whole, third)


def test_a_brief_within_a_roundup_is_no_copy_of_it():
    brief = " ".join(f"brief{n}" for n in range(120))
    roundup = f"{brief} {' '.join(f'other{n}' for n in range(900))}"
    assert near_copies.similarity(*map(near_copies.signature, (brief, roundup))) > near_copies.MIN_SIMILARITY
    assert not near_copies.is_near_copy(*map(near_copies.signature, (brief, roundup)))


def test_a_short_text_is_a_copy_only_of_nearly_the_same_one():
    notice = " ".join(f"notice{n}" for n in range(40))
    assert compare(notice, notice) == (True, True)
    assert compare(notice, f"{notice} {' '.join(f'more{n}' for n in range(40))}")[1] is False


@pytest.mark.parametrize("text", ["", "\n\n", "Photos: the week", "one two three " * 6])
def test_a_text_of_a_few_words_is_a_near_copy_of_nothing(text: str):
    signature = near_copies.signature(text)
    assert (near_copies.bands(signature), len(signature)) == ([], 5)
    assert not near_copies.is_near_copy(signature, signature)
    assert near_copies.similarity(signature, near_copies.signature(STORY)) == 0


def test_scripts_without_spaces_have_words():
    story = "市长昨天宣布将关闭旧桥并在明年春天开始修建一座新桥附近的居民对此表示欢迎"
    story += "但商人担心生意会受到影响因为工程将持续两年"
    assert compare(story, "本报讯" + story) == (True, True)
    assert not compare(story, story[::-1])[1]


def test_bands_fit_the_integers_of_a_database_and_never_meet_across_bands():
    keys = near_copies.bands(near_copies.signature(STORY))
    assert len(set(keys)) == near_copies.BANDS
    assert all(0 <= key < 2**63 for key in keys)
    assert [key >> 48 for key in keys] == list(range(near_copies.BANDS))


def test_a_signature_of_another_version_compares_with_none():
    current = near_copies.signature(STORY)
    other = bytes([near_copies.VERSION + 1]) + current[1:]
    assert (near_copies.is_current(current), near_copies.is_current(other)) == (True, False)
    assert not near_copies.is_near_copy(other, other)
    assert near_copies.similarity(current, other) == 0


def test_signatures_are_those_that_stores_have_kept():
    # If this fails, VERSION has to be raised: what was kept no longer compares with what is made now.
    text = " ".join(f"word{n}" for n in range(100))
    assert hashlib.sha256(near_copies.signature(text)).hexdigest()[:16] == "e335dfd8cf8ded2f"
