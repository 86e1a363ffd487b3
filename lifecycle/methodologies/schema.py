"""Checks the content of a methodology: pure functions on plain data. Each fault has its place and one reason."""

from __future__ import annotations

from typing import Any

from lifecycle.methodologies.checks import faults_in_checks
from lifecycle.methodologies.gates import DECIDING_ROLES, faults_in_quorum, faults_in_roles
from lifecycle.methodologies.pieces import Fault, Path, Pieces

TOP = (
    "framework", "gate_decisions", "roles", "phases", "artifact_templates", "feedback_loops", "forward_transitions",
)  # fmt: skip
FRAMEWORK = (
    "key", "name", "long_name", "version", "phase_label", "iterative", "counts", "description", "notes", "known_gaps",
    "licences", "sources",
)  # fmt: skip
PHASE = ("key", "order", "name", "purpose", "goals", "tasks", "phase_outputs", "exit_questions", "gate")
TASK = ("key", "name", "description", "how_to", "outputs")
OUTPUT = ("key", "name", "description", "origin", "is_decision", "living", "repeatable", "structured")
# Deliverables that rooms above offer as a form; what they hold is no matter of a methodology.
STRUCTURED = ("feasibility", "implementation_plan", "stakeholder_map", "cost_benefit")
# `case`: the reference of the case that taught the question, where it came from one.
QUESTION = ("key", "text", "case")
GATE = (
    "required_outputs", "recommended_outputs", "may_be_not_applicable", "independent_reviewer", "closes_project",
    "signatory_roles", "roles", "quorum", "checks",
)  # fmt: skip
LOOP = ("key", "from", "to", "origin", "trigger")
PHASES = 40  # phases of one methodology


def faults_in(content: Any) -> list[Fault]:
    """All faults of a loaded methodology; empty when it can be used."""
    check = _Check()
    check.whole(content)
    return check.faults


def outputs_of(phase: dict[str, Any]) -> list[tuple[str | None, dict[str, Any]]]:
    """(task key or None, output) for each deliverable of a phase, in order."""
    found: list[tuple[str | None, dict[str, Any]]] = []
    for task in phase.get("tasks") or []:
        found.extend((task["key"], output) for output in task.get("outputs") or [])
    found.extend((None, output) for output in phase.get("phase_outputs") or [])
    return found


class _Check(Pieces):
    """Walks the content once."""

    def whole(self, content: Any) -> None:
        top = self.mapping(content, (), TOP, "framework")
        if top is None:
            return
        if "framework" not in top:
            self.say(("framework",), "is missing; it names the methodology (key, name, long_name, version).")
        else:
            self.framework(top["framework"])
        phases = top.get("phases")
        if not isinstance(phases, list) or not phases:
            self.say(("phases",), "is missing or no list; a methodology has at least one phase.")
            return
        if len(phases) > PHASES:
            self.say(("phases",), f"there are {len(phases)} phases; {PHASES} are the limit.")
            return
        signatories = _role_keys(top.get("roles")) | set(DECIDING_ROLES)
        seen: dict[str, str] = {}
        orders: dict[str, int] = {}
        given = [phase.get("order") for phase in phases if isinstance(phase, dict)]
        counted = sorted(order for order in given if isinstance(order, int))
        is_counted = counted == list(range(1, len(phases) + 1))
        for path, phase in self.rows(top, "phases", (), PHASE, "key"):
            key = self.key(phase, path, seen, "phase")
            order = phase.get("order")
            if isinstance(order, bool) or not isinstance(order, int):
                self.say((*path, "order"), "must be a whole number: 1, 2, 3, …")
            elif key is not None:
                orders[key] = order
            self.phase(phase, path, signatories, is_last=not is_counted or order == len(phases))
        if len(counted) == len(phases) and not is_counted:
            self.say(("phases",), f"their order must run from 1 to {len(phases)}, each number once; it is {counted}.")
        if not is_counted:
            orders = {}  # what comes before what is not known then
        self.ways(top, orders, set(seen))
        self.templates(top)

    def framework(self, value: Any) -> None:
        path: Path = ("framework",)
        block = self.mapping(value, path, FRAMEWORK, "key")
        if block is None:
            return
        for name, limit in (("name", 120), ("long_name", 200)):
            self.text(block, name, path, limit=limit, required=True)
        self.key(block, path, {}, "methodology")
        self.text(block, "description", path)
        self.text(block, "phase_label", path, limit=40)
        version = block.get("version", "")
        if isinstance(version, bool) or not isinstance(version, str | int | float) or len(str(version)) > 120:
            self.say((*path, "version"), "must be a text of at most 120 characters.")
        for name in ("notes", "known_gaps"):
            self.texts(block, name, path)
        for _ in self.rows(
            block, "sources", path, ("title", "url", "repo", "path", "commit", "note", "seen_as"), "title"
        ):
            continue

    def phase(self, phase: dict[str, Any], path: Path, signatories: set[str], *, is_last: bool) -> None:
        self.text(phase, "name", path, limit=120, required=True)
        self.text(phase, "purpose", path)
        self.texts(phase, "goals", path)
        tasks: dict[str, str] = {}
        outputs: dict[str, str] = {}
        for place, task in self.rows(phase, "tasks", path, TASK, "key"):
            self.key(task, place, tasks, "task")
            self.text(task, "name", place, limit=200, required=True)
            self.text(task, "description", place)
            self.texts(task, "how_to", place)
            self.outputs(task, "outputs", place, outputs)
        self.outputs(phase, "phase_outputs", path, outputs)
        questions: dict[str, str] = {}
        for place, question in self.rows(phase, "exit_questions", path, QUESTION, "key"):
            self.key(question, place, questions, "question")
            self.text(question, "text", place, required=True)
            self.text(question, "case", place, limit=20)
        if not phase.get("exit_questions"):
            self.say(
                (*path, "exit_questions"), "there is no exit question; a phase asks at least one before it is decided."
            )
        if "gate" not in phase:
            self.say((*path, "gate"), "is missing; it lists required_outputs and recommended_outputs.")
        else:
            self.gate(phase["gate"], (*path, "gate"), set(outputs), signatories, is_last=is_last)

    def outputs(self, block: dict[str, Any], name: str, path: Path, seen: dict[str, str]) -> None:
        for place, output in self.rows(block, name, path, OUTPUT, "key"):
            self.key(output, place, seen, "deliverable")
            self.text(output, "name", place, limit=200, required=True)
            self.text(output, "description", place)
            for flag in ("is_decision", "living", "repeatable"):
                self.flag(output, flag, place)
            if output.get("structured") is not None and output["structured"] not in STRUCTURED:
                self.say((*place, "structured"), f"must be one of: {', '.join(STRUCTURED)}.")

    def gate(self, value: Any, path: Path, outputs: set[str], signatories: set[str], *, is_last: bool) -> None:
        gate = self.mapping(value, path, GATE, "required_outputs")
        if gate is None:
            return
        lists = {
            name: self.texts(gate, name, path)
            for name in ("required_outputs", "recommended_outputs", "may_be_not_applicable")
        }
        for name, keys in lists.items():
            for number, key in keys:
                if key not in outputs:
                    self.say((*path, name, number), f"{key!r} is no deliverable of this phase.")
        required = {key for _, key in lists["required_outputs"]}
        for number, key in lists["recommended_outputs"]:
            if key in required:
                self.say((*path, "recommended_outputs", number), f"{key!r} is required already; name it once.")
        for number, role in self.texts(gate, "signatory_roles", path):
            if role not in signatories:
                self.say(
                    (*path, "signatory_roles", number),
                    f"{role!r} is no role of this file nor of the portal. Name it under “roles” at the top, or use one "
                    f"of: {', '.join(DECIDING_ROLES)}.",
                )
        self.flag(gate, "independent_reviewer", path)
        self.flag(gate, "closes_project", path)
        if gate.get("closes_project") is True and not is_last:
            self.say((*path, "closes_project"), "only the last phase can close the project.")
        if "roles" in gate and "quorum" in gate:
            self.say((*path, "quorum"), "“roles” and “quorum” both say who decides; keep one of them.")
        if "roles" in gate:
            self.faults.extend(Fault(*fault) for fault in faults_in_roles(gate["roles"], (*path, "roles")))
        if gate.get("checks") is not None:
            self.faults.extend(Fault(*fault) for fault in faults_in_checks(gate["checks"], (*path, "checks")))
        if "quorum" in gate:
            self.faults.extend(Fault(*fault) for fault in faults_in_quorum(gate["quorum"], (*path, "quorum")))

    def ways(self, top: dict[str, Any], orders: dict[str, int], phases: set[str]) -> None:
        """Ways back lead to an earlier phase; both kinds of way name phases of the file."""
        seen: dict[str, str] = {}
        for path, loop in self.rows(top, "feedback_loops", (), LOOP, "key"):
            self.key(loop, path, seen, "way back")
            self.text(loop, "trigger", path)
            source, target = self.ends(loop, path, phases)
            if source in orders and target in orders and orders[target] >= orders[source]:
                self.say(
                    (*path, "to"), f"a way back leads to an earlier phase; {target!r} does not come before {source!r}."
                )
        for path, step in self.rows(top, "forward_transitions", (), ("from", "to"), "from"):
            self.ends(step, path, phases)

    def ends(self, way: dict[str, Any], path: Path, phases: set[str]) -> tuple[str, str]:
        found = []
        for end in ("from", "to"):
            key = way.get(end)
            if not isinstance(key, str) or key not in phases:
                self.say((*path, end), "is missing." if key is None else f"{key!r} is no phase of this file.")
            found.append(key if isinstance(key, str) else "")
        return found[0], found[1]

    def templates(self, top: dict[str, Any]) -> None:
        """Templates of deliverables: of each only the headings are used."""
        templates = top.get("artifact_templates")
        if templates is None:
            return
        if not isinstance(templates, dict):
            self.say(("artifact_templates",), "must be a block of entries such as “charter: …”.")
            return
        for name, template in templates.items():
            if not isinstance(template, dict):
                self.say(("artifact_templates", name), "must be a block of entries such as “sections: …”.")
            else:
                self.texts(template, "sections", ("artifact_templates", name))


def _role_keys(roles: Any) -> set[str]:
    """Keys of the roles that a file names itself: a list of blocks, or lists of blocks under headings."""
    groups = roles.values() if isinstance(roles, dict) else [roles]
    return {
        row["key"]
        for group in groups
        if isinstance(group, list)
        for row in group
        if isinstance(row, dict) and isinstance(row.get("key"), str)
    }
