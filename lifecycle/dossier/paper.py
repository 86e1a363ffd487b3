"""What the papers say: the record of a round and the dossier, as data for their Typst templates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from foundation.web.digest import digest_of
from foundation.web.formats import day_text, number_text
from foundation.web.markdown_parts import markdown_parts
from foundation.web.pdf import compile
from lifecycle.acceptance.models import Acceptance
from lifecycle.acceptance.selectors import acceptances_of
from lifecycle.dossier.rounds import Record, record_of, rounds_of
from lifecycle.dossier.trail import Tally
from lifecycle.kpis.models import Baseline
from lifecycle.projects.models import Member, Project, Stage, StageReturn
from lifecycle.signoff.models import Feedback, Round
from lifecycle.signoff.signing import signature_json, signature_state

Page = dict[str, Any]
SHORT = 12  # signs of a fingerprint in a table


def round_pdf(review: Round, *, at: datetime) -> bytes:
    """The record of one round as PDF."""
    record = record_of(review)
    data = {
        "round": _round(record),
        "made": instant_text(at),
        "foot": f"{record['project']['name']}: {record['stage']['name']}, round {review.number}",
    }
    return compile("lifecycle/dossier/round.typ", data, at=at)


def dossier_pdf(project: Project, *, at: datetime, tables: dict[str, int], kept_back: list[str], trail: Tally) -> bytes:
    """The dossier for people: cover, stages, people, baselines, decisions with signatures, acceptance.

    `tables`: rows told by the name of their table; `kept_back`: sentences; `trail`: counted to its end.
    """
    data = {
        "project": {"name": project.name, "question": project.question, "facts": _project_facts(project, at)},
        "kept_back": kept_back,
        "stages": [_stage(stage) for stage in project.stages.order_by("order", "iteration")],
        "returns": [_return(one) for one in project.returns.select_related("from_stage", "to_stage", "by")],
        "members": [_member(one) for one in project.members.select_related("user").order_by("joined_at", "pk")],
        "baselines": [
            _baseline(one)
            for one in Baseline.objects.filter(kpi__project=project)
            .exclude(values_hash="")
            .select_related("kpi", "approved_by")
            .order_by("pk")
        ],
        "rounds": [_round(record_of(review)) for review in rounds_of(project)],
        "acceptances": [_acceptance(one) for one in acceptances_of(project).order_by("number")],
        "tables": [{"name": name.replace("-", " "), "rows": rows} for name, rows in tables.items() if rows],
        "trail": {"own": trail.own, "links": trail.links, "head": trail.head},
        "foot": f"Dossier of {project.name}, {instant_text(at)}",
    }
    return compile("lifecycle/dossier/dossier.typ", data, at=at)


def instant_text(at: datetime | str | None) -> str:
    """3 March 2026, 14:05 UTC; empty for None."""
    if not at:
        return ""
    moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC)
    return f"{day_text(moment.date())}, {moment:%H:%M} UTC"


def _project_facts(project: Project, at: datetime) -> list[tuple[str, str]]:
    return [
        ("Key", project.key),
        ("Business unit", project.unit),
        ("Methodology", str(project.methodology)),
        ("Risk tier", project.get_risk_display()),
        ("State", project.get_state_display()),
        ("Started on", day_text(project.started_on)),
        *_ending(project),
        ("As of", instant_text(at)),
    ]


def _ending(project: Project) -> list[tuple[str, str]]:
    """Why it was stopped, and what came of it, where it has ended."""
    told = [("Stopped because", project.stopped_reason)] if project.was_stopped else []
    if project.closed_at is not None and project.closed_by is not None:
        told.append(("Closed", f"{instant_text(project.closed_at)}, by {project.closed_by.name}"))
        told.append(("What came of it", project.closing_statement))
    return told


def _stage(stage: Stage) -> Page:
    return {
        "name": stage.name,
        "iteration": stage.iteration,
        "state": stage.get_state_display(),
        "opened": day_text(stage.opened_at.date()) if stage.opened_at else "",
        "closed": day_text(stage.closed_at.date()) if stage.closed_at else "",
    }


def _return(one: StageReturn) -> Page:
    return {
        "from": one.from_stage.name,
        "to": f"{one.to_stage.name}, iteration {one.to_stage.iteration}",
        "reason": one.reason,
        "by": f"{one.by.name}, {day_text(one.at.date())}",
    }


def _member(member: Member) -> Page:
    return {
        "name": member.user.name,
        "role": member.get_role_display(),
        "since": day_text(member.joined_at.date()),
        "until": day_text(member.left_at.date()) if member.left_at else "",
    }


def _baseline(baseline: Baseline) -> Page:
    return {
        "kpi": baseline.kpi.name,
        "window": f"{day_text(baseline.starts_on)} to {day_text(baseline.ends_on)}",
        "mean": number_text(baseline.mean),
        "approved": baseline.approved_by.name if baseline.approved_by else "",
        "hash": baseline.values_hash[:12],
    }


def _advice(given: Record) -> Page:
    is_fine = given["grade"] == Feedback.Grade.FINE.label
    settled = given["settled"] or ("" if is_fine else "not settled")
    return {**given, "text": markdown_parts(given["text"]), "settled": settled}


def _round(record: Record) -> Page:
    kept = (
        "project", "stage", "number", "title", "requester", "state_in_words", "policy_in_words", "digest",
        "since_former_round", "since_submission",
    )  # fmt: skip
    return {name: record[name] for name in kept} | {
        "comment": markdown_parts(record["comment"]),
        "submitted": instant_text(record["submitted_at"]),
        "due": day_text(datetime.fromisoformat(record["due_on"]).date()) if record["due_on"] else "",
        "closed": instant_text(record["closed_at"]),
        # Cut here: a template would count the places where a long word may break.
        "evidence": [item | {"short": item["hash"][:SHORT]} for item in record["evidence"]],
        "feedback": [_advice(one) for one in record["feedback"]],
        "conditions": [
            {
                "text": markdown_parts(one["text"]),
                "owner": f"{one['owner']}, verified by {one['verifier']}",
                "due": day_text(datetime.fromisoformat(one["due_on"]).date()),
                "state": one["state_in_words"],
            }
            for one in record["conditions"]
        ],
        "decisions": [
            {
                name: decision[name]
                for name in ("decider", "on_behalf_of", "role", "verdict_in_words", "override", "stands")
            }
            | {"signature": _signature(decision["signature"])}
            for decision in record["decisions"]
        ],
    }


def _signature(block: Page) -> Page:
    comment = markdown_parts(
        block["comment"], keep_lines=True
    )  # the conditions of a verdict stand in lines of their own
    return block | {"at": instant_text(block["signed_at"]), "comment": comment}


def _acceptance(one: Acceptance) -> Page:
    signature = None
    if one.signature is not None:
        state = signature_state(one.signature, digest_of(one.manifest))
        signature = _signature(dict(signature_json(one.signature, state)))
    return {
        "title": f"Acceptance {one.number}",
        "state": one.get_state_display(),
        "approved_use": markdown_parts(one.approved_use),
        "limits": markdown_parts(one.limits),
        "offered_by": one.offered_by.name if one.offered_by else "",
        "comment": markdown_parts(one.comment),
        "digest": one.digest,
        "conditions": [
            {
                "text": condition.text,
                "owner": condition.owner.name if condition.owner else condition.owner_name,
                "due": day_text(condition.due_on),
                "state": condition.get_state_display(),
            }
            for condition in one.conditions.all()
        ],
        "results": [
            {
                "measure": result.criterion.measure,
                "threshold": result.criterion.threshold,
                "observed": result.observed,
                "verdict": result.get_verdict_display(),
                "tester": result.tester.name if result.tester else "",
            }
            for result in one.results.all()
        ],
        "signature": signature,
    }
