"""Checks a methodology file: pure functions on plain data. Every fault is one sentence with its place."""

from __future__ import annotations

import re
from typing import Any

_KEY = re.compile(r"^[a-z][a-z0-9_]{1,59}$")


def faults_in(content: Any) -> list[str]:
    """All faults of a loaded methodology file; empty when it can be used."""
    if not isinstance(content, dict):
        return ["The file must be a mapping with framework and phases at its top."]
    faults: list[str] = []
    framework = content.get("framework")
    if not isinstance(framework, dict):
        faults.append("framework: missing; it names the methodology (key, name, long_name, version).")
    else:
        for name in ("key", "name", "long_name"):
            if not isinstance(framework.get(name), str) or not framework[name].strip():
                faults.append(f"framework.{name}: must be a text.")
        if isinstance(framework.get("key"), str) and not _KEY.match(framework["key"]):
            faults.append("framework.key: use small letters, digits and underscores.")
    phases = content.get("phases")
    if not isinstance(phases, list) or not phases:
        return [*faults, "phases: missing; a methodology has at least one phase."]
    seen: dict[str, str] = {}
    orders: list[Any] = []
    for number, phase in enumerate(phases, start=1):
        place = f"phases[{number}]"
        if not isinstance(phase, dict):
            faults.append(f"{place}: must be a mapping.")
            continue
        key = phase.get("key")
        if not isinstance(key, str) or not _KEY.match(key):
            faults.append(f"{place}.key: use small letters, digits and underscores.")
        elif key in seen:
            faults.append(f"{place}.key: {key!r} stands at {seen[key]} already.")
        else:
            seen[key] = place
        orders.append(phase.get("order"))
        if not isinstance(phase.get("name"), str):
            faults.append(f"{place}.name: must be a text.")
        faults.extend(_faults_in_phase(phase, place))
    if sorted(o for o in orders if isinstance(o, int)) != list(range(1, len(phases) + 1)):
        faults.append(f"phases: their order must run from 1 to {len(phases)}.")
    for number, loop in enumerate(content.get("feedback_loops") or [], start=1):
        for end in ("from", "to"):
            if not isinstance(loop, dict) or loop.get(end) not in seen:
                faults.append(f"feedback_loops[{number}].{end}: names no phase of this file.")
    return faults


def outputs_of(phase: dict[str, Any]) -> list[tuple[str | None, dict[str, Any]]]:
    """(task key or None, output) for each deliverable of a phase, in order."""
    found: list[tuple[str | None, dict[str, Any]]] = []
    for task in phase.get("tasks") or []:
        found.extend((task["key"], output) for output in task.get("outputs") or [])
    found.extend((None, output) for output in phase.get("phase_outputs") or [])
    return found


def _faults_in_phase(phase: dict[str, Any], place: str) -> list[str]:
    faults: list[str] = []
    keys: set[str] = set()
    for number, task in enumerate(phase.get("tasks") or [], start=1):
        if not isinstance(task, dict) or not isinstance(task.get("key"), str) or not isinstance(task.get("name"), str):
            faults.append(f"{place}.tasks[{number}]: needs a key and a name.")
            return faults
        for inner, output in enumerate(task.get("outputs") or [], start=1):
            if not isinstance(output, dict) or not isinstance(output.get("key"), str) or "name" not in output:
                faults.append(f"{place}.tasks[{number}].outputs[{inner}]: needs a key and a name.")
                return faults
    for number, output in enumerate(phase.get("phase_outputs") or [], start=1):
        if not isinstance(output, dict) or not isinstance(output.get("key"), str) or "name" not in output:
            faults.append(f"{place}.phase_outputs[{number}]: needs a key and a name.")
            return faults
    for _, output in outputs_of(phase):
        if output["key"] in keys:
            faults.append(f"{place}: the deliverable {output['key']!r} stands there twice.")
        keys.add(output["key"])
    for number, question in enumerate(phase.get("exit_questions") or [], start=1):
        if not isinstance(question, dict) or not question.get("key") or not question.get("text"):
            faults.append(f"{place}.exit_questions[{number}]: needs a key and a text.")
    gate = phase.get("gate")
    if not isinstance(gate, dict):
        faults.append(f"{place}.gate: missing; it lists required_outputs and recommended_outputs.")
        return faults
    for kind in ("required_outputs", "recommended_outputs"):
        faults.extend(
            f"{place}.gate.{kind}: {key!r} is no deliverable of this phase."
            for key in gate.get(kind) or []
            if key not in keys
        )
    return faults
