"""One pipeline in a process of its own, so that its memory and its start can be measured.

Reads commands from standard input and answers on standard output, one JSON object a line: `{"do": "add",
"file": …, "fast": false}`, `{"do": "search", "text": …}`, `{"do": "ask", "text": …}`, `{"do": "memory"}`.
Seconds are measured here, around the call alone. It knows pipelines; it does not know what is compared.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from assistant.models import Embedder
from assistant.types import Article
from benchmarks.engines import open_engine, original_embedder, product_embedder
from benchmarks.memory import peak_mb
from benchmarks.pipelines import ASSISTANT, LANGCHAIN, AssistantPipeline, LangChainPipeline

TOP_K = 10


class SwitchingEmbedder:
    """The pipeline's own engine; while `is_fast`, vectors from the cache, to fill an index untimed."""

    def __init__(self, own: Embedder) -> None:
        self._own = own
        self._cached: Embedder | None = None
        self.fingerprint, self.is_fast = own.fingerprint, False

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._own.dim

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: float32, shape (len(texts), dim), rows of unit length."""
        return self._current().embed_passages(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one query: float32, shape (dim,), unit length."""
        return self._current().embed_query(text)

    def _current(self) -> Embedder:
        if not self.is_fast:
            return self._own
        if self._cached is None:
            self._cached = open_engine("bfloat16")
        return self._cached


class Worker:
    """Does what the commands say."""

    def __init__(self, name: str, folder: Path) -> None:
        self._embedder = SwitchingEmbedder(product_embedder() if name == ASSISTANT else original_embedder())
        makers = {ASSISTANT: AssistantPipeline, LANGCHAIN: LangChainPipeline}
        self._pipeline = makers[name](folder, self._embedder)

    def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """Run one command; every answer has `seconds`."""
        handler = getattr(self, f"_{command.pop('do')}")
        started = time.perf_counter()
        result: dict[str, Any] = handler(**command)
        return {"seconds": time.perf_counter() - started} | result

    def _add(self, file: str, *, fast: bool) -> dict[str, Any]:
        lines = Path(file).read_text(encoding="utf-8").split("\n")
        articles = [Article(**json.loads(line)) for line in lines if line]
        self._embedder.is_fast = fast
        started = time.perf_counter()
        passages = self._pipeline.add(articles)
        seconds = time.perf_counter() - started
        self._embedder.is_fast = False
        return {"seconds": seconds, "passages": passages, "characters": sum(len(a.text) for a in articles)}

    def _search(self, text: str) -> dict[str, Any]:
        return {"found": len(self._pipeline.search(text, TOP_K))}

    def _ask(self, text: str) -> dict[str, Any]:
        assert isinstance(self._pipeline, AssistantPipeline)
        return {"answered": self._pipeline.assistant.ask(text).abstention is None}

    def _memory(self) -> dict[str, Any]:
        return {"peak_mb": peak_mb()}


def main(name: str, folder: str) -> None:
    replies = _private_stdout()
    worker = Worker(name, Path(folder))
    for line in sys.stdin:
        replies.write(json.dumps(worker.do(json.loads(line))) + "\n")
        replies.flush()


def _private_stdout() -> IO[str]:
    """Standard output for replies only; what libraries print goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return replies


if __name__ == "__main__":
    main(*sys.argv[1:])
