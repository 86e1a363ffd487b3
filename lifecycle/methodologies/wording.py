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


def with_question(text: str, *, phase: str, key: str, question: str, case: str = "") -> str | None:
    """The text with one more exit question at the end of those of a phase, all else and every comment as it was.

    None where the phase or its exit questions cannot be found. A question with this key that is there already stays.
    """
    asked = _questions(text, phase)
    if asked is None or not asked.value:
        return None
    if key in _keys_in(asked):
        return text
    told = {"key": key, "text": json.dumps(question, ensure_ascii=False), **({"case": case} if case else {})}
    line = "{" + ", ".join(f"{name}: {value}" for name, value in told.items()) + "}"
    if asked.flow_style:
        end = asked.end_mark.index - 1
        return f"{text[:end].rstrip().removesuffix(',')}, {line}{text[end:]}"
    end = len(text[: _end_of(asked.value[-1])].rstrip())
    end = text.find("\n", end) if "\n" in text[end:] else len(text)
    return f"{text[:end]}\n{' ' * asked.start_mark.column}- {line}{text[end:]}"


def question_keys(text: str, phase: str) -> set[str]:
    """Keys of the exit questions of a phase; empty where there is no such phase."""
    asked = _questions(text, phase)
    return _keys_in(asked) if asked is not None else set()


def _questions(text: str, phase: str) -> yaml.SequenceNode | None:
    phases = _entry(nodes_of(text), "phases")
    for node in phases.value if isinstance(phases, yaml.SequenceNode) else []:
        key = _entry(node, "key")
        if isinstance(key, yaml.ScalarNode) and key.value == phase:
            asked = _entry(node, "exit_questions")
            return asked if isinstance(asked, yaml.SequenceNode) else None
    return None


def _keys_in(asked: yaml.SequenceNode) -> set[str]:
    found = (_entry(node, "key") for node in asked.value)
    return {str(key.value) for key in found if isinstance(key, yaml.ScalarNode)}


def _entry(node: Any, name: str) -> Any:
    """The value under a name of a block; None where there is none."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == name), None)


def _end_of(node: Any) -> int:
    """Where the words of a node end. A block has no end of its own: it ends with what stands in it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return max(_end_of(value) for _, value in node.value)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return max(_end_of(value) for value in node.value)
    return int(node.end_mark.index)


def _framework(text: str) -> list[tuple[Any, Any]]:
    """(name, value) nodes of the block `framework`; empty where the text has none that can be read."""
    top = nodes_of(text)
    if not isinstance(top, yaml.MappingNode):
        return []
    block = next((value for key, value in top.value if key.value == "framework"), None)
    return list(block.value) if isinstance(block, yaml.MappingNode) else []
