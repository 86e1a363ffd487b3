"""What a KPI is compared with, what is left out of it, and when the solution ended."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.locking import locked_kpi, locked_project, locked_with_kpi
from lifecycle.kpis.models import Exclusion, Kpi, KpiControl, Retirement
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.permits import APPROVE_EXCLUSION, APPROVERS, RECORD, may
from lifecycle.projects.models import Project, people_in

MOST_CONTROLS = 60


@transaction.atomic
def add_control(*, actor: User, kpi: Kpi, control: Kpi, why: str, part: str = KpiControl.Part.CONTROL) -> KpiControl:
    """Name another KPI of the project to compare with: a control, or a unit of which a lot decided.

    Units are averages or rates, so that a unit's effect is the KPI's. Raises Refused: not_permitted,
    project_read_only, control_invalid, control_named_already, too_many_controls.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    _check_control(kpi, control, part, why.strip())
    running = KpiControl.objects.filter(kpi=kpi, ended_at__isnull=True)
    if running.filter(control=control).exists():
        raise Refused(
            f"{control.name} is named already. End that entry first to name it as something else.",
            code="control_named_already", field="control",
        )  # fmt: skip
    if running.count() >= MOST_CONTROLS:
        raise Refused(
            f"{MOST_CONTROLS} series to compare with are the most. End one that is not needed.",
            code="too_many_controls",
        )
    row = KpiControl.objects.create(kpi=kpi, control=control, part=part, why=why.strip(), added_by=actor)
    record(
        actor=actor,
        verb="add_control",
        thing=row,
        kind="kpi_control",
        project_id=kpi.project_id,
        after={"kpi": kpi.key, "control": control.key, "part": str(part)},
        reason=row.why,
    )
    return row


@transaction.atomic
def end_control(*, actor: User, control_id: int, joined_on: date | None = None, reason: str = "") -> KpiControl:
    """Compare with a series no more; with `joined_on` a unit that waited has got the solution from that day on, and
    stays for the time before.

    Raises Refused: not_permitted, project_read_only, control_ended, joined_invalid.
    """
    kpi, row = locked_with_kpi(KpiControl, control_id)
    may(actor, RECORD, kpi.project).demand()
    if row.ended_at is not None:
        raise Refused("This entry has ended already. Load the page again.", code="control_ended")
    if joined_on is not None:
        if row.part != KpiControl.Part.HELD or joined_on > organisation_today():
            raise Refused(
                "Only a unit that waits can get the solution, and not on a day that lies ahead. Choose another day.",
                code="joined_invalid", status=400, field="joined_on",
            )  # fmt: skip
        row.joined_on = joined_on
        row.save(update_fields=["joined_on"])
    else:
        row.ended_at, row.ended_by = timezone.now(), actor
        row.save(update_fields=["ended_at", "ended_by"])
    record(
        actor=actor,
        verb="end_control",
        thing=row,
        kind="kpi_control",
        project_id=kpi.project_id,
        after={
            "kpi": kpi.key,
            "control": row.control.key,
            "joined_on": joined_on.isoformat() if joined_on else None,
        },
        reason=reason,
    )
    return row


@transaction.atomic
def propose_exclusion(*, actor: User, kpi: Kpi, starts_on: date, ends_on: date, event: str) -> Exclusion:
    """Propose to leave out periods because of an event; sponsor and customer are told. They count until approved.

    Raises Refused: not_permitted, project_read_only, window_backward, window_in_future, event_missing,
    exclusion_overlaps.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    event = event.strip()
    if not event or len(event) > 300:
        raise Refused(
            "Say in up to 300 characters what happened, such as: strike of the carrier, no samples arrived.",
            code="event_missing", status=400, field="event",
        )  # fmt: skip
    if starts_on > ends_on:
        raise Refused(
            "The periods end before they begin. Exchange the two dates.",
            code="window_backward", status=400, field="ends_on",
        )  # fmt: skip
    if ends_on > organisation_today():
        raise Refused(
            "The periods end in the future. Only what has happened can be left out.",
            code="window_in_future", status=400, field="ends_on",
        )  # fmt: skip
    open_ones = Exclusion.objects.filter(kpi=kpi, state__in=[Exclusion.State.PROPOSED, Exclusion.State.APPROVED])
    overlap = open_ones.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first()
    if overlap is not None:
        raise Refused(
            f"{overlap.starts_on.isoformat()} to {overlap.ends_on.isoformat()} is {overlap.get_state_display()} already. "
            "Choose other days, or end that one first.",
            code="exclusion_overlaps", field="starts_on",
        )  # fmt: skip
    row = Exclusion.objects.create(kpi=kpi, starts_on=starts_on, ends_on=ends_on, event=event, proposed_by=actor)
    tell(
        people=people_in(kpi.project, *APPROVERS),
        kind="exclusion_proposed",
        subject=f"Periods of {kpi.name} to be left out wait for approval",
        body=f"{actor.name} proposes to leave out {starts_on.isoformat()} to {ends_on.isoformat()}: {event} "
        "Reports show the effect with and without them.",
        link=kpi.get_absolute_url() + "#exclusions",
        actor=actor,
        project_id=kpi.project_id,
        event_key=f"exclusion_proposed:{row.pk}",
    )
    record(
        actor=actor,
        verb="propose_exclusion",
        thing=row,
        kind="exclusion",
        project_id=kpi.project_id,
        after={"kpi": kpi.key, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()},
        reason=event,
    )
    return row


@transaction.atomic
def approve_exclusion(*, actor: User, exclusion_id: int) -> Exclusion:
    """Leave the periods out from now on. Never by the one who proposed it.

    Raises Refused: not_permitted, four_eyes, project_read_only, exclusion_not_proposed.
    """
    kpi, row = locked_with_kpi(Exclusion, exclusion_id)
    may(actor, APPROVE_EXCLUSION, kpi.project, proposed_by=row.proposed_by_id).demand()
    if row.state != Exclusion.State.PROPOSED:
        raise Refused(
            f"This proposal is {row.get_state_display()}, so it does not wait for approval. Load the page again.",
            code="exclusion_not_proposed",
        )
    row.state, row.approved_by, row.approved_at = Exclusion.State.APPROVED, actor, timezone.now()
    row.save(force_update=True)
    tell(
        people=[row.proposed_by],
        kind="exclusion_approved",
        subject=f"Periods of {kpi.name} are left out",
        body=f"{actor.name} approved it: {row.starts_on.isoformat()} to {row.ends_on.isoformat()}, {row.event}",
        link=kpi.get_absolute_url() + "#exclusions",
        actor=actor,
        project_id=kpi.project_id,
        event_key=f"exclusion_approved:{row.pk}",
    )
    record(
        actor=actor,
        verb="approve_exclusion",
        thing=row,
        kind="exclusion",
        project_id=kpi.project_id,
        before={"state": "proposed"},
        after={"state": "approved", "kpi": kpi.key},
    )
    return row


@transaction.atomic
def end_exclusion(*, actor: User, exclusion_id: int, reason: str = "") -> Exclusion:
    """Withdraw a proposal, or let approved exclusions count again; earlier reports keep them.

    Raises Refused: not_permitted, project_read_only, exclusion_ended.
    """
    kpi, row = locked_with_kpi(Exclusion, exclusion_id)
    may(actor, RECORD, kpi.project).demand()
    before = row.state
    if before not in (Exclusion.State.PROPOSED, Exclusion.State.APPROVED):
        raise Refused(f"This entry is {row.get_state_display()} already. Load the page again.", code="exclusion_ended")
    row.state = Exclusion.State.LIFTED if before == Exclusion.State.APPROVED else Exclusion.State.WITHDRAWN
    row.ended_at = timezone.now()
    row.save(update_fields=["state", "ended_at"])
    record(
        actor=actor,
        verb="end_exclusion",
        thing=row,
        kind="exclusion",
        project_id=kpi.project_id,
        before={"state": str(before)},
        after={"state": str(row.state), "kpi": kpi.key},
        reason=reason,
    )
    return row


@transaction.atomic
def record_retirement(
    *,
    actor: User,
    project: Project,
    retired_on: date | None,
    decommissioned_on: date | None = None,
    note: str = "",
) -> Retirement:
    """From `retired_on` on the solution no longer works and benefits end; costs of running go on up to and with
    `decommissioned_on`. Without a day an earlier word is taken back. The newest row counts.

    Raises Refused: not_permitted, project_read_only, decommissioned_before_retirement.
    """
    project = locked_project(project.pk)
    may(actor, RECORD, project).demand()
    if decommissioned_on is not None and (retired_on is None or decommissioned_on < retired_on):
        raise Refused(
            "The solution is decommissioned on the day of its retirement or later. Give a later day, or none.",
            code="decommissioned_before_retirement", status=400, field="decommissioned_on",
        )  # fmt: skip
    row = Retirement.objects.create(
        project=project, retired_on=retired_on, decommissioned_on=decommissioned_on, note=note[:300], recorded_by=actor
    )
    record(
        actor=actor,
        verb="record_retirement",
        thing=row,
        kind="retirement",
        project_id=project.pk,
        after={
            "retired_on": retired_on.isoformat() if retired_on else None,
            "decommissioned_on": decommissioned_on.isoformat() if decommissioned_on else None,
        },
        reason=note,
    )
    return row


def _check_control(kpi: Kpi, control: Kpi, part: str, why: str) -> None:
    def refuse(field: str, sentence: str) -> None:
        raise Refused(sentence, code="control_invalid", status=400, field=field)

    if part not in KpiControl.Part.values:
        refuse("part", f"{part!r} is no part. Use one of: {', '.join(KpiControl.Part.values)}.")
    if not why or len(why) > 300:
        refuse("why", "Say in up to 300 characters why this series was not changed itself, or how the lot was drawn.")
    if control.project_id != kpi.project_id:
        refuse("control", f"{control.name} belongs to another project. Record the series in this one.")
    if control.pk == kpi.pk:
        refuse("control", "A KPI cannot be compared with itself. Choose another one.")
    if control.frequency != kpi.frequency:
        refuse(
            "control",
            f"{control.name} is {control.get_frequency_display()} and {kpi.name} {kpi.get_frequency_display()}. "
            "Only series with the same periods can be compared.",
        )
    if control.derived_from_id == kpi.pk or kpi.derived_from_id == control.pk:
        refuse("control", f"{control.name} and {kpi.name} are computed from each other, so one changes with the other.")
    if part != KpiControl.Part.CONTROL:
        if kpi.kind != Kpi.Kind.LEVEL or control.kind != Kpi.Kind.LEVEL:
            refuse("part", "Units are compared by averages or rates. A sum of one unit is not the sum of all.")
        if control.unit != kpi.unit:
            refuse("control", f"{control.name} is in {control.unit}, not in {kpi.unit}. Units of a lot share one unit.")
