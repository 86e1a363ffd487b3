"""What differs between two contents of a methodology: pure functions on plain data, told as lines a person can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lifecycle.methodologies.gates import gate_sentences
from lifecycle.methodologies.schema import outputs_of

Content = Mapping[str, Any]
Block = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One line of a difference.

    `kind`: added, gone or changed. `what`: methodology, stage, task, deliverable, question, gate or way back.
    `stage`: key of the stage that it belongs to, empty for the methodology itself. `binds`: whether it alters what
    the gate of the stage judges, so that a decision on the stage no longer fits.
    """

    kind: str
    what: str
    stage: str
    key: str
    label: str
    was: str = ""
    now: str = ""
    binds: bool = False

    @property
    def sentence(self) -> str:
        """The line in words."""
        name = f"{self.what.capitalize()} “{self.label}”" if self.label else self.what.capitalize()
        if self.kind == "added":
            return f"{name} is new{f': {self.now}' if self.now else ''}."
        if self.kind == "gone":
            return f"{name} is no longer there."
        return f"{name}: was {self.was or 'empty'}; now {self.now or 'empty'}."


def difference(old: Content, new: Content) -> list[Change]:
    """All changes, the methodology first, then stage by stage in the order of the new version."""
    found = list(_of_frame(old, new))
    before = {phase["key"]: phase for phase in in_order(old)}
    after = {phase["key"]: phase for phase in in_order(new)}
    for key, phase in after.items():
        if key in before:
            found.extend(changes_of_phase(before[key], phase))
        else:
            found.append(Change("added", "stage", key, key, phase["name"], now=_size(phase), binds=True))
    found.extend(
        Change("gone", "stage", key, key, phase["name"], binds=True)
        for key, phase in before.items()
        if key not in after
    )
    found.extend(_moved(before, after))
    found.extend(_of_ways(old, new))
    found.extend(_of_templates(old, new))
    return found


def in_order(content: Content) -> list[dict[str, Any]]:
    """The phases by their order."""
    return sorted(content["phases"], key=lambda phase: phase["order"])


def needs_of(phase: Block) -> dict[str, str]:
    """How much the gate needs each deliverable, by key: required, recommended or optional."""
    gate = phase.get("gate") or {}
    required, recommended = set(gate.get("required_outputs") or []), set(gate.get("recommended_outputs") or [])
    return {
        output["key"]: "required"
        if output["key"] in required
        else "recommended"
        if output["key"] in recommended
        else "optional"
        for _, output in outputs_of(dict(phase))
    }


def changes_of_phase(old: Block, new: Block) -> Iterator[Change]:
    """Changes of one phase that both versions have."""
    stage = new["key"]
    for field, word in (("name", "name"), ("purpose", "purpose")):
        was, now = old.get(field) or "", new.get(field) or ""
        if was != now:
            label = "" if field == "name" else new["name"]
            yield Change("changed", f"{word} of the stage", stage, stage, label, _quoted(was), _quoted(now))
    if list(old.get("goals") or []) != list(new.get("goals") or []):
        yield Change(
            "changed",
            "goals of the stage",
            stage,
            stage,
            new["name"],
            _listed(old.get("goals")),
            _listed(new.get("goals")),
        )
    yield from _of_rows(stage, "task", _by_key(old.get("tasks")), _by_key(new.get("tasks")))
    was_needs, now_needs = needs_of(old), needs_of(new)
    yield from _of_rows(
        stage,
        "deliverable",
        {output["key"]: {**output, "need": was_needs[output["key"]]} for _, output in outputs_of(dict(old))},
        {output["key"]: {**output, "need": now_needs[output["key"]]} for _, output in outputs_of(dict(new))},
        binding="need",
    )
    yield from _of_rows(
        stage,
        "question",
        {row["key"]: {"name": row["text"]} for row in old.get("exit_questions") or []},
        {row["key"]: {"name": row["text"]} for row in new.get("exit_questions") or []},
        binding="name",
    )
    yield from _of_gate(stage, old, new)


def _of_rows(
    stage: str, what: str, old: Mapping[str, Block], new: Mapping[str, Block], binding: str = ""
) -> Iterator[Change]:
    """Added, changed and gone rows of one kind. `binding`: the field whose change binds; none for rows that never do."""
    for key, row in new.items():
        if key not in old:
            yield Change("added", what, stage, key, row["name"], now=row.get("need", ""), binds=bool(binding))
            continue
        former = old[key]
        if former["name"] != row["name"]:
            yield Change(
                "changed", f"{what}", stage, key, "", _quoted(former["name"]), _quoted(row["name"]), binding == "name"
            )
        if former.get("need") != row.get("need"):
            yield Change("changed", what, stage, key, row["name"], former["need"], row["need"], binding == "need")
        if _told(former) != _told(row):
            words = f"description of the {what}"
            yield Change("changed", words, stage, key, row["name"], _quoted(_told(former)), _quoted(_told(row)))
    for key, row in old.items():
        if key not in new:
            yield Change("gone", what, stage, key, row["name"], binds=bool(binding))


def _of_gate(stage: str, old: Block, new: Block) -> Iterator[Change]:
    was, now = gate_sentences(old.get("gate") or {}), gate_sentences(new.get("gate") or {})
    if was != now:
        gone = " ".join(line for line in was if line not in now) or "nothing more than the standard"
        come = " ".join(line for line in now if line not in was) or "nothing more than the standard"
        yield Change("changed", "gate", stage, "gate", new["name"], gone, come, binds=True)
    excused = [sorted((phase.get("gate") or {}).get("may_be_not_applicable") or []) for phase in (old, new)]
    if excused[0] != excused[1]:
        yield Change(
            "changed",
            "what may be not applicable",
            stage,
            "gate",
            new["name"],
            _listed(excused[0]),
            _listed(excused[1]),
        )


def _of_frame(old: Content, new: Content) -> Iterator[Change]:
    for field in ("name", "long_name", "version", "description", "phase_label"):
        was, now = (str(content["framework"].get(field) or "") for content in (old, new))
        if was != now:
            label = field.replace("_", " ")
            yield Change("changed", f"{label} of the methodology", "", field, "", _quoted(was), _quoted(now))


def _moved(before: Mapping[str, Block], after: Mapping[str, Block]) -> Iterator[Change]:
    """Stages that both have and that stand in another order among each other."""
    was, now = [key for key in before if key in after], [key for key in after if key in before]
    if was != now:
        names = " → ".join(after[key]["name"] for key in was), " → ".join(after[key]["name"] for key in now)
        yield Change("changed", "order of the stages", "", "order", "", *names)


def _of_ways(old: Content, new: Content) -> Iterator[Change]:
    names = {phase["key"]: phase["name"] for content in (old, new) for phase in content["phases"]}

    def said(loop: Block) -> str:
        trigger = f": {loop['trigger']}" if loop.get("trigger") else ""
        return f"{names[loop['from']]} → {names[loop['to']]}{trigger}"

    before, after = _by_key(old.get("feedback_loops")), _by_key(new.get("feedback_loops"))
    for key, loop in after.items():
        if key not in before:
            yield Change("added", "way back", "", key, said(loop))
        elif said(before[key]) != said(loop):
            yield Change("changed", "way back", "", key, "", said(before[key]), said(loop))
    for key, loop in before.items():
        if key not in after:
            yield Change("gone", "way back", "", key, said(loop))


def _of_templates(old: Content, new: Content) -> Iterator[Change]:
    """Headings with which a new document starts; what is written keeps its own."""
    before, after = old.get("artifact_templates") or {}, new.get("artifact_templates") or {}
    for key in dict.fromkeys([*before, *after]):
        was, now = ((templates.get(key) or {}).get("sections") or [] for templates in (before, after))
        if was != now:
            yield Change(
                "changed", "headings of the template", "", key, key.replace("_", " "), _listed(was), _listed(now)
            )


def _by_key(rows: Any) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in rows or []}


def _told(row: Block) -> str:
    """What a row says of itself beside its name."""
    steps = f" ({'; '.join(row['how_to'])})" if row.get("how_to") else ""
    return f"{row.get('description') or ''}{steps}"


def _size(phase: Block) -> str:
    outputs, questions = len(outputs_of(dict(phase))), len(phase.get("exit_questions") or [])
    return (
        f"{outputs} deliverable{'' if outputs == 1 else 's'}, {questions} exit question{'' if questions == 1 else 's'}"
    )


def _quoted(text: str) -> str:
    return f"“{text}”" if text else ""


def _listed(rows: Any) -> str:
    return "; ".join(str(row) for row in rows or [])
