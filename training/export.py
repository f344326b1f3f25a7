"""Turn a checkpoint into what the package carries: `python -m training.export CHECKPOINT [--out FOLDER]`.

The model becomes int8 ONNX, quantised dynamically by channel, and a small JSON file beside it names its hash,
the run and what the export was checked with.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from assistant.models.bundled import bundled_folder
from assistant.reader import ReaderNetwork
from assistant.reader_input import Pair, encode_pairs
from training.model import ReaderModel
from training.train import load_tokenizer

WEIGHTS = Path(__file__).parent.parent / "assistant" / "weights"
OPSET = 17
SAMPLE = (
    Pair("Who met in Baku?", "Talks in Baku", "Two ministers met in Baku on Wednesday."),
    Pair("Who won?", "", "Rain fell all day."),
)


def export(model: ReaderModel, folder: Path, card: dict[str, Any]) -> Path:
    """Write `reader.onnx` and `reader.json`.

    Args:
        model: Trained.
        folder: Where to.
        card: What is known of the run; stored in `reader.json`.

    Returns:
        The path of the network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "reader.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        to_onnx(model, plain)
        quantize_dynamic(plain, target, per_channel=True, weight_type=QuantType.QInt8)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    (folder / "reader.json").write_text(
        json.dumps({"sha256": digest, **card}, indent=1) + "\n", encoding="utf-8"
    )
    return target


def to_onnx(model: ReaderModel, path: Path) -> None:
    """Export in float32 with free numbers of pairs and tokens."""
    model.eval()
    encoded = encode_pairs(load_tokenizer(bundled_folder()), SAMPLE)
    arrays = (encoded.input_ids, encoded.attention_mask, encoded.token_type_ids)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    free = {0: "pairs", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer, about shapes that it takes for constants and are
        torch.onnx.export(
            model,
            tuple(torch.from_numpy(array) for array in arrays),
            str(path),
            input_names=names,
            output_names=["span_logits", "answerable_logits"],
            dynamic_axes=dict.fromkeys([*names, "span_logits"], free) | {"answerable_logits": {0: "pairs"}},
            opset_version=OPSET,
            dynamo=False,
        )


def largest_difference(model: ReaderModel, path: Path) -> float:
    """How far the exported network's logits are from the model's, at most, on the sample."""
    encoded = encode_pairs(load_tokenizer(bundled_folder()), SAMPLE)
    with torch.inference_mode():
        expected = model(
            *(
                torch.from_numpy(array)
                for array in (encoded.input_ids, encoded.attention_mask, encoded.token_type_ids)
            )
        )
    found = ReaderNetwork(path).run(encoded)
    in_text = encoded.in_text
    spans = np.abs(found[0] - expected[0].numpy())[in_text].max()
    return float(max(spans, np.abs(found[1] - expected[1].numpy()).max()))


def main() -> None:
    """Read the options and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    state = torch.load(options.checkpoint, weights_only=True)
    model = ReaderModel(bundled_folder())
    model.load_state_dict(state["model"])
    path = export(model, options.out, {"step": state["step"], "config": state["config"]})
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, off by {largest_difference(model, path):.3f} at most")


if __name__ == "__main__":
    main()
