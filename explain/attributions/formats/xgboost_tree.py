"""One tree of an XGBoost model: equal lengths, a real tree, indices in range, finite numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

_PER_NODE: Final = (
    "base_weights",
    "default_left",
    "left_children",
    "loss_changes",
    "parents",
    "right_children",
    "split_conditions",
    "split_indices",
    "split_type",
    "sum_hessian",
)
_FLOAT_MAX: Final = 3.4028235e38
_ROOT_PARENT: Final = 2**31 - 1


def is_integer(value: object) -> bool:
    """Whether the JSON value is a whole number (true and false are not)."""
    return isinstance(value, int) and not isinstance(value, bool)


def integers(values: Sequence[Any], low: int, high: int) -> bool:
    """Whether all values are whole numbers from `low` to `high`."""
    return all(type(value) is int and low <= value <= high for value in values)


def numbers(values: Sequence[Any]) -> bool:
    """Whether all values are finite numbers that a 32-bit float can hold."""
    return all(type(value) in (int, float) and -_FLOAT_MAX <= value <= _FLOAT_MAX for value in values)


def check_tree(tree: Mapping[str, Any], number: int, num_feature: int, types: tuple[str, ...], limits: Limits) -> int:
    """Check one tree and return its number of nodes. Raises ExplainRefused as read_xgboost_json does."""

    def refuse(what: str) -> NoReturn:
        raise ExplainRefused(
            "malformed_model",
            f"This is not a sound XGBoost model: in tree {number}, {what}. Export it again with booster.save_model.",
        )

    arrays: dict[str, Sequence[Any]] = {}
    for key in _PER_NODE:
        value = tree.get(key)
        if not isinstance(value, list):
            refuse(f"the list {key!r} is missing")
        arrays[key] = value
    parameters = tree.get("tree_param")
    if not isinstance(parameters, dict):
        refuse("the part 'tree_param' is missing")
    declared = {
        key: str(parameters.get(key, default))
        for key, default in (
            ("num_nodes", ""),
            ("num_deleted", "0"),
            ("size_leaf_vector", "1"),
            ("num_feature", str(num_feature)),
        )
    }
    if not all(text.isascii() and text.isdigit() and len(text) <= 10 for text in declared.values()):
        refuse("a count is not a whole number")
    count = int(declared["num_nodes"])
    if count < 1 or any(len(values) != count for values in arrays.values()):
        refuse("the lists do not all have one entry for each node")
    if int(declared["size_leaf_vector"]) > 1:
        raise ExplainRefused(
            "unsupported_model",
            "This model has leaves with several values. Train it with multi_strategy='one_output_per_tree'.",
        )
    if int(declared["num_feature"]) != num_feature:
        refuse("the number of features is not that of the model")
    if not is_integer(tree.get("id", 0)) or not 0 <= tree.get("id", 0) < limits.trees:
        refuse("its number is out of range")
    for key in ("base_weights", "loss_changes", "sum_hessian"):
        if not numbers(arrays[key]):
            refuse(f"the list {key!r} holds something that is not a finite number")
    if not all(flag in (0, 1) for flag in arrays["default_left"]) or not integers(arrays["split_type"], 0, 1):
        refuse("a flag is neither 0 nor 1")
    left, right, parents = arrays["left_children"], arrays["right_children"], arrays["parents"]
    if (
        not integers(left, -1, count - 1)
        or not integers(right, -1, count - 1)
        or not integers(parents, -1, _ROOT_PARENT)
    ):
        refuse("a child or parent points outside the tree")
    reached = _walk(left, right, parents, count, limits, refuse)
    if not integers(arrays["split_indices"], 0, _ROOT_PARENT):
        refuse("a feature number is out of range")
    for node in reached:
        inner = left[node] != -1
        if inner and arrays["split_indices"][node] >= num_feature:
            refuse(f"node {node} asks for feature {arrays['split_indices'][node]}, and there are {num_feature}")
        condition = arrays["split_conditions"][node]
        categorical = inner and arrays["split_type"][node] == 1
        if not numbers([condition]) and not (categorical and isinstance(condition, float) and math.isnan(condition)):
            refuse("a split condition or leaf value is not a finite number")
        if categorical and types and types[arrays["split_indices"][node]] != "c":
            refuse(f"node {node} splits a number as if it were a category")
    if count - len(reached) != int(declared["num_deleted"]):
        refuse("some nodes cannot be reached from the root")
    if any(not numbers([value]) for value in arrays["split_conditions"]) and 1 not in arrays["split_type"]:
        refuse("a split condition or leaf value is not a finite number")
    _check_categories(tree, [n for n in range(count) if left[n] != -1 and arrays["split_type"][n] == 1], limits, refuse)
    return count


def _walk(
    left: Sequence[int],
    right: Sequence[int],
    parents: Sequence[int],
    count: int,
    limits: Limits,
    refuse: Any,
) -> list[int]:
    """All nodes reached from the root; refuses cycles, shared children, half leaves and too deep trees."""
    seen = bytearray(count)
    seen[0] = 1
    reached, level, depth = [0], [0], 0
    if parents[0] not in (-1, _ROOT_PARENT):
        refuse("its root has a parent")
    while level:
        below: list[int] = []
        for node in level:
            first, second = left[node], right[node]
            if (first == -1) != (second == -1):
                refuse(f"node {node} has only one child")
            if first == -1:
                continue
            for child in (first, second):
                if seen[child]:
                    refuse(f"node {child} is reached twice: the nodes form a cycle, not a tree")
                if parents[child] != node:
                    refuse(f"node {child} does not name its own parent")
                seen[child] = 1
                below.append(child)
        reached.extend(below)
        level, depth = below, depth + 1
        if depth > limits.tree_depth + 1:
            raise ExplainRefused("limit_exceeded", f"A tree is more than {limits.tree_depth} levels deep.")
    if any(not seen[node] and (left[node] != -1 or right[node] != -1) for node in range(count)):
        refuse("a node outside the tree has children")
    return reached


def _check_categories(tree: Mapping[str, Any], nodes: list[int], limits: Limits, refuse: Any) -> None:
    """The lists of categories: consecutive segments, one for each categorical node, small whole numbers."""
    parts = [tree.get(key, []) for key in ("categories", "categories_nodes", "categories_segments", "categories_sizes")]
    if not all(isinstance(part, list) for part in parts):
        refuse("its categories are not lists")
    values, owners, starts, sizes = parts
    if sorted(owners) != nodes if integers(owners, 0, _ROOT_PARENT) else True:
        refuse("its categories do not belong to its categorical nodes")
    if not (len(owners) == len(starts) == len(sizes)) or owners != sorted(owners):
        refuse("its lists of categories do not fit each other")
    if (
        not integers(values, 0, limits.categories)
        or not integers(starts, 0, len(values))
        or not integers(sizes, 0, len(values))
    ):
        refuse("a category is out of range")
    if any(start + size > len(values) for start, size in zip(starts, sizes, strict=True)):
        refuse("a category is out of range")
