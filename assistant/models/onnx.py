"""The bundled embedding model, run by onnxruntime on the processor.

Each text is run alone, several at once in threads, so that a text has one vector whatever its neighbours. It
knows how a text becomes a vector; how the model is made and kept is for `onnx_export` and `onnx_cache` to
say.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.models import onnx_cache
from assistant.models.bundled import (
    BUNDLED_DIM,
    BUNDLED_MODEL,
    BUNDLED_SHA256,
    REVISION_CHARS,
    bundled_folder,
    bundled_max_tokens,
    bundled_tokenizer,
)
from assistant.models.sessions import for_each, open_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

RECIPE = 2  # raise it when `onnx_export` makes another model: vectors and cached files of before do not fit
HINT = "Delete the file, so that it is prepared again, or set embedding.engine to torch."

Loaded = tuple["Tokenizer", "InferenceSession"]


class OnnxEmbedder:
    """The bundled model, prepared at its first use ever and loaded when it is first needed.

    Safe to use from several threads.

    Args:
        models_dir: Where the prepared model is kept; made if it is missing.
        is_quantised: Whether the weights are rounded to eight bits: twice as fast, a quarter of the size, and
            a mean cosine of .993 to the vectors of the original; else they are equal but for rounding.

    Raises:
        ModelError: If the model is not installed.
    """

    dim = BUNDLED_DIM

    def __init__(self, models_dir: Path, *, is_quantised: bool = True) -> None:
        self._source = bundled_folder()
        engine = "onnx-int8" if is_quantised else "onnx"
        name, revision = BUNDLED_MODEL, BUNDLED_SHA256[:REVISION_CHARS]
        self.fingerprint = f"{name}@{revision}/{engine}.{RECIPE}"
        self.path = models_dir / f"{name}-{revision}-{engine}.{RECIPE}.onnx"
        self._is_quantised = is_quantised
        self._lock = threading.Lock()
        self._model: Loaded | None = None

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: float32, shape (len(texts), dim), rows of unit length."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        model = self._loaded() if texts else None

        def embed(number: int) -> None:
            assert model
            vectors[number] = _run(model, texts[number])

        for_each(embed, [len(text) for text in texts])
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one query: float32, shape (dim,), unit length."""
        return _run(self._loaded(), text)

    def _loaded(self) -> Loaded:
        with self._lock:
            if self._model is None:
                model = onnx_cache.load(self.path, self._make)
                session = open_session(model, name=f"the prepared embedding model {self.path}", hint=HINT)
                self._model = _tokenizer(), session
            return self._model

    def _make(self) -> bytes:
        from assistant.models import onnx_export

        return onnx_export.export(self._source, is_quantised=self._is_quantised)


def _run(model: Loaded, text: str) -> NDArray[np.float32]:
    tokenizer, session = model
    token_ids = np.array([tokenizer.encode(text).ids], np.int64)
    vector: NDArray[np.float32] = session.run(None, {"token_ids": token_ids})[0][0]
    return vector


def _tokenizer() -> Tokenizer:
    tokenizer = bundled_tokenizer()
    tokenizer.enable_truncation(bundled_max_tokens())
    return tokenizer
