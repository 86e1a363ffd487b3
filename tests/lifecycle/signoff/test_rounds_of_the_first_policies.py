"""Rounds that were open before policies had a version can still be decided, by whom they always could."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Stage
from lifecycle.signoff.manifest import authors_of, manifest_of
from lifecycle.signoff.models import Round
from lifecycle.signoff.standing import standing_of
from tests.conftest import PASSWORD, SignIn

pytestmark = pytest.mark.django_db
OLD = {"version": 1, "name": "A sponsor or the customer", "quorum": {"any": ["sponsor", "customer"]}, "days": 5}


def written_round(stage: Stage, lead: User, rules: dict[str, Any]) -> Round:
    """An open round as a row, under the policy as it was stored."""
    stage = Stage.objects.select_related("project__methodology").get(pk=stage.pk)
    manifest, digest = manifest_of(stage)
    Stage.objects.filter(pk=stage.pk).update(state="in_review")
    return Round.objects.create(
        stage=stage,
        project=stage.project,
        number=1,
        state=Round.State.AWAITING,
        title="May we begin?",
        requester=lead,
        submitted_at=timezone.now(),
        policy=rules,
        manifest=manifest,
        digest=digest,
        authors=sorted(authors_of(manifest)),
    )


@pytest.mark.parametrize("who", ["sponsor", "customer"])
def test_a_round_of_the_first_version_is_decided_by_any_of_its_roles(
    who: str, first: Stage, lead: User, reviewer: User, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    review = written_round(first, lead, OLD)
    decider = request.getfixturevalue(who)
    form = {"verdict": "approve", "reason": "", "password": PASSWORD, "digest": review.digest}
    sign_in(reviewer).post(f"/rounds/{review.pk}/decide/", form)
    assert Round.objects.get().state == Round.State.AWAITING
    browser = sign_in(decider)
    assert 'name="verdict" value="approve"' in browser.get(review.get_absolute_url()).content.decode()
    browser.post(f"/rounds/{review.pk}/decide/", form)
    assert Round.objects.get().state == Round.State.APPROVED
    assert standing_of(Stage.objects.select_related("project").get(pk=first.pk)).is_in_force


def test_a_round_of_the_first_version_waits_in_the_inbox_and_in_the_api(
    first: Stage, lead: User, customer: User, api: Any, sign_in: SignIn
) -> None:
    review = written_round(first, lead, OLD)
    assert [row["id"] for row in api(customer).get("/api/v1/rounds/?waiting=mine").json()["results"]] == [review.pk]
    assert "May we begin?" in sign_in(customer).get("/").content.decode()
    yes = {"verdict": "approve", "password": PASSWORD, "digest": review.digest}
    assert api(customer).post(f"/api/v1/rounds/{review.pk}/decisions/", yes).status_code == 201


def test_a_round_of_the_first_version_without_roles_is_decided_by_nobody(
    first: Stage, lead: User, sponsor: User, answer: Any
) -> None:
    review = written_round(first, lead, {**OLD, "quorum": {"any": []}})
    with pytest.raises(Refused):
        answer(sponsor, review)
    assert Round.objects.get().state == Round.State.AWAITING


def test_an_empty_list_of_approvers_blocks_everybody_for_ever(
    first: Stage, lead: User, sponsor: User, manager: User, administrator: User, answer: Any
) -> None:
    review = written_round(first, lead, {"quorum": {"and": []}, "days": 5})
    for person in (sponsor, manager, administrator):
        with pytest.raises(Refused) as refused:
            answer(person, review)
        assert refused.value.code == "not_permitted"
    assert Round.objects.get().state == Round.State.AWAITING
