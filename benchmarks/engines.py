"""The embedding engines that a quality run can choose from.

It knows how each engine is built and where its vectors are kept; it does not know what is measured with them.
A speed run takes the product's own engine and no cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from assistant.models import Embedder, OnnxEmbedder, SentenceTransformerEmbedder, open_embedder
from assistant.models.bundled import bundled_folder
from assistant.settings import Settings
from benchmarks.vector_cache import VectorCache

Engine = Literal["product", "exact", "bfloat16"]
ENGINES: tuple[str, ...] = get_args(Engine)
CACHE_FILE = Path(__file__).parent / ".cache" / "vectors.db"
BATCH_SIZE = 16


class Bfloat16Embedder:
    """The bundled model in bfloat16: twice as fast on processors that have it, mean cosine to float32 .99995.

    Satisfies `assistant.models.Embedder`.
    """

    dim = 384
    fingerprint = "all-MiniLM-L6-v2/53aa5117/sentence-transformers/bfloat16"

    def __init__(self) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        folder = bundled_folder()
        self._model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.bfloat16})

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: float32, shape (len(texts), dim), rows of unit length."""
        import torch

        if not texts:
            return np.zeros((0, self.dim), np.float32)
        rows = self._model.encode(
            list(texts), batch_size=BATCH_SIZE, convert_to_numpy=False, show_progress_bar=False
        )
        vectors: NDArray[np.float32] = torch.stack(list(rows)).float().numpy()
        lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / lengths

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one query: float32, shape (dim,), unit length."""
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector


def product_embedder() -> Embedder:
    """The embedder of the shipped settings."""
    settings = Settings()
    return open_embedder(settings.embedding, settings.models_dir)


def exact_embedder() -> Embedder:
    """The bundled model without rounding, by onnxruntime: what the shipped one is measured against."""
    return OnnxEmbedder(Settings().models_dir, is_quantised=False)


def original_embedder() -> Embedder:
    """The bundled model as sentence-transformers runs it: what a pipeline of other makers uses."""
    return SentenceTransformerEmbedder()


class LazyBfloat16:
    """Loads its model only when a text is not in the cache; the product's engines do so by themselves."""

    dim = Bfloat16Embedder.dim
    fingerprint = Bfloat16Embedder.fingerprint

    def __init__(self) -> None:
        self._embedder: Bfloat16Embedder | None = None

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: float32, shape (len(texts), dim), rows of unit length."""
        return self._loaded().embed_passages(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one query: float32, shape (dim,), unit length."""
        return self._loaded().embed_query(text)

    def _loaded(self) -> Bfloat16Embedder:
        if self._embedder is None:
            self._embedder = Bfloat16Embedder()
        return self._embedder


def open_engine(name: str, cache: Path = CACHE_FILE) -> VectorCache:
    """An engine by name, with its vectors kept on disk.

    Raises:
        ValueError: If there is no such engine.
    """
    if name not in ENGINES:
        raise ValueError(f"engine {name!r}: choose one of {', '.join(ENGINES)}")
    makers: dict[str, Callable[[], Embedder]] = {
        "product": product_embedder,
        "exact": exact_embedder,
        "bfloat16": LazyBfloat16,
    }
    return VectorCache(makers[name](), cache)
