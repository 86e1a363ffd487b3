"""Whoever asked for it is told of what other projects publish, and of nothing that they may not read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from foundation.notices.models import Notice
from foundation.people.models import User
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    edit_postmortem,
    follow,
    follows,
    publish,
    start_new_version,
    submit_for_review,
)
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


def _told(person: User) -> list[str]:
    return list(Notice.objects.filter(user=person, kind="postmortem_published").values_list("subject", flat=True))


def test_who_asked_is_told_once_and_who_did_not_is_not(
    in_review: PostMortem, outsider: User, manager: User, contributor: User, reviewer: User
) -> None:
    for person in (outsider, contributor):
        follow(actor=person, is_on=True)
        follow(actor=person, is_on=True)
    publish(actor=reviewer, postmortem=in_review, answers=fine())
    assert _told(outsider) == [f"New post-mortem {in_review.reference}: {in_review.title}"]
    assert Notice.objects.get(user=outsider).body == "The lab changed its codes and nobody told the team."
    assert _told(manager) == []
    assert _told(contributor) == []  # told as a member already
    start_new_version(actor=contributor, postmortem=in_review, reason="A date was wrong.")
    submit_for_review(actor=contributor, postmortem=in_review)
    publish(actor=reviewer, postmortem=in_review, answers=fine())
    assert len(_told(outsider)) == 1


@pytest.mark.parametrize("visibility", ["team", "restricted"])
def test_nobody_is_told_of_what_not_everybody_may_read(
    filled: PostMortem, outsider: User, manager: User, contributor: User, reviewer: User, visibility: str
) -> None:
    edit_postmortem(actor=contributor, postmortem=filled, lock=_lock(filled), changes={"facilitator": reviewer})
    edit_postmortem(actor=contributor, postmortem=filled, lock=_lock(filled), changes={"visibility": visibility})
    for person in (outsider, manager):
        follow(actor=person, is_on=True)
    submit_for_review(actor=contributor, postmortem=filled)
    publish(actor=reviewer, postmortem=filled, answers=fine())
    assert _told(outsider) == []
    assert _told(manager) == []


def _lock(postmortem: PostMortem) -> int:
    return PostMortem.objects.get(pk=postmortem.pk).lock


def test_it_is_turned_on_and_off_in_the_library_and_over_rest(
    outsider: User, sign_in: SignIn, api: Callable[[User], Any]
) -> None:
    client = sign_in(outsider)
    assert "Tell me of new ones" in client.get("/post-mortems/").content.decode()
    said = client.post("/post-mortems/following/", {"on": "1"}, follow=True).content.decode()
    assert "You are told when a post-mortem is published" in said
    assert "No longer tell me" in said
    assert follows(outsider)
    caller = api(outsider)
    assert caller.get("/api/v1/post-mortem-following/").json() == {"is_told": True}
    assert caller.put("/api/v1/post-mortem-following/", {"is_told": False}, format="json").json() == {"is_told": False}
    assert not follows(outsider)
    assert caller.put("/api/v1/post-mortem-following/", {}, format="json").status_code == 400
