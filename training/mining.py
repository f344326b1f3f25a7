"""Texts that share words with a question and do not answer it, by BM25."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import tantivy

from training.data import Row

DEPTH = 8
MAX_SHARED = 4  # neighbours kept for a question


def mined(rows: Sequence[Row]) -> Mapping[str, tuple[str, ...]]:
    """For each answerable question the contexts that BM25 puts first of those without any of its answers.

    Args:
        rows: Questions; neighbours are looked for among the contexts of all of them.

    Returns:
        Question id -> up to `MAX_SHARED` contexts, the most similar first.
    """
    contexts = sorted({row.context for row in rows})
    index = _index(contexts)
    searcher = index.searcher()
    neighbours: dict[str, tuple[str, ...]] = {}
    for row in rows:
        words = re.findall(r"\w+", row.question)
        if not row.answers or not words:
            continue
        query = index.parse_query(" ".join(words).lower(), ["text"])
        found = [
            contexts[searcher.doc(address)["number"][0]] for _, address in searcher.search(query, DEPTH).hits
        ]
        neighbours[row.id] = tuple(text for text in found if not answers(text, row))[:MAX_SHARED]
    return neighbours


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
