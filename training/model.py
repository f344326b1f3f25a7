"""The reader: the encoder of all-MiniLM-L6-v2 with two linear layers on top."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

from assistant.models.bundled import bundled_folder, check_bundled

MASKED = -1e4  # logit of a token that cannot begin or end an answer


def bundled_encoder() -> Path:
    """The folder of the encoder that training begins with, its weights checked."""
    folder = bundled_folder()
    check_bundled(folder)
    return folder


def load_tokenizer(encoder: Path) -> Tokenizer:
    """The encoder's tokenizer, without truncation and padding."""
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


class ReaderModel(nn.Module):
    """Start, end and answerability logits for pairs of a question and a passage.

    Args:
        folder: Of the encoder, as sentence-transformers keeps it.
        dropout: Share of activations left out while training; one pass over the data needs little.
    """

    def __init__(self, folder: Path, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            attn_implementation="eager",
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
        )
        hidden = int(self.encoder.config.hidden_size)
        self.span = nn.Linear(hidden, 2)
        self.answerable = nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Read a batch.

        Args:
            input_ids: int64, shape (pairs, tokens).
            attention_mask: int64, same shape; 0 is padding.
            token_type_ids: int64, same shape; 1 from the title on.

        Returns:
            Span logits, float32, shape (pairs, tokens, 2), start and end; position 0 stands for "no answer".
            Answerability logits, float32, shape (pairs,).
        """
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return self.span(hidden).float(), self.answerable(hidden[:, 0]).squeeze(-1).float()

    def trained_parameters(self, head_lr: float, encoder_lr: float) -> list[dict[str, Any]]:
        """Parameter groups for the optimiser; the word embeddings stay as they are."""
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        heads = [*self.span.parameters(), *self.answerable.parameters()]
        encoder = [p for p in self.encoder.parameters() if p.requires_grad]
        return [{"params": encoder, "lr": encoder_lr}, {"params": heads, "lr": head_lr}]


def loss(
    span_logits: torch.Tensor,
    answerable_logits: torch.Tensor,
    *,
    spans: torch.Tensor,
    may_answer: torch.Tensor,
    answerable_weight: float,
) -> torch.Tensor:
    """Mean cross entropy of start and end, and of whether there is an answer.

    Args:
        span_logits: Shape (pairs, tokens, 2).
        answerable_logits: Shape (pairs,).
        spans: int64, shape (pairs, 2), first and last token of the answer; (0, 0) if there is none.
        may_answer: bool, shape (pairs, tokens), the passage's tokens and position 0.
        answerable_weight: Weight of the second part.
    """
    masked = span_logits.masked_fill(~may_answer.unsqueeze(-1), MASKED)
    by_token = nn.functional.cross_entropy(masked[:, :, 0], spans[:, 0])
    by_token = by_token + nn.functional.cross_entropy(masked[:, :, 1], spans[:, 1])
    answered = (spans[:, 0] > 0).float()
    answerable = nn.functional.binary_cross_entropy_with_logits(answerable_logits, answered)
    return by_token / 2 + answerable_weight * answerable
