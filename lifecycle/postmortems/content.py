"""A post-mortem as plain data and as Markdown: what a revision freezes and what an export gives."""

from __future__ import annotations

from typing import Any

from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.outward import outward_of
from lifecycle.postmortems.whys import in_order, tree


def content_of(postmortem: PostMortem) -> dict[str, Any]:
    """All that a reader sees, as plain JSON, without anybody's name: owners of actions change, revisions do not."""
    nodes = causes.nodes(postmortem.taxonomy.content)
    triggers = postmortem.taxonomy.content["triggers"]
    return {
        "reference": postmortem.reference,
        "title": postmortem.title,
        "project": {"key": postmortem.project.key, "name": postmortem.project.name},
        "stage": postmortem.stage.name if postmortem.stage else "",
        "kind": postmortem.get_kind_display(),
        "severity": postmortem.get_severity_display(),
        "version": postmortem.number,
        "taxonomy": postmortem.taxonomy.version,
        "template": postmortem.template.title if postmortem.template else "",
        "summary": postmortem.summary,
        "background": postmortem.background,
        "outward_summary": postmortem.outward_summary,
        "trigger": triggers.get(postmortem.trigger, ""),
        "detection": causes.words(postmortem.detection),
        "origin_phase": postmortem.origin_phase,
        "tags": [{"kind": tag.kind, "text": tag.text} for tag in postmortem.tags.all()],
        "started_on": _day(postmortem.started_on),
        "detected_on": _day(postmortem.detected_on),
        "resolved_on": _day(postmortem.resolved_on),
        "no_action_reason": postmortem.no_action_reason,
        "promise": postmortem.promise,
        "timeline": [
            {
                "moment": event.moment.isoformat(),
                "precision": event.precision,
                "marker": event.marker,
                "text": event.text,
                "role": event.role,
                "evidence": event.evidence,
                "audit_seq": event.audit_seq,
            }
            for event in postmortem.timeline.all()
        ],
        "impacts": [
            {
                "dimension": causes.words(impact.dimension),
                "text": impact.text,
                "amount": None if impact.amount is None else format(impact.amount.normalize(), "f"),
                "unit": impact.unit,
                "is_estimate": impact.is_estimate,
            }
            for impact in postmortem.impacts.all()
        ],
        "factors": [
            {
                "group": factor.group,
                "node": factor.node,
                "label": nodes[factor.node].label if factor.node in nodes else factor.node,
                "text": factor.text,
                "why_unnoticed": factor.why_unnoticed,
                "strength": factor.strength,
                "confidence": factor.confidence,
            }
            for factor in postmortem.factors.all()
        ],
        "whys": [
            {
                "question": branch.why.question,
                "answer": branch.why.answer,
                "depth": branch.depth,
                "ends_in": branch.why.factor.node if branch.why.factor else "",
            }
            for branch in in_order(tree(postmortem.whys.all()))
        ],
        "files": [
            {"id": file.pk, "name": file.name, "media_type": file.media_type, "size": file.size, "sha256": file.sha256}
            for file in postmortem.attachments.all()
        ],
        "lessons": [
            {"kind": lesson.get_kind_display(), "text": lesson.text, "as_check": lesson.as_check}
            for lesson in postmortem.lessons.all()
        ],
        "actions": [
            {
                "title": action.title,
                "kind": action.kind,
                "disposition": action.disposition,
                "reason": action.disposition_reason,
                "status": action.status,
                "due_on": _day(action.due_on),
                "test_for_done": action.test_for_done,
            }
            for action in postmortem.actions.all()
        ],
        "outward": outward_of(postmortem),
    }


def facts_of(content: dict[str, Any]) -> list[tuple[str, str]]:
    """What stands above the text, by name; without what nobody said."""
    facts = [
        ("Project", content["project"]["name"]),
        ("Stage", content["stage"]),
        ("Kind", content["kind"]),
        ("Severity", content["severity"]),
        ("Began", content["started_on"]),
        ("Noticed", content["detected_on"]),
        ("Resolved", content["resolved_on"]),
        ("Trigger", content["trigger"]),
        ("Noticed by", content["detection"]),
        ("Origin", causes.words(content["origin_phase"])),
        # Revisions that were frozen before there were tags have none.
        ("Tags", ", ".join(tag["text"] for tag in content.get("tags", []))),
        ("Version", str(content["version"]) if content["version"] else "not published"),
    ]
    return [(name, value) for name, value in facts if value]


def markdown_of(content: dict[str, Any]) -> str:
    """The same content as a Markdown document."""
    parts = [
        f"# {content['reference']}: {_line(content['title'])}",
        "\n".join(f"- {name}: {_line(value)}" for name, value in facts_of(content)),
        _section("Summary", content["summary"]),
        _section("Background", content["background"]),
        *(_promised(sheet, content["promise"]["as_of"]) for sheet in content.get("promise", {}).get("sheets", [])),
        _section("Impact", "\n".join(_impact(impact) for impact in content["impacts"])),
        _section("Timeline", "\n".join(_event(event) for event in content["timeline"])),
        _section("Factors", "\n\n".join(_factor(factor) for factor in content["factors"])),
        _section("Why, and why that", "\n".join(_why(why) for why in content.get("whys", []))),
        _section(
            "Lessons",
            "\n".join(f"- {lesson['kind'].capitalize()}: {_line(lesson['text'])}" for lesson in content["lessons"]),
        ),
        _section("Actions", "\n".join(_action(action) for action in content["actions"])),
        _section("Why no action", content["no_action_reason"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(name: str, body: str) -> str:
    return f"## {name}\n\n{body.strip()}" if body.strip() else ""


def _line(text: str) -> str:
    """One line of a list, whatever line breaks the text has."""
    return " ".join(text.split())


def _promised(sheet: dict[str, Any], as_of: str) -> str:
    """What was promised, and what came: one sheet. Versions that were frozen before there was one have none."""
    rows = [
        f"- {_line(row['label'])}: promised {_line(row['promised'])}; came {_line(row['came'])}"
        + (f" ({_line(row['note'])})" if row["note"] else "")
        for row in sheet["rows"]
    ]
    return _section(f"{_line(sheet['name'])}: what was promised, and what came (as known on {as_of})", "\n".join(rows))


def _impact(impact: dict[str, Any]) -> str:
    size = f" ({impact['amount']} {impact['unit']})".replace(" )", ")") if impact["amount"] is not None else ""
    sure = ", estimate" if impact["is_estimate"] else ""
    return f"- {impact['dimension'].capitalize()}: {_line(impact['text'])}{size}{sure}"


def _event(event: dict[str, Any]) -> str:
    length = {"minute": 16, "day": 10, "month": 7}[event["precision"]]
    marker = f" [{causes.words(event['marker'])}]" if event["marker"] else ""
    role = f" ({event['role']})" if event["role"] else ""
    return f"- {event['moment'][:length].replace('T', ' ')}{marker} {_line(event['text'])}{role}"


def _factor(factor: dict[str, Any]) -> str:
    head = f"### {causes.title(factor['group'])}: {causes.title(factor['node'])}"
    lines = [head, f"{factor['label']} ({factor['strength']}, {factor['confidence']})", factor["text"].strip()]
    if factor["why_unnoticed"].strip():
        lines.append(f"Why it escaped notice: {factor['why_unnoticed'].strip()}")
    return "\n\n".join(line for line in lines if line)


def _why(why: dict[str, Any]) -> str:
    answer = f" {_line(why['answer'])}" if why["answer"] else ""
    ends = f" → {causes.title(why['ends_in'])}" if why["ends_in"] else ""
    return f"{'    ' * (why['depth'] - 1)}- **{_line(why['question'])}**{answer}{ends}"


def _action(action: dict[str, Any]) -> str:
    state = action["status"] if action["disposition"] == "accepted" else action["disposition"]
    due = f", due {action['due_on']}" if action["due_on"] else ""
    test = f" Done when: {_line(action['test_for_done'])}" if action["test_for_done"] else ""
    return f"- [{'x' if state == 'verified' else ' '}] {_line(action['title'])} ({causes.words(state)}{due}).{test}"


def _day(value: Any) -> str:
    return value.isoformat() if value else ""
