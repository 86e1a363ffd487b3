"""Rules of post-mortems: references, prefilled facts, edits, review, publication, actions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems.models import ActionItem, PostMortem
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    ActionValues,
    EventValues,
    FactorValues,
    accept_action,
    add_row,
    cancel_action,
    change_action,
    close,
    current_taxonomy,
    decline_action,
    edit_postmortem,
    edit_row,
    finish_action,
    load_taxonomy,
    open_postmortem,
    publish,
    remove_row,
    reopen,
    return_action,
    return_to_draft,
    start_action,
    start_new_version,
    submit_for_review,
    verify_action,
)
from lifecycle.postmortems.taxonomy import title
from lifecycle.projects.models import Project
from tests.lifecycle.postmortems.conftest import fill

pytestmark = pytest.mark.django_db


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code


# Taxonomy


def test_the_same_taxonomy_is_the_same_version() -> None:
    assert load_taxonomy().pk == load_taxonomy().pk == current_taxonomy().pk
    assert current_taxonomy().version == 1


def test_a_cause_that_is_dropped_from_the_taxonomy_is_refused_and_a_retired_one_is_taken() -> None:
    import yaml

    content = load_taxonomy().content
    cut = {**content, "factor_groups": {**content["factor_groups"], "validation": {"leakage": "x"}}}
    with refused("taxonomy_invalid"):
        load_taxonomy(text=yaml.safe_dump({"taxonomy": cut}))
    cut["factor_groups"]["validation"] = {
        **content["factor_groups"]["validation"],
        "overfitting": {"label": "Fitted to noise", "retired": True},
    }
    assert load_taxonomy(text=yaml.safe_dump({"taxonomy": cut})).version == 2
    assert current_taxonomy().version == 2


def test_a_retired_cause_is_not_chosen_any_more(project: Project, contributor: User) -> None:
    import yaml

    content = load_taxonomy().content
    content["factor_groups"]["validation"]["overfitting"] = {"label": "Fitted to noise", "retired": True}
    load_taxonomy(text=yaml.safe_dump({"taxonomy": content}))
    made = open_postmortem(actor=contributor, project=project, kind="near_miss", title="Close call")
    with refused("node_unknown"):
        add_row(actor=contributor, postmortem=made, values=FactorValues(node="overfitting"))


@pytest.mark.parametrize("text", ["[", "taxonomy: 3", "{}", "taxonomy: {detection: []}"])
def test_a_broken_taxonomy_is_refused_with_its_faults(text: str) -> None:
    with pytest.raises(Refused):
        load_taxonomy(text=text)


# Opening


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


# Writing


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


# Review and publication


def test_all_that_is_missing_is_named_at_once(draft: PostMortem, contributor: User) -> None:
    with pytest.raises(Refused) as caught:
        submit_for_review(actor=contributor, postmortem=draft)
    assert caught.value.code == "not_complete"
    assert len(caught.value.details) == 5


def test_a_text_in_review_is_not_edited(in_review: PostMortem, contributor: User) -> None:
    with refused("not_draft"):
        edit_postmortem(actor=contributor, postmortem=in_review, lock=in_review.lock, changes={"summary": "New"})


def test_the_owner_cannot_publish_their_own_even_as_lead(project: Project, lead: User, sponsor: User) -> None:
    made = fill(open_postmortem(actor=lead, project=project, kind="near_miss", title="Mine"), lead)
    submit_for_review(actor=lead, postmortem=made)
    with refused("not_permitted"):
        publish(actor=lead, postmortem=made, answers=fine())
    assert publish(actor=sponsor, postmortem=made, answers=fine()).state == "published"


def test_the_database_refuses_an_owner_as_publisher(in_review: PostMortem) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PostMortem.objects.filter(pk=in_review.pk).update(published_by=in_review.owner)


def test_publication_freezes_a_revision_with_its_hash(published_one: PostMortem, contributor: User) -> None:
    revision = published_one.revisions.get()
    assert revision.content_hash == digest_of(revision.content)
    assert revision.content["factors"][0]["label"] == "A producer changed data without notice"
    start_new_version(actor=contributor, postmortem=published_one, reason="The cause was found.")
    edit_postmortem(
        actor=contributor, postmortem=published_one, lock=published_one.lock, changes={"summary": "Rewritten"}
    )
    assert published_one.revisions.get().content["summary"].startswith("The lab changed")


def test_a_new_version_gets_the_next_number(published_one: PostMortem, contributor: User, reviewer: User) -> None:
    start_new_version(actor=contributor, postmortem=published_one, reason="More is known.")
    submit_for_review(actor=contributor, postmortem=published_one)
    again = publish(actor=reviewer, postmortem=published_one, answers=fine())
    assert [revision.number for revision in again.revisions.all()] == [2, 1]


def test_accepted_actions_need_owner_and_date_before_publication(
    draft: PostMortem, contributor: User, reviewer: User
) -> None:
    made = fill(draft, contributor, with_action=False)
    action = add_row(actor=contributor, postmortem=made, values=ActionValues(title="Mend", kind="repair"))
    accept_action(actor=contributor, action_id=action.pk)
    submit_for_review(actor=contributor, postmortem=made)
    with pytest.raises(Refused) as caught:
        publish(actor=reviewer, postmortem=made, answers=fine())
    assert caught.value.details == ["the action 'Mend' has no owner"]
    change_action(actor=contributor, action_id=action.pk, owner=contributor)
    assert publish(actor=reviewer, postmortem=made, answers=fine()).state == "published"


def test_without_an_action_a_reason_is_needed(draft: PostMortem, contributor: User, reviewer: User) -> None:
    made = fill(draft, contributor, with_action=False)
    submit_for_review(actor=contributor, postmortem=made)
    with refused("not_complete"):
        publish(actor=reviewer, postmortem=made, answers=fine())
    return_to_draft(actor=reviewer, postmortem=made, reason="Say why nothing follows.")
    edit_postmortem(actor=contributor, postmortem=made, lock=made.lock, changes={"no_action_reason": "One-off."})
    submit_for_review(actor=contributor, postmortem=made)
    assert publish(actor=reviewer, postmortem=made, answers=fine()).number == 1


def test_a_reviewer_who_read_an_older_text_does_not_publish_the_newer(
    in_review: PostMortem, contributor: User, reviewer: User
) -> None:
    return_to_draft(actor=reviewer, postmortem=in_review, reason="Shorter, please.")
    edit_postmortem(actor=contributor, postmortem=in_review, lock=in_review.lock, changes={"summary": "Short."})
    submit_for_review(actor=contributor, postmortem=in_review)
    with refused("edited_meanwhile"):
        publish(actor=reviewer, postmortem=in_review, lock=in_review.lock, answers=fine())


def test_it_is_closed_when_every_accepted_action_is_settled(
    published_one: PostMortem, contributor: User, lead: User, reviewer: User
) -> None:
    action = published_one.actions.get()
    with refused("actions_open"):
        close(actor=contributor, postmortem=published_one)
    finish_action(actor=contributor, action_id=action.pk)
    verify_action(actor=reviewer, action_id=action.pk)
    assert close(actor=contributor, postmortem=published_one).state == "closed"
    with refused("closed"):
        change_action(actor=lead, action_id=action.pk, owner=lead)
    assert reopen(actor=lead, postmortem=published_one, reason="It came back.").state == "published"


def test_reviewers_hear_of_a_review_and_the_project_of_the_publication(
    published_one: PostMortem, reviewer: User, contributor: User, viewer: User, outsider: User
) -> None:
    def told(person: User) -> list[str]:
        return list(Notice.objects.filter(user=person).values_list("subject", flat=True))

    assert f"{published_one.reference}: please review" in told(reviewer)
    assert f"{published_one.reference} is published" in told(viewer)
    assert told(outsider) == []


# Actions


@pytest.mark.parametrize(("severity", "days"), [("high", 15), ("medium", 30), ("low", 60)])
def test_a_due_date_follows_from_the_severity(draft: PostMortem, contributor: User, severity: str, days: int) -> None:
    PostMortem.objects.filter(pk=draft.pk).update(severity=severity)
    row = add_row(actor=contributor, postmortem=draft, values=ActionValues(title="Mend", kind="repair"))
    assert accept_action(actor=contributor, action_id=row.pk).due_on == timezone.localdate() + timedelta(days=days)


def test_moving_a_date_needs_a_reason_and_is_kept(filled: PostMortem, contributor: User) -> None:
    action = filled.actions.get()
    later = action.due_on + timedelta(days=10)
    with refused("reason_missing"):
        change_action(actor=contributor, action_id=action.pk, due_on=later)
    change_action(actor=contributor, action_id=action.pk, due_on=later, reason="The lab is closed in May.")
    event = action.events.last()
    assert (event.field, event.before, event.after) == ("due_on", str(action.due_on), str(later))
    assert event.reason == "The lab is closed in May."


def test_an_owner_who_cannot_see_it_gets_no_action(draft: PostMortem, contributor: User, outsider: User) -> None:
    with refused("owner_cannot_see"):
        add_row(actor=contributor, postmortem=draft, values=ActionValues(title="x", kind="repair", owner=outsider))


def test_the_owner_cannot_verify_and_others_cannot_finish(
    filled: PostMortem, contributor: User, lead: User, reviewer: User
) -> None:
    action = filled.actions.get()
    with refused("not_permitted"):
        finish_action(actor=lead, action_id=action.pk)
    start_action(actor=contributor, action_id=action.pk)
    finish_action(actor=contributor, action_id=action.pk)
    with refused("not_permitted"):
        verify_action(actor=contributor, action_id=action.pk)
    return_action(actor=reviewer, action_id=action.pk, reason="No alert was raised in the trial.")
    finish_action(actor=contributor, action_id=action.pk)
    done = verify_action(actor=reviewer, action_id=action.pk)
    assert (done.status, done.verified_by) == ("verified", reviewer)
    assert [event.after for event in done.events.filter(field="status")] == [
        "in_progress", "done", "open", "done", "verified",
    ]  # fmt: skip


def test_a_proposed_action_is_no_promise(draft: PostMortem, contributor: User, lead: User) -> None:
    row = add_row(
        actor=contributor, postmortem=draft, values=ActionValues(title="Maybe", kind="process", owner=contributor)
    )
    with refused("not_accepted"):
        finish_action(actor=contributor, action_id=row.pk)
    with refused("reason_missing"):
        decline_action(actor=lead, action_id=row.pk, reason=" ")
    declined = decline_action(actor=lead, action_id=row.pk, reason="Too dear.")
    assert (declined.disposition, declined.disposition_reason) == ("declined", "Too dear.")
    assert accept_action(actor=lead, action_id=row.pk).disposition == "accepted"


def test_an_accepted_action_is_cancelled_and_not_removed(filled: PostMortem, contributor: User) -> None:
    action = filled.actions.get()
    with refused("action_accepted"):
        remove_row(actor=contributor, postmortem=filled, part="actions", row_id=action.pk, lock=filled.lock)
    with refused("reason_missing"):
        cancel_action(actor=contributor, action_id=action.pk, reason="")
    assert cancel_action(actor=contributor, action_id=action.pk, reason="Replaced.").status == "cancelled"
    with refused("wrong_state"):
        change_action(actor=contributor, action_id=action.pk, due_on=date(2030, 1, 1), reason="Later.")
    assert ActionItem.objects.get(pk=action.pk).status == "cancelled"


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("not_suited_to_ml", "Not suited to ML"),
        ("ml_failure", "ML failure"),
        ("customer_report", "Customer report"),
        ("html_export", "Html export"),
        ("", ""),
    ],
)
def test_a_key_is_written_as_people_write_it(key: str, heading: str) -> None:
    assert title(key) == heading
