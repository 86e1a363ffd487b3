"""Deeds on links: tie a metric of the model to a KPI, and end the link."""

from __future__ import annotations

import math

from django.db import transaction
from django.utils import timezone

from explain.outcomes.links.models import MetricLink
from explain.outcomes.links.permits import may
from explain.outcomes.links.selectors import metrics_by_model
from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.locking import locked_kpi
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project
from lifecycle.projects.services.texts import sound_text

KIND = "metric_link"
MOST = 30
HYPOTHESIS, REASON = 1000, 300


@transaction.atomic
def tie_metric(
    *,
    actor: User,
    project: Project,
    kpi: Kpi,
    model_name: str,
    metric: str,
    expected: float,
    hypothesis: str,
    better: str = MetricLink.Better.HIGHER,
    point: float = 0.01,
    against: bool = False,
) -> MetricLink:
    """From now on reports say whether the KPI followed the metric.

    `expected`: change of the KPI, in its unit, for each `point` more of the metric. Its sign has to agree with which
    way both get better, or `against` has to say that a better model is expected to make the KPI worse. Raises Refused:
    not_permitted, project_closed, kpi_unknown, metric_unknown, better_unknown, point_invalid, expected_invalid,
    expected_against_direction, expected_with_direction, empty, text_too_long, link_exists, too_many_links.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, "tie", kpi.project if kpi.project_id == project.pk else project).demand()
    if kpi.project_id != project.pk:
        raise Refused(
            "This KPI belongs to another project. Choose one of your own.",
            code="kpi_unknown", status=400, field="kpi",
        )  # fmt: skip
    _check_metric(project, model_name, metric)
    if better not in MetricLink.Better.values:
        raise Refused(
            f"{better!r} says not which way the metric gets better. Use higher or lower.",
            code="better_unknown", status=400, field="better",
        )  # fmt: skip
    _check_numbers(kpi, better, point, expected, against)
    words = sound_text(hypothesis, limit=HYPOTHESIS, field="hypothesis", what="The hypothesis").strip()
    open_links = MetricLink.objects.filter(project=project, ended_at__isnull=True)
    if open_links.filter(kpi=kpi, model_name=model_name, metric=metric).exists():
        raise Refused(
            f"{metric} of {model_name} is tied to {kpi.name} already. End that link first.",
            code="link_exists", status=409, field="metric",
        )  # fmt: skip
    if open_links.count() >= MOST:
        raise Refused(f"A project has at most {MOST} links. End one first.", code="too_many_links", status=409)
    link = MetricLink.objects.create(
        project=project, kpi=kpi, kpi_version=kpi.version, model_name=model_name, metric=metric, better=better,
        point=point, expected=expected, against=against, hypothesis=words, created_by=actor,
    )  # fmt: skip
    _record(link, actor, "tie_metric", {}, terms_of(link))
    return link


@transaction.atomic
def end_link(*, actor: User, link_id: int, reason: str = "") -> MetricLink:
    """Later reports leave the link out; those that are there keep it.

    Raises Refused: not_permitted, project_closed, link_ended, text_too_long.
    """
    link = MetricLink.objects.select_for_update(of=("self",)).select_related("project", "kpi").get(pk=link_id)
    may(actor, "end", link.project, link=link).demand()
    link.end_reason = sound_text(reason, limit=REASON, field="reason", what="The reason", may_be_empty=True).strip()
    link.ended_by, link.ended_at = actor, timezone.now()
    link.save(update_fields=["ended_by", "ended_at", "end_reason"])
    _record(link, actor, "end_metric_link", {"ended": None}, {"ended": link.ended_at.isoformat()}, link.end_reason)
    return link


def terms_of(link: MetricLink) -> dict[str, object]:
    """The terms as plain JSON, for the trail."""
    names = ("model_name", "metric", "better", "point", "expected", "against", "hypothesis", "kpi_version")
    return {"kpi": link.kpi.key, **{name: getattr(link, name) for name in names}}


def _check_metric(project: Project, model_name: str, metric: str) -> None:
    known = metrics_by_model(project)
    if metric in known.get(model_name, ()):
        return
    stated = "; ".join(f"{name}: {', '.join(metrics)}" for name, metrics in known.items() if metrics)
    raise Refused(
        f"No accepted version of {model_name[:120]!r} states a metric {metric[:80]!r}. "
        + (f"Choose one that is stated: {stated[:600]}." if stated else "Upload a version with its metrics first."),
        code="metric_unknown", status=400, field="metric",
    )  # fmt: skip


def _check_numbers(kpi: Kpi, better: str, point: float, expected: float, against: bool) -> None:
    if not math.isfinite(point) or point <= 0:
        raise Refused(
            "A point has a size above 0, such as 0.01 for an accuracy from 0 to 1. Write it so.",
            code="point_invalid", status=400, field="point",
        )  # fmt: skip
    if not math.isfinite(expected) or expected == 0:
        raise Refused(
            "A link expects a change that is not 0. Write by how much the KPI changes for each point more of the metric.",
            code="expected_invalid", status=400, field="expected",
        )  # fmt: skip
    worse = expected * (1 if better == MetricLink.Better.HIGHER else -1) * kpi.sign < 0
    if worse and not against:
        raise Refused(
            f"By this sign a better model makes {kpi.name} worse ({kpi.get_direction_display()}). Change the sign, or say "
            "that you expect it to get worse.",
            code="expected_against_direction", status=400, field="expected",
        )  # fmt: skip
    if against and not worse:
        raise Refused(
            f"You say that {kpi.name} gets worse, but by this sign it gets better ({kpi.get_direction_display()}). Change "
            "one of the two.",
            code="expected_with_direction", status=400, field="against",
        )  # fmt: skip


def _record(
    link: MetricLink, actor: User, verb: str, before: dict[str, object], after: dict[str, object], reason: str = ""
) -> None:
    record(
        actor=actor, verb=verb, thing=link, kind=KIND, project_id=link.project_id, before=before, after=after,
        reason=reason,
    )  # fmt: skip
