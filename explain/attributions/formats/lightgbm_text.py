"""LightGBM's text format, checked wholly before the library sees it, and written anew for it.

The library follows the numbers in the file without looking at them: an index out of range is a write outside its memory,
a cycle a stack that overflows. So every line is looked at here in plain Python, and the library gets a text made of the
checked lines alone: what this reader did not look at, it never reads.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from explain.attributions.formats.lightgbm_tree import check_tree
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

VERSIONS: Final = ("v2", "v3", "v4")
_KEYS: Final = frozenset(
    [
        "version",
        "num_class",
        "num_tree_per_iteration",
        "label_index",
        "max_feature_idx",
        "objective",
        "average_output",
        "feature_names",
        "monotone_constraints",
        "feature_infos",
        "tree_sizes",
    ]
)
_TREE: Final = re.compile(r"^Tree=(\d{1,9})$", re.MULTILINE)
_END: Final = "\nend of trees\n"
_OBJECTIVE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}( (sqrt|[a-z_]{1,40}:[-+0-9.e]{1,40}))*")
_INFO: Final = re.compile(r"none|\[[-+0-9.einf]{1,40}:[-+0-9.einf]{1,40}\]|-?\d{1,10}(:-?\d{1,10})*")
_CATEGORIES: Final = "\npandas_categorical:"


@dataclass(frozen=True)
class LightGBMModel:
    """The facts of a checked model, and the `text` that LightGBM may read. `feature_names` is empty when it was trained
    without names; spaces in names are underscores, as LightGBM writes them. `categorical`: the places of features with
    categories. `codes`: for some of those, the value of each code in the training table (pandas numbers its categories);
    a feature without an entry holds codes already. `objective` may be empty (a custom one). `counted`: whether the rows
    counted in the trees fit each other; if not, path-dependent contributions add up and are wrong nevertheless."""

    num_feature: int
    feature_names: tuple[str, ...]
    objective: str
    settings: dict[str, str]
    num_class: int
    averaged: bool
    rounds: int
    trees: int
    version: str
    categorical: tuple[int, ...]
    codes: dict[int, tuple[float, ...]]
    counted: bool
    text: str


def _refuse(what: str) -> NoReturn:
    raise ExplainRefused(
        "malformed_model",
        f"This is not a sound LightGBM model: {what}. Export it again with booster.save_model.",
    )


def read_lightgbm_text(path: Path, limits: Limits) -> LightGBMModel:
    """Check the file at `path` and return its facts.

    Raises ExplainRefused: malformed_model, limit_exceeded, or unsupported_model (formulas in leaves, categories stored as
    text, a version that is not known).
    """
    size = path.stat().st_size
    if size > limits.model_bytes:
        raise ExplainRefused(
            "limit_exceeded",
            f"The model file has {size:,} bytes; at most {limits.model_bytes:,} are read. Train with fewer trees.",
        )
    head, blocks, rest = _parts(path.read_bytes(), limits)
    header = _header(head)
    num_feature = _count(header, "max_feature_idx", 0, limits.columns - 1) + 1
    num_class = _count(header, "num_class", 1, limits.classes)
    if _count(header, "num_tree_per_iteration", 1, limits.classes) != num_class:
        _refuse("it does not have one tree for each class in a round")
    if len(blocks) % num_class:
        _refuse("the number of trees does not fit the number of classes")
    objective, settings = _objective(header, num_class)
    names = _names(header, num_feature)
    categorical = _infos(header, num_feature)
    _check_sizes(header, blocks)
    texts, nodes, counted = [], 0, True
    for number, block in enumerate(blocks):
        tree = check_tree(number, [line for line in block.split("\n")[1:] if line], num_feature, limits)
        nodes += 2 * tree.leaves - 1
        if nodes > limits.nodes:
            raise ExplainRefused("limit_exceeded", f"The model has more than {limits.nodes:,} nodes; fewer are read.")
        texts.append(tree.text)
        counted = counted and tree.counted
    return LightGBMModel(
        num_feature=num_feature,
        feature_names=names,
        objective=objective,
        settings=settings,
        num_class=num_class,
        averaged="average_output" in header,
        rounds=len(blocks) // num_class,
        trees=len(blocks),
        version=header["version"],
        categorical=categorical,
        codes=_codes(rest, categorical, limits),
        counted=counted,
        text=_written(num_feature, num_class, texts),
    )


def _parts(content: bytes, limits: Limits) -> tuple[str, list[str], str]:
    """What stands before the trees, the text of each tree, and what stands after them."""
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        _refuse("it is not text in UTF-8")
    if "\x00" in text:
        _refuse("it holds null bytes")
    end = text.find(_END)
    if end < 0:
        _refuse("its end is missing")
    places = []
    for number, found in enumerate(_TREE.finditer(text, 0, end + 1)):
        if number >= limits.trees:
            raise ExplainRefused("limit_exceeded", f"The model has more than {limits.trees:,} trees; fewer are read.")
        if int(found[1]) != number:
            _refuse(f"tree {number} is missing or not in its place")
        places.append(found.start())
    if not places:
        _refuse("it holds no trees")
    stops = [*places[1:], end + 1]
    blocks = [text[start:stop] for start, stop in zip(places, stops, strict=True)]
    return text[: places[0]], blocks, text[end + len(_END) - 1 :]


def _header(text: str) -> dict[str, str]:
    first, *lines = [line for line in text.split("\n") if line] or [""]
    if first != "tree":
        _refuse("it does not begin with the word tree")
    header: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition("=")
        if key in header:
            _refuse(f"{key[:40]!r} appears twice")
        header[key] = value
    if header.get("version") not in VERSIONS:
        raise ExplainRefused(
            "unsupported_model",
            f"The version of this LightGBM file is {header.get('version', 'not stated')[:20]}; "
            f"{', '.join(VERSIONS)} are read. Export the model with LightGBM 3 or 4.",
        )
    unknown = sorted(set(header) - _KEYS)
    if unknown:
        raise ExplainRefused(
            "unsupported_model",
            f"This LightGBM model states {unknown[0][:40]!r}, which is not known here. Export it with LightGBM 3 or 4.",
        )
    return header


def _count(header: dict[str, str], key: str, low: int, high: int) -> int:
    text = header.get(key, "")
    if not re.fullmatch(r"[0-9]{1,10}", text):
        _refuse(f"{key!r} is not a whole number")
    value = int(text)
    if value > high:
        raise ExplainRefused("limit_exceeded", f"The model declares {value:,} as {key}; at most {high:,} are read.")
    if value < low:
        _refuse(f"{key!r} is {value}, and must be at least {low}")
    return value


def _objective(header: dict[str, str], num_class: int) -> tuple[str, dict[str, str]]:
    text = header.get("objective", "")
    if not text or text == "custom":
        return "", {}
    if not _OBJECTIVE.fullmatch(text):
        _refuse("its objective cannot be read")
    name, *parts = text.split(" ")
    settings = dict(part.partition(":")[::2] for part in parts)
    several = name in ("multiclass", "multiclassova")
    if several and settings.get("num_class") != str(num_class):
        _refuse("the number of classes is not that of its objective")
    if name == "binary" and num_class != 1:
        _refuse("a model of two classes has one output")
    return name, settings


def _names(header: dict[str, str], num_feature: int) -> tuple[str, ...]:
    names = tuple(header.get("feature_names", "").split(" "))
    if len(names) != num_feature:
        _refuse(f"it does not name each of its {num_feature:,} features")
    if not all(name and len(name) <= 500 and name.isprintable() for name in names):
        _refuse("a feature's name is not a short text")
    if len(set(names)) != len(names):
        _refuse("two features have the same name")
    # what LightGBM calls columns that came without names
    return () if names == tuple(f"Column_{place}" for place in range(num_feature)) else names


def _infos(header: dict[str, str], num_feature: int) -> tuple[int, ...]:
    """The places of the features with categories: their values are listed, those of numbers are a range."""
    infos = header.get("feature_infos", "").split(" ")
    if len(infos) != num_feature:
        _refuse("it does not state the values of each feature")
    if not all(_INFO.fullmatch(info) for info in infos):
        _refuse("the values of a feature cannot be read")
    return tuple(place for place, info in enumerate(infos) if info != "none" and info[0] != "[")


def _check_sizes(header: dict[str, str], blocks: list[str]) -> None:
    """`tree_sizes`: the bytes of each tree, by which the library would jump through the file."""
    if "tree_sizes" not in header:
        return
    if not re.fullmatch(r"\d{1,12}( \d{1,12})*", header["tree_sizes"]):
        _refuse("the sizes of its trees are not whole numbers")
    sizes = [int(part) for part in header["tree_sizes"].split(" ")]
    if len(sizes) != len(blocks):
        _refuse(f"it declares {len(sizes):,} trees and holds {len(blocks):,}")
    for number, (size, block) in enumerate(zip(sizes, blocks, strict=True)):
        if size != len(block.encode()):
            _refuse(f"tree {number} is not as long as it is declared to be")


def _codes(rest: str, categorical: tuple[int, ...], limits: Limits) -> dict[int, tuple[float, ...]]:
    """How pandas numbered the categories of the training table, for features whose numbers are not the categories."""
    if "\nparameters:\n" in rest and "\nend of parameters\n" not in rest:
        _refuse("its end is missing")
    _, mark, line = rest.rpartition(_CATEGORIES)
    text = line.strip()
    if not mark or text == "null":
        return {}
    try:
        stored: Any = json.loads(text)
    except (ValueError, RecursionError):
        _refuse("its list of categories cannot be read")
    if not isinstance(stored, list) or not all(isinstance(one, list) for one in stored):
        _refuse("its list of categories cannot be read")
    if any(len(one) > limits.categories for one in stored):
        raise ExplainRefused(
            "limit_exceeded", f"A feature has more than {limits.categories:,} categories; fewer are read."
        )
    if not all(isinstance(value, (int, float)) and abs(value) < 2**53 for one in stored for value in one):
        raise ExplainRefused(
            "unsupported_model",
            "This model stores its categories as text. Train it on whole-number category codes, or on one column for "
            "each category, and export it again.",
        )
    if all(list(one) == list(range(len(one))) for one in stored):
        return {}
    if len(stored) != len(categorical):
        raise ExplainRefused(
            "unsupported_model",
            "It cannot be told which columns the stored categories belong to. Train the model on whole-number "
            "category codes from 0, and export it again.",
        )
    return {place: tuple(float(value) for value in values) for place, values in zip(categorical, stored, strict=True)}


def _written(num_feature: int, num_class: int, trees: list[str]) -> str:
    """The model for the library: neutral names, no objective, no parameters, the checked trees."""
    sizes = " ".join(str(len(tree)) for tree in trees)
    return (
        f"tree\nversion=v4\nnum_class={num_class}\nnum_tree_per_iteration={num_class}\nlabel_index=0\n"
        f"max_feature_idx={num_feature - 1}\n"
        f"feature_names={' '.join(f'f{place}' for place in range(num_feature))}\n"
        f"feature_infos={' '.join(['none'] * num_feature)}\ntree_sizes={sizes}\n\n"
        f"{''.join(trees)}end of trees\n\n"
    )
