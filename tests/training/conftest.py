from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from assistant.models import bundled_tokenizer
from training.model import ReaderModel, bundled_encoder


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return bundled_tokenizer()


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an encoder of one small layer, its weights drawn by chance, and the bundled tokenizer."""
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )  # the vocabulary is that of the tokenizer
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    shutil.copy(bundled_encoder() / "tokenizer.json", folder)
    return folder


@pytest.fixture
def tiny_model(tiny_encoder: Path) -> ReaderModel:
    torch.manual_seed(1)
    return ReaderModel(tiny_encoder)
