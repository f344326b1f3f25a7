"""Embedding models: what turns a text into a vector, by the name and the engine of the settings.

It knows which engine runs which model; it does not know what the vectors are for. Engines and models are
imported when a text is first embedded.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.models.bundled import BUNDLED_MODEL, bundled_tokenizer
from assistant.models.onnx import OnnxEmbedder
from assistant.models.sentence_transformer import SentenceTransformerEmbedder
from assistant.settings import EmbeddingSettings

__all__ = [
    "BUNDLED_MODEL",
    "Embedder",
    "OnnxEmbedder",
    "SentenceTransformerEmbedder",
    "bundled_tokenizer",
    "open_embedder",
]

logger = logging.getLogger(__name__)


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


def open_embedder(settings: EmbeddingSettings, models_dir: Path) -> Embedder:
    """The embedder that the settings ask for; nothing heavy is loaded yet.

    onnxruntime runs the bundled model on the processor. Any other model, and any other device, is left to
    sentence-transformers, whatever the engine.

    Args:
        settings: Model, engine and device.
        models_dir: Where prepared models are kept.

    Returns:
        The embedder.

    Raises:
        ModelError: If the weights are missing or are not the ones expected.
    """
    if settings.model == BUNDLED_MODEL and settings.engine != "torch":
        if settings.device == "cpu":
            return OnnxEmbedder(models_dir, is_quantised=settings.engine == "onnx-int8")
        logger.info("%s runs on %s with torch instead of onnxruntime", settings.model, settings.device)
    return SentenceTransformerEmbedder(settings.model, device=settings.device)
