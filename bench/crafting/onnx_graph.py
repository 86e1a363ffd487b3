"""ONNX graphs made by hand that cannot be trusted, and what becomes of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from bench.crafting.spoiling import cut, flipped


def graph(
    nodes: Any, inputs: Any = None, outputs: Any = None, initializers: Any = (), domain: str = "", **others: Any
) -> bytes:
    made = helper.make_graph(
        nodes,
        "made",
        inputs or [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])],
        outputs or [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 3])],
        list(initializers),
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    if domain:
        opsets.append(helper.make_opsetid(domain, 1))
    return helper.make_model(made, opset_imports=opsets, ir_version=8, **others).SerializeToString()  # type: ignore[no-any-return]


def node(operator: str = "Identity", reads: Any = ("x",), **attributes: Any) -> Any:
    return helper.make_node(operator, list(reads), ["y"], **attributes)


def external() -> bytes:
    tensor = numpy_helper.from_array(np.ones(3, np.float32), "w")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return graph([node("Add", ("x", "w"))], initializers=[tensor])


def huge() -> bytes:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2**40])
    return graph([node("Add", ("x", "w"))], initializers=[tensor])


def short() -> bytes:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3], raw_data=b"1234")
    return graph([node("Add", ("x", "w"))], initializers=[tensor])


def tree(**changed: Any) -> bytes:
    attributes: dict[str, Any] = {
        "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [1, 0, 0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"], "nodes_values": [0.5, 0.0, 0.0],
        "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0],
        "target_treeids": [0, 0], "target_nodeids": [1, 2], "target_ids": [0, 0], "target_weights": [1.0, 2.0],
        "n_targets": 1,
    } | changed  # fmt: skip
    return graph(
        [node("TreeEnsembleRegressor", domain="ai.onnx.ml", **attributes)],
        outputs=[helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])],
    )


def taking(element: int = TensorProto.FLOAT, shape: Any = (None, 3)) -> bytes:
    return graph([node()], inputs=[helper.make_tensor_value_info("x", element, shape)])


# How it is made, the code with which it is refused, and words of the reason.
SPOILT_GRAPHS: Final[tuple[tuple[Callable[[], bytes], str, str], ...]] = (
    (external, "unsafe_format", "names other files"),
    (huge, "limit_exceeded", "declares a tensor of 1,099,511,627,776 numbers"),
    (short, "malformed_model", "another number of values"),
    (lambda: graph([node("Gelu", domain="com.microsoft")], domain="com.microsoft"), "unsupported_model", "com.microsoft"),
    (lambda: tree(nodes_truenodeids=[0, 0, 0]), "malformed_model", "in a circle"),
    (lambda: tree(nodes_truenodeids=[2, 0, 0], nodes_falsenodeids=[2, 0, 0]), "malformed_model", "reached in two ways"),
    (lambda: tree(nodes_truenodeids=[7, 0, 0]), "malformed_model", "leads to node 7"),
    (lambda: tree(nodes_falsenodeids=[1, 0, 0]), "malformed_model", "reached in two ways"),
    (lambda: tree(nodes_featureids=[3, 0, 0]), "malformed_model", "asks for feature 3, and there are 3"),
    (lambda: tree(nodes_featureids=[-1, 0, 0]), "malformed_model", "asks for feature -1"),
    (lambda: tree(nodes_nodeids=[0, 1, 1]), "malformed_model", "stands there twice"),
    (lambda: tree(nodes_treeids=[0, 0]), "malformed_model", "different lengths"),
    (lambda: tree(target_nodeids=[1, 9]), "malformed_model", "belongs to a node that is not there"),
    (lambda: taking(TensorProto.STRING), "unsupported_model", "takes no numbers"),
    (lambda: taking(shape=[None, 3, 3]), "unsupported_model", "no table of rows and columns"),
    (lambda: taking(shape=[5, 3]), "unsupported_model", "fixed number of rows"),
    (lambda: taking(shape=[None, None]), "unsupported_model", "does not say how many columns"),
    (lambda: b"\x08\x08\x3a\x05\x00", "malformed_model", "longer than the file"),
    (lambda: b"\x08\x08", "malformed_model", "holds no model"),
    (lambda: b"\x08" + b"\xff" * 12, "malformed_model", "has no end"),
)  # fmt: skip


def crafted(whole: bytes, generator: random.Random, turn: int) -> bytes:
    """Flipped bits, a cut end, an extreme index among the attributes, or another shape of a tensor."""
    if turn % 4 < 2:
        return (flipped, cut)[turn % 4](whole, generator)
    model = ModelProto.FromString(whole)
    whole_numbers = [each for one in model.graph.node for each in one.attribute if each.ints]
    if turn % 4 == 2 and whole_numbers:
        numbers = generator.choice(whole_numbers).ints
        numbers[generator.randrange(len(numbers))] = generator.choice([0, 1, -1, 5, 900, 2**31, 2**62, -(2**62)])
    elif model.graph.initializer:
        shape = generator.choice(model.graph.initializer).dims
        shape[:] = generator.choice([[2**40], [-1], [0], [2**31, 2**31], [1, 1, 1]])
    else:
        shape = model.graph.input[0].type.tensor_type.shape.dim
        shape[-1].dim_value = generator.choice([0, -1, 2, 5_001, 2**31, 2**62])
    return bytes(model.SerializeToString())
