"""What every training run does: a step down the gradient, and checkpoints that survive a stop at any time."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from training.model import ReaderModel

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CHECKPOINT = "checkpoint.pt"


class Checkpointed:
    """A model in training, with everything that a checkpoint keeps.

    Args:
        config: Settings, a dataclass with `seed` and `max_tokens`.
        folder: Where the checkpoint is.
        model: To be trained; weights that ask for no gradient stay as they are.
        optimizer: Of the model's weights, at their full learning rates.
    """

    def __init__(
        self, config: DataclassInstance, folder: Path, model: ReaderModel, optimizer: torch.optim.Optimizer
    ) -> None:
        self.folder, self.step, self.model = folder, 0, model
        self._settings, self._optimizer = config, optimizer
        self._full_lr = [group["lr"] for group in optimizer.param_groups]

    def learn(self, loss: torch.Tensor, lr_factor: float) -> float:
        """One step.

        Args:
            loss: A scalar.
            lr_factor: Share of the full learning rates.

        Returns:
            The loss as a number.
        """
        for group, lr in zip(self._optimizer.param_groups, self._full_lr, strict=True):
            group["lr"] = lr * lr_factor
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self.step += 1
        return loss.item()

    def save(self) -> None:
        """Write the checkpoint so that a stop leaves the old one or the new one."""
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "config": asdict(self._settings),
        }
        torch.save(state, self.folder / (CHECKPOINT + ".new"))
        (self.folder / (CHECKPOINT + ".new")).replace(self.folder / CHECKPOINT)

    def resume(self) -> None:
        """Go back to the checkpoint, if there is one.

        Raises:
            ValueError: If it was made with other settings of what comes in which order.
        """
        if not (state := load(self.folder)):
            return
        now = asdict(self._settings)
        for name in ("seed", "max_tokens"):
            if state["config"][name] != now[name]:
                raise ValueError(f"{self.folder} was made with another {name}: {state['config'][name]}")
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])


def load(folder: Path) -> dict[str, Any] | None:
    """The checkpoint of a folder; None if there is none."""
    path = folder / CHECKPOINT
    return torch.load(path, weights_only=True) if path.exists() else None
