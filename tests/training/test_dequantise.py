from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from training.model import ReaderModel

pytest.importorskip("onnx")
export = pytest.importorskip("training.export")
dequantise = pytest.importorskip("training.dequantise")


def test_the_weights_come_back_but_for_the_rounding(
    tiny_model: ReaderModel, tokenizer: Tokenizer, tmp_path: Path
):
    with torch.no_grad():  # or weights that are alike are kept once only
        for n, weight in enumerate(tiny_model.parameters()):
            weight += 0.01 * (n + 1)
    path = export.export(tiny_model, tokenizer, tmp_path, {})
    found, expected = dequantise.state_of(path), tiny_model.state_dict()
    assert found.keys() == expected.keys()
    for name, weight in expected.items():
        assert found[name].shape == weight.shape, name
        step = float(weight.abs().max()) / 100  # eight bits are 127 steps to either side
        torch.testing.assert_close(found[name], weight, atol=step, rtol=0, msg=name)
