"""Crafted files of all formats by a seed, written into a folder with a list of what they are."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bench.crafting import lightgbm_text, onnx_graph, rows, skops_archive, xgboost_json
from bench.crafting.originals import Originals
from bench.crafting.pickles import pickles

LIST: Final = "cases.json"
EXECUTED: Final = "executed"  # a folder that appears when a pickle was loaded
MODEL, TABLE = "sound.json", "sound.csv"  # beside which data and models are tried
SUFFIXES: Final = {
    "xgboost-json": ".json", "lightgbm-text": ".txt", "skops": ".skops", "onnx": ".onnx", "csv": ".csv", "parquet": ".parquet",
}  # fmt: skip
# Of each hundred files; the rest are pickles.
SHARES: Final = {"xgboost-json": 20, "lightgbm-text": 20, "skops": 18, "onnx": 15, "csv": 11, "parquet": 10}
Make = Callable[[], bytes]
Crafts = Callable[[bytes, random.Random, int], bytes]


@dataclass(frozen=True)
class Crafted:
    """What was done, the file's name and declared format, its bytes; and whether it holds code that tells on who runs it."""

    made: str
    name: str
    declared: str
    content: bytes
    planted: bool = False


def write_sound(folder: Path, sound: Originals) -> int:
    """The sound files themselves as cases; returns how many."""
    found = [
        Crafted(f"sound {kind}", f"{kind}{SUFFIXES[declared]}", declared, content)
        for declared, files in _models(sound).items()
        for kind, content in files.items()
    ]
    found += [Crafted("sound rows", f"rows.{each}", each, getattr(sound, each)) for each in ("csv", "parquet")]
    return _write(folder, sound, found)


def write_crafted(folder: Path, sound: Originals, count: int, seed: int) -> int:
    """So many crafted files; returns how many."""
    generator = random.Random(seed)  # nosec B311 - a seed that gives the same files again
    streams = {
        "xgboost-json": _xgboost(sound, generator),
        "lightgbm-text": _lightgbm(sound, generator),
        "skops": _skops(sound, generator),
        "onnx": _onnx(sound, generator),
        "csv": _csv(sound, generator),
        "parquet": _parquet(sound, generator),
    }
    wanted = {kind: count * share // 100 for kind, share in SHARES.items()}
    streams["pickles"] = _pickles(folder / EXECUTED, sound, generator)
    wanted["pickles"] = count - sum(wanted.values())
    return _write(
        folder, sound, (each for kind, many in wanted.items() for each in itertools.islice(streams[kind], many))
    )


def _models(sound: Originals) -> dict[str, dict[str, bytes]]:
    return {"xgboost-json": sound.xgboost, "lightgbm-text": sound.lightgbm, "skops": sound.skops, "onnx": sound.onnx}


def _write(folder: Path, sound: Originals, found: Iterable[Crafted]) -> int:
    folder.mkdir(parents=True)
    (folder / MODEL).write_bytes(sound.xgboost["binary"])
    (folder / TABLE).write_bytes(sound.csv)
    cases = []
    for number, each in enumerate(found):
        place = folder / f"{number:04}"
        place.mkdir()
        (place / each.name).write_bytes(each.content)
        path = f"{place.name}/{each.name}"
        cases.append({"made": each.made, "file": path, "declared": each.declared, "planted": each.planted})
    (folder / LIST).write_text(json.dumps(cases))
    return len(cases)


def _drawn(declared: str, files: dict[str, bytes], craft: Crafts, generator: random.Random) -> Iterator[Crafted]:
    """Files at random without an end, each made of one of the sound ones."""
    kinds = sorted(files)
    for turn in itertools.count():
        kind = kinds[turn // 7 % len(kinds)]
        yield Crafted(f"{kind}, drawn", f"drawn{SUFFIXES[declared]}", declared, craft(files[kind], generator, turn))


def _named(declared: str, makers: Mapping[str, Make], generator: random.Random) -> Iterator[Crafted]:
    """Those that are known by name, shuffled, so that a few of them are not always the same."""
    for made in generator.sample(sorted(makers), len(makers)):
        yield Crafted(made, f"made{SUFFIXES[declared]}", declared, makers[made]())


def _alternating(known: Iterator[Crafted], drawn: Iterator[Crafted]) -> Iterator[Crafted]:
    """One that is known by name, one that is drawn, and so on; drawn ones alone in the end."""
    for each in known:
        yield each
        yield next(drawn)
    yield from drawn


def _xgboost(sound: Originals, generator: random.Random) -> Iterator[Crafted]:
    def make(spoil: xgboost_json.Spoil) -> bytes:
        model = json.loads(sound.xgboost["binary"])
        spoil(model)
        return json.dumps(model).encode()

    makers = {made: partial(make, spoil) for made, (spoil, _) in xgboost_json.SPOILT.items()}
    drawn = _drawn("xgboost-json", sound.xgboost, xgboost_json.crafted, generator)
    return _alternating(_named("xgboost-json", makers, generator), drawn)


def _lightgbm(sound: Originals, generator: random.Random) -> Iterator[Crafted]:
    def make(made: str) -> bytes:
        kind, spoil, _ = lightgbm_text.SPOILT[made]
        text = spoil(lightgbm_text.ready_for(made, sound.lightgbm[kind].decode()))
        return (lightgbm_text.fitting(text) if "Tree=" in text else text).encode()

    drawn = _drawn("lightgbm-text", sound.lightgbm, lightgbm_text.crafted, generator)
    makers = {made: partial(make, made) for made in lightgbm_text.SPOILT}
    return _alternating(_named("lightgbm-text", makers, generator), drawn)


def _skops(sound: Originals, generator: random.Random) -> Iterator[Crafted]:
    def make(spoil: skops_archive.Spoil) -> bytes:
        entries = skops_archive.entries_of(sound.skops["logistic"])
        spoil(entries)
        return skops_archive.packed(entries)

    makers: dict[str, Make] = {made: partial(make, spoil) for made, (spoil, _) in skops_archive.SPOILT_ARCHIVES.items()}
    makers |= skops_archive.bombs(sound.skops["logistic"])
    drawn = _drawn("skops", sound.skops, skops_archive.crafted, generator)
    return _alternating(_named("skops", makers, generator), drawn)


def _onnx(sound: Originals, generator: random.Random) -> Iterator[Crafted]:
    makers = {f"{code}, {said}, {place}": make for place, (make, code, said) in enumerate(onnx_graph.SPOILT_GRAPHS)}
    drawn = _drawn("onnx", sound.onnx, onnx_graph.crafted, generator)
    return _alternating(_named("onnx", makers, generator), drawn)


def _csv(sound: Originals, generator: random.Random) -> Iterator[Crafted]:
    drawn = _drawn("csv", {"rows": sound.csv}, rows.crafted_csv, generator)
    return _alternating(_named("csv", rows.spoilt_csv(sound.csv), generator), drawn)


def _parquet(sound: Originals, generator: random.Random) -> Iterator[Crafted]:
    drawn = _drawn("parquet", {"rows": sound.parquet}, rows.crafted_parquet, generator)
    return _alternating(_named("parquet", rows.spoilt_parquet(), generator), drawn)


def _pickles(place: Path, sound: Originals, generator: random.Random) -> Iterator[Crafted]:
    """All kinds in turn, without an end."""
    made = pickles(place, sound.skops["logistic"])
    found = [Crafted(what, *named, planted=True) for what, named in made.items()]
    return itertools.cycle(generator.sample(found, len(found)))
