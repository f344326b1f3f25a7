from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.chunking import MAX_HEADER_CHARS, sentences, split
from assistant.types import Article
from tests.fakes import make_article
from tests.strategies import PROPERTY, texts

SIZES = st.integers(1, 12) | st.integers(100, 200)
OVERLAPS = st.integers(0, 3)


def cut(text: str, max_passage_chars: int = 500, overlap_sentences: int = 0) -> list[str]:
    article = make_article(text)
    passages = split(article, max_passage_chars=max_passage_chars, overlap_sentences=overlap_sentences)
    return [passage.text for passage in passages]


def outside(text: str, spans: list[tuple[int, int]]) -> str:
    """What is left of a text without these spans."""
    covered = {position for start, end in spans for position in range(start, end)}
    return "".join(char for position, char in enumerate(text) if position not in covered)


@PROPERTY
@given(texts, SIZES, OVERLAPS)
def test_passages_quote_their_article(text: str, size: int, overlap: int):
    article = Article(text)
    for passage in split(article, max_passage_chars=size, overlap_sentences=overlap):
        assert passage.text == article.text[passage.start : passage.end]
        assert passage.article_id == article.id


@PROPERTY
@given(texts, SIZES, OVERLAPS)
def test_only_white_space_lies_outside_the_passages(text: str, size: int, overlap: int):
    passages = split(Article(text), max_passage_chars=size, overlap_sentences=overlap)
    assert outside(text, [(passage.start, passage.end) for passage in passages]).strip() == ""


@PROPERTY
@given(texts, SIZES, OVERLAPS)
def test_passages_are_short_enough_and_never_blank(text: str, size: int, overlap: int):
    for passage in split(Article(text), max_passage_chars=size, overlap_sentences=overlap):
        assert 0 < len(passage.text) <= size
        assert passage.text == passage.text.strip()


@PROPERTY
@given(texts, SIZES, OVERLAPS)
def test_passages_go_forward_and_none_lies_within_another(text: str, size: int, overlap: int):
    passages = split(Article(text), max_passage_chars=size, overlap_sentences=overlap)
    starts, ends = [p.start for p in passages], [p.end for p in passages]
    assert starts == sorted(set(starts))
    assert ends == sorted(set(ends))
    if overlap == 0:
        assert all(end <= start for end, start in zip(ends[:-1], starts[1:], strict=True))


@PROPERTY
@given(texts, st.integers(100, 200))
def test_a_sentence_that_fits_is_never_cut(text: str, size: int):
    passages = [(p.start, p.end) for p in split(Article(text), max_passage_chars=size)]
    for start, end in sentences(text):
        if end - start <= size:
            assert sum(first <= start and end <= last for first, last in passages) == 1


GERMAN = "Es regnete. Sie traf Dr. Li am 3. Mai in Bonn, z. B. am Rhein."
GERMAN_SENTENCES = ["Es regnete.", "Sie traf Dr. Li am 3. Mai in Bonn, z. B. am Rhein."]


@pytest.mark.parametrize("language", ["de", "DE", "de-AT", "de_CH"])
def test_sentences_end_where_the_language_of_the_article_says(language: str):
    assert [GERMAN[start:end] for start, end in sentences(GERMAN, language)] == GERMAN_SENTENCES
    passages = split(make_article(GERMAN, language=language), max_passage_chars=52)
    assert [passage.text for passage in passages] == GERMAN_SENTENCES
    assert split(make_article(GERMAN), max_passage_chars=52) != passages


@pytest.mark.parametrize("language", ["", "German", "xx", "-", " "])
def test_a_language_that_is_not_known_is_cut_all_the_same(language: str):
    assert len(sentences("Ding met Sharif. They spoke.", language)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "The Journal reported; Earth.Org gave a total of 40.",
        "A “Publicis.Sapient” was founded.",
        "Phosphorylation of H2A.X and H2A.Z was seen.",
        "The companys C.E.O will stay, a pro-U.S. president.",
        "Ch.Ch.Steven wrote it.",
    ],
)
def test_a_dot_within_a_name_ends_no_sentence(text: str):
    assert sentences(f"They met. {text} They left.") == [
        (0, 9),
        (10, 10 + len(text)),
        (11 + len(text), 21 + len(text)),
    ]
    assert cut(f"They met. {text} They left.", len(text)) == ["They met.", text, "They left."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("It returned to Earth.", "In this project it flew."),  # a space is missing
        ("It ended.", "She began."),
        ("THEY FIT HIS NEEDS.", "HIS CABINET AGREED."),
        ("He left.[1]", "Carl came."),
        ("他在北京。", "他来了。"),
    ],
)
def test_a_sentence_ends_where_only_the_space_is_missing(first: str, second: str):
    text = first + second
    assert [text[start:end] for start, end in sentences(text)] == [first, second]


@PROPERTY
@given(texts)
def test_only_white_space_lies_outside_the_sentences(text: str):
    spans = sentences(text)
    assert outside(text, spans).strip() == ""
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert spans == sorted(spans)


def test_sentences_are_packed_until_the_passage_is_full():
    text = "One is here. Two is here. Three is here. Four is here."
    assert cut(text, 26) == ["One is here. Two is here.", "Three is here.", "Four is here."]
    assert cut(text, 29) == ["One is here. Two is here.", "Three is here. Four is here."]
    assert cut(text, 500) == [text]


def test_a_passage_that_is_half_full_ends_with_its_paragraph():
    first, second = "A long first paragraph that fills more than half.", "The second one."
    assert cut(f"{first}\n\n{second}", 90) == [first, second]
    assert cut(f"Short.\n\n{second}", 90) == [f"Short.\n\n{second}"]


def test_passages_repeat_as_many_sentences_as_asked_for():
    text = "One is here. Two is here. Tri is here. For is here."
    assert cut(text, 25, 1) == [
        "One is here. Two is here.",
        "Two is here. Tri is here.",
        "Tri is here. For is here.",
    ]


def test_repeated_sentences_give_way_to_a_long_one():
    long = "This sentence alone nearly fills a passage of sixty characters."
    assert cut(f"One is here. Two is here. {long}", len(long) + 5, 1)[-1] == long


def test_a_sentence_that_is_too_long_is_cut_between_words():
    assert cut("alpha beta gamma delta", 11) == ["alpha beta", "gamma delta"]
    assert cut("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_a_gap_within_a_sentence_makes_no_blank_passage():
    assert cut("alpha" + " " * 50 + "beta", 10) == ["alpha", "beta"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\v", "\f", "\x1c"])
def test_offsets_hold_for_every_kind_of_line_end(end: str):
    text = f"First line.{end}Second line.{end}{end}Third line."
    assert [text[start:stop] for start, stop in sentences(text)] == [
        "First line.",
        "Second line.",
        "Third line.",
    ]
    assert cut(text, 12) == ["First line.", "Second line.", "Third line."]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u3000\t\x1c"])
def test_a_blank_text_has_no_passages(text: str):
    assert split(Article(text)) == ()
    assert sentences(text) == []


@pytest.mark.parametrize("text", [".", "?!", "\u200b", "👩‍👩‍👧", "—", "\x01"])
def test_a_text_that_is_not_blank_has_a_passage(text: str):
    assert cut(text) == [text]


@pytest.mark.parametrize("word", ["x", "One. ", "Xx."])
def test_a_line_of_a_million_characters_is_cut_like_any_other(word: str):
    text = (word * 1_000_000)[:1_000_000]
    passages = split(Article(text))
    assert all(p.text == text[p.start : p.end] and len(p.text) <= 500 for p in passages)
    assert sum(len("".join(p.text.split())) for p in passages) == len("".join(text.split()))


def test_the_header_is_the_title_on_one_line_and_not_too_long():
    (passage,) = split(Article("Text.", title="  Talks\n in   Baku "))
    assert passage.header == "Talks in Baku"
    assert passage.embedded_text == "Talks in Baku\nText."
    (passage,) = split(Article("Text.", title="long " * 100))
    assert passage.header == ("long " * 100)[:MAX_HEADER_CHARS]
    (passage,) = split(Article("Text."))
    assert passage.embedded_text == "Text."


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (-1, 0), (100, -1)])
def test_sizes_out_of_range_are_refused(size: int, overlap: int):
    with pytest.raises(ValueError, match="must be positive"):
        split(make_article(), max_passage_chars=size, overlap_sentences=overlap)
