"""XGBoost's own contributions: the same path-dependent values as shap.TreeExplainer (Lundberg et al.
2018)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explain.attributions.engines.result import Batch, Floats, Kind, Opened, OutputSpace
from explain.attributions.formats.xgboost_json import LOG_LINK, LOG_ODDS, read_xgboost_json
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused


def open_xgboost(path: Path, limits: Limits) -> Opened:
    """Check, then load. Raises ExplainRefused(malformed_model) when the library refuses the checked file."""
    facts = read_xgboost_json(path, limits)
    import xgboost

    booster = xgboost.Booster({"nthread": limits.threads})
    try:
        booster.load_model(str(path))
    except xgboost.core.XGBoostError as error:
        _refuse_memory(error)
        raise ExplainRefused(
            "malformed_model", "XGBoost itself refuses this model. Export it again with booster.save_model."
        ) from error
    classes: tuple[str, ...] = ()
    kind: Kind = "regression"
    if facts.num_class > 1:
        kind, classes = "multiclass", tuple(str(number) for number in range(facts.num_class))
    elif facts.objective.startswith("binary:"):
        kind, classes = "binary", ("0", "1")
    return Opened(
        model=booster,
        family="xgboost",
        library="xgboost",
        versions={"xgboost": str(xgboost.__version__)},
        kind=kind,
        feature_names=facts.feature_names,
        feature_count=facts.num_feature,
        classes=classes,
        facts={
            "objective": facts.objective,
            "booster": facts.booster,
            "trees": str(facts.trees),
            "saved with": facts.version,
            "feature types": ",".join(facts.feature_types),
        },
    )


def _refuse_memory(error: Exception) -> None:
    if "bad_alloc" in str(error) or "bad allocation" in str(error):
        raise MemoryError from error


@dataclass
class XGBoostOwn:
    """`pred_contribs` of a booster, in margin space."""

    opened: Opened
    output_space: OutputSpace
    threads: int
    chosen_because: str
    iterations: tuple[int, int]
    name: str = "xgboost pred_contribs"
    exact: bool = True
    background: str = "none: the values follow the training rows counted in the trees"
    batch_rows: int = 5_000

    def explain(self, values: Floats) -> Batch:
        """See Engine. XGBoost computes in 32-bit floats."""
        contributions = self._asked(values, pred_contribs=True)
        margins = self.raw(values)
        if contributions.ndim == 2:
            contributions = contributions[:, None, :]
        return Batch(contributions[:, :, :-1].transpose(0, 2, 1), contributions[:, :, -1], margins)

    def raw(self, values: Floats) -> Floats:
        """The margins, shape (rows, outputs)."""
        return self._asked(values, output_margin=True).reshape(len(values), -1)

    def _asked(self, values: Floats, **what: bool) -> Floats:
        import xgboost

        booster: Any = self.opened.model
        types = self.opened.facts["feature types"].split(",") if self.opened.facts["feature types"] else None
        try:
            rows = xgboost.DMatrix(
                values,
                feature_names=list(self.opened.feature_names) or None,
                feature_types=types,
                nthread=self.threads,
                enable_categorical=bool(types and "c" in types),
            )
            return np.asarray(booster.predict(rows, iteration_range=self.iterations, **what), np.float64)
        except xgboost.core.XGBoostError as error:
            _refuse_memory(error)
            raise ExplainRefused(
                "malformed_data",
                f"XGBoost cannot compute with these rows: {str(error).strip().splitlines()[-1][:200]}",
            ) from error


def xgboost_engine(opened: Opened, limits: Limits) -> XGBoostOwn:
    """The engine for a booster; early stopping's best iteration is honoured, as shap and XGBoost's own
    wrappers do."""
    booster: Any = opened.model
    objective = opened.facts["objective"]
    space: OutputSpace = "log-odds" if objective in LOG_ODDS else "log" if objective in LOG_LINK else "value"
    rounds = int(booster.num_boosted_rounds()) if opened.facts["booster"] != "gblinear" else 0
    best = booster.attr("best_iteration")
    iterations, note = (0, 0), ""
    if rounds and best is not None and best.isdigit() and int(best) + 1 < rounds:
        iterations, note = (0, int(best) + 1), f" Early stopping kept {int(best) + 1} of {rounds} rounds."
    engine = XGBoostOwn(
        opened,
        space,
        limits.threads,
        "XGBoost computes exact contributions of its own model: the values of shap.TreeExplainer, without its detour."
        + note,
        iterations,
    )
    if opened.facts["booster"] == "gblinear":
        engine.background = "none: each value is a coefficient times the feature"
    return engine
