"""Trees inside an ONNX model: indices in range, no cycles, bounded depth; libraries follow them without looking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from explain.attributions.formats.protobuf import broken
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

TREES: Final = frozenset({"TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble"})
_NODES: Final = ("nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids")


def check_trees(operator: str, attributes: Mapping[str, Sequence[Any]], limits: Limits, width: int | None) -> None:
    """Check one ensemble; `width`: columns of what it reads, None where that is not known beforehand.

    Raises ExplainRefused: malformed_model, limit_exceeded, unsupported_model.
    """
    if operator == "TreeEnsemble":
        raise ExplainRefused(
            "unsupported_model",
            "The ONNX file writes its trees as TreeEnsemble of ai.onnx.ml 5, which is not checked here yet. Export it with "
            "target_opset={'': 17, 'ai.onnx.ml': 3}.",
        )
    trees, nodes, features, yes, no = ([int(number) for number in attributes.get(name, ())] for name in _NODES)
    modes = [str(mode) for mode in attributes.get("nodes_modes", ())]
    count = len(nodes)
    if not count or any(len(each) != count for each in (trees, features, yes, no, modes)):
        raise broken("its trees have lists of different lengths")
    if count > limits.nodes or len(set(trees)) > limits.trees:
        raise ExplainRefused(
            "limit_exceeded", f"The model has {count:,} nodes in {len(set(trees)):,} trees, which is more than is read."
        )
    most = min(width or limits.columns, limits.columns)
    places: dict[tuple[int, int], int] = {}
    for place, key in enumerate(zip(trees, nodes, strict=True)):
        if key in places:
            raise broken(f"node {key[1]} of tree {key[0]} stands there twice")
        places[key] = place
    parents = [0] * count
    for place in range(count):
        if modes[place] == "LEAF":
            continue
        if not 0 <= features[place] < most:
            raise broken(f"a node asks for feature {features[place]}, and there are {most:,}")
        for child in (yes[place], no[place]):
            at = places.get((trees[place], child))
            if at is None:
                raise broken(f"a node of tree {trees[place]} leads to node {child}, which is not there")
            parents[at] += 1
    if any(number > 1 for number in parents):
        raise broken("a node of its trees is reached in two ways")
    _check_depth(trees, modes, yes, no, places, parents, limits)
    for kind in ("class", "target"):
        owners = zip(attributes.get(f"{kind}_treeids", ()), attributes.get(f"{kind}_nodeids", ()), strict=False)
        if any((int(tree), int(node)) not in places for tree, node in owners):
            raise broken("a value of its trees belongs to a node that is not there")


def _check_depth(
    trees: Sequence[int],
    modes: Sequence[str],
    yes: Sequence[int],
    no: Sequence[int],
    places: Mapping[tuple[int, int], int],
    parents: Sequence[int],
    limits: Limits,
) -> None:
    """Every node hangs on a root; what hangs on none is a cycle."""
    level = [place for place, number in enumerate(parents) if not number]
    if len(level) != len(set(trees)):
        raise broken("its trees do not have one root each")
    reached, depth = 0, 0
    while level:
        reached += len(level)
        depth += 1
        if depth > limits.tree_depth:
            raise ExplainRefused("limit_exceeded", f"A tree of the model is deeper than {limits.tree_depth} levels.")
        level = [
            places[(trees[place], child)]
            for place in level
            if modes[place] != "LEAF"
            for child in (yes[place], no[place])
        ]
    if reached != len(trees):
        raise broken("nodes of its trees lead to each other in a circle")
