"""Real implementations of our interfaces, small and fast, and factories of values."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import httpcore
import numpy as np
from numpy.typing import NDArray

from assistant.reader import Reading
from assistant.sources.web.network import SystemNetwork
from assistant.types import Article, Hit, Passage


class WordEmbeddings:
    """An embedder that hashes words into a vector: texts that share words are close.

    Counts the texts it embeds, so that a test can say what was embedded again.
    """

    def __init__(self, dim: int = 256, *, fingerprint: str = "words") -> None:
        self.dim = dim
        self.fingerprint = fingerprint
        self.embedded: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        return (
            np.stack([self._vector(text) for text in texts]) if texts else np.zeros((0, self.dim), np.float32)
        )

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._vector(text)

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self.dim, np.float32)
        vector[0] = 0.01  # so that a text without words has a direction, too
        for word in re.findall(r"\w+", text.lower()):
            digest = hashlib.sha256(word.encode()).digest()
            vector[int.from_bytes(digest[:4], "big") % self.dim] += 1.0 if digest[4] % 2 else -1.0
        unit: NDArray[np.float32] = vector / np.linalg.norm(vector)
        return unit


class WordReader:
    """A reader to which the answer is the words beside the question's: the more it shares, the surer."""

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        asked = set(re.findall(r"\w+", question.lower()))
        return [self._reading(asked, hit) for hit in hits]

    def _reading(self, asked: set[str], hit: Hit) -> Reading:
        words = list(re.finditer(r"\w+", hit.passage.text))
        is_asked = [word.group().lower() in asked for word in words]
        near = [any(is_asked[max(0, n - 3) : n + 4]) and not own for n, own in enumerate(is_asked)]
        logits = np.where(near, 1.0, -4.0).astype(np.float32) + sum(is_asked)
        offsets = np.array([word.span() for word in words], np.int64).reshape(-1, 2) + hit.passage.start
        return Reading(hit, float(sum(is_asked)) - 2, offsets, logits, logits)


def make_article(text: str = "Ding met Sharif in Baku. They spoke of security.", **fields: Any) -> Article:
    defaults: dict[str, Any] = {
        "title": "Talks in Baku",
        "published": date(2024, 11, 13),
        "source": "Gazette",
    }
    return Article(text, **(defaults | fields))


def make_passage(text: str, *, article_id: str = "a", start: int = 0, header: str = "") -> Passage:
    return Passage(article_id, start, start + len(text), text, header)


def make_hit(text: str, *, score: float = 0.5, **fields: Any) -> Hit:
    article = make_article(text, **fields)
    return Hit(Passage(article.id, 0, len(text), text, article.title), article, score)


class LocalNetwork(SystemNetwork):
    """A network of this machine only: names and public numbers lead to loopback, waiting takes no time.

    Args:
        names: What each name stands for; of several answers each is given once, the last for ever.
        routes: Port on loopback of the server that stands for a public number; others are unreachable.
    """

    def __init__(self, names: dict[str, list[list[str]]], routes: dict[str, int]) -> None:
        self._names, self._routes = names, routes
        self.connected: list[str] = []  # numbers
        self.slept: list[float] = []  # seconds

    def resolve(self, host: str, port: int) -> Sequence[str]:
        answers = self._names.get(host)
        if answers is None:
            return super().resolve(host, port)  # numbers, also written in strange ways
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        self.connected.append(address)
        if address not in self._routes:
            raise httpcore.ConnectError(f"{address} is not there")
        return super().connect("127.0.0.1", self._routes[address], timeout)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
