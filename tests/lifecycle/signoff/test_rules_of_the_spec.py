"""Rules of a round, who may sign, and the signature (sign-off specification, sections 2 to 4), where no room's own
tests say them already."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Deliverable, Member, Project, Role, Stage
from lifecycle.projects.services import answer_question, write_version
from lifecycle.projects.services.delegating import delegate
from lifecycle.signoff import policy
from lifecycle.signoff.models import Decision, Round, Signature
from lifecycle.signoff.services import deciding, submit_round
from tests.conftest import PASSWORD, SignIn

pytestmark = pytest.mark.django_db


def seat_for(stage: Stage, *people: User, role: Role = Role.SPONSOR) -> None:
    Member.objects.bulk_create(Member(project=stage.project, user=person, role=role) for person in people)


def of_tier(stage: Stage, tier: str) -> Stage:
    Project.objects.filter(pk=stage.project_id).update(risk=tier)
    return Stage.objects.select_related("project__methodology").get(pk=stage.pk)


@pytest.fixture
def risk_officer(project: Project, make_person: Any) -> User:
    person: User = make_person("Rita Risk")
    Member.objects.create(project=project, user=person, role=Role.RISK)
    return person


# One function decides


def test_an_answer_whose_entry_in_the_trail_fails_was_never_given(
    review: Round, sponsor: User, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(deciding, "record", full)
    with pytest.raises(OSError, match="full"):
        answer(sponsor, review)
    assert (Decision.objects.count(), Signature.objects.count()) == (0, 0)
    assert Round.objects.get(pk=review.pk).state == Round.State.AWAITING
    assert not Notice.objects.filter(kind="round_decided").exists()


def test_a_yes_sent_twice_is_one_decision_one_signature_and_one_notice(
    first: Stage, lead: User, sponsor: User, reviewer: User, answer: Any
) -> None:
    review = submit_round(actor=lead, stage=of_tier(first, "medium"), title="May we begin?")
    answer(sponsor, review)
    with pytest.raises(Refused) as refused:
        answer(sponsor, review)
    assert refused.value.code == "already_answered"
    counts = Decision.objects.count(), Signature.objects.count(), Notice.objects.filter(kind="round_decided", user=lead)
    assert (counts[0], counts[1], counts[2].count()) == (1, 1, 1)


# Quorum and risk tier


@pytest.mark.parametrize(
    ("tier", "needed"),
    [("low", ["sponsor"]), ("medium", ["sponsor", "reviewer"]), ("high", ["sponsor", "reviewer", "risk_officer"])],
)
def test_the_risk_tier_says_how_many_sign(
    tier: str, needed: list[str], first: Stage, lead: User, risk_officer: User, answer: Any,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    review = submit_round(actor=lead, stage=of_tier(first, tier), title="May we begin?")
    for role in needed:
        assert Round.objects.get(pk=review.pk).state == Round.State.AWAITING
        answer(request.getfixturevalue(role), review)
    assert Round.objects.get(pk=review.pk).state == Round.State.APPROVED


def test_two_roles_of_one_person_are_one_signature(
    first: Stage, lead: User, sponsor: User, reviewer: User, answer: Any
) -> None:
    seat_for(first, sponsor, role=Role.REVIEWER)
    review = submit_round(actor=lead, stage=of_tier(first, "medium"), title="May we begin?")
    answer(sponsor, review)
    with pytest.raises(Refused):
        answer(sponsor, review)
    assert Round.objects.get(pk=review.pk).state == Round.State.AWAITING
    answer(reviewer, review)
    assert Round.objects.get(pk=review.pk).state == Round.State.APPROVED


def test_nobody_approves_their_own_work_until_somebody_says_so() -> None:
    for tier in Project.Risk.values:
        rules = policy.shipped_policy(tier)
        assert rules["self_approval"] is False
        assert policy.standing_apart(rules, person_id=1)


# Four eyes


def test_who_wrote_an_earlier_version_is_an_author_still(
    first: Stage, lead: User, contributor: User, sponsor: User, second_sponsor: User, answer: Any
) -> None:
    deliverable = first.deliverables.filter(need=Deliverable.Need.REQUIRED).order_by("order")[0]
    Member.objects.create(project=first.project, user=sponsor, role=Role.CONTRIBUTOR)
    write_version(actor=sponsor, deliverable=deliverable, expected_number=1, text="By the sponsor.")
    write_version(actor=contributor, deliverable=deliverable, expected_number=2, text="By the sponsor, mended.")
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    with pytest.raises(Refused) as refused:
        answer(sponsor, review)
    assert refused.value.code == "author_cannot_decide"
    assert answer(second_sponsor, review).verdict == "approve"


def test_who_gave_an_earlier_answer_is_an_author_still(
    first: Stage, lead: User, contributor: User, sponsor: User, second_sponsor: User, answer: Any
) -> None:
    question = first.questions.all()[0]
    Member.objects.create(project=first.project, user=sponsor, role=Role.CONTRIBUTOR)
    answer_question(actor=sponsor, question=question, text="So it is.", expected_number=1)
    answer_question(actor=contributor, question=question, text="So it is!", expected_number=2)
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    with pytest.raises(Refused) as refused:
        answer(sponsor, review)
    assert refused.value.code == "author_cannot_decide"


def test_a_stand_in_signs_as_b_for_a_and_passes_nothing_on(
    review: Round, sponsor: User, outsider: User, viewer: User, contributor: User, answer: Any, sign_in: SignIn
) -> None:
    today = timezone.localdate()
    days = {"starts_on": today, "ends_on": today + timedelta(days=9), "reason": "On leave."}
    delegate(actor=sponsor, from_person=sponsor, to_person=viewer, **days)
    with pytest.raises(Refused) as refused:
        delegate(actor=viewer, from_person=viewer, to_person=outsider, project=review.project, role="sponsor", **days)
    assert refused.value.code == "nothing_to_cover"
    # The stand-in obeys the same separation of duties: the author of the evidence stands in for nobody who judges it.
    delegate(actor=sponsor, from_person=sponsor, to_person=contributor, **days)
    with pytest.raises(Refused) as refused:
        answer(contributor, review)
    assert refused.value.status == 403
    decision = answer(viewer, review)
    assert decision.signature.printed_name == f"{viewer.name} for {sponsor.name}"
    assert f"standing in for {sponsor.name}" in decision.signature.statement
    assert f"{viewer.name} for {sponsor.name}" in sign_in(sponsor).get(review.get_absolute_url()).content.decode()


def test_managing_rights_give_no_right_to_approve_and_take_none(
    review: Round, administrator: User, manager: User, answer: Any
) -> None:
    with pytest.raises(Refused):
        answer(administrator, review)
    Member.objects.create(project=review.project, user=manager, role=Role.SPONSOR)
    assert answer(manager, review).role == "sponsor"


def test_an_emergency_needs_its_reason_holds_for_a_time_and_is_reported(
    project: Project, lead: User, sponsor: User, make_person: Any, answer: Any, sign_in: SignIn
) -> None:
    stage = project.stages.get(order=1)  # nothing is written yet
    with pytest.raises(Refused):
        submit_round(actor=lead, stage=stage, title="Now?")
    review = submit_round(actor=lead, stage=stage, title="Now?", emergency="The old model is wrong.")
    assert review.manifest["missing"]
    answer(sponsor, review)
    review.refresh_from_db()
    assert review.expires_on is not None
    assert review.expires_on > timezone.localdate()
    auditor = make_person("Aud Auditor", is_auditor=True)
    assert "The old model is wrong." in sign_in(auditor).get("/exceptions/").content.decode()


def test_a_rejection_has_a_reason_and_goes_back_to_a_named_person(
    review: Round, sponsor: User, contributor: User, lead: User, api: Any
) -> None:
    address = f"/api/v1/rounds/{review.pk}/decisions/"
    no = {"verdict": "reject", "password": PASSWORD, "digest": review.digest, "returned_to": contributor.pk}
    without = api(sponsor).post(address, {**no, "reason": "  "})
    assert (without.status_code, without.json()["error"]["field"]) == (400, "reason")
    assert api(sponsor).post(address, {**no, "reason": "The risks are not priced."}).status_code == 201
    review.refresh_from_db()
    assert (review.state, review.returned_to) == (Round.State.REJECTED, contributor)
    told = Notice.objects.filter(kind="round_decided")
    # The requester reads decision, reason and where to look; who decided is told nothing.
    assert {notice.user for notice in told} >= {lead, contributor}
    assert not told.filter(user=sponsor).exists()
    assert all("The risks are not priced." in notice.body and notice.link == f"/rounds/{review.pk}/" for notice in told)


# The signature


def test_a_signature_holds_all_that_the_rule_asks_for(review: Round, sponsor: User, answer: Any, api: Any) -> None:
    User.objects.filter(pk=sponsor.pk).update(time_zone="Europe/Berlin")
    sponsor.refresh_from_db()
    before = timezone.now()
    signature = answer(sponsor, review).signature
    assert (signature.printed_name, signature.signer, signature.role) == (sponsor.name, sponsor, "sponsor")
    assert (signature.meaning, signature.authenticated_by, signature.time_zone) == (
        "approved", "password", "Europe/Berlin",
    )  # fmt: skip
    assert (signature.record_kind, signature.record_id, signature.record_version) == ("round", review.pk, "1")
    assert signature.content_hash == review.digest
    assert signature.statement == (
        f"I have read version 1 of {signature.record_name} and sign as sponsor; meaning: approved. This signature is "
        f"bound to the content with fingerprint {review.digest}."
    )
    assert signature.signed_at >= before
    assert signature.signed_at.utcoffset() == timedelta(0)
    # Who leaves keeps name and signature.
    User.objects.filter(pk=sponsor.pk).update(is_active=False)
    block = api(review.requester).get(f"/api/v1/rounds/{review.pk}/").json()["decisions"][0]["signature"]
    assert (block["printed_name"], block["state"]) == (sponsor.name, "valid")


def test_a_session_alone_signs_nothing_and_wrong_passwords_are_counted_and_barred(
    review: Round, sponsor: User, api: Any
) -> None:
    script, address = api(sponsor), f"/api/v1/rounds/{review.pk}/decisions/"
    yes = {"verdict": "approve", "digest": review.digest}
    assert script.post(address, yes).status_code == 400
    codes = [script.post(address, {**yes, "password": "guess"}).json()["error"]["code"] for _ in range(5)]
    assert codes == ["password_wrong"] * 5
    assert Entry.objects.filter(thing_kind="person", thing_id=str(sponsor.pk), verb="fail_password").count() == 5
    barred = script.post(address, {**yes, "password": PASSWORD})
    assert (barred.status_code, barred.json()["error"]["code"]) == (403, "password_locked")
    assert not Signature.objects.exists()


def test_no_page_calls_the_portal_compliant() -> None:
    pages = list((settings.BASE_DIR / "templates").rglob("*.html"))
    assert pages
    assert [page.name for page in pages if "compliant" in page.read_text().lower()] == []
