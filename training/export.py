"""Turn a checkpoint into what the package carries: `python -m training.export CHECKPOINT`.

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

from assistant.models.weights import WEIGHTS
from assistant.reader import ReaderNetwork
from assistant.reader_input import Pair, encode_pairs
from training.dequantise import state_of
from training.model import ReaderModel, bundled_encoder, load_tokenizer
from training.reading import TorchReader

OPSET = 17
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
#: Of different lengths, so that what is traced has padding.
SAMPLE = (
    Pair("Who met in Baku?", "Talks in Baku", "Two ministers met in Baku on Wednesday."),
    Pair("Who won?", "", "Rain fell all day."),
)


def export(
    model: ReaderModel, tokenizer: Tokenizer, folder: Path, card: dict[str, Any], name: str = "reader"
) -> Path:
    """Write the network and the JSON file beside it.

    Args:
        model: Trained.
        tokenizer: Of its encoder.
        folder: Where to; made if it is not there.
        card: What is known of the run; stored in the JSON file.
        name: Of both files, without suffix.

    Returns:
        The path of the network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "exact.onnx"
        to_onnx(model, tokenizer, exact)
        # Seven bits of eight: with all, processors without VNNI let sums of products overflow.
        quantize_dynamic(exact, target, per_channel=True, weight_type=QuantType.QInt8, reduce_range=True)
    known = {
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "largest_difference": round(largest_difference(model, tokenizer, target), 3),
        **card,
    }
    (folder / f"{name}.json").write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
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


def known(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Weights and what is stored about them: of a checkpoint, or of a network that was exported before."""
    if path.suffix == ".onnx":
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return state_of(path), {name: card[name] for name in ("step", "config")}
    state = torch.load(path, weights_only=True)
    return state["model"], {"step": state["step"], "config": state["config"]}


def main() -> None:
    """Read the options and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="or a network exported before, to be rounded anew")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--name", default="reader", help="reader, or entailment")
    options = parser.parse_args()
    state, card = known(options.checkpoint)
    model = ReaderModel(bundled_encoder())
    model.load_state_dict(state)
    path = export(model, load_tokenizer(bundled_encoder()), options.out, card, options.name)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
