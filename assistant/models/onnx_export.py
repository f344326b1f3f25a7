"""Makes the ONNX file of the bundled embedding model from its weights, in a process of its own.

torch is needed for this alone; in a process that ends, it does not stay in the memory of a server, and
neither do the handlers that onnxruntime's quantiser gives the root logger. It knows the model's graph: tokens
in, a vector of unit length out. It does not know where the file is kept.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from assistant.errors import ModelError
from assistant.models.bundled import check_bundled

logger = logging.getLogger(__name__)

OPSET = 17
HINT = "Set embedding.engine to torch to do without, and report what stands above."


def export(folder: Path, *, is_quantised: bool) -> bytes:
    """Export the bundled model; takes some seconds.

    The graph takes `token_ids` (int64, shape (1, n_tokens)) and gives `vector` (float32, shape (1, dim)): the
    mean of the tokens' last hidden states, of unit length.

    Args:
        folder: The model as sentence-transformers keeps it.
        is_quantised: Whether the weights are rounded to eight bits, each output channel with a scale of its
            own. One scale a matrix was no faster, at a mean cosine of .955 to the original instead of .993.

    Returns:
        The ONNX file.

    Raises:
        ModelError: If the weights are not the ones expected, or cannot be exported.
    """
    check_bundled(folder)
    logger.info("Preparing the embedding model, once: about four seconds.")
    try:
        with tempfile.TemporaryDirectory(prefix="assistant-") as scratch:
            target = Path(scratch, "model.onnx")
            command = [sys.executable, "-W", "ignore", "-m", __name__, str(folder), str(target)]
            done = subprocess.run(
                [*command, "int8"] if is_quantised else command,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            if done.returncode:
                reason = (done.stderr.strip() or f"it ended with {done.returncode}").split("\n")[-1]
                raise ModelError(f"the embedding model cannot be exported to ONNX: {reason}", hint=HINT)
            return target.read_bytes()
    except OSError as exc:  # such as no room for temporary files
        raise ModelError(f"the embedding model cannot be exported to ONNX: {exc}", hint=HINT) from exc


def main(folder: Path, target: Path, *, is_quantised: bool) -> None:
    """Write the ONNX file: what the process of its own does."""
    if is_quantised:
        exact = target.with_name("exact.onnx")
        _export(folder, exact)
        _quantise(exact, target)
    else:
        _export(folder, target)


def _export(folder: Path, target: Path) -> None:
    import torch
    from transformers import AutoModel

    class Embedding(torch.nn.Module):
        """One text's tokens to one vector: no padding, so no mask."""

        def __init__(self, encoder: Any) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, token_ids: torch.Tensor) -> torch.Tensor:
            states = self.encoder(input_ids=token_ids).last_hidden_state
            return torch.nn.functional.normalize(states.mean(dim=1), dim=1)

    encoder = AutoModel.from_pretrained(folder, attn_implementation="eager", local_files_only=True)
    # torch's older exporter, announced to go: the newer one takes six times as long, and what it makes runs a
    # tenth slower (docs/decisions.md).
    torch.onnx.export(
        Embedding(encoder.eval()),
        (torch.full((1, 8), 100, dtype=torch.int64),),
        str(target),
        dynamo=False,
        opset_version=OPSET,
        input_names=["token_ids"],
        output_names=["vector"],
        dynamic_axes={"token_ids": {1: "n_tokens"}},
    )


def _quantise(exact: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # Seven bits of eight: with all, processors without VNNI let sums of products overflow.
    quantize_dynamic(exact, target, per_channel=True, weight_type=QuantType.QInt8, reduce_range=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), is_quantised="int8" in sys.argv[3:])
