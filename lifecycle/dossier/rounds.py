"""The record of one round: what was asked, on which evidence, who answered, and what became of it."""

from __future__ import annotations

from typing import Any

from lifecycle.dossier.parts import plain_of
from lifecycle.projects.models import Project, Role
from lifecycle.signoff import moves, policy
from lifecycle.signoff.evidence import Item, all_kinds
from lifecycle.signoff.manifest import (
    difference,
    items_of,
    lapsed_items,
    lines_for,
    present_hashes,
    said_by_name,
)
from lifecycle.signoff.models import Round
from lifecycle.signoff.policy_words import who_decides
from lifecycle.signoff.signing import signature_json, signature_state

Record = dict[str, Any]
_NOT_SAID = frozenset({"author_id", "author_ids", "text"})


def rounds_of(project: Project) -> list[Round]:
    """All rounds of a project that were submitted, in the order of their requests."""
    found = Round.objects.filter(project=project).exclude(digest="")
    return list(found.select_related("stage", "project__methodology", "requester").order_by("pk"))


def record_of(review: Round) -> Record:
    """One round as plain JSON, with the present state of each signature and the difference since it was asked."""
    items = items_of(review.manifest)
    present = present_hashes(review.project, items)
    lapsed = lapsed_items(items, present)
    same = Round.objects.filter(project=review.project, stage__key=review.stage.key)
    superseded = same.filter(number__gt=review.number, state__in=moves.APPROVALS).exists()
    former = same.filter(number__lt=review.number).exclude(digest="").order_by("-number").first()
    still = review.digest if not lapsed and review.state not in moves.LAPSED else ""
    labels = {kind.name: kind.label for kind in all_kinds()}
    return {
        "id": review.pk,
        "project": {"key": review.project.key, "name": review.project.name},
        "stage": {"key": review.stage.key, "name": review.stage.name, "iteration": review.stage.iteration},
        "number": review.number,
        "title": review.title,
        "comment": review.comment,
        "requester": review.requester.name,
        "submitted_at": plain_of(review.submitted_at),
        "due_on": plain_of(review.due_on),
        "state": review.state,
        "state_in_words": review.get_state_display(),
        "closed_at": plain_of(review.closed_at),
        "lapsed_at": plain_of(review.lapsed_at),
        "policy": review.policy,
        "policy_in_words": policy_words(review.policy),
        "digest": review.digest,
        "manifest": review.manifest,
        "evidence": [
            {"kind": labels.get(item.kind, item.kind), "label": item.label, "hash": item.hash, "facts": _facts(item)}
            for item in items
        ],
        "decisions": [
            {
                "id": decision.pk,
                "decider": decision.decider.name,
                "on_behalf_of": decision.on_behalf_of.name if decision.on_behalf_of else "",
                "role": role_words(decision.role),
                "verdict": decision.verdict,
                "verdict_in_words": decision.get_verdict_display(),
                "reason": decision.reason,
                "override": decision.override,
                "stands": decision.stands,
                "digest": decision.digest,
                "decided_at": plain_of(decision.decided_at),
                "signature": signature_json(
                    decision.signature, signature_state(decision.signature, still, superseded=superseded)
                ),
            }
            for decision in review.decisions.select_related("decider", "on_behalf_of", "signature")
        ],
        "conditions": [
            {
                "number": condition.number,
                "text": condition.text,
                "severity": condition.severity,
                "owner": condition.owner.name,
                "verifier": condition.verifier.name,
                "due_on": condition.due_on.isoformat(),
                "state": condition.state,
                "state_in_words": condition.get_state_display(),
            }
            for condition in review.conditions.select_related("owner", "verifier").order_by("number")
        ],
        "feedback": [
            {
                "author": said.author.name,
                "role": role_words(said.role),
                "grade": said.get_grade_display(),
                "text": said.text,
                "settled": said.settled_note,
            }
            for said in review.feedback.select_related("author").order_by("pk")
        ],
        "since_former_round": difference(items_of(former.manifest), items) if former else [],
        "since_submission": review.difference or (lines_for(review.stage, lapsed, present) if lapsed else []),
    }


def policy_words(rules: dict[str, Any]) -> str:
    """Who must say yes, and who may not, in sentences; the name of the policy only where it says something else."""
    decides, name = who_decides(policy.quorum_of(rules)), str(rules.get("name") or "")
    parts = [f"{decides}."]
    if name and name not in {decides, *(policy.shipped_policy(tier)["name"] for tier in Project.Risk.values)}:
        parts.insert(0, f"“{name}”:")
    if not rules.get("self_approval"):
        parts.append("Neither who asks nor who wrote part of the evidence decides.")
    return " ".join(parts)


def role_words(role: str) -> str:
    """A role as people read it."""
    return str(Role(role).label) if role in Role.values else role.replace("_", " ")


def _facts(item: Item) -> str:
    say = next((kind.say for kind in all_kinds() if kind.name == item.kind and kind.say), said_by_name)
    said = [say(name, value) for name, value in item.facts.items() if name not in _NOT_SAID and value not in ("", None)]
    return ", ".join(said)
