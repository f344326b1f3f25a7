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
from tokenizers import Tokenizer

from assistant.reader import WEIGHTS, ReaderNetwork
from assistant.reader_input import Pair, encode_pairs
from training.model import ReaderModel, bundled_encoder, load_tokenizer
from training.reading import TorchReader

OPSET = 17
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
#: Of different lengths, so that what is traced has padding.
SAMPLE = (
    Pair("Who met in Baku?", "Talks in Baku", "Two ministers met in Baku on Wednesday."),
    Pair("Who won?", "", "Rain fell all day."),
)


def export(model: ReaderModel, tokenizer: Tokenizer, folder: Path, card: dict[str, Any]) -> Path:
    """Write `reader.onnx` and `reader.json`.

    Args:
        model: Trained.
        tokenizer: Of its encoder.
        folder: Where to; made if it is not there.
        card: What is known of the run; stored in `reader.json`.

    Returns:
        The path of the network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "reader.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "exact.onnx"
        to_onnx(model, tokenizer, exact)
        quantize_dynamic(exact, target, per_channel=True, weight_type=QuantType.QInt8)
    known = {
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "largest_difference": round(largest_difference(model, tokenizer, target), 3),
        **card,
    }
    (folder / "reader.json").write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    return target


def to_onnx(model: ReaderModel, tokenizer: Tokenizer, path: Path) -> None:
    """Export in float32 with free numbers of pairs and tokens."""
    encoded = encode_pairs(tokenizer, SAMPLE)
    arrays = (encoded.input_ids, encoded.attention_mask, encoded.token_type_ids)
    free = {name: {0: "pairs", 1: "tokens"} for name in (*INPUTS, "span_logits")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # torch's older exporter: the newer one takes longer, and writes the paths of source files into the
        # graph.
        torch.onnx.export(
            model.eval(),
            tuple(torch.from_numpy(array) for array in arrays),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=list(INPUTS),
            output_names=["span_logits", "answerable_logits"],
            dynamic_axes={**free, "answerable_logits": {0: "pairs"}},
        )


def largest_difference(model: ReaderModel, tokenizer: Tokenizer, path: Path) -> float:
    """How far an exported network's logits are from the model's, at most, on the sample."""
    encoded = encode_pairs(tokenizer, SAMPLE)
    expected, found = TorchReader(model, tokenizer).run(encoded), ReaderNetwork(path).run(encoded)
    spans = np.abs(found[0] - expected[0])[encoded.in_text].max()
    return float(max(spans, np.abs(found[1] - expected[1]).max()))


def main() -> None:
    """Read the options and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    state = torch.load(options.checkpoint, weights_only=True)
    model = ReaderModel(bundled_encoder())
    model.load_state_dict(state["model"])
    card = {"step": state["step"], "config": state["config"]}
    path = export(model, load_tokenizer(bundled_encoder()), options.out, card)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
