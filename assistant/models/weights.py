"""The weights that the package carries, checked by hash before they are loaded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from assistant.errors import ModelError

WEIGHTS = Path(__file__).parent.parent / "weights"


def checked(folder: Path, name: str) -> Path:
    """Check a network by its hash.

    Args:
        folder: Of the network and the JSON file beside it that names its SHA-256.
        name: Of both files, without suffix.

    Returns:
        The path of the network.

    Raises:
        ModelError: If a file is missing or damaged.
    """
    path = folder / f"{name}.onnx"
    try:
        expected = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["sha256"]
        is_right = hashlib.sha256(path.read_bytes()).hexdigest() == expected
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelError(
            f"the {name} model's weights cannot be read: {exc}", hint="Reinstall the package."
        ) from exc
    if not is_right:
        raise ModelError(f"the {name} model's weights in {folder} are damaged", hint="Reinstall the package.")
    return path
