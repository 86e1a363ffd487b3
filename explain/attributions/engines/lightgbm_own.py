"""LightGBM's own contributions: the same path-dependent values as shap.TreeExplainer (Lundberg et al. 2018)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from explain.attributions.engines.result import Batch, Floats, Kind, Opened, OutputSpace
from explain.attributions.formats.lightgbm_text import LightGBMModel, read_lightgbm_text
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

LOG_ODDS: Final = frozenset({"binary", "multiclass", "multiclassova", "cross_entropy"})
LOG_LINK: Final = frozenset({"poisson", "gamma", "tweedie"})
# What LightGBM's package loads only for its wrappers and plots, for seconds; a booster on arrays needs none of it.
_WRAPPERS: Final = ("sklearn", "pandas", "matplotlib", "dask")


def import_lightgbm() -> Any:
    """The package without its wrappers. Raises ExplainRefused(unsupported_model) where its library cannot be loaded."""
    kept_out = [name for name in _WRAPPERS if name not in sys.modules] if "lightgbm" not in sys.modules else []
    sys.modules.update(dict.fromkeys(kept_out))  # type: ignore[arg-type]
    try:
        import lightgbm
    except (ImportError, OSError) as error:
        raise ExplainRefused(
            "unsupported_model",
            "LightGBM cannot be loaded on this worker, so its models cannot be explained here: "
            f"{str(error).splitlines()[0][:200]}. Ask those who run the portal to install the system package libgomp1.",
        ) from error
    finally:
        for name in kept_out:
            del sys.modules[name]
    return lightgbm


@dataclass(frozen=True)
class Loaded:
    """A booster made of the checked text, and the facts of the file it came from."""

    booster: Any
    facts: LightGBMModel
    threads: int

    def raw(self, values: Floats) -> Floats:
        """The raw output, shape (rows, outputs)."""
        return self._asked(values, raw_score=True).reshape(len(values), -1)

    def contributions(self, values: Floats) -> Floats:
        """Shape (rows, outputs, features and the base value)."""
        return self._asked(values, pred_contrib=True).reshape(len(values), self.facts.num_class, -1)

    def _asked(self, values: Floats, **what: bool) -> Floats:
        try:
            found = self.booster.predict(self.coded(values), num_threads=self.threads, **what)
        except MemoryError:
            raise
        except Exception as error:  # LightGBM names its errors by one type, which is also raised for want of memory
            if "bad_alloc" in str(error) or "bad allocation" in str(error):
                raise MemoryError from error
            raise ExplainRefused(
                "malformed_data",
                f"LightGBM cannot compute with these rows: {(str(error).splitlines() or [''])[0][:200]}",
            ) from error
        # a random forest predicts the mean of its rounds, and the library adds them up
        return np.asarray(found, np.float64) / (self.facts.rounds if self.facts.averaged else 1)

    def coded(self, values: Floats) -> Floats:
        """Categories as the codes that pandas gave them in training; one that was not there is missing."""
        if not self.facts.codes:
            return values
        coded = values.copy()
        for place, known in self.facts.codes.items():
            column = np.full(len(values), np.nan)
            for code, value in enumerate(known):
                column[values[:, place] == value] = code
            coded[:, place] = column
        return coded


def open_lightgbm(path: Path, limits: Limits) -> Opened:
    """Check, then load the checked text. Raises ExplainRefused(malformed_model) when the library refuses it."""
    facts = read_lightgbm_text(path, limits)
    if "sqrt" in facts.settings:
        raise ExplainRefused(
            "unsupported_model",
            "This model predicts the square root of its target, so its contributions have no unit. Train it without "
            "reg_sqrt, or with a target you transformed yourself.",
        )
    lightgbm = import_lightgbm()
    try:
        booster = lightgbm.Booster(model_str=facts.text)
        fits = booster.num_feature() == facts.num_feature and booster.num_trees() == facts.trees
    except lightgbm.basic.LightGBMError as error:
        if "bad_alloc" in str(error) or "bad allocation" in str(error):
            raise MemoryError from error
        fits = False
    if not fits:
        raise ExplainRefused(
            "malformed_model", "LightGBM itself refuses this model. Export it again with booster.save_model."
        )
    classes: tuple[str, ...] = ()
    kind: Kind = "regression"
    if facts.num_class > 1:
        kind, classes = "multiclass", tuple(str(number) for number in range(facts.num_class))
    elif facts.objective == "binary":
        kind, classes = "binary", ("0", "1")
    return Opened(
        model=Loaded(booster, facts, limits.threads),
        family="lightgbm",
        library="lightgbm",
        versions={"lightgbm": str(lightgbm.__version__)},
        kind=kind,
        feature_names=facts.feature_names,
        feature_count=facts.num_feature,
        classes=classes,
        facts={
            "objective": facts.objective or "of its own",
            "booster": "random forest" if facts.averaged else "boosted trees",
            "trees": str(facts.trees),
            "saved with": f"file version {facts.version}",
            "features with categories": str(len(facts.categorical)),
        },
        space="_",
    )


@dataclass
class LightGBMOwn:
    """`pred_contrib` of a booster, in the space of its raw output."""

    loaded: Loaded
    output_space: OutputSpace
    chosen_because: str
    name: str = "lightgbm pred_contrib"
    exact: bool = True
    background: str = "none: the values follow the training rows counted in the trees"
    batch_rows: int = 5_000

    def explain(self, values: Floats) -> Batch:
        """See Engine. LightGBM computes in 64-bit floats."""
        found = self.loaded.contributions(values)
        return Batch(found[:, :, :-1].transpose(0, 2, 1), found[:, :, -1], self.raw(values))

    def raw(self, values: Floats) -> Floats:
        """The raw output, shape (rows, outputs)."""
        return self.loaded.raw(values)


def output_space(facts: LightGBMModel) -> OutputSpace:
    """What a raw output is: log-odds only where the sigmoid is the usual one."""
    if facts.objective in LOG_ODDS:
        return "log-odds" if float(facts.settings.get("sigmoid", "1")) == 1 else "value"
    return "log" if facts.objective in LOG_LINK else "value"


def lightgbm_engine(loaded: Loaded) -> LightGBMOwn | None:
    """The engine for a booster, or None when the rows counted in its trees do not fit each other."""
    if not loaded.facts.counted:
        return None
    return LightGBMOwn(
        loaded,
        output_space(loaded.facts),
        "LightGBM computes exact contributions of its own model: the values of shap.TreeExplainer, without its detour.",
    )
