"""The shipped network as 32-bit weights again, to train on from where no checkpoint is at hand.

What eight bits rounded off is lost; a few steps of training bring it back.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

QUANTISED = "_quantized"


def state_of(path: Path) -> dict[str, torch.Tensor]:
    """The weights of a network that `training.export` wrote.

    Args:
        path: An ONNX file, quantised dynamically.

    Returns:
        Name in the model -> weight, float32; linear layers as torch keeps them, shape (out, in).
    """
    graph = onnx.load(str(path)).graph
    arrays = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    named = {name: array for name, array in arrays.items() if _is_named(name)}
    for name in [name for name in arrays if name.endswith(".weight" + QUANTISED)]:
        named[name.removesuffix(QUANTISED)] = _exact(arrays, name)
    named |= {
        bias.removesuffix("bias") + "weight": _exact(arrays, weight).T
        for weight, bias in _linear(graph).items()
    }
    return {name: torch.from_numpy(array.astype(np.float32)) for name, array in named.items()}


def _is_named(name: str) -> bool:
    return name.endswith((".weight", ".bias")) and not name.startswith("onnx::")


def _exact(arrays: dict[str, NDArray[np.generic]], name: str) -> NDArray[np.float32]:
    """Eight bits times their scale; the last axis has a scale each where there is more than one."""
    stem = name.removesuffix(QUANTISED)
    weight, scale = arrays[name].astype(np.float32), arrays[stem + "_scale"].astype(np.float32)
    return (weight - arrays[stem + "_zero_point"].astype(np.float32)) * scale


def _linear(graph: onnx.GraphProto) -> dict[str, str]:
    """Name of each linear layer's quantised weight -> name of the bias that is added to what it gives."""
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    biases = {}
    for node in graph.node:
        if node.op_type == "MatMulInteger" and node.input[1].endswith(QUANTISED):
            after = node
            while after.op_type != "Add":
                after = readers[after.output[0]][0]
            biases[node.input[1]] = next(name for name in after.input if name.endswith(".bias"))
    return biases
