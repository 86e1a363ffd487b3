"""Ways to spoil the text of a LightGBM model, and what becomes of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

from bench.crafting.spoiling import cut, flipped, other_digits

Spoil = Callable[[str], str]


def line(key: str, change: Callable[[list[str]], list[str]]) -> Spoil:
    """Change the entries of the first line of that name."""

    def spoil(text: str) -> str:
        found = re.search(rf"^{key}=(.*)$", text, re.MULTILINE)
        assert found, key
        return text[: found.start(1)] + " ".join(change(found[1].split(" "))) + text[found.end(1) :]

    return spoil


def entry(key: str, place: int, value: str) -> Spoil:
    return line(key, lambda parts: [*parts[:place], value, *parts[place + 1 :]])


def fitting(text: str) -> str:
    """The same with sizes that fit the trees, so that it is not they that give the file away."""
    body = text[: text.index("end of trees")]
    starts = [found.start() for found in re.finditer(r"^Tree=", body, re.MULTILINE)]
    sizes = [stop - start for start, stop in zip(starts, [*starts[1:], len(body)], strict=True)]
    return re.sub(r"^tree_sizes=.*$", "tree_sizes=" + " ".join(map(str, sizes)), text, count=1, flags=re.MULTILINE)


def ready_for(what: str, text: str) -> str:
    """The sound text to which `what` of SPOILT is done: what is about categories gets a first tree that splits by them."""
    if not ("categor" in what or "word" in what or "sets" in what):
        return text
    tree = (
        "Tree=0\nnum_leaves=2\nnum_cat=1\nsplit_feature=2\nsplit_gain=1\nthreshold=0\ndecision_type=1\nleft_child=-1\n"
        "right_child=-2\nleaf_value=1 2\nleaf_weight=3 4\nleaf_count=3 4\ninternal_value=0\ninternal_weight=7\n"
        "internal_count=7\ncat_boundaries=0 2\ncat_threshold=5 1\nis_linear=0\nshrinkage=1\n\n\n"
    )
    if "pandas_categorical:[]" in text:
        return text
    return text[: text.index("Tree=0\n")] + tree + text[text.index("Tree=1\n") :]


def crafted(whole: bytes, generator: random.Random, turn: int) -> bytes:
    """Flipped bits, a cut end, a digit in place of another, or a line of children that leads in a circle."""
    return (flipped, cut, other_digits, _other_child)[turn % 4](whole, generator)


def _other_child(whole: bytes, generator: random.Random) -> bytes:
    found = generator.choice(list(re.finditer(rb"^(left|right)_child=(.+)$", whole, re.MULTILINE)))
    parts = found[2].split(b" ")
    parts[generator.randrange(len(parts))] = generator.choice([b"0", b"1", b"-1", b"-9", b"30000", b"-30000"])
    return fitting((whole[: found.start(2)] + b" ".join(parts) + whole[found.end(2) :]).decode()).encode()


# What is done to a sound model of which kind (all with eight features), and the code with which it is refused.
SPOILT: Final[dict[str, tuple[str, Spoil, str]]] = {
    "a cycle to the root": ("binary", entry("left_child", 1, "0"), "malformed_model"),
    "a split that is its own child": ("binary", entry("left_child", 0, "0"), "malformed_model"),
    "a leaf reached twice": ("binary", entry("right_child", -1, "-1"), "malformed_model"),
    "a child out of range": ("binary", entry("right_child", 0, "99"), "malformed_model"),
    "a leaf out of range": ("binary", entry("left_child", -1, "-99"), "malformed_model"),
    "a feature out of range": ("binary", entry("split_feature", 0, "8"), "malformed_model"),
    "a negative feature": ("binary", entry("split_feature", 0, "-1"), "malformed_model"),
    "a feature past 32 bits": ("binary", entry("split_feature", 0, "4294967296"), "malformed_model"),
    "a leaf count below zero": ("binary", entry("leaf_count", 0, "-5"), "malformed_model"),
    "a split without rows": ("binary", entry("internal_count", 0, "0"), "malformed_model"),
    "an infinite leaf": ("binary", entry("leaf_value", 0, "1e999"), "malformed_model"),
    "a leaf that is no number": ("binary", entry("leaf_value", 0, "nan"), "malformed_model"),
    "a text for a threshold": ("binary", entry("threshold", 0, "x"), "malformed_model"),
    "a threshold too few": ("binary", line("threshold", lambda parts: parts[:-1]), "malformed_model"),
    "a missing kind that does not exist": ("binary", entry("decision_type", 0, "14"), "malformed_model"),
    "a split by categories where none are": ("binary", entry("decision_type", 0, "1"), "malformed_model"),
    "more leaves than entries": ("binary", entry("num_leaves", 0, "9"), "malformed_model"),
    "no leaves": ("binary", entry("num_leaves", 0, "0"), "malformed_model"),
    "billions of leaves": ("binary", entry("num_leaves", 0, "2000000000"), "limit_exceeded"),
    "a formula in the leaves": ("binary", entry("is_linear", 0, "1"), "unsupported_model"),
    "a line twice": ("binary", lambda text: text.replace("num_cat=0", "num_cat=0\nnum_cat=0", 1), "malformed_model"),
    "an unknown line": ("binary", lambda text: text.replace("num_cat=0", "num_cat=0\ncode=1", 1), "unsupported_model"),
    "a missing line": ("binary", lambda text: re.sub(r"leaf_count=.*\n", "", text, count=1), "malformed_model"),
    "millions of features": ("binary", entry("max_feature_idx", 0, "99999999"), "limit_exceeded"),
    "fewer features than names": ("binary", entry("max_feature_idx", 0, "6"), "malformed_model"),
    "more classes than trees": ("binary", entry("num_class", 0, "3"), "malformed_model"),
    "millions of classes": ("binary", entry("num_class", 0, "9999999"), "limit_exceeded"),
    "one tree a round for three classes": ("multiclass", entry("num_tree_per_iteration", 0, "1"), "malformed_model"),
    "an objective for other classes": ("multiclass", entry("objective", 1, "num_class:4"), "malformed_model"),
    "two features of one name": (
        "binary",
        line("feature_names", lambda names: [names[1], *names[1:]]),
        "malformed_model",
    ),
    "a tree out of its place": ("binary", lambda text: text.replace("Tree=1\n", "Tree=2\n", 1), "malformed_model"),
    "a tree too few": ("multiclass", lambda text: re.sub(r"Tree=23\n(.+\n)+", "", text), "malformed_model"),
    "no trees": ("binary", lambda text: re.sub(r"(?s)Tree=0\n.*(?=\nend of trees)", "", text), "malformed_model"),
    "another version": ("binary", entry("version", 0, "v9"), "unsupported_model"),
    "a set of categories out of range": ("categories", entry("threshold", 0, "99"), "malformed_model"),
    "a set of categories between two": ("categories", entry("threshold", 0, "0.5"), "malformed_model"),
    "categories past their words": ("categories", entry("cat_boundaries", -1, "999"), "malformed_model"),
    "categories backwards": ("categories", entry("cat_boundaries", 1, "0"), "malformed_model"),
    "a word past 32 bits": ("categories", entry("cat_threshold", 0, "4294967296"), "malformed_model"),
    "more sets than splits": ("categories", entry("num_cat", 0, "99"), "malformed_model"),
    "categories as text": (
        "categories",
        lambda text: re.sub(r"pandas_categorical:.*", 'pandas_categorical:[["a","b"],["c"]]', text),
        "unsupported_model",
    ),
    "categories that cannot be read": (
        "categories",
        lambda text: re.sub(r"pandas_categorical:.*", "pandas_categorical:[[", text),
        "malformed_model",
    ),
}
