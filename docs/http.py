"""docs/http.md: every address of the HTTP API with its parameters and answers, from the OpenAPI document.

It reads the document as a client would and knows nothing of what is behind the addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount

from assistant.api.application import Programs
from assistant.assistant import Assistant
from assistant.settings import Settings
from tests.fakes import WordEmbeddings

HEAD = """# HTTP reference

Generated from the OpenAPI 3.1 document, which a running server has at `/api/v1/openapi.json`. How to use it,
with examples: [HTTP and OpenAI's clients](api.md).
"""
METHODS = ("get", "post", "put", "patch", "delete")


def openapi() -> dict[str, Any]:
    """The OpenAPI document of `/api/v1`."""
    app = FastAPI()
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        with Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant:
            Programs(assistant, settings.server).hang_into(app)
    (mounted,) = (route.app for route in app.routes if isinstance(route, Mount) and route.path == "/api/v1")
    assert isinstance(mounted, FastAPI)
    return mounted.openapi()


def http_reference() -> str:
    """The page, as Markdown."""
    document = openapi()
    parts = [HEAD]
    for path, methods in document["paths"].items():
        parts += [_operation(path, method, methods[method]) for method in METHODS if method in methods]
    return "\n".join(parts)


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    lines = [
        f"## `{method.upper()} /api/v1{path}`",
        "",
        operation.get("description", operation["summary"]),
        "",
    ]
    lines += _parameters(operation.get("parameters", ()))
    if body := operation.get("requestBody"):
        lines += [
            f"Body: {', '.join(_named(kind, content) for kind, content in body['content'].items())}",
            "",
        ]
    lines += ["| answer | |", "|---|---|"]
    lines += [
        f"| {status} | {_one_line(answer['description'])} |"
        for status, answer in operation["responses"].items()
    ]
    return "\n".join([*lines, ""])


def _parameters(parameters: Any) -> Iterator[str]:
    if parameters:
        yield from ("| parameter | in | |", "|---|---|---|")
        for one in parameters:
            yield f"| `{one['name']}` | {one['in']} | {_one_line(one.get('description', ''))} |"
        yield ""


def _named(kind: str, content: Mapping[str, Any]) -> str:
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return f"`{kind}`" + (f" ({name})" if name else "")


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
