"""What the KPI was before: proposed by the team, frozen by the sponsor or the customer."""

from __future__ import annotations

from datetime import date
from statistics import fmean

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.kpis.figures import mean_moving_range
from lifecycle.kpis.locking import locked_kpi, locked_with_kpi
from lifecycle.kpis.models import Baseline, Kpi
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.permits import APPROVE_BASELINE, APPROVERS, RECORD, may
from lifecycle.kpis.selectors.series import go_live_of, is_retrospective, series_of
from lifecycle.projects.models import people_in

FEWEST = 2  # a mean moving range needs two readings


@transaction.atomic
def propose_baseline(*, actor: User, kpi: Kpi, starts_on: date, ends_on: date, note: str = "") -> Baseline:
    """Propose a window as the baseline; sponsor and customer are told. Nothing is frozen yet.

    Raises Refused: not_permitted, project_read_only, window_backward, window_in_future,
    baseline_already_proposed, too_few_readings.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    if starts_on > ends_on:
        raise Refused(
            "The window ends before it starts. Exchange the two dates.",
            code="window_backward", status=400, field="ends_on",
        )  # fmt: skip
    if ends_on > organisation_today():
        raise Refused(
            "The window ends in the future. A baseline is what was measured: let it end today or before.",
            code="window_in_future", status=400, field="ends_on",
        )  # fmt: skip
    if Baseline.objects.filter(kpi=kpi, state=Baseline.State.PROPOSED).exists():
        raise Refused(
            "A baseline is proposed already and waits for approval. Withdraw it first to propose another window.",
            code="baseline_already_proposed",
        )
    count = len(_values(kpi, starts_on, ends_on))
    if count < FEWEST:
        raise _too_few(count)
    baseline = Baseline.objects.create(
        kpi=kpi, kpi_version=kpi.version, starts_on=starts_on, ends_on=ends_on, note=note, proposed_by=actor
    )
    tell(
        people=people_in(kpi.project, *APPROVERS),
        kind="baseline_proposed",
        subject=f"Baseline of {kpi.name} waits for approval",
        body=f"{actor.name} proposes {starts_on.isoformat()} to {ends_on.isoformat()}, {count} readings. "
        "Approval freezes their values; effects are measured against them.",
        link=kpi.get_absolute_url(),
        actor=actor,
        project_id=kpi.project_id,
        event_key=f"baseline_proposed:{baseline.pk}",
    )
    record(
        actor=actor,
        verb="propose_baseline",
        thing=baseline,
        kind="baseline",
        project_id=kpi.project_id,
        after={"kpi": kpi.key, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat(), "readings": count},
        reason=note,
    )
    return baseline


@transaction.atomic
def approve_baseline(*, actor: User, baseline_id: int) -> Baseline:
    """Freeze the values of the window as they are now, with their hash, mean and mean moving range.

    The baseline that was frozen before is superseded; both stay. Frozen after go-live: flagged retrospective.
    Raises Refused: not_permitted, four_eyes, project_read_only, baseline_not_proposed, kpi_changed,
    too_few_readings.
    """
    kpi, baseline = locked_with_kpi(Baseline, baseline_id)
    may(actor, APPROVE_BASELINE, kpi.project, baseline=baseline).demand()
    if baseline.state != Baseline.State.PROPOSED:
        raise Refused(
            f"This baseline is {baseline.get_state_display()}, so it does not wait for approval. Load the page again.",
            code="baseline_not_proposed",
        )
    if baseline.kpi_version != kpi.version:
        raise Refused(
            "The KPI was defined anew since this baseline was proposed. Withdraw it and propose it again.",
            code="kpi_changed",
        )
    values = _values(kpi, baseline.starts_on, baseline.ends_on)
    if len(values) < FEWEST:
        raise _too_few(len(values))
    former = Baseline.objects.select_for_update().filter(kpi=kpi, state=Baseline.State.FROZEN).first()
    if former is not None:
        former.state = Baseline.State.SUPERSEDED
        former.save(update_fields=["state"])
    readings = [value for _, value, _ in values]
    go_live = go_live_of(kpi.project)
    baseline.values = [[period, value, revision] for period, value, revision in values]
    baseline.values_hash = digest_of(baseline.values)
    baseline.mean = fmean(readings)
    baseline.moving_range = mean_moving_range(readings)
    baseline.count = len(values)
    baseline.state = Baseline.State.FROZEN
    baseline.approved_by = actor
    baseline.frozen_at = timezone.now()
    baseline.retrospective = is_retrospective(go_live.on if go_live else None, baseline.frozen_at)
    baseline.save(force_update=True)
    tell(
        people=[baseline.proposed_by],
        kind="baseline_frozen",
        subject=f"Baseline of {kpi.name} is approved",
        body=f"{actor.name} approved it: mean {baseline.mean:.6g} {kpi.unit} over {baseline.count} readings.",
        link=kpi.get_absolute_url(),
        actor=actor,
        project_id=kpi.project_id,
        event_key=f"baseline_frozen:{baseline.pk}",
    )
    record(
        actor=actor,
        verb="approve_baseline",
        thing=baseline,
        kind="baseline",
        project_id=kpi.project_id,
        before={"state": "proposed", "former_baseline": former.pk if former else None},
        after={
            "state": "frozen",
            "kpi": kpi.key,
            "values_hash": baseline.values_hash,
            "mean": baseline.mean,
            "readings": baseline.count,
            "retrospective": baseline.retrospective,
        },
    )
    return baseline


@transaction.atomic
def withdraw_baseline(*, actor: User, baseline_id: int, reason: str = "") -> Baseline:
    """Take back a proposed baseline. A frozen one stays until another is approved in its place.

    Raises Refused: not_permitted, project_read_only, baseline_not_proposed.
    """
    kpi, baseline = locked_with_kpi(Baseline, baseline_id)
    may(actor, RECORD, kpi.project).demand()
    if baseline.state != Baseline.State.PROPOSED:
        raise Refused(
            f"This baseline is {baseline.get_state_display()}. Only a proposed one can be withdrawn; "
            "to replace a frozen one, propose another and have it approved.",
            code="baseline_not_proposed",
        )
    baseline.state = Baseline.State.WITHDRAWN
    baseline.save(update_fields=["state"])
    record(
        actor=actor,
        verb="withdraw_baseline",
        thing=baseline,
        kind="baseline",
        project_id=kpi.project_id,
        before={"state": "proposed"},
        after={"state": "withdrawn", "kpi": kpi.key},
        reason=reason,
    )
    return baseline


def _values(kpi: Kpi, starts_on: date, ends_on: date) -> list[tuple[str, float, int]]:
    return [
        (point.period.isoformat(), point.value, point.revision)
        for point in series_of(kpi)
        if starts_on <= point.period <= ends_on
    ]


def _too_few(count: int) -> Refused:
    found = "no reading" if count == 0 else "one reading only"
    return Refused(
        f"The window holds {found}. A baseline needs at least {FEWEST}, and 8 or more to measure an effect: "
        "record readings, or choose a longer window.",
        code="too_few_readings",
        field="starts_on",
    )
