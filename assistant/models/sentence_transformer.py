"""Any sentence-transformers model, run by torch.

It knows how such a model is found, checked and run; it does not know what it is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.models.bundled import (
    BUNDLED_MODEL,
    BUNDLED_SHA256,
    REVISION_CHARS,
    bundled_folder,
    check_bundled,
    revision,
)

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 16  # texts a forward pass; on two cores 16 was as fast as 32 and takes half the memory


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded when it is first needed.

    Args:
        name: `all-MiniLM-L6-v2` for the bundled model, a folder, or a name that sentence-transformers knows.
        device: `cpu`, `cuda` or `mps`.

    Raises:
        ModelError: If the weights are missing or are not the ones expected.
    """

    def __init__(self, name: str = BUNDLED_MODEL, *, device: str = "cpu") -> None:
        self._name, self._device = name, device
        self._location, found = _locate(name)
        self.fingerprint = f"{name}@{found}/sentence-transformers"
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._loaded().get_embedding_dimension() or 0)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: float32, shape (len(texts), dim), rows of unit length."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        vectors = self._loaded().encode(
            list(texts), batch_size=BATCH_SIZE, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one query: float32, shape (dim,), unit length."""
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector

    def _loaded(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = _load(self._location, self._device)
            return self._model


def _locate(name: str) -> tuple[str, str]:
    """Where a model is and which revision it is: (folder or hub name, revision)."""
    if name == BUNDLED_MODEL:
        folder = bundled_folder()
        check_bundled(folder)
        return str(folder), BUNDLED_SHA256[:REVISION_CHARS]
    folder = Path(name).expanduser()
    return (str(folder), revision(folder)[:REVISION_CHARS]) if folder.is_dir() else (name, "hub")


def _load(location: str, device: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(location, device=device, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError) as exc:
        raise ModelError(f"the embedding model {location} cannot be loaded: {exc}") from exc
