"""Articles cut into passages, each with its vector.

It knows chunking and an embedder, and so what a corpus was made with; it does not know any store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant import chunking
from assistant.models import Embedder
from assistant.settings import ChunkingSettings
from assistant.stores.rows import Entry
from assistant.types import Article, Passage

EMBED_PASSAGES = 64  # between two reports of progress
CHUNKER_VERSION = 3  # raise it when `chunking.split` cuts differently

FindEntry = Callable[[str], Entry | None]
_Cut = tuple[Article, tuple[Passage, ...]]
_Vectors = dict[str, NDArray[np.float32]]  # by the text that was embedded


class Cutter:
    """How one corpus cuts and embeds its articles.

    Args:
        embedder: Turns passages into vectors.
        chunking_settings: How articles are cut.
    """

    def __init__(self, embedder: Embedder, chunking_settings: ChunkingSettings) -> None:
        self.embedder = embedder
        self.sizes = chunking_settings

    def split(self, article: Article) -> tuple[Passage, ...]:
        """The passages of an article."""
        return chunking.split(
            article,
            max_passage_chars=self.sizes.max_passage_chars,
            overlap_sentences=self.sizes.overlap_sentences,
        )

    def entries(
        self,
        articles: Sequence[Article],
        earlier: FindEntry,
        on_embedded: Callable[[int], None],
        cancelled: Callable[[], bool],
    ) -> list[Entry]:
        """Cut and embed articles; what an earlier version had already is taken from there.

        Args:
            articles: Articles with different ids, each with text.
            earlier: Finds the version of an article that is stored, if one is.
            on_embedded: Told how many more passages were embedded.
            cancelled: Whether to stop. Asked between articles only, so that nothing is embedded in vain.

        Returns:
            An entry for each article, in their order; fewer if it was cancelled.
        """
        cut = [(article, self.split(article)) for article in articles]
        vectors = self._stored_vectors(cut, earlier)
        entries: list[Entry] = []
        for part in _parts(cut):
            if cancelled():
                break
            self._embed(part, vectors, on_embedded)
            for article, passages in part:
                rows = np.stack([vectors[passage.embedded_text] for passage in passages])
                entries.append(Entry(article, passages, rows))
        return entries

    def fingerprint(self) -> dict[str, str | int]:
        """What vectors and passages are made with; two corpora with the same one are comparable."""
        return {
            "embedding": self.embedder.fingerprint,
            "chunker": CHUNKER_VERSION,
            "max_passage_chars": self.sizes.max_passage_chars,
            "overlap_sentences": self.sizes.overlap_sentences,
        }

    def _stored_vectors(self, cut: Sequence[_Cut], earlier: FindEntry) -> _Vectors:
        """What the stored versions of the articles have a vector for."""
        vectors: _Vectors = {}
        for article, _ in cut:
            if stored := earlier(article.id):
                texts = (passage.embedded_text for passage in stored.passages)
                vectors.update(zip(texts, stored.vectors, strict=True))
        return vectors

    def _embed(self, cut: Sequence[_Cut], vectors: _Vectors, on_embedded: Callable[[int], None]) -> None:
        """Add the vectors that some articles lack."""
        texts_needed = dict.fromkeys(passage.embedded_text for _, passages in cut for passage in passages)
        missing = sorted((text for text in texts_needed if text not in vectors), key=len)  # less padding
        for first in range(0, len(missing), EMBED_PASSAGES):
            part = missing[first : first + EMBED_PASSAGES]
            vectors.update(zip(part, self.embedder.embed_passages(part), strict=True))
            on_embedded(len(part))


def _parts(cut: Sequence[_Cut]) -> Iterator[list[_Cut]]:
    """Whole articles, as many as have about the passages that are embedded together."""
    part: list[_Cut] = []
    for article, passages in cut:
        part.append((article, passages))
        if sum(len(found) for _, found in part) >= EMBED_PASSAGES:
            yield part
            part = []
    if part:
        yield part
