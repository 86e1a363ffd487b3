"""The lines of code that export a model safely, for each library; shown when a pickle is refused."""

from __future__ import annotations

from typing import Final

SAFE_EXPORT: Final[dict[str, str]] = {
    "XGBoost": 'model.get_booster().save_model("model.json")   # a Booster: booster.save_model("model.json")',
    "LightGBM": 'model.booster_.save_model("model.txt")         # a Booster: booster.save_model("model.txt")',
    "scikit-learn": 'import skops.io; skops.io.dump(model, "model.skops")',
    "other libraries": 'export to ONNX, for example: torch.onnx.export(model, sample, "model.onnx")',
}
SAFE_DATA: Final[str] = 'frame.to_csv("data.csv", index=False)  or  frame.to_parquet("data.parquet", index=False)'


def unsafe_message(what: str) -> str:
    """Why a file that can run code when it is read is refused, and how to export it instead."""
    lines = "\n".join(f"  {library}: {line}" for library, line in SAFE_EXPORT.items())
    return (
        f"This file is {what}. Reading such a file runs whatever code it holds, so it is never opened here. "
        f"Export the model in a format that holds only numbers, and upload that file:\n{lines}\n"
        f"  data: {SAFE_DATA}"
    )
