"""A model in training, written so that a stop at any time leaves the old checkpoint or the new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from training.model import ReaderModel

CHECKPOINT = "checkpoint.pt"


def save(folder: Path, step: int, model: ReaderModel, optimizer: torch.optim.Optimizer, config: Any) -> None:
    """Write a checkpoint over the one before, in one move.

    Args:
        folder: Where it is.
        step: Steps done.
        model: Its weights.
        optimizer: Its state.
        config: Settings, as JSON would have them.
    """
    state = {
        "step": step,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "config": config,
    }
    torch.save(state, folder / (CHECKPOINT + ".new"))
    (folder / (CHECKPOINT + ".new")).replace(folder / CHECKPOINT)


def load(folder: Path) -> dict[str, Any] | None:
    """The checkpoint of a folder; None if there is none."""
    path = folder / CHECKPOINT
    return torch.load(path, weights_only=True) if path.exists() else None
