"""Trees of XGBoost, LightGBM and scikit-learn as plain numbers; None for models that are too
large, and where values by trees would not be the model's.

The models were checked when they were opened, so their lists are sound; here only meanings count.
"""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np

from explain.attributions.engines.fast.tree import Booleans, Rule, Tree
from explain.attributions.engines.lightgbm_own import Loaded

# XGBoost: `fvalue < split_condition` in 32 bits; a category in the set goes right; one below zero is none it knows.
XGBOOST: Final = Rule(strict=True, rounded="float32", negative=True)
# LightGBM: `fval <= threshold` in 64 bits; what is nearer to zero than kZeroThreshold is zero in rows that are given.
LIGHTGBM: Final = Rule(strict=False, rounded="float64", tiny=float(np.float32(1e-35)))
HISTOGRAM: Final = Rule(strict=False, rounded="float64")
SKLEARN: Final = Rule(strict=False, rounded="float32")
_DEFAULT_LEFT, _ZERO, _NAN = 2, 1, 2
# Trees as lists take many times the memory of the library's own; larger models are left to it.
MOST_BYTES, MOST_NODES = 48 * 1024 * 1024, 400_000


def xgboost_trees(booster: Any, rounds: int) -> list[Tree] | None:
    """The trees of the first `rounds` rounds (0: all), those of dart with their weights."""
    text = booster.save_raw("json")
    if len(text) > MOST_BYTES:
        return None
    model = json.loads(text)["learner"]["gradient_booster"]
    weights = model.get("weight_drop")
    model = model.get("gbtree", model)["model"]
    outputs = model["tree_info"]
    count = model["iteration_indptr"][rounds] if rounds else len(outputs)
    return [
        _xgboost_tree(model["trees"][number], outputs[number], weights[number] if weights else 1.0)
        for number in range(count)
    ]


def _xgboost_tree(tree: dict[str, Any], output: int, weight: float) -> Tree:
    leaves = np.array(tree["left_children"]) < 0
    conditions = np.array(tree["split_conditions"], np.float32).astype(np.float64)
    sets = {}
    for node, start, size in zip(
        tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True
    ):
        codes = tree["categories"][start : start + size]
        goes_left = np.ones(max(codes, default=-1) + 2, np.bool_)
        goes_left[codes] = False
        sets[node] = goes_left
    return Tree(
        feature=tree["split_indices"],
        threshold=conditions.tolist(),
        left=tree["left_children"],
        right=tree["right_children"],
        value=np.where(leaves, conditions * weight, 0.0).tolist(),
        cover=np.array(tree["sum_hessian"], np.float32).astype(np.float64).tolist(),
        missing_left=[flag == 1 for flag in tree["default_left"]],
        output=output,
        sets=sets,
    )


def lightgbm_trees(loaded: Loaded) -> list[Tree] | None:
    """The trees of the checked text; those of a random forest as shares of its mean."""
    if len(loaded.facts.text) > MOST_BYTES:
        return None
    weight = 1 / loaded.facts.rounds if loaded.facts.averaged else 1.0
    blocks = loaded.facts.text.split("\nTree=")[1:]
    return [_lightgbm_tree(block, number % loaded.facts.num_class, weight) for number, block in enumerate(blocks)]


def _lightgbm_tree(block: str, output: int, weight: float) -> Tree:
    """Splits come first, then leaves: leaf n is written -1 - n."""
    lines = dict(line.partition("=")[::2] for line in block.split("\n"))

    def numbers(key: str) -> list[float]:
        return [float(part) for part in lines.get(key, "").split()]

    values = [value * weight for value in numbers("leaf_value")]
    inner = len(values) - 1
    thresholds, decisions = numbers("threshold"), [int(number) for number in numbers("decision_type")]
    missing_left = []
    for threshold, decision in zip(thresholds, decisions, strict=True):
        default, kind = bool(decision & _DEFAULT_LEFT), decision >> 2
        # without a kind, an empty cell is a zero; a category that is missing goes right
        missing_left.append(not decision & 1 and (default if kind in (_ZERO, _NAN) else threshold >= 0))
    children = [
        [int(child) if child >= 0 else inner - 1 - int(child) for child in numbers(key)] + [-1] * (inner + 1)
        for key in ("left_child", "right_child")
    ]
    return Tree(
        feature=[int(number) for number in numbers("split_feature")] + [-1] * (inner + 1),
        threshold=thresholds + [0.0] * (inner + 1),
        left=children[0],
        right=children[1],
        value=[0.0] * inner + values,
        cover=numbers("internal_count") + numbers("leaf_count") if inner else [1.0],
        missing_left=missing_left + [False] * (inner + 1),
        output=output,
        zero_is_missing=frozenset(
            node for node, decision in enumerate(decisions) if not decision & 1 and decision >> 2 == _ZERO
        ),
        sets={node: _lightgbm_set(lines, int(thresholds[node])) for node in range(inner) if decisions[node] & 1},
    )


def _lightgbm_set(lines: dict[str, str], place: int) -> Booleans:
    start, stop = (int(number) for number in lines["cat_boundaries"].split()[place : place + 2])
    words = np.array([int(number) for number in lines["cat_threshold"].split()[start:stop]], "<u4")
    return np.append(np.unpackbits(words.view(np.uint8), bitorder="little").astype(np.bool_), False)


def histogram_trees(model: Any) -> list[Tree] | None:
    """Trees of scikit-learn's histogram boosting; None where it splits by category, for which it keeps tables apart."""
    found = []
    if sum(len(predictor.nodes) for one_round in model._predictors for predictor in one_round) > MOST_NODES:
        return None
    for one_round in model._predictors:
        for output, predictor in enumerate(one_round):
            nodes = predictor.nodes
            if nodes["is_categorical"].any():
                return None
            leaves = nodes["is_leaf"] != 0
            found.append(
                Tree(
                    feature=nodes["feature_idx"].tolist(),
                    threshold=nodes["num_threshold"].tolist(),
                    left=np.where(leaves, -1, nodes["left"].astype(np.int64)).tolist(),
                    right=np.where(leaves, -1, nodes["right"].astype(np.int64)).tolist(),
                    value=nodes["value"].tolist(),
                    cover=nodes["count"].astype(np.float64).tolist(),
                    missing_left=(nodes["missing_go_to_left"] != 0).tolist(),
                    output=output,
                )
            )
    return found


def forest_trees(model: Any, outputs: tuple[int, ...]) -> list[Tree] | None:
    """Trees of a forest, or one tree: shares of the mean, once for each of the `outputs` (columns of a leaf's value)."""
    grown = [one.tree_ for one in getattr(model, "estimators_", [model])]
    if sum(tree.node_count for tree in grown) * len(outputs) > MOST_NODES:
        return None
    return [
        _grown(tree, tree.value[:, 0, column] / len(grown), place)
        for tree in grown
        for place, column in enumerate(outputs)
    ]


def boosted_trees(model: Any) -> list[Tree] | None:
    """Trees of gradient boosting with one output: shares by the learning rate."""
    if sum(one.tree_.node_count for one in model.estimators_[:, 0]) > MOST_NODES:
        return None
    return [_grown(one.tree_, one.tree_.value[:, 0, 0] * model.learning_rate, 0) for one in model.estimators_[:, 0]]


def _grown(tree: Any, values: Any, output: int) -> Tree:
    return Tree(
        feature=tree.feature.tolist(),
        threshold=tree.threshold.tolist(),
        left=tree.children_left.tolist(),
        right=tree.children_right.tolist(),
        value=np.asarray(values).tolist(),
        cover=tree.weighted_n_node_samples.tolist(),
        missing_left=(np.asarray(tree.missing_go_to_left) != 0).tolist(),
        output=output,
    )
