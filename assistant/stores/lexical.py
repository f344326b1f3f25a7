"""The lexical index: BM25 by tantivy, on disk. The only module that imports tantivy.

It finds passages by their words: title and text of a passage are stemmed and stored as postings, not as text.
Raw text is never parsed as a query language: a query is the disjunction of its own terms.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import tantivy

from assistant.errors import CorpusError
from assistant.stores import index_hint
from assistant.types import Article, Filters, Passage

HEAP_BYTES = 50_000_000  # what the writer may hold before it writes a segment
MAX_QUERY_TERMS = 64  # of one query; a longer one is cut, its rarest words are rarely beyond
PAIR_WEIGHT = 0.2  # of two neighbouring words as a phrase: see benchmarks/ABLATION.md
STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these"
    " they this to was will with".split()
)  # Lucene's list; two of them side by side say nothing and are slow to look up
ANALYZER = "english"
FILES_WITH_CHECKSUM = {".idx", ".term", ".pos", ".store", ".fieldnorm", ".fast", ".del"}


class LexicalIndex:
    """A folder with one tantivy index, opened or created.

    Args:
        path: The folder.

    Raises:
        CorpusError: If tantivy cannot open it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._mapped_errors():
            path.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(_schema(), path=str(path))
            # We say when to look again. By default a thread does, also a moment after this was let go, and a
            # file that is cut off under its mapping ends the process.
            self._index.config_reader(reload_policy="manual")
            self._index.register_tokenizer(ANALYZER, _analyzer())

    def upsert(self, passages: Sequence[tuple[Passage, Article]], *, drop: Sequence[str] = ()) -> None:
        """Add passages or replace those with the same id, and forget others, in one commit.

        Args:
            passages: The passages with their articles.
            drop: Ids of passages to forget; unknown ids are ignored.
        """
        with self._lock, self._mapped_errors():
            writer = self._index.writer(HEAP_BYTES, 1)
            # A process killed in the middle of a commit leaves files that tantivy does not write over.
            writer.garbage_collect_files()
            for passage_id in [*drop, *(passage.id for passage, _ in passages)]:
                writer.delete_documents_by_term("id", passage_id)
            for passage, article in passages:
                writer.add_document(tantivy.Document(**_fields(passage, article)))
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()

    def rewrite(self, passages: Iterable[tuple[Passage, Article]]) -> None:
        """Write the index anew with just these passages, in one commit; no posting of others is left."""
        with self._lock, self._mapped_errors():
            writer = self._index.writer(HEAP_BYTES, 1)
            writer.delete_all_documents()
            for passage, article in passages:
                writer.add_document(tantivy.Document(**_fields(passage, article)))
            writer.commit()
            self._index.reload()
            writer.garbage_collect_files()
            writer.wait_merging_threads()
            self._index.reload()

    def holds_forgotten(self) -> bool:
        """Whether postings of passages that are gone are in the files: their segment was not merged yet."""
        try:
            segments = json.loads((self.path / "meta.json").read_bytes())["segments"]
            return any(segment["deletes"] for segment in segments)
        except (OSError, ValueError, KeyError, TypeError):
            return True

    def search(
        self, query: str, k: int, filters: Filters = Filters(), *, pair_weight: float = PAIR_WEIGHT
    ) -> list[tuple[str, float]]:
        """Find the passages that share words with a query.

        Args:
            query: Any text.
            k: Most passages to return.
            filters: Which articles may be looked at.
            pair_weight: What two neighbouring words of the query count as a phrase; 0 for plain BM25.

        Returns:
            (passage id, BM25 score greater than 0), best first; empty if the query has no terms.
        """
        words = _first_different(terms(query), MAX_QUERY_TERMS)
        if not words:
            return []
        with self._mapped_errors():
            searcher = self._index.searcher()
            asked = _query(self._index.schema, words, filters, pair_weight)
            found = searcher.search(asked, limit=k, count=False).hits
            return [(str(searcher.doc(address).get_first("id")), float(score)) for score, address in found]

    def document_frequency(self, term: str) -> int:
        """In how many passages a term, as `terms` gives it, occurs."""
        with self._mapped_errors():
            query = tantivy.Query.term_query(self._index.schema, "body", term, index_option="freq")
            # Counted by a search, for `doc_freq` goes on counting removed passages until their segment is
            # merged.
            found: Any = self._index.searcher().search(query, limit=1, count=True)
            return int(found.count)

    def count(self) -> int:
        """How many passages the index holds."""
        return int(self._index.searcher().num_docs)

    def refresh(self) -> None:
        """See what other processes have written."""
        with self._mapped_errors():
            self._index.reload()

    def ids(self) -> set[str]:
        """Ids of all passages in the index."""
        with self._mapped_errors():
            searcher = self._index.searcher()
            found = searcher.search(
                tantivy.Query.all_query(), limit=max(1, searcher.num_docs), count=False
            ).hits
            return {str(searcher.doc(address).get_first("id")) for _, address in found}

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, OSError) as exc:
            raise CorpusError(f"{self.path}: {exc}", hint=index_hint(exc)) from exc


def damage(path: Path) -> str | None:
    """Say which file of an index is not as tantivy wrote it, or None; all that belong to it are read.

    Tantivy ends each file with a checksum of it, which it does not look at when it opens one. Files that a
    write left when it was cut off do not belong to the index: the next write clears them away.
    """
    try:
        segments = json.loads((path / "meta.json").read_bytes())["segments"]
        stems = {stem for segment in segments for stem in _stems(segment)}
    except (OSError, ValueError, KeyError, TypeError):
        return "meta.json is damaged"
    for file in sorted(path.iterdir()):
        is_read = file.suffix in FILES_WITH_CHECKSUM and file.stem in stems
        if is_read and not _is_sound(file.read_bytes()):
            return f"{file.name} is damaged"
    return None


def _stems(segment: Any) -> Iterator[str]:
    """What the names of a segment's files begin with, as `meta.json` describes it."""
    segment_id = segment["segment_id"].replace("-", "")
    yield segment_id
    if deletes := segment["deletes"]:
        yield f"{segment_id}.{deletes['opstamp']}"


def _is_sound(data: bytes) -> bool:
    """Whether a file's checksum is right: body, footer as JSON, length of the footer, magic number."""
    length = int.from_bytes(data[-8:-4], "little")
    body, footer = data[: -8 - length], data[-8 - length : -8]
    try:
        return bool(json.loads(footer)["crc"] == zlib.crc32(body))
    except (ValueError, KeyError, TypeError):
        return False


def is_searchable(query: str) -> bool:
    """Whether a query has a word to search for: one that is no stop word."""
    return not STOP_WORDS.issuperset(terms(query))


def terms(text: str) -> list[str]:
    """The words of a text as the index knows them: lower case, without accents, stemmed, in order."""
    return list(_analyzer().analyze(text))


@cache
def _analyzer() -> Any:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (tantivy.Filter.remove_long(60), tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()):
        builder = builder.filter(step)
    return builder.filter(tantivy.Filter.stemmer("english")).build()


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("body", tokenizer_name=ANALYZER, index_option="position")
    builder.add_text_field("article_id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("published", indexed=True, fast=True)
    return builder.build()


def _fields(passage: Passage, article: Article) -> dict[str, Any]:
    published = article.published.toordinal() if article.published else 0
    known = {"article_id": article.id, "source": article.source, "published": published}
    return {"id": passage.id, "body": passage.embedded_text, **known}


def _first_different(words: Sequence[str], count: int) -> list[str]:
    """The words up to the one that would be the `count`-plus-first different one."""
    seen: set[str] = set()
    for place, word in enumerate(words):
        seen.add(word)
        if len(seen) > count:
            return list(words[:place])
    return list(words[: 4 * count])


def _query(schema: Any, words: Sequence[str], filters: Filters, pair_weight: float) -> Any:
    should = [
        (tantivy.Occur.Should, tantivy.Query.term_query(schema, "body", word, index_option="freq"))
        for word in dict.fromkeys(words)
    ]
    for pair in dict.fromkeys(pairwise(words)):
        if pair_weight and pair[0] != pair[1] and not STOP_WORDS.issuperset(pair):
            phrase = tantivy.Query.phrase_query(schema, "body", list(pair))
            should.append((tantivy.Occur.Should, tantivy.Query.boost_query(phrase, pair_weight)))
    matching = tantivy.Query.boolean_query(should)
    conditions = [*_conditions(schema, filters)]
    if not conditions:
        return matching
    return tantivy.Query.boolean_query(
        [(tantivy.Occur.Must, matching)]
        + [(tantivy.Occur.Must, tantivy.Query.const_score_query(condition, 0.0)) for condition in conditions]
    )


def _conditions(schema: Any, filters: Filters) -> Iterator[Any]:
    if filters.published_from or filters.published_to:
        low = (
            filters.published_from.toordinal() if filters.published_from else 1
        )  # unknown dates are stored as 0
        high = filters.published_to.toordinal() if filters.published_to else None
        yield tantivy.Query.range_query(schema, "published", tantivy.FieldType.Integer, low, high)
    if filters.sources:
        yield tantivy.Query.term_set_query(schema, "source", list(filters.sources))
    if filters.article_ids:
        yield tantivy.Query.term_set_query(schema, "article_id", list(filters.article_ids))
