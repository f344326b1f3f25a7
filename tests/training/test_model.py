from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from tests.training.test_batches import example
from training.batches import Batch, collate
from training.model import MASKED, ReaderModel, bundled_encoder, load_tokenizer, loss


@pytest.fixture
def batch(tokenizer: Tokenizer) -> Batch:
    return collate([example(12, (10, 14)), example(20), example(3, (0, 14), title="Talks")], tokenizer)


def test_there_are_logits_for_each_token_and_each_pair(tiny_model: ReaderModel, batch: Batch):
    spans, answerable = tiny_model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    assert (spans.shape, spans.dtype) == ((*batch.input_ids.shape, 2), torch.float32)
    assert (answerable.shape, answerable.dtype) == ((3,), torch.float32)


def test_padding_changes_nothing(tiny_model: ReaderModel, batch: Batch):
    tiny_model.eval()
    width = int(batch.attention_mask[0].sum())
    padded = tiny_model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    alone = tiny_model(
        *(t[:1, :width] for t in (batch.input_ids, batch.attention_mask, batch.token_type_ids))
    )
    torch.testing.assert_close(padded[0][:1, :width], alone[0])
    torch.testing.assert_close(padded[1][:1], alone[1])


def test_word_embeddings_are_not_trained(tiny_model: ReaderModel):
    groups = tiny_model.trained_parameters(head_lr=1.0, encoder_lr=0.1)
    assert [group["lr"] for group in groups] == [0.1, 1.0]
    trained = {id(parameter) for group in groups for parameter in group["params"]}
    left_out = [name for name, parameter in tiny_model.named_parameters() if id(parameter) not in trained]
    assert left_out == ["encoder.embeddings.word_embeddings.weight"]


class TestTheLoss:
    SPANS = torch.tensor([[2, 3], [0, 0]])
    MAY_ANSWER = torch.tensor([[True, False, True, True, False]] * 2)

    def value(self, logits: torch.Tensor, answerable: torch.Tensor, weight: float = 1.0) -> float:
        return loss(
            logits,
            answerable,
            spans=self.SPANS,
            may_answer=self.MAY_ANSWER,
            answerable_weight=weight,
        ).item()

    def test_is_nothing_for_a_model_that_is_right(self):
        logits = torch.full((2, 5, 2), -50.0)
        logits[0, 2, 0] = logits[0, 3, 1] = logits[1, 0, 0] = logits[1, 0, 1] = 50.0
        assert self.value(logits, torch.tensor([50.0, -50.0])) == pytest.approx(0, abs=1e-6)

    def test_is_that_of_chance_for_a_model_that_knows_nothing(self):
        value = self.value(torch.zeros(2, 5, 2), torch.zeros(2), weight=0.5)
        assert value == pytest.approx(torch.log(torch.tensor(3.0)).item() + 0.5 * 0.6931, abs=1e-3)

    def test_does_not_look_at_tokens_that_cannot_answer(self):
        logits = torch.zeros(2, 5, 2)
        expected = self.value(logits, torch.zeros(2))
        logits[:, [1, 4]] = 90.0
        assert self.value(logits, torch.zeros(2)) == expected
        assert MASKED < -1000

    def test_of_answerability_counts_by_its_weight(self):
        logits, wrong = torch.zeros(2, 5, 2), torch.tensor([-4.0, 4.0])
        without = self.value(logits, wrong, weight=0.0)
        assert self.value(logits, wrong, weight=0.3) == pytest.approx(without + 0.3 * 4.018, abs=1e-3)


def test_the_tokenizer_neither_cuts_nor_pads(tiny_encoder: Path):
    tokenizer = load_tokenizer(tiny_encoder)
    assert [len(each.ids) for each in tokenizer.encode_batch(["ding " * 700, "ding"])] == [702, 3]


def test_the_encoder_that_training_begins_with_is_installed():
    assert (bundled_encoder() / "model.safetensors").is_file()
