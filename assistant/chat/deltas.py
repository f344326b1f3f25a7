"""What a chat model sends beside plain texts; it knows nothing of models."""

from __future__ import annotations


class CutOff(str):
    """An empty delta that ends an answer which reached its longest length."""

    __slots__ = ()
