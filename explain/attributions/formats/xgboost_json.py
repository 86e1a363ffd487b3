"""XGBoost's JSON format, checked wholly before the library sees it.

Cycles, indices out of range and arrays of unequal length crash the library, so the structure is verified here
in plain
Python: every tree is walked from its root, every index and number is looked at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NoReturn

from explain.attributions.formats.bounded_json import BadJson, parse_bounded
from explain.attributions.formats.xgboost_tree import check_tree, integers, is_integer, numbers
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

LOG_ODDS: Final = frozenset({"binary:logistic", "binary:logitraw", "reg:logistic", "multi:softprob", "multi:softmax"})
LOG_LINK: Final = frozenset({"count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft"})
BOOSTERS: Final = frozenset({"gbtree", "dart", "gblinear"})
_MAX_INT: Final = 2**31 - 1


@dataclass(frozen=True)
class XGBoostModel:
    """The facts of a checked model. `base_score` has one number per output; `feature_names` is empty if none
    given."""

    num_feature: int
    feature_names: tuple[str, ...]
    feature_types: tuple[str, ...]
    objective: str
    booster: str
    num_class: int
    base_score: tuple[float, ...]
    trees: int
    version: str


def _refuse(what: str) -> NoReturn:
    raise ExplainRefused(
        "malformed_model",
        f"This is not a sound XGBoost model: {what}. Export it again with booster.save_model.",
    )


def read_xgboost_json(path: Path, limits: Limits) -> XGBoostModel:
    """Check the file at `path` and return its facts.

    Raises ExplainRefused: malformed_model, limit_exceeded, or unsupported_model (vector leaves, several
    targets,
    categories stored as text).
    """
    size = path.stat().st_size
    if size > limits.model_bytes:
        raise ExplainRefused(
            "limit_exceeded",
            f"The model file has {size:,} bytes; at most {limits.model_bytes:,} are read. Train with fewer trees.",
        )
    learner_file = _parse(path.read_bytes(), limits)
    learner = _mapping(learner_file, "learner")
    parameters = _mapping(learner, "learner_model_param")
    num_feature = _count(parameters, "num_feature", 1, limits.columns)
    num_class = _count(parameters, "num_class", 0, limits.classes)
    if _count(parameters, "num_target", 0, limits.classes, "1") > 1:
        raise ExplainRefused(
            "unsupported_model",
            "This model predicts several targets at once. Train and upload one model for each target.",
        )
    objective = _mapping(learner, "objective").get("name")
    if not isinstance(objective, str) or not re.fullmatch(r"[a-z]+:[a-z0-9_]+", objective):
        _refuse("its objective has no name")
    base_score = parse_base_score(parameters.get("base_score", "0.5"), objective, max(1, num_class))
    names = _texts(learner, "feature_names", num_feature)
    types = _texts(learner, "feature_types", num_feature)
    if len(set(names)) != len(names):
        _refuse("two features have the same name")
    booster = _mapping(learner, "gradient_booster")
    kind = booster.get("name")
    if kind not in BOOSTERS:
        _refuse(f"the booster {str(kind)[:40]!r} is not known")
    trees = _check_booster(booster, str(kind), num_feature, max(1, num_class), types, limits)
    return XGBoostModel(
        num_feature, names, types, objective, str(kind), num_class, base_score, trees, _version(learner_file)
    )


def parse_base_score(text: object, objective: str, outputs: int) -> tuple[float, ...]:
    """The base score: "5E-1" up to XGBoost 2, "[5E-1]" or one number per class from 3 on."""
    if isinstance(text, str) and len(text) < 10_000:
        inner = text.strip().removeprefix("[").removesuffix("]")
        parts = [part for part in inner.split(",") if part.strip()]
    elif isinstance(text, (int, float)) and not isinstance(text, bool):
        parts = [str(text)]
    else:
        parts = []
    try:
        values = tuple(float(part) for part in parts)
    except ValueError:
        values = ()
    if len(values) not in (1, outputs) or not all(math.isfinite(value) for value in values):
        _refuse("its base score is not a number")
    if objective in ("binary:logistic", "reg:logistic") and not all(0 < value < 1 for value in values):
        _refuse("its base score is not a probability between 0 and 1")
    return values


def _parse(text: bytes, limits: Limits) -> Mapping[str, Any]:
    try:
        return parse_bounded(text, limits.json_depth)
    except BadJson as error:
        _refuse(str(error))


def _mapping(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = parent.get(key)
    if not isinstance(value, dict):
        _refuse(f"the part {key!r} is missing")
    return value


def _sequence(parent: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = parent.get(key)
    if not isinstance(value, list):
        _refuse(f"the list {key!r} is missing")
    return value


def _count(parent: Mapping[str, Any], key: str, low: int, high: int, default: str = "") -> int:
    text = str(parent.get(key, default))
    if not re.fullmatch(r"\d{1,10}", text):
        _refuse(f"{key!r} is not a whole number")
    value = int(text)
    if value > high:
        raise ExplainRefused("limit_exceeded", f"The model declares {value:,} as {key}; at most {high:,} are read.")
    if value < low:
        _refuse(f"{key!r} is {value}, and must be at least {low}")
    return value


def _texts(learner: Mapping[str, Any], key: str, num_feature: int) -> tuple[str, ...]:
    value = learner.get(key, [])
    if not isinstance(value, list) or len(value) not in (0, num_feature):
        _refuse(f"{key!r} does not have one entry for each of the {num_feature} features")
    if not all(isinstance(text, str) and len(text) <= 500 and text.isprintable() for text in value):
        _refuse(f"{key!r} holds something that is not a short text")
    return tuple(value)


def _version(file: Mapping[str, Any]) -> str:
    version = file.get("version", [])
    if not isinstance(version, list) or not all(is_integer(part) for part in version) or len(version) > 5:
        _refuse("its version is not a list of numbers")
    return ".".join(str(part) for part in version) or "unknown"


def _check_booster(
    booster: Mapping[str, Any],
    kind: str,
    num_feature: int,
    outputs: int,
    types: tuple[str, ...],
    limits: Limits,
) -> int:
    if kind == "gblinear":
        weights = _sequence(_mapping(booster, "model"), "weights")
        if len(weights) != (num_feature + 1) * outputs or not numbers(weights):
            _refuse("its weights are not one number for each feature and output")
        return 0
    inner = _mapping(booster, "gbtree") if kind == "dart" else booster
    if kind == "dart" and inner.get("name", "gbtree") != "gbtree":
        _refuse("its inner booster is not made of trees")
    model = _mapping(inner, "model")
    parameters = _mapping(model, "gbtree_model_param")
    trees = _sequence(model, "trees")
    count = _count(parameters, "num_trees", 0, limits.trees)
    parallel = _count(parameters, "num_parallel_tree", 1, limits.trees, "1")
    if count != len(trees):
        _refuse(f"it declares {count:,} trees and holds {len(trees):,}")
    if not trees:
        _refuse("it holds no trees")
    info = _sequence(model, "tree_info")
    if len(info) != count or not integers(info, 0, outputs - 1):
        _refuse("the list of each tree's class does not fit the trees")
    rounds = model.get("iteration_indptr")
    if rounds is not None:
        steady = isinstance(rounds, list) and bool(rounds) and integers(rounds, 0, count)
        if not steady or rounds[0] != 0 or rounds[-1] != count or any(b < a for a, b in pairwise(rounds)):
            _refuse("the list of boosting rounds does not fit the trees")
    elif count % (parallel * outputs):
        _refuse("the number of trees does not fit the number of classes")
    if kind == "dart":
        drops = _sequence(booster, "weight_drop")
        if len(drops) != count or not numbers(drops):
            _refuse("the weights of its trees do not fit the trees")
    _check_categories(model)
    nodes = 0
    for number, tree in enumerate(trees):
        if not isinstance(tree, dict):
            _refuse(f"tree {number} is not an object")
        nodes += check_tree(tree, number, num_feature, types, limits)
        if nodes > limits.nodes:
            raise ExplainRefused("limit_exceeded", f"The model has more than {limits.nodes:,} nodes; fewer are read.")
    return count


def _check_categories(model: Mapping[str, Any]) -> None:
    stored = model.get("cats", {})
    if not isinstance(stored, dict):
        _refuse("its categories are not an object")
    if any(stored.get(key) for key in ("enc", "feature_segments", "sorted_idx")):
        raise ExplainRefused(
            "unsupported_model",
            "This model stores its categories as text. Train it on whole-number category codes, or on one "
            "column for "
            "each category, and export it again.",
        )
