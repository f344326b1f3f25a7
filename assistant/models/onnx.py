"""The bundled embedding model, run by onnxruntime on the processor.

Each text is run alone, several at once in threads. A batch would pad the shorter texts, and the quantised
model would scale the numbers of all of them together, so that a vector would depend on its neighbours; alone,
a text has one vector, and more texts a second are embedded (docs/decisions.md). It knows how a text becomes a
vector; how the model is made and kept is for `onnx_export` and `onnx_cache` to say.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError
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

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

RECIPE = 1  # raise it when `onnx_export` makes another model: vectors and cached files of before do not fit
MAX_THREADS = 8  # texts embedded at once; there are seldom more cores that have nothing else to do
ERRORS_ONLY = 3  # what onnxruntime writes to the standard error by itself

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
        longest_first = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        model = self._loaded() if texts else None

        def embed(number: int) -> None:
            assert model
            vectors[number] = _run(model, texts[number])

        threads = min(_cores(), len(texts))
        if threads < 2:
            for number in longest_first:
                embed(number)
        else:
            with ThreadPoolExecutor(threads, "embed") as pool:
                list(pool.map(embed, longest_first))
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one query: float32, shape (dim,), unit length."""
        return _run(self._loaded(), text)

    def _loaded(self) -> Loaded:
        with self._lock:
            if self._model is None:
                session = _session(onnx_cache.load(self.path, self._make), self.path)
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


def _session(model: bytes, path: Path) -> InferenceSession:
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # no threads of its own, so none that spin while they wait for work
    options.log_severity_level = ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except (errors.Fail, errors.InvalidGraph, errors.InvalidProtobuf, errors.NotImplemented) as exc:
        raise ModelError(
            f"the prepared embedding model {path} cannot be loaded: {exc}",
            hint="Delete the file, so that it is prepared again, or set embedding.engine to torch.",
        ) from exc


def _tokenizer() -> Tokenizer:
    tokenizer = bundled_tokenizer()
    tokenizer.enable_truncation(bundled_max_tokens())
    return tokenizer


def _cores() -> int:
    """Processors that this process may use, within bounds."""
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_THREADS, len(os.sched_getaffinity(0)))
    return min(MAX_THREADS, os.cpu_count() or 1)
