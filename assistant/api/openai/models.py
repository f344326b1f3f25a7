"""`GET /models` and `POST /embeddings`: the two models that clients can name."""

from __future__ import annotations

import base64
import time
from typing import Any

import numpy as np
from fastapi import APIRouter
from starlette.responses import Response

from assistant.api.desk import Desk, Json, Reading
from assistant.api.openai.bodies import EmbeddingBody
from assistant.api.openai.content import tokens
from assistant.api.problems import Problem

CHAT_MODEL = "article-assistant"  # answers questions, whatever writes the answers
STARTED = int(time.time())


def router(desk: Desk) -> APIRouter:
    """The addresses for models and embeddings."""
    routes = APIRouter()

    @routes.get("/models")
    async def list_models(caller: Reading) -> Response:  # noqa: ARG001
        """List the models."""
        return Json({"object": "list", "data": [_model(name) for name in _names(desk)]})

    @routes.get("/models/{model:path}")
    async def get_model(model: str, caller: Reading) -> Response:  # noqa: ARG001
        """Describe a model."""
        if model not in _names(desk):
            raise _unknown(model)
        return Json(_model(model))

    @routes.post("/embeddings")
    async def embed(body: EmbeddingBody, caller: Reading) -> Response:  # noqa: ARG001
        """Embed texts with the model that the articles were embedded with."""
        check_model(desk, body.model, _embedding_model(desk))
        texts = body.texts()
        vectors = await desk.workers.run(desk.assistant.corpus.embed_texts, texts)
        if body.dimensions not in (None, vectors.shape[1]):
            raise Problem(400, f"The vectors of this model have {vectors.shape[1]} dimensions.")
        data = [
            {"object": "embedding", "index": number, "embedding": _encoded(vector, body.encoding_format)}
            for number, vector in enumerate(vectors)
        ]
        count = sum(map(tokens, texts))
        usage = {"prompt_tokens": count, "total_tokens": count}
        return Json({"object": "list", "data": data, "model": body.model, "usage": usage})

    return routes


def check_model(desk: Desk, name: str, wanted: str) -> None:
    """Raise a problem if a request names another model than the one that can do it."""
    if name not in _names(desk):
        raise _unknown(name)
    if name != wanted:
        raise Problem(400, f"The model {name!r} is not made for this; {wanted!r} is.")


def _unknown(name: str) -> Problem:
    return Problem(404, f"There is no model {name[:100]!r}.", hint="GET /v1/models lists the models.")


def _names(desk: Desk) -> tuple[str, str]:
    return CHAT_MODEL, _embedding_model(desk)


def _embedding_model(desk: Desk) -> str:
    return desk.assistant.settings.embedding.model


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": STARTED, "owned_by": "article-assistant"}


def _encoded(vector: np.ndarray[Any, np.dtype[np.float32]], encoding: str) -> str | list[float]:
    if encoding == "base64":  # as OpenAI's clients ask for: float32, the low byte first
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    return [float(number) for number in vector]
