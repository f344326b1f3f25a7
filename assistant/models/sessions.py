"""onnxruntime as it is used here: one text at a time in a session without threads, several texts in ours.

A batch would pad the shorter texts, and a quantised network would scale the numbers of all of them together,
so that a result would depend on its neighbours (docs/decisions.md).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from assistant.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MAX_THREADS = 8  # texts at once; there are seldom more cores that have nothing else to do
ERRORS_ONLY = 3  # what onnxruntime writes to the standard error by itself


def open_session(model: bytes, *, name: str, hint: str) -> InferenceSession:
    """A session for a network.

    Args:
        model: An ONNX file.
        name: What the error calls it.
        hint: What the error advises.

    Returns:
        The session; it may be used by several threads.

    Raises:
        ModelError: If onnxruntime cannot load it.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # no threads of its own, so none that spin while they wait for work
    options.log_severity_level = ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except (errors.Fail, errors.InvalidGraph, errors.InvalidProtobuf, errors.NotImplemented) as exc:
        raise ModelError(f"{name} cannot be loaded: {exc}", hint=hint) from exc


def for_each(work: Callable[[int], None], sizes: Sequence[int]) -> None:
    """Call `work` with each index once, the largest first, as many at once as there are cores."""
    order = sorted(range(len(sizes)), key=lambda number: -sizes[number])
    threads = min(_cores(), len(order))
    if threads < 2:
        for number in order:
            work(number)
        return
    with ThreadPoolExecutor(threads, "model") as pool:
        list(pool.map(work, order))


def _cores() -> int:
    """Processors that this process may use, within bounds."""
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_THREADS, len(os.sched_getaffinity(0)))
    return min(MAX_THREADS, os.cpu_count() or 1)
