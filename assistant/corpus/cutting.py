"""Articles cut into passages, each with its vector.

It knows chunking and an embedder, and so what a corpus was made with; it does not know any store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant import chunking
from assistant.models import Embedder
from assistant.settings import ChunkingSettings
from assistant.stores.rows import Entry
from assistant.types import Article, Passage

EMBED_PASSAGES = 64  # between two reports of progress
CHUNKER_VERSION = 2  # raise it when `chunking.split` cuts differently

FindEntry = Callable[[str], Entry | None]


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
        self, articles: Sequence[Article], earlier: FindEntry, on_embedded: Callable[[int], None]
    ) -> list[Entry]:
        """Cut and embed articles; what an earlier version had already is taken from there.

        Args:
            articles: Articles with different ids, each with text.
            earlier: Finds the version of an article that is stored, if one is.
            on_embedded: Told how many more passages were embedded.

        Returns:
            An entry for each article, in their order.
        """
        cut = [(article, self.split(article)) for article in articles]
        vectors = self._vectors_for(cut, earlier, on_embedded)
        return [
            Entry(article, passages, np.stack([vectors[passage.embedded_text] for passage in passages]))
            for article, passages in cut
        ]

    def fingerprint(self) -> dict[str, str | int]:
        """What vectors and passages are made with; two corpora with the same one are comparable."""
        return {
            "embedding": self.embedder.fingerprint,
            "chunker": CHUNKER_VERSION,
            "max_passage_chars": self.sizes.max_passage_chars,
            "overlap_sentences": self.sizes.overlap_sentences,
        }

    def _vectors_for(
        self,
        cut: Sequence[tuple[Article, tuple[Passage, ...]]],
        earlier: FindEntry,
        on_embedded: Callable[[int], None],
    ) -> dict[str, NDArray[np.float32]]:
        """A vector for each embedded text."""
        vectors: dict[str, NDArray[np.float32]] = {}
        for article, _ in cut:
            if stored := earlier(article.id):
                texts = (passage.embedded_text for passage in stored.passages)
                vectors.update(zip(texts, stored.vectors, strict=True))
        texts_needed = dict.fromkeys(passage.embedded_text for _, passages in cut for passage in passages)
        missing = sorted((text for text in texts_needed if text not in vectors), key=len)  # less padding
        for first in range(0, len(missing), EMBED_PASSAGES):
            part = missing[first : first + EMBED_PASSAGES]
            vectors.update(zip(part, self.embedder.embed_passages(part), strict=True))
            on_embedded(len(part))
        return vectors
