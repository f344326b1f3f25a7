from __future__ import annotations

import pytest
import torch

from training.average import average

FIRST = {"weight": torch.tensor([0.0, 4.0]), "position": torch.tensor([1, 2])}
SECOND = {"weight": torch.tensor([1.0, 0.0]), "position": torch.tensor([3, 4])}


def test_the_mean_lies_between_the_two_by_the_share_of_the_second():
    assert average(FIRST, SECOND, 0.75)["weight"].tolist() == [0.75, 1.0]


@pytest.mark.parametrize(("share", "expected"), [(0.0, FIRST), (1.0, SECOND)])
def test_the_ends_are_the_two(share: float, expected: dict[str, torch.Tensor]):
    assert torch.equal(average(FIRST, SECOND, share)["weight"], expected["weight"])


def test_whole_numbers_are_the_seconds():
    assert average(FIRST, SECOND, 0.5)["position"].tolist() == [3, 4]


def test_different_models_and_shares_out_of_range_are_refused():
    with pytest.raises(ValueError, match="different models"):
        average(FIRST, {"weight": SECOND["weight"]}, 0.5)
    with pytest.raises(ValueError, match="share"):
        average(FIRST, SECOND, 1.5)
