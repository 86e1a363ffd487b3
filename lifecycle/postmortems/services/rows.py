"""The rows of a post-mortem as plain values, and what makes them valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems import whys
from lifecycle.postmortems.merging import same_line_ends
from lifecycle.postmortems.models import (
    ActionItem,
    ContributingFactor,
    Impact,
    Lesson,
    PostMortem,
    TimelineEvent,
    WhyNode,
)
from lifecycle.postmortems.naming import noun_of
from lifecycle.postmortems.services.opening import TEXT_LIMIT


@dataclass(frozen=True)
class EventValues:
    """What happened when. `role`: a role, never a name; `evidence`: a path in the portal or an http(s) address."""

    moment: datetime
    text: str
    precision: str = TimelineEvent.Precision.DAY
    marker: str = ""
    role: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class ImpactValues:
    """What it cost or harmed; `amount` in `unit`, an estimate unless said otherwise."""

    dimension: str
    text: str
    amount: Decimal | None = None
    unit: str = ""
    is_estimate: bool = True


@dataclass(frozen=True)
class FactorValues:
    """A cause: `node` is a key of the taxonomy."""

    node: str
    text: str = ""
    why_unnoticed: str = ""
    strength: str = ContributingFactor.Strength.CONTRIBUTING
    confidence: str = ContributingFactor.Confidence.KNOWN


@dataclass(frozen=True)
class LessonValues:
    """What to keep, change or watch for."""

    kind: str
    text: str
    as_check: bool = False


@dataclass(frozen=True)
class ActionValues:
    """A proposed piece of work; owner and due date may come when it is accepted."""

    title: str
    kind: str
    factor_id: int | None = None
    owner: User | None = None
    due_on: date | None = None
    test_for_done: str = ""
    external_link: str = ""
    priority: str = ActionItem.Priority.NORMAL


@dataclass(frozen=True)
class WhyValues:
    """A question and its answer. `parent_id`: the why whose answer is asked further; `factor_id`: where it ends."""

    question: str
    answer: str = ""
    parent_id: int | None = None
    factor_id: int | None = None


Values = EventValues | ImpactValues | FactorValues | LessonValues | ActionValues | WhyValues

PARTS = {
    "timeline": "event",
    "impacts": "impact",
    "factors": "factor",
    "lessons": "lesson",
    "actions": "action",
    "whys": "why",
}
MODELS: dict[str, type[models.Model]] = {
    "timeline": TimelineEvent,
    "impacts": Impact,
    "factors": ContributingFactor,
    "lessons": Lesson,
    "actions": ActionItem,
    "whys": WhyNode,
}


def part_of(values: Values) -> str:
    """The part that such values belong to."""
    match values:
        case EventValues():
            return "timeline"
        case ImpactValues():
            return "impacts"
        case FactorValues():
            return "factors"
        case LessonValues():
            return "lessons"
        case ActionValues():
            return "actions"
        case WhyValues():
            return "whys"


def columns_of(postmortem: PostMortem, values: Values, row: models.Model | None) -> dict[str, Any]:
    """Checked columns for the row. `row`: the one that is edited, None for a new one. Raises Refused."""
    content = postmortem.taxonomy.content
    match values:
        case EventValues():
            _choice("precision", values.precision, TimelineEvent.Precision.values)
            _choice("marker", values.marker, TimelineEvent.Marker.values)
            if timezone.is_naive(values.moment):
                raise _wrong("moment", "Give the moment with its time zone.")
            return {
                "moment": values.moment,
                "precision": values.precision,
                "text": _text("text", values.text),
                "marker": values.marker,
                "role": _text("role", values.role, limit=60, needed=False),
                "evidence": _address("evidence", values.evidence),
            }
        case ImpactValues():
            _choice("dimension", values.dimension, content["impact_dimensions"])
            if values.amount is not None and not (values.amount.is_finite() and abs(values.amount) < Decimal(10) ** 16):
                raise _wrong("amount", "Give a number of at most sixteen digits.")
            return {
                "dimension": values.dimension,
                "text": _text("text", values.text, limit=300),
                "amount": values.amount,
                "unit": _text("unit", values.unit, limit=40, needed=False),
                "is_estimate": values.is_estimate,
            }
        case FactorValues():
            node = causes.nodes(content).get(values.node)
            if node is None or (node.retired and getattr(row, "node", "") != node.key):
                raise Refused(
                    f"{values.node!r} is no cause of taxonomy v{postmortem.taxonomy.version}. Choose one of the list.",
                    code="node_unknown",
                    status=400,
                    field="node",
                )
            _choice("strength", values.strength, content["factor_strength"])
            _choice("confidence", values.confidence, content["factor_confidence"])
            return {
                "group": node.group,
                "node": node.key,
                "text": _text("text", values.text, needed=False),
                "why_unnoticed": _text("why_unnoticed", values.why_unnoticed, needed=False),
                "strength": values.strength,
                "confidence": values.confidence,
            }
        case LessonValues():
            _choice("kind", values.kind, content["lesson_kinds"])
            return {"kind": values.kind, "text": _text("text", values.text), "as_check": values.as_check}
        case ActionValues():
            return _action_columns(postmortem, values, row)
        case WhyValues():
            return _why_columns(postmortem, values, row)


def owner_must_see(postmortem: PostMortem, owner: User | None) -> None:
    """Raise Refused when the person could not read the post-mortem they get work from."""
    if owner is None:
        return
    if not PostMortem.objects.visible_to(owner).filter(pk=postmortem.pk).exists():
        raise Refused(
            f"{owner.name} cannot see this {noun_of(postmortem)}. Choose somebody of the project, or change who sees it.",
            code="owner_cannot_see",
            status=400,
            field="owner",
        )


def _action_columns(postmortem: PostMortem, values: ActionValues, row: models.Model | None) -> dict[str, Any]:
    _choice("kind", values.kind, postmortem.taxonomy.content["action_kinds"])
    _choice("priority", values.priority, ActionItem.Priority.values)
    if (
        values.factor_id is not None
        and not ContributingFactor.objects.filter(postmortem=postmortem, pk=values.factor_id).exists()
    ):
        raise _wrong("factor", f"Choose a factor of this {noun_of(postmortem)}.")
    columns: dict[str, Any] = {
        "title": _text("title", values.title, limit=200),
        "kind": values.kind,
        "priority": values.priority,
        "factor_id": values.factor_id,
        "test_for_done": _text("test_for_done", values.test_for_done, limit=300, needed=False),
        "external_link": _address("external_link", values.external_link, inside=False),
    }
    # Owner and date of an accepted action are changed by a deed of their own, which is logged.
    if not isinstance(row, ActionItem) or row.disposition != ActionItem.Disposition.ACCEPTED:
        owner_must_see(postmortem, values.owner)
        columns |= {"owner": values.owner, "due_on": values.due_on}
    return columns


def _why_columns(postmortem: PostMortem, values: WhyValues, row: models.Model | None) -> dict[str, Any]:
    parents = dict(WhyNode.objects.filter(postmortem=postmortem).values_list("pk", "parent_id"))
    if values.parent_id is not None and values.parent_id not in parents:
        raise _wrong("parent", f"Choose a question of this {noun_of(postmortem)}.")
    fault = whys.fault_of_parent(parents, row.pk if row else None, values.parent_id)
    if fault:
        raise _wrong("parent", fault)
    if (
        values.factor_id is not None
        and not ContributingFactor.objects.filter(postmortem=postmortem, pk=values.factor_id).exists()
    ):
        raise _wrong("factor", f"Choose a factor of this {noun_of(postmortem)}.")
    return {
        "question": _text("question", values.question, limit=300),
        "answer": _text("answer", values.answer, needed=False),
        "parent_id": values.parent_id,
        "factor_id": values.factor_id,
    }


def _wrong(field: str, why: str) -> Refused:
    return Refused(why, code=f"{field}_invalid", status=400, field=field)


def _choice(field: str, value: str, known: list[str]) -> None:
    if value not in known:
        raise _wrong(field, f"{value!r} is not known here. Use one of: {', '.join(key for key in known if key)}.")


def _text(field: str, value: str, *, limit: int = TEXT_LIMIT, needed: bool = True) -> str:
    text = same_line_ends(value).strip()
    if needed and not text:
        raise _wrong(field, "Write something here.")
    if len(text) > limit:
        raise _wrong(field, f"Write up to {limit:,} characters.")
    return text


def _address(field: str, value: str, *, inside: bool = True) -> str:
    """A path of the portal or an http(s) address; anything else could run when it is clicked."""
    text = value.strip()
    if not text:
        return ""
    if inside and text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= 300:
        return text
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        raise _wrong(field, "Give a full address that begins with https:// or a path of this portal.") from None
    if len(text) > 200:
        raise _wrong(field, "Give an address of up to 200 characters.")
    return text
