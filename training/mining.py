"""Texts that are like a question and do not answer it: by shared words (BM25), and by their vectors."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest

import numpy as np
import tantivy

from assistant.models import Embedder
from training.data import Row

DEPTH = 8
MAX_NEIGHBOURS = 6  # kept for a question
AT_ONCE = 1000  # questions compared with all contexts


def mined(rows: Sequence[Row], embedder: Embedder | None = None) -> Mapping[str, tuple[str, ...]]:
    """For each answerable question the contexts most like it of those without any of its answers.

    Args:
        rows: Questions; neighbours are looked for among the contexts of all of them.
        embedder: What compares questions and contexts by meaning; None for shared words alone.

    Returns:
        Question id -> up to `MAX_NEIGHBOURS` contexts, the first of each search first.
    """
    asked = [row for row in rows if row.answers and re.search(r"\w", row.question)]
    contexts = sorted({row.context for row in rows})
    searches = [_lexical(asked, contexts)]
    if embedder is not None:
        searches.append(_dense(asked, contexts, embedder))
    return {
        row.id: tuple(_wrong(row, (contexts[n] for n in chain(*zip_longest(*found)) if n is not None)))
        for row, *found in zip(asked, *searches, strict=True)
    }


def _wrong(row: Row, texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if not answers(text, row)][:MAX_NEIGHBOURS]


def _lexical(rows: Sequence[Row], contexts: Sequence[str]) -> Iterator[list[int]]:
    index = _index(contexts)
    searcher = index.searcher()
    for row in rows:
        query = index.parse_query(" ".join(re.findall(r"\w+", row.question)).lower(), ["text"])
        found = searcher.search(query, DEPTH).hits
        yield [searcher.doc(address)["number"][0] for _, address in found]


def _dense(rows: Sequence[Row], contexts: Sequence[str], embedder: Embedder) -> Iterator[list[int]]:
    vectors = embedder.embed_passages(contexts)
    for start in range(0, len(rows), AT_ONCE):
        asked = embedder.embed_passages([row.question for row in rows[start : start + AT_ONCE]])
        yield from np.argsort(-(asked @ vectors.T), axis=1, kind="stable")[:, :DEPTH].tolist()


def answers(text: str, row: Row) -> bool:
    """Whether a text holds one of the row's answers, whatever the case."""
    folded = text.casefold()
    return any(answer.casefold() in folded for answer in row.answer_texts)


def _index(contexts: Sequence[str]) -> tantivy.Index:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name="en_stem")
    builder.add_integer_field("number", stored=True)
    index = tantivy.Index(builder.build())
    writer = index.writer()
    for number, text in enumerate(contexts):
        writer.add_document(tantivy.Document(text=text, number=number))
    writer.commit()
    index.reload()
    return index


def by_article(rows: Sequence[Row]) -> Mapping[str, tuple[str, ...]]:
    """The contexts of each article: title -> texts."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.title].add(row.context)
    return {title: tuple(sorted(texts)) for title, texts in found.items()}
