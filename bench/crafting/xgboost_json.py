"""Ways to spoil an XGBoost model in JSON, and what becomes of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, Final

from bench.crafting.spoiling import cut, flipped, other_digits, other_leaf

Spoil = Callable[[dict[str, Any]], None]


def _tree(model: dict[str, Any], place: int = 0) -> Any:
    return model["learner"]["gradient_booster"]["model"]["trees"][place]


def _set(key: str, place: int, value: Any) -> Spoil:
    def spoil(model: dict[str, Any]) -> None:
        _tree(model)[key][place] = value

    return spoil


def _drop(key: str) -> Spoil:
    def spoil(model: dict[str, Any]) -> None:
        del _tree(model)[key]

    return spoil


def _shorten(model: dict[str, Any]) -> None:
    _tree(model)["split_conditions"].pop()


def _many_features(model: dict[str, Any]) -> None:
    model["learner"]["learner_model_param"]["num_feature"] = "99999999"


def _many_trees(model: dict[str, Any]) -> None:
    model["learner"]["gradient_booster"]["model"]["gbtree_model_param"]["num_trees"] = "4000000000"


def _wrong_class(model: dict[str, Any]) -> None:
    model["learner"]["gradient_booster"]["model"]["tree_info"][0] = 7


def _several_targets(model: dict[str, Any]) -> None:
    model["learner"]["learner_model_param"]["num_target"] = "2"


# What is done to a sound model with eight features, and the code with which it is refused.
SPOILT: Final[dict[str, tuple[Spoil, str]]] = {
    "a cycle to the root": (_set("left_children", 1, 0), "malformed_model"),
    "a node that is its own child": (_set("left_children", 0, 0), "malformed_model"),
    "a child out of range": (_set("right_children", 0, 10**6), "malformed_model"),
    "a negative child": (_set("right_children", 0, -2), "malformed_model"),
    "a feature out of range": (_set("split_indices", 0, 8), "malformed_model"),
    "a huge feature": (_set("split_indices", 0, 2**40), "malformed_model"),
    "a parent out of range": (_set("parents", 1, 10**6), "malformed_model"),
    "an infinite leaf": (_set("split_conditions", 0, 1e39), "malformed_model"),
    "no number": (_set("base_weights", 0, float("nan")), "malformed_model"),
    "a text": (_set("sum_hessian", 0, "x"), "malformed_model"),
    "a flag of 2": (_set("split_type", 0, 2), "malformed_model"),
    "a missing list": (_drop("parents"), "malformed_model"),
    "unequal lists": (_shorten, "malformed_model"),
    "millions of features": (_many_features, "limit_exceeded"),
    "billions of trees": (_many_trees, "limit_exceeded"),
    "a class that is not there": (_wrong_class, "malformed_model"),
    "several targets": (_several_targets, "unsupported_model"),
}


def crafted(whole: bytes, generator: random.Random, turn: int) -> bytes:
    """Flipped bits, a cut end, a digit in place of another, a child elsewhere, or an extreme value anywhere."""
    return (flipped, cut, other_digits, _other_child, _other_value)[turn % 5](whole, generator)


def _other_child(whole: bytes, generator: random.Random) -> bytes:
    model = json.loads(whole)
    trees = model["learner"]["gradient_booster"]["model"]["trees"]
    lists = generator.choice(trees)
    children = lists[generator.choice(["left_children", "right_children", "parents", "split_indices"])]
    children[generator.randrange(len(children))] = generator.choice([0, 1, 2, -1, -2, 30_000, 2**31 - 1, 2**40])
    return json.dumps(model).encode()


def _other_value(whole: bytes, generator: random.Random) -> bytes:
    model = json.loads(whole)
    other_leaf(model, generator)
    return json.dumps(model).encode()
