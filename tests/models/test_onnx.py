"""The bundled model by onnxruntime: the vectors of the original, one a text, and no torch."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant import Assistant
from assistant.errors import ModelError
from assistant.models import Embedder, OnnxEmbedder, SentenceTransformerEmbedder, onnx_export, open_embedder
from assistant.settings import EmbeddingSettings, Settings
from tests.fakes import make_article
from tests.models.texts import ODD, QUESTIONS, TEN
from tests.test_imports import printed_by

CORPUS = Path(__file__).parents[2] / "corpus"
MODELS_DIR = Settings().models_dir
TEXTS = [text for _, text in TEN]


def test_every_engine_has_a_fingerprint_of_its_own():
    settings = [EmbeddingSettings(engine=engine) for engine in ("onnx-int8", "onnx", "torch")]
    assert [open_embedder(one, MODELS_DIR).fingerprint for one in settings] == [
        "all-MiniLM-L6-v2@53aa51172d14/onnx-int8.2",
        "all-MiniLM-L6-v2@53aa51172d14/onnx.2",
        "all-MiniLM-L6-v2@53aa51172d14/sentence-transformers",
    ]


def test_int8_is_the_default():
    assert open_embedder(Settings().embedding, MODELS_DIR).fingerprint.endswith("/onnx-int8.2")


def test_other_devices_and_other_models_are_left_to_torch(tmp_path: Path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    for settings in (EmbeddingSettings(device="cuda"), EmbeddingSettings(model=str(tmp_path))):
        assert isinstance(open_embedder(settings, MODELS_DIR), SentenceTransformerEmbedder)


def test_weights_that_are_not_the_models_are_not_exported(tmp_path: Path):
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(ModelError, match="are not those of all-MiniLM-L6-v2"):
        onnx_export.export(tmp_path, is_quantised=True)


def test_a_file_that_is_no_model_is_an_error_that_says_what_to_do(tmp_path: Path):
    from assistant.models import onnx_cache

    embedder = OnnxEmbedder(tmp_path)
    onnx_cache.load(embedder.path, lambda: b"no model")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        embedder.embed_query("x")
    assert caught.value.hint.startswith("Delete the file")


@pytest.fixture(scope="module")
def original() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


@pytest.fixture(scope="module", params=["onnx-int8", "onnx"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return open_embedder(EmbeddingSettings(engine=request.param), MODELS_DIR)


@pytest.fixture(scope="module")
def shipped() -> OnnxEmbedder:
    return OnnxEmbedder(MODELS_DIR)


def sample() -> list[str]:
    """Passages of the shipped corpus, questions and short texts."""
    lines = [line for path in sorted(CORPUS.glob("*/*.md")) for line in path.read_text("utf-8").split("\n")]
    return [line for line in lines if len(line) > 40][:60] + [text for text, _ in QUESTIONS] + TEXTS


@pytest.mark.model
class TestTheOriginal:
    """What sentence-transformers makes of the same texts is what we are measured by."""

    def test_is_equalled_without_rounding(self, original: SentenceTransformerEmbedder):
        texts = [*sample(), *ODD]
        exact = OnnxEmbedder(MODELS_DIR, is_quantised=False)
        np.testing.assert_allclose(
            exact.embed_passages(texts), original.embed_passages(texts), atol=2e-5, rtol=0
        )

    def test_is_nearly_equalled_by_what_is_shipped(
        self, shipped: OnnxEmbedder, original: SentenceTransformerEmbedder
    ):
        texts = sample()
        cosines = (shipped.embed_passages(texts) * original.embed_passages(texts)).sum(axis=1)
        assert cosines.mean() >= 0.99
        assert cosines.min() >= 0.97

    def test_puts_the_same_text_first(self, shipped: OnnxEmbedder, original: SentenceTransformerEmbedder):
        questions = [text for text, _ in QUESTIONS]
        best = [
            (one.embed_passages(questions) @ one.embed_passages(TEXTS).T).argmax(axis=1).tolist()
            for one in (shipped, original)
        ]
        assert best[0] == best[1] == [[title for title, _ in TEN].index(title) for _, title in QUESTIONS]

    def test_cuts_a_long_text_at_the_same_word(
        self, shipped: OnnxEmbedder, original: SentenceTransformerEmbedder
    ):
        kept, cut = "word " * 254, "word " * 254 + "Baku " * 50
        for one in (shipped, original):
            vectors = one.embed_passages([kept, cut, "word " * 200 + "Baku " * 54])
            np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)
            assert vectors[0] @ vectors[2] < 0.99


@pytest.mark.model
class TestAVector:
    def test_is_a_row_of_unit_length(self, embedder: Embedder):
        vectors = embedder.embed_passages([*TEXTS, *ODD])
        assert (vectors.shape, vectors.dtype) == ((len(TEXTS) + len(ODD), embedder.dim), np.float32)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_of_no_text_is_no_row(self, embedder: Embedder):
        assert embedder.embed_passages([]).shape == (0, 384)

    def test_depends_on_its_text_alone(self, embedder: Embedder):
        alone = [embedder.embed_query(text) for text in TEXTS]
        among = embedder.embed_passages([*TEXTS, *ODD])[: len(TEXTS)]
        np.testing.assert_array_equal(among, alone)

    def test_stands_where_its_text_stood(self, embedder: Embedder):
        backwards = embedder.embed_passages(TEXTS[::-1])
        np.testing.assert_array_equal(backwards[::-1], embedder.embed_passages(TEXTS))

    def test_is_the_same_from_several_threads(self, embedder: Embedder):
        expected = embedder.embed_passages(TEXTS)
        with ThreadPoolExecutor(6) as pool:
            whole = [pool.submit(embedder.embed_passages, TEXTS) for _ in range(4)]
            single = [pool.submit(embedder.embed_query, text) for text in TEXTS]
            for future in whole:
                np.testing.assert_array_equal(future.result(timeout=100), expected)
            np.testing.assert_array_equal([future.result(timeout=100) for future in single], expected)


@pytest.mark.model
class TestTheFirstUse:
    def test_prepares_the_model_says_so_and_does_without_torch(
        self, tmp_path: Path, shipped: OnnxEmbedder, caplog: pytest.LogCaptureFixture
    ):
        caplog.set_level("INFO", "assistant.models")
        embedder = OnnxEmbedder(tmp_path)
        np.testing.assert_array_equal(embedder.embed_query("Baku"), shipped.embed_query("Baku"))
        assert caplog.messages == ["Preparing the embedding model, once: about four seconds."]
        script = (
            "import sys; from pathlib import Path; from assistant.models import OnnxEmbedder;"
            f"OnnxEmbedder(Path({str(tmp_path)!r})).embed_query('Baku');"
            "print(*{'torch', 'transformers', 'sentence_transformers', 'onnx'} & set(sys.modules))"
        )
        assert printed_by(script) == ""

    def test_that_fails_says_what_the_export_said(self, tmp_path: Path, shipped: OnnxEmbedder):
        from assistant.models.bundled import bundled_folder

        (tmp_path / "model.safetensors").symlink_to(bundled_folder() / "model.safetensors")
        with pytest.raises(ModelError, match=r"cannot be exported to ONNX: .*config\.json") as caught:
            onnx_export.export(tmp_path, is_quantised=True)
        assert caught.value.hint.startswith("Set embedding.engine to torch")


@pytest.mark.model
class TestInTheAssistant:
    @pytest.fixture
    def assistant(self, tmp_path: Path, shipped: OnnxEmbedder) -> Iterator[Assistant]:
        with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=shipped) as assistant:
            assistant.add(make_article(text, title=title) for title, text in TEN)
            yield assistant

    @pytest.mark.parametrize(("question", "title"), QUESTIONS)
    def test_finds_what_shares_the_meaning_but_not_the_words(
        self, assistant: Assistant, question: str, title: str
    ):
        assert assistant.search(question)[0].article.title == title

    def test_answers_what_the_corpus_says_and_not_what_it_does_not(self, assistant: Assistant):
        answer = assistant.ask("Who became the youngest world champion in chess?")
        assert answer.text.startswith(f"{TEN[5][1]} [1]")
        refused = assistant.ask("Who won the 1998 World Cup?")
        assert refused.abstention is not None
        assert refused.citations == ()
