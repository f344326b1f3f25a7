"""Train the entailment model: `python -m training.entailment --data FOLDER`.

It begins with the weights of the shipped reader, which knows how a question and a passage agree, or with its
own (`--start entailment`), and learns from claims that were written, from some that are made by rule and,
with `--drafts`, from sentences of a small chat model. Run again, it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn

from assistant.entailment import CLAIM_TOKENS, excerpt
from assistant.models.weights import WEIGHTS
from assistant.reader_input import EncodedPairs, Pair, encode_pairs
from benchmarks.metrics import auroc
from training import claims, data
from training.batches import padded_width
from training.checkpoints import Checkpointed
from training.claims import Claim
from training.dequantise import state_of
from training.model import ReaderModel, bundled_encoder, load_tokenizer

AT_ONCE = 16  # claims at once while measuring


@dataclass(frozen=True)
class Config:
    """Settings of a run; stored beside its results."""

    start: str = "reader"  # the shipped network that it begins with
    examples: int = 4_000  # made by rule
    written: int = 0  # claims that were written, at most so many; 0 for all
    drafts: int = 0  # how often each sentence of a small model is shown in an epoch
    epochs: int = 1
    steps: int = 0  # at most so many; 0 for all of the epochs
    warmup: int = 60
    decay: float = 0.5
    encoder_lr: float = 8e-5
    head_lr: float = 5e-4
    weight_decay: float = 0.01
    max_tokens: int = 3000
    seed: int = 0
    threads: int = 2
    frozen: int = 2  # of the lower layers that stay as they are, with the embeddings
    save_every: int = 50

    def lr_factor(self, step: int, steps: int) -> float:
        """Share of the full learning rate at a step."""
        first = steps * (1 - self.decay)
        return min(1.0, (step + 1) / self.warmup, (steps - step) / (steps - first))


class Run(Checkpointed):
    """An entailment model in training.

    Args:
        config: Settings.
        folder: Where the checkpoint is.
        start: Weights to begin with; those of the encoder and heads of chance if it is None.
        encoder: Folder of the encoder.
    """

    def __init__(
        self,
        config: Config,
        folder: Path,
        start: dict[str, torch.Tensor] | None = None,
        encoder: Path | None = None,
    ) -> None:
        torch.manual_seed(config.seed)
        encoder = encoder or bundled_encoder()
        model = ReaderModel(encoder)
        if start:
            model.load_state_dict(start)
        for layer in model.encoder.encoder.layer[: config.frozen]:
            layer.requires_grad_(False)
        model.encoder.embeddings.requires_grad_(False)
        groups = model.trained_parameters(config.head_lr, config.encoder_lr)
        optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
        super().__init__(config, folder, model, optimizer)
        self.config, self.tokenizer = config, load_tokenizer(encoder)

    def train_step(self, batch: Sequence[Claim], steps: int) -> float:
        """One step of so many; the loss."""
        labels = torch.tensor([float(claim.is_supported) for claim in batch])
        value = nn.functional.binary_cross_entropy_with_logits(
            logits(self.model, self.tokenizer, batch), labels
        )
        return self.learn(value, self.config.lr_factor(self.step, steps))


def encoded(tokenizer: Tokenizer, batch: Sequence[Claim], width: int = 0) -> EncodedPairs:
    """Claims and passages as tokens."""
    pairs = [Pair(claim.claim, claim.title, excerpt(claim.claim, claim.text)) for claim in batch]
    return encode_pairs(tokenizer, pairs, width, CLAIM_TOKENS)


def logits(model: ReaderModel, tokenizer: Tokenizer, batch: Sequence[Claim]) -> torch.Tensor:
    """The logit of "the passage says it" for each claim; shape (claims,)."""
    longest = int(encoded(tokenizer, batch).attention_mask.sum(axis=1).max())
    tokens = encoded(tokenizer, batch, padded_width(longest))
    arrays = (tokens.input_ids, tokens.attention_mask, tokens.token_type_ids)
    found: torch.Tensor = model(*map(torch.from_numpy, arrays))[1]
    return found


def groups(batch: Sequence[Claim], tokenizer: Tokenizer, config: Config, epoch: int) -> list[list[int]]:
    """Numbers of claims of like length, as many in each group as fit, in random order."""
    by_width: dict[int, list[int]] = defaultdict(list)
    for n, claim in enumerate(batch):
        by_width[padded_width(int(encoded(tokenizer, [claim]).attention_mask.sum()))].append(n)
    rng = random.Random(f"{config.seed}/{epoch}")
    found = []
    for width, members in sorted(by_width.items()):
        rng.shuffle(members)
        size = config.max_tokens // width
        found += [members[start : start + size] for start in range(0, len(members), size)]
    rng.shuffle(found)
    return found


def train(run: Run, training: Sequence[Claim], dev: Mapping[str, Sequence[Claim]]) -> None:
    """Train to the last step, from where the run is; what is kept back is measured now and then."""
    epochs = [
        group
        for epoch in range(run.config.epochs)
        for group in groups(training, run.tokenizer, run.config, epoch)
    ]
    epochs = epochs[: run.config.steps or None]
    losses, started = [], time.monotonic()
    for group in epochs[run.step :]:
        losses.append(run.train_step([training[n] for n in group], len(epochs)))
        if run.step % run.config.save_every == 0 or run.step == len(epochs):
            run.save()
            recent = losses[-run.config.save_every :]
            seconds = (time.monotonic() - started) / len(losses)
            line = {"step": run.step, "of": len(epochs), "loss": round(sum(recent) / len(recent), 4)}
            print(json.dumps(line | {"seconds_a_step": round(seconds, 2)}), flush=True)
        if run.step % (run.config.save_every * 4) == 0 or run.step == len(epochs):
            print(json.dumps({origin: measured(run, kept) for origin, kept in dev.items()}), flush=True)


def measured(run: Run, dev: Sequence[Claim]) -> dict[str, float]:
    """AUROC over all claims kept back, and of each kind of unsupported ones against all supported ones."""
    run.model.eval()
    ordered = sorted(dev, key=lambda claim: len(claim.text))
    with torch.no_grad():
        scores = [
            score
            for start in range(0, len(ordered), AT_ONCE)
            for score in logits(run.model, run.tokenizer, ordered[start : start + AT_ONCE]).tolist()
        ]
    run.model.train()
    found = {"auroc": auroc(scores, [claim.is_supported for claim in ordered])}
    for kind in sorted({claim.kind for claim in ordered if not claim.is_supported}):
        rows = [
            (s, c.is_supported)
            for s, c in zip(scores, ordered, strict=True)
            if c.is_supported or c.kind == kind
        ]
        found[kind] = auroc([s for s, _ in rows], [label for _, label in rows])
    return {kind: round(value, 3) for kind, value in found.items()}


def made_by_rule(rows: Sequence[data.Row], config: Config, cache: Path) -> list[Claim]:
    """Claims by rule in random order; kept in a file, since making them takes minutes."""
    if not cache.exists():
        made = list(claims.by_rule(rows, random.Random(config.seed)))
        random.Random(config.seed).shuffle(made)
        cache.write_text("".join(json.dumps(asdict(claim)) + "\n" for claim in made), encoding="utf-8")
    return list(_cached(cache))


def claims_of(
    rows: Sequence[data.Row], config: Config, cache: Path
) -> tuple[list[Claim], dict[str, list[Claim]]]:
    """Claims of all kinds for training, and by their origin those that are kept back."""
    made = made_by_rule(rows, config, cache)[: config.examples]
    written, kept = claims.written_parts(rows, config.seed)
    if config.written:
        written = random.Random(config.seed).sample(written, min(config.written, len(written)))
    drafts, kept_drafts = claims.drafted_parts(rows)
    training = [*written, *made, *drafts * config.drafts]
    return training, {"written": kept, "drafts": kept_drafts}


def _cached(path: Path) -> Iterator[Claim]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield Claim(**json.loads(line))


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the question files")
    parser.add_argument("--out", type=Path, default=Path("training/.cache/entailment"))
    for field in fields(Config):
        kind: Any = type(field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    options = vars(parser.parse_args())
    folder, out = options.pop("data"), options.pop("out")
    config = Config(**options)
    torch.set_num_threads(config.threads)
    out.mkdir(parents=True, exist_ok=True)
    rows, _ = data.split(data.load(folder))
    run = Run(config, out, state_of(WEIGHTS / f"{config.start}.onnx"))
    run.resume()
    training, dev = claims_of(rows, config, out.parent / "claims.jsonl")
    train(run, training, dev)


if __name__ == "__main__":
    main()
