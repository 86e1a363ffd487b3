"""Trees inside a loaded scikit-learn model: its own code follows child and feature numbers without looking at
them."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused


def _refuse(what: str) -> NoReturn:
    raise ExplainRefused(
        "malformed_model",
        f"This is not a sound scikit-learn model: {what}. Export it again with skops.io.dump(model, path).",
    )


def check_sound(model: object, limits: Limits) -> None:
    """Walk everything the model holds and check each tree. Raises ExplainRefused: malformed_model,
    limit_exceeded."""
    waiting: list[tuple[Any, int | None]] = [(model, None)]
    seen: set[int] = set()
    trees = nodes = 0
    while waiting:
        part, features = waiting.pop()
        if id(part) in seen or isinstance(part, (str, bytes, int, float, bool, type(None), type)):
            continue
        seen.add(id(part))
        kind = type(part).__name__
        if kind in ("Tree", "TreePredictor"):
            trees += 1
            nodes += _check_tree(part, features) if kind == "Tree" else _check_predictor(part, features)
            if trees > limits.trees or nodes > limits.nodes:
                raise ExplainRefused(
                    "limit_exceeded",
                    f"The model has more than {limits.trees:,} trees or {limits.nodes:,} nodes.",
                )
        elif isinstance(part, dict):
            waiting.extend((value, features) for value in part.values())
        elif isinstance(part, (list, tuple, set)):
            waiting.extend((value, features) for value in part)
        elif isinstance(part, np.ndarray):
            if part.dtype == object:
                waiting.extend((value, features) for value in part.ravel())
        elif type(part).__module__.startswith("sklearn.") and hasattr(part, "__dict__"):
            own = part.__dict__.get("n_features_in_", features)
            waiting.extend((value, own) for value in part.__dict__.values())


def _check_children(left: Any, right: Any, inner: Any, count: int) -> None:
    """Children come after their parent and belong to one parent only, so there are neither cycles nor shared
    nodes."""
    places = np.arange(count)
    for side in (left, right):
        if ((side[inner] <= places[inner]) | (side[inner] >= count)).any():
            _refuse("a node's child is out of range")
    children = np.concatenate([left[inner], right[inner]]).astype(np.int64)
    if len(children) != count - 1 or len(np.unique(children)) != count - 1:
        _refuse("the nodes of a tree do not form a tree")


def _check_tree(tree: Any, features: int | None) -> int:
    count = int(tree.node_count)
    if count < 1 or len(tree.children_left) != count or len(tree.value) != count:
        _refuse("a tree has no nodes, or not as many as it declares")
    if features is None or tree.n_features != features:
        _refuse("a tree was made for another number of features")
    left, right = np.asarray(tree.children_left), np.asarray(tree.children_right)
    inner = left != -1
    if ((right != -1) != inner).any():
        _refuse("a node has only one child")
    _check_children(left, right, inner, count)
    feature = np.asarray(tree.feature)[inner]
    if ((feature < 0) | (feature >= features)).any():
        _refuse("a node asks for a feature that does not exist")
    if not np.isfinite(np.asarray(tree.value)).all() or not np.isfinite(np.asarray(tree.threshold)[inner]).all():
        _refuse("a tree holds a number that is not finite")
    return count


def _check_predictor(predictor: Any, features: int | None) -> int:
    nodes = predictor.nodes
    count = len(nodes)
    if features is None or count < 1:
        _refuse("a tree has no nodes")
    inner = np.asarray(nodes["is_leaf"]) == 0
    _check_children(nodes["left"].astype(np.int64), nodes["right"].astype(np.int64), inner, count)
    feature = nodes["feature_idx"][inner].astype(np.int64)
    if ((feature < 0) | (feature >= features)).any():
        _refuse("a node asks for a feature that does not exist")
    sets = nodes["bitset_idx"][inner & (nodes["is_categorical"] != 0)]
    if len(sets) and int(sets.max()) >= min(
        len(predictor.raw_left_cat_bitsets), len(predictor.binned_left_cat_bitsets)
    ):
        _refuse("a node asks for categories that do not exist")
    if not np.isfinite(nodes["value"]).all():
        _refuse("a tree holds a number that is not finite")
    return count
