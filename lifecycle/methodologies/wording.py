"""The YAML text of a methodology as text: where a new one begins, and how a copy gets its own key and name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.reading import nodes_of

_SKELETON = Path(__file__).parent / "skeleton.yaml"


def skeleton() -> str:
    """A small methodology without faults, with notes for who fills it."""
    return _SKELETON.read_text("utf-8")


def source_of(methodology: Methodology) -> str:
    """The YAML as it was written; for versions that came in before it was kept, YAML of the same content."""
    return methodology.source or yaml.safe_dump(
        methodology.content, allow_unicode=True, sort_keys=False, width=120, default_flow_style=False
    )


def named(text: str) -> tuple[str, str]:
    """(key, name) that a text gives itself, each empty where it gives none."""
    framework = _framework(text)
    found = {key.value: value.value for key, value in framework if isinstance(value, yaml.ScalarNode)}
    return str(found.get("key", "")), str(found.get("name", ""))


def renamed(text: str, *, key: str, name: str) -> str:
    """The text with another key and name, all else and every comment as it was; an unreadable text stays as it is."""
    wanted = {"key": key, "name": json.dumps(name, ensure_ascii=False)}
    spans = [
        (value.start_mark.index, value.end_mark.index, wanted[entry.value])
        for entry, value in _framework(text)
        if isinstance(value, yaml.ScalarNode) and entry.value in wanted
    ]
    for start, end, value in sorted(spans, reverse=True):
        # A folded text ends with its line.
        text = text[:start] + value + ("\n" if text[end - 1] == "\n" else "") + text[end:]
    return text


def _framework(text: str) -> list[tuple[Any, Any]]:
    """(name, value) nodes of the block `framework`; empty where the text has none that can be read."""
    top = nodes_of(text)
    if not isinstance(top, yaml.MappingNode):
        return []
    block = next((value for key, value in top.value if key.value == "framework"), None)
    return list(block.value) if isinstance(block, yaml.MappingNode) else []
