"""ONNX models, checked in Python before onnxruntime sees the file: structure, sizes, operators, trees.

Fields by number are those of onnx.proto (ONNX 1.x): ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from explain.attributions.formats.onnx_trees import TREES, check_trees
from explain.attributions.formats.protobuf import BYTES, broken, fields, part, text, varints, whole
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

DOMAINS: Final = frozenset({"", "ai.onnx", "ai.onnx.ml"})
# May go on for ever on a few bytes, or read other files.
ENDLESS: Final = frozenset({"Loop", "Scan"})
DEEPEST, NODES, NAME = 8, 100_000, 512
# Bytes of one element by TensorProto.DataType; texts (8) count as at least one.
_SIZES: Final = {
    1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 8: 1, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2,
    17: 1, 18: 1, 19: 1, 20: 1, 21: 0.5, 22: 0.5, 23: 0.5,
}  # fmt: skip
_TYPES: Final = {1: "float", 7: "int64", 8: "string", 11: "double", 6: "int32", 9: "bool"}


@dataclass(frozen=True)
class Port:
    """An input or output of the graph: `shape` has None where a size is left open, and is None where it is not said or is
    no tensor."""

    name: str
    element: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True)
class OnnxModel:
    """What the file says. `inputs` leaves out what the file itself gives a value; `labels`: names of classes."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    operators: dict[str, int]
    opset: int
    producer: str
    labels: tuple[str, ...]


@dataclass
class _Seen:
    """What is counted on the way through all graphs of a file."""

    limits: Limits
    nodes: int = 0
    bytes: float = 0.0
    numbers: int = 0
    operators: Counter[str] = field(default_factory=Counter)
    labels: tuple[str, ...] = ()


def read_onnx(path: Path, limits: Limits) -> OnnxModel:
    """Check the whole file. Raises ExplainRefused: malformed_model, limit_exceeded, unsafe_format, unsupported_model."""
    if path.stat().st_size > limits.model_bytes:
        raise ExplainRefused(
            "limit_exceeded",
            f"The model file is larger than {limits.model_bytes:,} bytes, which is the most that is read.",
        )
    graph: memoryview | None = None
    opset, producer = 0, ""
    for number, _, value in fields(memoryview(path.read_bytes())):
        if number == 7:
            graph = part(value)
        elif number == 8:
            domain, version = _opset(part(value))
            if domain not in DOMAINS:
                raise _foreign(domain)
            if domain in ("", "ai.onnx"):
                opset = version
        elif number == 2:
            producer = text(value)[:80]
        elif number in (20, 25):
            what = "a part for training" if number == 20 else "functions of its own"
            raise ExplainRefused(
                "unsupported_model", f"The ONNX file holds {what}, which cannot be checked. Export the bare model."
            )
    if graph is None:
        raise broken("it holds no model")
    seen = _Seen(limits)
    inputs, outputs, given = _graph(graph, seen, 1)
    return OnnxModel(
        inputs=tuple(port for port in inputs if port.name not in given),
        outputs=tuple(outputs),
        operators=dict(seen.operators),
        opset=opset,
        producer=producer,
        labels=seen.labels,
    )


def _opset(message: memoryview) -> tuple[str, int]:
    domain, version = "", 0
    for number, _, value in fields(message):
        if number == 1:
            domain = text(value)
        elif number == 2:
            version = whole(value)
    return domain, version


def _graph(message: memoryview, seen: _Seen, depth: int) -> tuple[list[Port], list[Port], set[str]]:
    """Inputs, outputs, and the names that the graph gives a value itself."""
    if depth > DEEPEST:
        raise broken(f"graphs stand inside each other more than {DEEPEST} deep")
    inputs: list[Port] = []
    outputs: list[Port] = []
    given: set[str] = set()
    nodes: list[memoryview] = []
    for number, _, value in fields(message):
        if number == 1:
            nodes.append(part(value))
            seen.nodes += 1
            if seen.nodes > NODES:
                raise ExplainRefused("limit_exceeded", f"The model has more than {NODES:,} operations.")
        elif number == 5:
            given.add(_tensor(part(value), seen))
        elif number == 11:
            inputs.append(_port(part(value)))
        elif number == 12:
            outputs.append(_port(part(value)))
        elif number == 15:
            raise ExplainRefused(
                "unsupported_model",
                "The ONNX file holds sparse tensors, which are not read. Export it with dense ones.",
            )
    widths = {port.name: port.shape[1] for port in inputs if port.shape is not None and len(port.shape) == 2}
    for node in nodes:
        _node(node, seen, depth, widths)
    return inputs, outputs, given


def _node(message: memoryview, seen: _Seen, depth: int, widths: dict[str, int | None]) -> None:
    operator = domain = ""
    reads: list[str] = []
    attributes: list[memoryview] = []
    for number, _, value in fields(message):
        if number == 1:
            reads.append(text(value))
        elif number == 4:
            operator = text(value)[:NAME]
        elif number == 5:
            attributes.append(part(value))
        elif number == 7:
            domain = text(value)
    if domain not in DOMAINS:
        raise _foreign(domain)
    if operator in ENDLESS:
        raise ExplainRefused(
            "unsupported_model",
            f"The ONNX model repeats a part of itself ({operator}), which may never end. Export it without loops.",
        )
    seen.operators[operator] += 1
    found = {}
    for attribute in attributes:
        name, content = _attribute(attribute, seen, depth)
        found[name] = content
    for name in ("classlabels_strings", "classlabels_int64s", "classlabels_ints"):
        labels = found.get(name)
        if labels:
            seen.labels = tuple(str(label) for label in labels[: seen.limits.classes + 1])
    if operator in TREES and domain == "ai.onnx.ml":
        check_trees(operator, found, seen.limits, widths.get(reads[0]) if reads else None)


def _attribute(message: memoryview, seen: _Seen, depth: int) -> tuple[str, list[int | str]]:
    """The name of an attribute, and its whole numbers or texts where it is a list of those."""
    name = ""
    numbers: list[int | str] = []
    for number, wire, value in fields(message):
        if number == 1:
            name = text(value)[:NAME]
        elif number in (5, 10):
            _tensor(part(value), seen)
        elif number in (6, 11):
            _graph(part(value), seen, depth + 1)
        elif number == 8:
            numbers.extend(whole(each) for each in varints(value)) if isinstance(value, memoryview) else numbers.append(
                whole(value)
            )
        elif number == 9:
            numbers.append(text(value)[:NAME])
        elif number == 7:
            seen.numbers += len(value) // 4 if isinstance(value, memoryview) and wire == BYTES else 1
        elif number in (22, 23):
            raise ExplainRefused(
                "unsupported_model",
                "The ONNX file holds sparse tensors, which are not read. Export it with dense ones.",
            )
    seen.numbers += len(numbers)
    if seen.numbers > seen.limits.cells:
        raise ExplainRefused(
            "limit_exceeded", f"The model holds more than {seen.limits.cells:,} numbers in its operations."
        )
    return name, numbers


def _tensor(message: memoryview, seen: _Seen) -> str:
    """The name of a tensor whose data are in the file and are as many as its dimensions say."""
    dims: list[int] = []
    kind, name, raw, given, held = 0, "", None, 0, 1.0
    for number, _, value in fields(message):
        if number == 1:
            dims.extend(whole(each) for each in varints(value)) if isinstance(value, memoryview) else dims.append(
                whole(value)
            )
        elif number == 2:
            kind = whole(value)
        elif number == 8:
            name = text(value)[:NAME]
        elif number == 9:
            raw = len(part(value))
        elif number == 13 or (number == 14 and value):
            raise ExplainRefused(
                "unsafe_format",
                "The ONNX file names other files for its numbers, and no other file is ever read. Export it as one file: "
                "onnx.save(model, path, save_as_external_data=False).",
            )
        elif number in (4, 5, 6, 7, 10, 11):
            given += len(value) if isinstance(value, memoryview) else 1
    if kind not in _SIZES or any(dim < 0 for dim in dims) or len(dims) > 16:
        raise broken("a tensor in it has no sound shape or type")
    count = math.prod(dims)
    held = count * _SIZES[kind]
    seen.bytes += held
    if held > seen.limits.array_bytes or seen.bytes > seen.limits.zip_unpacked_bytes:
        raise ExplainRefused(
            "limit_exceeded", f"The model declares a tensor of {count:,} numbers, which is more than may be held."
        )
    if (raw is not None and kind != 8 and raw != math.ceil(held)) or (raw is None and count and not given):
        raise broken("a tensor holds another number of values than its shape says")
    return name


def _port(message: memoryview) -> Port:
    name, kind = "", None
    for number, _, value in fields(message):
        if number == 1:
            name = text(value)[:NAME]
        elif number == 2:
            kind = part(value)
    element, shape = "other", None
    for number, _, value in fields(kind) if kind is not None else ():
        if number == 1:
            element, shape = _tensor_type(part(value))
    return Port(name, element, shape)


def _tensor_type(message: memoryview) -> tuple[str, tuple[int | None, ...] | None]:
    element, shape = "other", None
    for number, _, value in fields(message):
        if number == 1:
            element = _TYPES.get(whole(value), "other")
        elif number == 2:
            shape = tuple(_dimension(part(inner)) for which, _, inner in fields(part(value)) if which == 1)
    return element, shape


def _dimension(message: memoryview) -> int | None:
    for number, _, value in fields(message):
        if number == 1:
            size = whole(value)
            return size if size > 0 else None
    return None


def _foreign(domain: str) -> ExplainRefused:
    return ExplainRefused(
        "unsupported_model",
        f"The ONNX model uses operations of the domain {domain[:80]!r}. Only those of ONNX itself (ai.onnx, ai.onnx.ml) are "
        "run here; export it without others.",
    )
