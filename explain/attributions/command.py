"""The command line of explanations: the worker's engine and sandbox, without the database."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from explain.attributions.formats.sniff import MODEL_FORMATS
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused
from explain.attributions.sandbox import explain_files

INLINE_ROWS: Final = 1_000
_FIELDS: Final = (
    "engine",
    "method",
    "output_space",
    "classes",
    "outputs",
    "features",
    "rows",
    "base_values",
    "mean_abs",
    "max_additivity_error",
    "recomputed_rows",
    "seed_spread",
    "model_sha256",
    "data_sha256",
    "background",
    "versions",
    "seconds",
    "peak_mb",
    "chosen_because",
    "seed",
    "stability",
    "isolation",
    "columns",
)


def parser() -> argparse.ArgumentParser:
    """The arguments; argparse ends the process with 2 when they are wrong."""
    found = argparse.ArgumentParser(prog="explain", description="Explain a model file on the rows of a data file.")
    found.add_argument("model", type=Path, help="the model file")
    found.add_argument("data", type=Path, help="the rows, CSV or Parquet")
    found.add_argument("--format", required=True, choices=[*MODEL_FORMATS], dest="model_format")
    found.add_argument("--method", default="shap", choices=["shap", "lime"])
    found.add_argument("--background", type=Path, help="rows that stand for the average, CSV or Parquet")
    found.add_argument("--rows", type=int, help="explain only the first N rows")
    found.add_argument("--seed", type=int, default=0)
    found.add_argument("--target", help="a column of the data to leave out, the outcome")
    found.add_argument("--memory-mb", type=int, help="the most memory the computation may use")
    found.add_argument("--seconds", type=float, help="the most time the computation may take")
    found.add_argument("--out", type=Path, help="RESULT.json for the summary, or RESULT.parquet for the values")
    return found


def main(argv: Sequence[str]) -> int:
    """0 and a summary as JSON on standard output, or 2 and {"error": {"code", "message"}} for a refused
    file."""
    arguments = parser().parse_args(argv)
    work = Path(tempfile.mkdtemp(prefix="explain-"))
    try:
        answer = _answer(arguments, work)
    except ExplainRefused as refused:
        print(json.dumps({"error": {"code": refused.code, "message": refused.message}}))
        return 2
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(json.dumps(answer, allow_nan=False))
    return 0


def _answer(arguments: argparse.Namespace, work: Path) -> dict[str, Any]:
    out: Path | None = arguments.out
    if out is not None and out.suffix not in (".json", ".parquet"):
        raise ExplainRefused("malformed_data", "The result is written as .json or .parquet; name the file so.")
    if not arguments.model.is_file():
        raise ExplainRefused("malformed_model", f"There is no file {str(arguments.model)!r}.")
    for path in (arguments.data, arguments.background):
        if path is not None and not path.is_file():
            raise ExplainRefused("malformed_data", f"There is no file {str(path)!r}.")
    summary = explain_files(
        model_path=arguments.model,
        data_path=arguments.data,
        model_format=arguments.model_format,
        folder=work,
        method=arguments.method,
        rows=arguments.rows,
        seed=arguments.seed,
        background_path=arguments.background,
        target_column=arguments.target,
        limits=_limits(arguments),
        inline_rows=INLINE_ROWS,
        on_progress=lambda done, of, step: print(f"{step}: {done:,} of {of:,}" if of else step, file=sys.stderr),
    )
    answer: dict[str, Any] = {key: value for key, value in summary.items() if key in _FIELDS}
    if out is not None and out.suffix == ".parquet":
        answer["values"] = _place(work, out)
    elif "inline_values" in summary:
        answer["values"] = summary["inline_values"]
    else:
        beside = out or Path.cwd() / arguments.data.name
        answer["values"] = _place(work, beside.with_suffix(".values.parquet"))
    if out is not None and out.suffix == ".json":
        out.write_text(json.dumps(answer, allow_nan=False))
    return answer


def _place(work: Path, target: Path) -> str:
    shutil.move(work / "values.parquet", target)
    return str(target)


def _limits(arguments: argparse.Namespace) -> Limits:
    usual = Limits()
    return Limits(
        memory_bytes=usual.memory_bytes if arguments.memory_mb is None else arguments.memory_mb * 1024 * 1024,
        wall_seconds=usual.wall_seconds if arguments.seconds is None else arguments.seconds,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
