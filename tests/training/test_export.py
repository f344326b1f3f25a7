from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from assistant.models.weights import checked
from assistant.reader import OnnxReader, ReaderNetwork
from assistant.reader_input import Pair, encode_pairs
from tests.fakes import make_hit
from training.model import ReaderModel
from training.reading import TorchReader

pytest.importorskip("onnx")
export = pytest.importorskip("training.export")

PAIRS = (
    Pair("Who met in Baku?", "Talks in Baku", "Ding met Sharif in Baku. " * 6),
    Pair("Who?", "", "Rain fell."),
    Pair("", "", ""),
)


@pytest.fixture(scope="module")
def model(tiny_encoder: Path) -> ReaderModel:
    return ReaderModel(tiny_encoder)


@pytest.fixture(scope="module")
def folder(model: ReaderModel, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "weights"
    export.export(model, tokenizer, folder, {"step": 7, "config": {}})
    return folder


@pytest.mark.parametrize("pairs", [PAIRS, PAIRS[1:2], PAIRS[:1] * 5])
def test_the_exact_export_gives_the_logits_of_the_model(
    model: ReaderModel, tokenizer: Tokenizer, tmp_path: Path, pairs: tuple[Pair, ...]
):
    export.to_onnx(model, tokenizer, tmp_path / "exact.onnx")
    encoded = encode_pairs(tokenizer, pairs)
    found, expected = (
        ReaderNetwork(tmp_path / "exact.onnx").run(encoded),
        TorchReader(model, tokenizer).run(encoded),
    )
    np.testing.assert_allclose(found[0], expected[0], atol=1e-4)
    np.testing.assert_allclose(found[1], expected[1], atol=1e-4)


@pytest.mark.parametrize("pairs", [PAIRS, PAIRS[1:2], PAIRS[:1] * 5])
def test_rounded_weights_give_nearly_the_logits_of_the_model(
    model: ReaderModel, tokenizer: Tokenizer, folder: Path, pairs: tuple[Pair, ...]
):
    encoded = encode_pairs(tokenizer, pairs)
    found, expected = (
        ReaderNetwork(checked(folder, "reader")).run(encoded),
        TorchReader(model, tokenizer).run(encoded),
    )
    np.testing.assert_allclose(found[0][encoded.in_text], expected[0][encoded.in_text], atol=0.1)
    np.testing.assert_allclose(found[1], expected[1], atol=0.1)


def test_what_is_known_of_the_run_is_stored(folder: Path):
    known = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    assert known["step"] == 7
    assert 0 <= known["largest_difference"] < 0.1
    assert set(known) == {"sha256", "largest_difference", "step", "config"}


def test_the_export_is_what_the_package_reads_with(folder: Path):
    (reading,) = OnnxReader(folder).read("Who met?", [make_hit("Ding met Sharif.")])
    assert reading.best is not None


def test_the_export_names_no_file_of_this_machine(folder: Path):
    network = (folder / "reader.onnx").read_bytes()
    assert [name for name in (b"site-packages", b".py", b"/tmp/") if name in network] == []


def test_the_export_is_small(folder: Path, model: ReaderModel):
    numbers = sum(parameter.numel() for parameter in model.parameters())
    assert (folder / "reader.onnx").stat().st_size < 2 * numbers


def test_a_network_that_was_exported_before_is_rounded_anew(folder: Path, tokenizer: Tokenizer):
    state, card = export.known(folder / "reader.onnx")
    assert card == {"step": 7, "config": {}}
    assert state["span.weight"].shape == (2, 16)
