from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.rows import DEV_ROWS, ROWS
from tests.training.test_batches import example
from training.batches import collate
from training.checkpoints import CHECKPOINT
from training.train import CURVE, Config, Run, train

SMALL = Config(
    steps=6, warmup=2, decay=0.0, max_tokens=600, threads=1, save_every=2, evaluate_every=3, seed=3
)
ALL = [*ROWS, *DEV_ROWS]


@pytest.fixture(autouse=True)
def _threads() -> Any:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def curve(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / CURVE).read_text(encoding="utf-8").splitlines()]


def weights(run: Run) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in run.model.state_dict().items()}


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path, tiny_encoder: Path):
    whole = train(SMALL, ALL, tmp_path / "whole", tiny_encoder)
    halted = train(replace(SMALL, steps=4), ALL, tmp_path / "parts", tiny_encoder)
    assert halted.step == 4
    resumed = train(SMALL, ALL, tmp_path / "parts", tiny_encoder)
    assert (whole.step, resumed.step) == (6, 6)
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(resumed)[name], value, msg=name)
    assert [line["step"] for line in curve(tmp_path / "whole")] == [3, 6]
    assert [line["step"] for line in curve(tmp_path / "parts")] == [3, 4, 6]
    assert curve(tmp_path / "parts")[-1] == curve(tmp_path / "whole")[-1]


def test_a_run_goes_on_in_the_epoch_that_it_was_in(tmp_path: Path, tiny_encoder: Path):
    few = [each for each in ROWS if each.source == "squad1"][:2]
    config = replace(SMALL, max_tokens=2000)  # a step or two an epoch
    whole = train(config, few, tmp_path / "whole", tiny_encoder)
    train(replace(config, steps=5), few, tmp_path / "parts", tiny_encoder)
    resumed = train(config, few, tmp_path / "parts", tiny_encoder)
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(resumed)[name], value, msg=name)


def test_a_finished_run_is_not_trained_further(tmp_path: Path, tiny_encoder: Path):
    first = train(SMALL, ALL, tmp_path, tiny_encoder)
    lines = curve(tmp_path)
    again = train(SMALL, ALL, tmp_path, tiny_encoder)
    assert again.step == 6
    assert curve(tmp_path) == lines
    for name, value in weights(first).items():
        assert torch.equal(weights(again)[name], value)


def test_without_questions_there_is_nothing_to_train_on(tmp_path: Path, tiny_encoder: Path):
    with pytest.raises(ValueError, match="no question to train on"):
        train(SMALL, list(DEV_ROWS), tmp_path, tiny_encoder)


def test_training_changes_all_but_the_word_embeddings(tmp_path: Path, tiny_encoder: Path):
    before = weights(Run(SMALL, tmp_path, tiny_encoder))
    after = weights(train(SMALL, ALL, tmp_path, tiny_encoder))
    same = [name for name, value in before.items() if torch.equal(value, after[name])]
    assert same == ["encoder.embeddings.word_embeddings.weight"]


def test_a_small_set_is_learned_by_heart(tmp_path: Path, tiny_encoder: Path):
    run = Run(replace(SMALL, steps=60, encoder_lr=1e-2, head_lr=1e-2), tmp_path, tiny_encoder)
    batch = collate([example(12, (10, 14)), example(12)], run.tokenizer)
    losses = [run.train_step(batch) for _ in range(60)]
    assert losses[-1] < losses[0] / 2


class TestTheCheckpoint:
    def test_holds_all_that_a_run_is(self, tmp_path: Path, tiny_encoder: Path):
        run = train(SMALL, ALL, tmp_path, tiny_encoder)
        state = torch.load(tmp_path / CHECKPOINT, weights_only=True)
        assert set(state) == {"step", "model", "optimizer", "config"}
        assert (state["step"], state["config"]) == (6, asdict(SMALL))
        assert set(state["model"]) == set(run.model.state_dict())

    def test_stays_as_it_was_when_the_next_one_cannot_be_written(self, tmp_path: Path, tiny_encoder: Path):
        run = Run(SMALL, tmp_path, tiny_encoder)
        run.save()
        run.step = 5
        (tmp_path / (CHECKPOINT + ".new")).mkdir()  # where the next one would be written
        with pytest.raises((OSError, RuntimeError)):
            run.save()
        again = Run(SMALL, tmp_path, tiny_encoder)
        again.resume()
        assert again.step == 0

    @pytest.mark.parametrize(("name", "value"), [("seed", 4), ("max_tokens", 700)])
    def test_of_another_order_is_refused(self, tmp_path: Path, tiny_encoder: Path, name: str, value: int):
        Run(SMALL, tmp_path, tiny_encoder).save()
        other: Any = {name: value}
        with pytest.raises(ValueError, match=f"another {name}: {getattr(SMALL, name)}"):
            train(replace(SMALL, **other), ALL, tmp_path, tiny_encoder)

    def test_is_not_needed_to_begin(self, tmp_path: Path, tiny_encoder: Path):
        run = Run(SMALL, tmp_path, tiny_encoder)
        run.resume()
        assert run.step == 0


class TestTheLearningRate:
    CONFIG = Config(steps=100, warmup=10, decay=0.4)

    @pytest.mark.parametrize(
        ("step", "expected"), [(0, 0.1), (9, 1.0), (59, 1.0), (60, 1.0), (80, 0.5), (100, 0.0), (120, 0.0)]
    )
    def test_rises_stays_and_falls(self, step: int, expected: float):
        assert self.CONFIG.lr_factor(step) == pytest.approx(expected)

    def test_stays_to_the_end_without_a_decay(self):
        config = replace(self.CONFIG, decay=0.0)
        assert [config.lr_factor(step) for step in (50, 99, 100, 101)] == [1.0] * 4
