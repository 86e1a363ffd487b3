"""Rules from the draft to the closed case: what is missing, who publishes, what is frozen."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    ActionValues,
    accept_action,
    add_row,
    change_action,
    close,
    edit_postmortem,
    finish_action,
    open_postmortem,
    publish,
    reopen,
    return_to_draft,
    start_new_version,
    submit_for_review,
    verify_action,
)
from lifecycle.projects.models import Project
from tests.lifecycle.postmortems.conftest import fill
from tests.refusals import refused

pytestmark = pytest.mark.django_db


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
