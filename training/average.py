"""Average the weights of two checkpoints of one run.

`python -m training.average FIRST SECOND --share 0.7 --out FILE`

The mean of two models that descend from each other often does better than either (Wortsman et al., "Model
soups", 2022).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import torch

Weights = Mapping[str, torch.Tensor]


def average(first: Weights, second: Weights, share: float) -> dict[str, torch.Tensor]:
    """The weighted mean of two models.

    Args:
        first: Weights by name.
        second: Weights of the same names and shapes.
        share: Of the second, in [0, 1].

    Returns:
        Weights by name; what is no floating-point number is the second's.

    Raises:
        ValueError: If the models are not of the same kind, or the share is outside its range.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"the share must be in [0, 1], not {share}")
    if first.keys() != second.keys():
        raise ValueError("the checkpoints are of different models")
    return {
        name: torch.lerp(first[name], weight, share) if weight.is_floating_point() else weight
        for name, weight in second.items()
    }


def main() -> None:
    """Read the options and write the mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--share", type=float, default=0.7, help="of the second")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    first, second = (torch.load(path, weights_only=True) for path in (options.first, options.second))
    model = average(first["model"], second["model"], options.share)
    known = {"averaged": {"steps": [first["step"], second["step"]], "share_of_second": options.share}}
    config = {**second["config"], **known}
    torch.save({"step": second["step"], "model": model, "config": config}, options.out)


if __name__ == "__main__":
    main()
