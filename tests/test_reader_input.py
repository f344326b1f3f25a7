from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from assistant.models import bundled_tokenizer
from assistant.reader_input import (
    CLS,
    MAX_QUESTION_TOKENS,
    MAX_TITLE_TOKENS,
    MAX_TOKENS,
    PAD,
    SEP,
    EncodedPairs,
    Pair,
    encode_pairs,
)
from tests.strategies import PROPERTY, texts

TOKENIZER: Tokenizer = bundled_tokenizer()
BAKU = Pair("Who met in Baku?", "Talks in Baku", "Ding met Sharif in Baku.")


def encode(*pairs: Pair, width: int = 0) -> EncodedPairs:
    return encode_pairs(TOKENIZER, pairs, width)


def tokens(encoded: EncodedPairs, row: int = 0) -> list[str]:
    return [TOKENIZER.id_to_token(int(number)) for number in encoded.input_ids[row]]


def in_passage(encoded: EncodedPairs, row: int = 0) -> list[str]:
    return [token for token, inside in zip(tokens(encoded, row), encoded.in_text[row], strict=True) if inside]


def test_a_pair_is_question_title_and_passage():
    encoded = encode(Pair("Who met?", "Talks", "Ding met Sharif."))
    assert tokens(encoded) == "[CLS] who met ? [SEP] talks [SEP] ding met sharif . [SEP]".split()
    assert encoded.token_type_ids[0].tolist() == [0] * 5 + [1] * 7
    assert encoded.attention_mask[0].tolist() == [1] * 12
    assert np.flatnonzero(encoded.in_text[0]).tolist() == [7, 8, 9, 10]
    assert encoded.offsets == ((7, ((0, 4), (5, 8), (9, 15), (15, 16))),)


def test_an_empty_title_leaves_its_separator_out():
    encoded = encode(Pair("Who met?", "", "Ding."))
    assert tokens(encoded) == "[CLS] who met ? [SEP] ding . [SEP]".split()
    assert encoded.token_type_ids[0].tolist() == [0] * 5 + [1] * 3


def test_a_shorter_pair_is_padded_to_the_longest():
    short = Pair("Who?", "", "Rain.")
    encoded, alone = encode(BAKU, short), encode(short)
    length = alone.input_ids.shape[1]
    assert encoded.input_ids[1, :length].tolist() == alone.input_ids[0].tolist()
    assert set(encoded.input_ids[1, length:].tolist()) == {PAD}
    for array in (encoded.attention_mask, encoded.token_type_ids, encoded.in_text):
        assert not array[1, length:].any()
    assert encoded.offsets[1] == alone.offsets[0]


@pytest.mark.parametrize(("width", "expected"), [(0, 18), (5, 18), (18, 18), (40, 40)])
def test_pairs_are_padded_to_a_width_that_is_larger(width: int, expected: int):
    encoded = encode(BAKU, width=width)
    assert encoded.input_ids.shape == (1, expected)
    assert encoded.attention_mask.sum() == 18


def test_special_tokens_are_those_of_the_tokenizer():
    assert [TOKENIZER.token_to_id(name) for name in ("[CLS]", "[SEP]", "[PAD]")] == [CLS, SEP, PAD]


def test_questions_and_titles_are_cut_before_the_passage_is():
    encoded = encode(Pair("who " * 100, "talk " * 100, "ding " * 400))
    assert encoded.input_ids.shape == (1, MAX_TOKENS)
    assert tokens(encoded).count("who") == MAX_QUESTION_TOKENS
    assert tokens(encoded).count("talk") == MAX_TITLE_TOKENS
    assert tokens(encoded).count("ding") == MAX_TOKENS - MAX_QUESTION_TOKENS - MAX_TITLE_TOKENS - 4
    assert tokens(encoded)[-1] == "[SEP]"
    assert len(encoded.offsets[0][1]) == tokens(encoded).count("ding")


def test_characters_that_were_cut_off_have_no_tokens():
    encoded = encode(Pair("Who?", "", "ding " * 400))
    _, offsets = encoded.offsets[0]
    last_start, last_end = offsets[-1]
    assert encoded.tokens_of(0, last_start, last_end) == (3 + len(offsets),) * 2
    assert encoded.tokens_of(0, last_start, last_end + 5) is None
    assert encoded.tokens_of(0, 1995, 1999) is None


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u200b"])
def test_a_blank_passage_has_no_tokens(text: str):
    encoded = encode(Pair("Who?", "Talks", text), BAKU)
    assert in_passage(encoded) == []
    assert encoded.offsets[0][1] == ()
    assert encoded.tokens_of(0, 0, len(text)) is None
    assert in_passage(encoded, 1) == "ding met sharif in baku .".split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Łódź café ÅNGSTRÖM", ["Łódź", "café", "ÅNGSTRÖM"]),
        ("e\u0301tude then", ["e\u0301tude", "then"]),
        ("北京 beats 東京", ["北", "京", "東", "beats"]),
        ("a 👩‍👩‍👧 family", ["👩‍👩‍👧", "family"]),
        ("שלום world مرحبا", ["שלום", "world", "مرحبا"]),
        ("ﬁne ½ ｗｉｄｅ", ["ﬁne", "½", "ｗｉｄｅ"]),
    ],
)
def test_words_of_any_script_are_found_where_they_stand(text: str, words: list[str]):
    encoded = encode(Pair("what?", "", text))
    for word in words:
        start = text.index(word)
        place = encoded.tokens_of(0, start, start + len(word))
        assert place is not None
        begin, end = encoded.characters_of(0, *place)
        assert text[begin:end] == word


@PROPERTY
@given(texts, texts, texts)
def test_offsets_walk_forward_inside_the_passage(question: str, title: str, text: str):
    encoded = encode(Pair(question, title, text))
    first, offsets = encoded.offsets[0]
    assert encoded.input_ids.shape[1] <= MAX_TOKENS
    assert np.flatnonzero(encoded.in_text[0]).tolist() == list(range(first, first + len(offsets)))
    assert all(0 <= start < end <= len(text) for start, end in offsets)
    assert [start for start, _ in offsets] == sorted(start for start, _ in offsets)


@PROPERTY
@given(texts, st.data())
def test_the_tokens_of_a_span_cover_it_and_no_more_than_their_own_words(text: str, data: st.DataObject):
    encoded = encode(Pair("Who?", "Talks", text))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    place = encoded.tokens_of(0, start, end)
    base, offsets = encoded.offsets[0]
    if place is None:
        has_token = any(begin < end and start < stop for begin, stop in offsets)
        assert not has_token or offsets[-1][1] < end
        return
    begin, stop = encoded.characters_of(0, *place)
    spoken = {at for first, last in offsets for at in range(first, last)}
    assert spoken & set(range(start, end)) <= set(range(begin, stop))
    assert offsets[place[0] - base][1] > start
    assert offsets[place[1] - base][0] < end
    assert encoded.tokens_of(0, begin, stop) is not None


@PROPERTY
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_a_pair_is_encoded_the_same_whatever_stands_beside_it(drawn: list[tuple[str, str]]):
    pairs = [Pair(question, "Talks", text) for question, text in drawn]
    together = encode(*pairs)
    for n, pair in enumerate(pairs):
        alone = encode(pair)
        length = alone.input_ids.shape[1]
        assert together.input_ids[n, :length].tolist() == alone.input_ids[0].tolist()
        assert together.attention_mask[n].sum() == length
        assert together.offsets[n] == alone.offsets[0]
