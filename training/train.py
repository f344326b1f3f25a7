"""Train the reader: `python -m training.train --data FOLDER`; run again, it goes on where it stopped.

The learning rate rises, stays, and falls in the last part of the steps (warm-up, stable, decay), so that a
run can be made longer, or be brought to its end early, from any checkpoint.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any

import torch

from assistant.models import Embedder, OnnxEmbedder
from training import data
from training.batches import Batch, batches, collate
from training.checkpoints import Checkpointed
from training.dev import DevSet
from training.examples import Example, Sampler
from training.model import ReaderModel, bundled_encoder, load_tokenizer, loss

CURVE = "curve.jsonl"


@dataclass(frozen=True)
class Config:
    """Settings of a run; stored beside its results."""

    steps: int = 3800
    warmup: int = 150
    decay: float = 0.45
    encoder_lr: float = 1.2e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.01
    answerable_weight: float = 0.3
    dropout: float = 0.0
    max_tokens: int = 3000
    seed: int = 0
    threads: int = 2
    save_every: int = 200
    evaluate_every: int = 500

    def lr_factor(self, step: int) -> float:
        """Share of the full learning rate at a step."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        first = self.steps * (1 - self.decay)
        if step < first or not self.decay:
            return 1.0
        return max(0.0, (self.steps - step) / (self.steps - first))


class Run(Checkpointed):
    """A reader in training.

    Args:
        config: Settings.
        folder: Where checkpoint and curve are.
        encoder: Folder of the encoder that it begins with.
    """

    def __init__(self, config: Config, folder: Path, encoder: Path) -> None:
        torch.manual_seed(config.seed)
        model = ReaderModel(encoder, config.dropout)
        groups = model.trained_parameters(config.head_lr, config.encoder_lr)
        optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay, fused=True)
        super().__init__(config, folder, model, optimizer)
        self.config, self.tokenizer = config, load_tokenizer(encoder)

    def train_step(self, batch: Batch) -> float:
        """One step; the loss."""
        with torch.autocast("cpu", torch.bfloat16):
            span_logits, answerable = self.model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
        value = loss(
            span_logits,
            answerable,
            spans=batch.spans,
            may_answer=batch.may_answer,
            answerable_weight=self.config.answerable_weight,
        )
        return self.learn(value, self.config.lr_factor(self.step))


def train(
    config: Config,
    rows: list[data.Row],
    folder: Path,
    encoder: Path | None = None,
    embedder: Embedder | None = None,
) -> Run:
    """Train to the last step, from the checkpoint in `folder` if there is one.

    Args:
        config: Settings.
        rows: Questions, of training and of development.
        folder: Where checkpoint and curve are; made if it is not there.
        encoder: Folder of the encoder to begin with; the bundled one if it is None.
        embedder: What finds texts near a question by meaning; None to look for shared words alone.

    Returns:
        The run, at its last step.

    Raises:
        ValueError: If there is nothing to train on, or the checkpoint was made with other settings of what
            comes in which order.
    """
    torch.set_num_threads(config.threads)
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(config, folder, encoder or bundled_encoder())
    run.resume()
    training_rows, dev_rows = data.split(rows)
    if not training_rows:
        raise ValueError("there is no question to train on")
    sampler, dev = Sampler(training_rows, config.seed, embedder), DevSet(dev_rows)
    done = 0
    for epoch in count():
        if run.step >= config.steps:
            break
        examples = sampler.epoch(epoch)
        rng = random.Random(f"{config.seed}/{epoch}/batches")
        groups = batches(examples, run.tokenizer, max_tokens=config.max_tokens, rng=rng)
        if done + len(groups) > run.step:
            _epoch(run, [[examples[n] for n in group] for group in groups[run.step - done :]], dev)
        done += len(groups)
    return run


def _epoch(run: Run, groups: list[list[Example]], dev: DevSet) -> None:
    config, losses, started, tokens = run.config, [], time.monotonic(), 0
    for group in groups:
        batch = collate(group, run.tokenizer)
        losses.append(run.train_step(batch))
        tokens += batch.input_ids.numel()
        is_last = run.step >= config.steps
        if run.step % 50 == 0:
            seconds = time.monotonic() - started
            _log(run, loss=sum(losses[-50:]) / len(losses[-50:]), tokens_per_second=round(tokens / seconds))
        if is_last or run.step % config.save_every == 0:
            run.save()
        if is_last or run.step % config.evaluate_every == 0:
            _log(run, **dev.measure(run.model, run.tokenizer))
        if is_last:
            return


def _log(run: Run, **values: float) -> None:
    line = {"step": run.step, "lr": round(run.config.lr_factor(run.step), 4), **values}
    with (run.folder / CURVE).open("a", encoding="utf-8") as curve:
        curve.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the question files")
    parser.add_argument("--out", type=Path, default=Path("training/.cache/reader"))
    for field in fields(Config):
        kind: Any = type(field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    options = vars(parser.parse_args())
    folder, out = options.pop("data"), options.pop("out")
    embedder = OnnxEmbedder(out.parent / "models", is_quantised=True)
    train(Config(**options), data.load(folder), out, embedder=embedder)


if __name__ == "__main__":
    main()
