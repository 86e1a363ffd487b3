"""ONNX models: asked for their outputs, never read inside."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from explain.attributions.engines.result import Floats, Kind, Opened, OutputSpace
from explain.attributions.formats.onnx_file import OnnxModel, Port, read_onnx
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

_NUMBERS: Final = {"float": np.float32, "double": np.float64, "int64": np.int64, "int32": np.int32}
_BATCH: Final = 20_000


@dataclass(frozen=True)
class Session:
    """A loaded model with what goes in and what is read: `output` is its place among the outputs; one row at a time where
    `single`; `positive`: the column of a binary model, None for all."""

    session: Any
    inputs: tuple[Port, ...]
    output: str
    single: bool
    positive: int | None
    output_space: OutputSpace

    def predict(self, values: Floats) -> Floats:
        """The outputs, shape (rows, outputs), float64. Raises ExplainRefused(malformed_data) when the model refuses."""
        found = self.whole(values)
        return found if self.positive is None else found[:, [self.positive]]

    def whole(self, values: Floats) -> Floats:
        """All columns of the output, shape (rows, columns)."""
        step = 1 if self.single else _BATCH
        parts = [self._asked(values[start : start + step]) for start in range(0, len(values), step)]
        return np.concatenate(parts)

    def _asked(self, values: Floats) -> Floats:
        feed: dict[str, Any] = {}
        if len(self.inputs) == 1:
            feed[self.inputs[0].name] = self._as(values, self.inputs[0])
        else:
            for place, port in enumerate(self.inputs):
                feed[port.name] = self._as(values[:, [place]], port)
        try:
            (found,) = self.session.run([self.output], feed)
        except MemoryError:
            raise
        except Exception as error:  # onnxruntime names its errors by a dozen types without a common one
            if "bad allocation" in str(error) or "bad_alloc" in str(error):
                raise MemoryError from error
            raise ExplainRefused(
                "malformed_data",
                f"The ONNX model cannot compute with these rows: {(str(error).splitlines() or [''])[0][:200]}",
            ) from error
        array = np.asarray(found, dtype=np.float64)
        if array.size % max(1, len(values)) or array.shape[:1] != (len(values),):
            raise ExplainRefused(
                "malformed_model",
                "The ONNX model does not give one answer for each row. Export it with an open batch size.",
            )
        return array.reshape(len(values), -1)

    @staticmethod
    def _as(values: Floats, port: Port) -> Any:
        kind = _NUMBERS[port.element]
        if port.element.startswith("int") and (not np.isfinite(values).all() or (values != np.round(values)).any()):
            raise ExplainRefused(
                "malformed_data",
                f"The input {port.name!r} of the model takes whole numbers only, and the rows hold others or empty cells.",
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return values.astype(kind)


def open_onnx(path: Path, limits: Limits) -> Opened:
    """Check the file, load it, and ask it once. Raises ExplainRefused: unsupported_model, malformed_model."""
    facts = read_onnx(path, limits)
    inputs, single = _inputs(facts, limits)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = limits.threads, 1
    options.log_severity_level = 4
    # a thread that waits does not use up the time that the computation may take
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except MemoryError:
        raise
    except Exception as error:  # as above
        raise ExplainRefused(
            "malformed_model",
            f"onnxruntime itself refuses this model: {(str(error).splitlines() or [''])[0][:200]}. Export it again.",
        ) from error
    count = _count(inputs)
    output, labelled = _output(session)
    asked = Session(session, inputs, output, single, None, "value")
    probe = asked.whole(_probe(count))
    columns = probe.shape[1]
    if columns > limits.classes:
        raise ExplainRefused(
            "limit_exceeded", f"The model has {columns:,} outputs; at most {limits.classes} can be explained."
        )
    shares = bool(columns > 1 and (probe >= -1e-6).all() and np.abs(probe.sum(axis=1) - 1).max() < 1e-4)
    space: OutputSpace = "probability" if shares else "value"
    kind: Kind = "regression"
    classes: tuple[str, ...] = ()
    if columns > 1:
        named = len(facts.labels) == columns
        classes = facts.labels if named else tuple(str(number) for number in range(columns))
        kind = "binary" if columns == 2 and (shares or labelled) else "multiclass"
    positive = 1 if kind == "binary" else None
    return Opened(
        model=Session(session, inputs, output, single, positive, space),
        family="onnx",
        library="onnxruntime",
        versions={"onnxruntime": str(onnxruntime.__version__)},
        kind=kind,
        feature_names=tuple(port.name for port in inputs) if len(inputs) > 1 else (),
        feature_count=count,
        classes=classes,
        facts={
            "estimator": "ONNX model",
            "exported by": facts.producer or "not said",
            "opset": str(facts.opset),
            "operations": ", ".join(
                f"{name} ({number})" for name, number in sorted(facts.operators.items(), key=lambda item: -item[1])[:8]
            ),
            "output read": output,
        },
    )


def _inputs(facts: OnnxModel, limits: Limits) -> tuple[tuple[Port, ...], bool]:
    """The inputs if they are one table or one column each, and whether rows go in one at a time."""
    ports = facts.inputs
    if not ports:
        raise ExplainRefused("malformed_model", "The ONNX model takes no input. Export it again.")
    for port in ports:
        if port.element not in _NUMBERS:
            raise ExplainRefused(
                "unsupported_model",
                f"The input {port.name!r} of the ONNX model takes no numbers. Only models of tables of numbers are explained; "
                "export it with the encoded columns as input.",
            )
        if port.shape is None or len(port.shape) != 2:
            raise ExplainRefused(
                "unsupported_model",
                f"The input {port.name!r} of the ONNX model is no table of rows and columns. Export it with an input of shape "
                "(None, number of features).",
            )
    rows = {port.shape[0] for port in ports if port.shape is not None}
    if not rows <= {None, 1}:
        raise ExplainRefused(
            "unsupported_model",
            "The ONNX model takes a fixed number of rows at a time. Export it with an open batch size, such as "
            "dynamic_axes={'input': {0: 'rows'}}.",
        )
    if len(ports) > 1 and any(port.shape is None or port.shape[1] not in (1, None) for port in ports):
        raise ExplainRefused(
            "unsupported_model",
            "The ONNX model has several inputs of more than one column. Export it with one table, or one column for each input.",
        )
    if len(ports) == 1 and _width(ports[0]) is None:
        raise ExplainRefused(
            "unsupported_model",
            "The ONNX model does not say how many columns it takes. Export it with an input of shape (None, number of features).",
        )
    if _count(ports) > limits.columns:
        raise ExplainRefused("limit_exceeded", f"The model takes more than {limits.columns:,} columns.")
    return ports, rows == {1}


def _width(port: Port) -> int | None:
    return port.shape[1] if port.shape is not None else None


def _count(ports: tuple[Port, ...]) -> int:
    return len(ports) if len(ports) > 1 else int(_width(ports[0]) or 1)


def _output(session: Any) -> tuple[str, bool]:
    """The first output of floats, and whether another one names the class."""
    found = [(str(each.name), str(each.type)) for each in session.get_outputs()]
    floats = [name for name, kind in found if kind in ("tensor(float)", "tensor(double)")]
    if not floats:
        zipped = any(kind.startswith("seq(map") for _, kind in found)
        raise ExplainRefused(
            "unsupported_model",
            "The ONNX model gives its probabilities as a list of dictionaries. Export it with "
            "options={id(model): {'zipmap': False}}."
            if zipped
            else "The ONNX model gives no numbers that could be explained. Export it with its probabilities or its prediction "
            "as an output.",
        )
    return floats[0], any(kind in ("tensor(int64)", "tensor(string)") for _, kind in found)


def _probe(count: int) -> Floats:
    """A few rows to see what comes out: zeros, ones, and small numbers of both signs."""
    steps = np.linspace(-1, 1, count) if count > 1 else np.ones(1)
    return np.stack([np.zeros(count), np.ones(count), np.sign(steps)])
