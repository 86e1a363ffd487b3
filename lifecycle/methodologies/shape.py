"""A methodology as a page shows it: plain dataclasses from its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lifecycle.methodologies.difference import in_order
from lifecycle.methodologies.gates import gate_sentences
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.schema import outputs_of


@dataclass(frozen=True)
class Shape:
    """How large a methodology is."""

    phases: int
    tasks: int
    deliverables: int
    questions: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Output:
    """A deliverable as the methodology describes it. `need`: required, recommended or optional."""

    key: str
    name: str
    description: str
    need: str
    task: str
    may_be_not_applicable: bool
    sections: tuple[str, ...]


@dataclass(frozen=True)
class Phase:
    """A stage as the methodology describes it."""

    key: str
    name: str
    order: int
    purpose: str
    goals: tuple[str, ...]
    tasks: tuple[dict[str, Any], ...]
    outputs: tuple[Output, ...]
    questions: tuple[dict[str, str], ...]
    independent_reviewer: bool
    closes_project: bool
    signatories: tuple[str, ...]
    gate: tuple[str, ...]


@dataclass(frozen=True)
class Loop:
    """A way back to an earlier stage."""

    source: str
    target: str
    trigger: str
    origin: str


def shape_of(methodology: Methodology) -> Shape:
    """Counts of phases, tasks, deliverables and exit questions."""
    return shape_of_content(methodology.content)


def shape_of_content(content: Mapping[str, Any]) -> Shape:
    """The same of a content without faults that is not published yet."""
    phases = in_order(content)
    return Shape(
        phases=len(phases),
        tasks=sum(len(phase.get("tasks") or []) for phase in phases),
        deliverables=sum(len(outputs_of(phase)) for phase in phases),
        questions=sum(len(phase.get("exit_questions") or []) for phase in phases),
        names=tuple(phase["name"] for phase in phases),
    )


def phases_of(methodology: Methodology) -> list[Phase]:
    """All phases in order, with the need of each deliverable at the gate."""
    templates = methodology.content.get("artifact_templates") or {}
    return [_phase(raw, templates) for raw in methodology.phases]


def loops_of(methodology: Methodology) -> list[Loop]:
    """The ways back, with the names of the phases."""
    names = {phase["key"]: str(phase["name"]) for phase in methodology.phases}
    return [
        Loop(names[loop["from"]], names[loop["to"]], str(loop.get("trigger", "")), str(loop.get("origin", "")))
        for loop in methodology.feedback_loops
    ]


def _phase(raw: dict[str, Any], templates: dict[str, Any]) -> Phase:
    gate = raw.get("gate") or {}
    required, recommended = set(gate.get("required_outputs") or []), set(gate.get("recommended_outputs") or [])
    excused = set(gate.get("may_be_not_applicable") or [])
    task_names: dict[str | None, str] = {task["key"]: task["name"] for task in raw.get("tasks") or []}
    return Phase(
        key=raw["key"],
        name=raw["name"],
        order=raw["order"],
        purpose=raw.get("purpose", ""),
        goals=tuple(raw.get("goals") or ()),
        tasks=tuple(raw.get("tasks") or ()),
        outputs=tuple(
            Output(
                key=output["key"],
                name=output["name"],
                description=output.get("description", ""),
                need="required"
                if output["key"] in required
                else "recommended"
                if output["key"] in recommended
                else "optional",
                task=task_names.get(task_key, ""),
                may_be_not_applicable=output["key"] in excused,
                sections=tuple((templates.get(output["key"]) or {}).get("sections") or ()),
            )
            for task_key, output in outputs_of(raw)
        ),
        questions=tuple(raw.get("exit_questions") or ()),
        independent_reviewer=bool(gate.get("independent_reviewer")),
        closes_project=bool(gate.get("closes_project")),
        signatories=tuple(str(role).replace("_", " ") for role in gate.get("signatory_roles") or ()),
        gate=tuple(gate_sentences(gate)),
    )
