"""The taxonomy as plain data: its nodes, labels and choices. No database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LISTS = (
    "detection", "factor_strength", "factor_confidence", "impact_dimensions", "lesson_kinds", "action_kinds",
)  # fmt: skip
# Words of keys that people write in capitals; keys of own taxonomies use them too.
_ACRONYMS = frozenset(("ai", "api", "kpi", "llm", "ml", "pii", "roi", "sla"))


@dataclass(frozen=True)
class Node:
    """One cause: its group, key and label; a retired one is read but no longer chosen."""

    group: str
    key: str
    label: str
    retired: bool = False


def words(key: str) -> str:
    """A key as words: `customer_report` reads `customer report`, `not_suited_to_ml` reads `not suited to ML`."""
    return " ".join(word.upper() if word in _ACRONYMS else word for word in key.split("_"))


def title(key: str) -> str:
    """A key as a heading."""
    return words(key)[:1].upper() + words(key)[1:]


def nodes(content: dict[str, Any]) -> dict[str, Node]:
    """All causes by key, in the order of the file."""
    found: dict[str, Node] = {}
    for group, members in content["factor_groups"].items():
        for key, value in members.items():
            label, retired = (value["label"], bool(value.get("retired"))) if isinstance(value, dict) else (value, False)
            found[key] = Node(group, key, label, retired)
    return found


def node_choices(content: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Causes that may be chosen, by group, for a form."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for node in nodes(content).values():
        if not node.retired:
            groups.setdefault(title(node.group), []).append((node.key, f"{title(node.key)}: {node.label}"))
    return list(groups.items())


def list_choices(content: dict[str, Any], name: str) -> list[tuple[str, str]]:
    """Choices of one of the plain lists, such as `detection`."""
    return [(key, words(key)) for key in content[name]]


def trigger_choices(content: dict[str, Any]) -> list[tuple[str, str]]:
    """What set it off."""
    return [(key, label) for key, label in content["triggers"].items()]


def faults_in(content: Any, former: dict[str, Any] | None = None) -> list[str]:
    """What is wrong with a taxonomy, one line each; `former`: the version whose nodes must still be there."""
    if not isinstance(content, dict):
        return ["The file has no 'taxonomy' block."]
    faults = [f"'{name}' must be a list with at least one key." for name in LISTS if not _is_list(content.get(name))]
    for name in ("triggers", "factor_groups"):
        if not isinstance(content.get(name), dict) or not content[name]:
            faults.append(f"'{name}' must hold at least one key.")
    if faults:
        return faults
    seen: set[str] = set()
    for group, members in content["factor_groups"].items():
        if not isinstance(members, dict) or not members:
            faults.append(f"Group {group!r} must hold at least one cause.")
            continue
        for key, value in members.items():
            label = value.get("label") if isinstance(value, dict) else value
            if not isinstance(label, str) or not label:
                faults.append(f"Cause {key!r} needs a label.")
            if key in seen:
                faults.append(f"Cause {key!r} is there twice.")
            seen.add(key)
    if former is not None:
        faults += [
            f"Cause {key!r} of the former version is gone. Keep it and mark it as retired."
            for key in nodes(former)
            if key not in seen
        ]
    return faults


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(key, str) for key in value)
