"""Rules of opening and of writing: references, prefilled facts, edits and who makes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.services import (
    ActionValues,
    EventValues,
    FactorValues,
    accept_action,
    add_row,
    edit_postmortem,
    edit_row,
    open_postmortem,
    remove_row,
)
from lifecycle.projects.models import Project
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def test_references_are_counted_per_year_without_gaps(project: Project, contributor: User, outsider: User) -> None:
    year = timezone.now().year
    made = [
        open_postmortem(actor=contributor, project=project, kind="near_miss", title=f"Number {n}").reference
        for n in range(3)
    ]
    with pytest.raises(Refused):
        open_postmortem(actor=outsider, project=project, kind="near_miss", title="No")
    made.append(open_postmortem(actor=contributor, project=project, kind="near_miss", title="Last").reference)
    assert made == [f"PM-{year}-{n:04d}" for n in (1, 2, 3, 4)]


def test_a_draft_starts_with_milestones_and_roles_of_the_project(project: Project, lead: User) -> None:
    with transaction.atomic():
        entry = record(
            actor=lead, verb="record_go_live", thing=project, kind="go_live", name="Region North", project_id=project.pk
        )
    made = open_postmortem(actor=lead, project=project, kind="project_closure", title="How it went")
    first, last = made.timeline.all()
    assert (first.text, first.moment.date(), first.role) == ("Project started", project.started_on, "project lead")
    assert (last.text, last.marker, last.audit_seq) == ("Went live", "release", entry.seq)
    assert made.origin_phase == "business_understanding"
    assert "sponsor (1)" in made.background
    assert not any(lead.name in event.text + event.role for event in made.timeline.all())


def test_a_stage_of_another_project_is_refused(project: Project, lead: User, crisp_dm: Methodology) -> None:
    from lifecycle.projects.services import start_project

    other = start_project(
        actor=lead, key="other", name="Other", question="?", methodology=crisp_dm, started_on=date(2026, 1, 1)
    )
    with refused("stage_elsewhere"):
        open_postmortem(actor=lead, project=project, kind="near_miss", title="x", stage=other.stages.first())


def test_the_second_author_is_told_what_changed_and_nothing_is_lost(
    draft: PostMortem, contributor: User, lead: User
) -> None:
    edit_postmortem(actor=lead, postmortem=draft, lock=1, changes={"summary": "Codes changed."})
    with pytest.raises(Refused) as caught:
        edit_postmortem(actor=contributor, postmortem=draft, lock=1, changes={"summary": "Mine."})
    assert caught.value.code == "edited_meanwhile"
    assert "Codes changed." in caught.value.details[0]
    assert lead.name in caught.value.details[0]
    assert PostMortem.objects.get(pk=draft.pk).summary == "Codes changed."


def test_an_event_added_by_somebody_else_does_not_stop_an_edit_of_the_text(
    draft: PostMortem, contributor: User, lead: User
) -> None:
    add_row(actor=lead, postmortem=draft, values=EventValues(moment=datetime(2026, 3, 1, tzinfo=UTC), text="Seen"))
    edited = edit_postmortem(actor=contributor, postmortem=draft, lock=1, changes={"summary": "Mine."})
    assert (edited.summary, edited.lock) == ("Mine.", 3)


def test_two_edits_of_one_event_conflict_and_a_removed_one_is_named(
    draft: PostMortem, contributor: User, lead: User
) -> None:
    values = EventValues(moment=datetime(2026, 3, 1, tzinfo=UTC), text="Seen")
    row = add_row(actor=lead, postmortem=draft, values=values)
    edit_row(
        actor=lead,
        postmortem=draft,
        row_id=row.pk,
        lock=2,
        values=EventValues(moment=values.moment, text="Seen by a nurse"),
    )
    with refused("edited_meanwhile"):
        edit_row(
            actor=contributor,
            postmortem=draft,
            row_id=row.pk,
            values=EventValues(moment=values.moment, text="Seen by a doctor"),
            lock=2,
        )
    remove_row(actor=lead, postmortem=draft, part="timeline", row_id=row.pk, lock=3)
    with refused("edited_meanwhile"):
        edit_row(actor=contributor, postmortem=draft, row_id=row.pk, values=values, lock=3)


def test_the_trail_of_an_edit_holds_no_text(draft: PostMortem, contributor: User) -> None:
    edit_postmortem(actor=contributor, postmortem=draft, lock=1, changes={"summary": "A private thing."})
    entry = Entry.objects.first()
    assert entry is not None
    assert (entry.verb, entry.thing_kind, entry.thing_name) == ("edit_postmortem", "postmortem", draft.reference)
    assert "private" not in str([entry.before, entry.after, entry.reason])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"owner": 1}, "field_unknown"),
        ({"state": "published"}, "field_unknown"),
        ({"trigger": "the moon"}, "choice_unknown"),
        ({"origin_phase": "nowhere"}, "choice_unknown"),
        ({"title": " "}, "text_invalid"),
        ({"summary": "x" * 50_001}, "text_invalid"),
        ({"started_on": "soon"}, "date_invalid"),
        ({"started_on": date(2026, 3, 2), "detected_on": date(2026, 3, 1)}, "dates_out_of_order"),
        ({"detected_on": date(2026, 3, 2), "resolved_on": date(2026, 3, 1)}, "dates_out_of_order"),
    ],
)
def test_a_wrong_value_is_refused(draft: PostMortem, contributor: User, changes: dict, code: str) -> None:
    with refused(code):
        edit_postmortem(actor=contributor, postmortem=draft, lock=1, changes=changes)
    assert PostMortem.objects.get(pk=draft.pk).lock == 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example", "data:text/html,x", "ftp://x.example/"])
def test_evidence_is_a_path_or_a_web_address(draft: PostMortem, contributor: User, address: str) -> None:
    with refused("evidence_invalid"):
        add_row(
            actor=contributor,
            postmortem=draft,
            values=EventValues(moment=datetime(2026, 3, 1, tzinfo=UTC), text="x", evidence=address),
        )


def test_a_factor_comes_from_the_taxonomy_and_only_once(draft: PostMortem, contributor: User) -> None:
    with refused("node_unknown"):
        add_row(actor=contributor, postmortem=draft, values=FactorValues(node="bad_luck"))
    row = add_row(actor=contributor, postmortem=draft, values=FactorValues(node="leakage"))
    assert row.group == "validation"
    with refused("factor_there"):
        add_row(actor=contributor, postmortem=draft, values=FactorValues(node="leakage"))


def test_only_owner_and_facilitator_decide_who_sees_it(
    draft: PostMortem, lead: User, contributor: User, reviewer: User
) -> None:
    with refused("not_permitted"):
        edit_postmortem(actor=lead, postmortem=draft, lock=1, changes={"visibility": "restricted"})
    action = add_row(
        actor=contributor, postmortem=draft, values=ActionValues(title="Mend", kind="repair", owner=reviewer)
    )
    accept_action(actor=contributor, action_id=action.pk)
    with refused("owners_would_lose_sight"):
        edit_postmortem(actor=contributor, postmortem=draft, lock=2, changes={"visibility": "restricted"})
    with refused("facilitator_is_owner"):
        edit_postmortem(actor=contributor, postmortem=draft, lock=2, changes={"facilitator": contributor})
    edited = edit_postmortem(
        actor=contributor, postmortem=draft, lock=2, changes={"visibility": "restricted", "facilitator": reviewer}
    )
    assert edited.visibility == "restricted"


def test_a_viewer_an_auditor_and_an_outsider_do_not_write(
    draft: PostMortem, viewer: User, outsider: User, make_person: Any
) -> None:
    for person in (viewer, outsider, make_person("Aud Auditor", is_auditor=True), make_person("Adm", is_manager=True)):
        with refused("not_permitted"):
            edit_postmortem(actor=person, postmortem=draft, lock=1, changes={"summary": "x"})
