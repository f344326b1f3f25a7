from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.checkpoints import load
from training.claims import Claim
from training.entailment import Config, Run, groups, measured, train

SMALL = Config(
    frozen=0, epochs=2, warmup=2, max_tokens=200, threads=1, save_every=2, head_lr=1e-2, encoder_lr=1e-3
)
TEXTS = ("Ada built the harbour.", "Tomas drove the train.", "Lynx came back in spring.")
CLAIMS = [
    Claim(claim, "Velmar", text, claim == text, "true" if claim == text else "passage")
    for text in TEXTS
    for claim in TEXTS
]


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run(folder: Path, encoder: Path, config: Config = SMALL) -> Run:
    folder.mkdir(exist_ok=True)
    made = Run(config, folder, encoder=encoder)
    made.resume()
    return made


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path, tiny_encoder: Path):
    whole = run(tmp_path / "whole", tiny_encoder)
    train(whole, CLAIMS, {"all": CLAIMS})
    stopped = run(tmp_path / "parts", tiny_encoder)
    batches = [g for epoch in range(2) for g in groups(CLAIMS, stopped.tokenizer, SMALL, epoch)]
    for group in batches[:2]:
        stopped.train_step([CLAIMS[n] for n in group], len(batches))
    stopped.save()
    resumed = run(tmp_path / "parts", tiny_encoder)
    assert resumed.step == 2
    train(resumed, CLAIMS, {"all": CLAIMS})
    assert resumed.step == whole.step == len(batches)
    for name, value in whole.model.state_dict().items():
        torch.testing.assert_close(resumed.model.state_dict()[name], value, msg=name)
    assert (load(tmp_path / "parts") or {})["step"] == len(batches)


def test_it_learns(tmp_path: Path, tiny_encoder: Path):
    trained = run(tmp_path, tiny_encoder)
    batch = [replace(claim, is_supported=claim.claim == TEXTS[0]) for claim in CLAIMS]
    first = trained.train_step(batch, 400)
    last = [trained.train_step(batch, 400) for _ in range(200)][-1]
    assert last < first / 2


def test_layers_that_are_frozen_stay_as_they_are(tmp_path: Path, tiny_encoder: Path):
    trained = run(tmp_path, tiny_encoder, replace(SMALL, frozen=1))
    before = {name: value.clone() for name, value in trained.model.state_dict().items()}
    trained.train_step(CLAIMS, 4)
    after = trained.model.state_dict()
    changed = {name.split(".")[0] for name, value in before.items() if not torch.equal(value, after[name])}
    assert changed == {"answerable"}


def test_every_claim_is_in_one_group_of_an_epoch(tmp_path: Path, tiny_encoder: Path):
    made = run(tmp_path, tiny_encoder)
    for epoch in range(2):
        found = sorted(n for group in groups(CLAIMS, made.tokenizer, SMALL, epoch) for n in group)
        assert found == list(range(len(CLAIMS)))


def test_what_is_measured_names_the_kinds(tmp_path: Path, tiny_encoder: Path):
    found = measured(run(tmp_path, tiny_encoder), CLAIMS)
    assert found.keys() == {"auroc", "passage"}
    assert 0 <= found["auroc"] <= 1


def test_the_learning_rate_rises_stays_and_falls():
    config = Config(warmup=10, decay=0.5)
    rates = [config.lr_factor(step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10:50] == [1.0] * 40
    assert rates[99] == pytest.approx(0.02)
