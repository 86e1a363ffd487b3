"""Signed exceptions, and the report of everything that was decided in another way than the rules say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.projects.services import add_member
from lifecycle.projects.services.delegating import delegate
from lifecycle.signoff import policy
from lifecycle.signoff.exceptions import Wanted, deviations
from lifecycle.signoff.models import Round, Waiver
from lifecycle.signoff.permits.policies import may_end, may_grant, may_read_all
from lifecycle.signoff.services import submit_round
from lifecycle.signoff.services.waivers import apply_waivers, content_of, end_waiver, grant_waiver, waivers_for
from lifecycle.signoff.signing import VALID, signature_state
from tests.conftest import PASSWORD, SignIn

pytestmark = pytest.mark.django_db
Grant = Callable[..., Waiver]


@pytest.fixture
def risk_officer(project: Project, lead: User, make_person: Callable[..., User]) -> User:
    person = make_person("Rita Risk")
    add_member(actor=lead, project=project, user=person, role=Role.RISK)
    return person


@pytest.fixture
def auditor(make_person: Callable[..., User]) -> User:
    return make_person("Aud Auditor", is_auditor=True)


@pytest.fixture
def grant(project: Project, sponsor: User) -> Grant:
    """grant(**others): the sponsor waives the reviewer for ten days."""

    def make(**others: Any) -> Waiver:
        today = timezone.localdate()
        given: dict[str, Any] = {
            "actor": sponsor, "project": project, "what": "role", "role": "reviewer", "reason": "On leave, no other.",
            "starts_on": today, "ends_on": today + timedelta(days=9), "password": PASSWORD,
        }  # fmt: skip
        return grant_waiver(**{**given, **others})

    return make


@pytest.fixture
def medium(first: Stage) -> Stage:
    """The first stage, complete, of a project in which a sponsor and a reviewer decide."""
    Project.objects.filter(pk=first.project_id).update(risk=Project.Risk.MEDIUM)
    return Stage.objects.select_related("project").get(pk=first.pk)


GRANTS = {
    "lead": False, "contributor": False, "sponsor": True, "customer": False, "reviewer": False, "viewer": False,
    "risk_officer": True, "manager": False, "administrator": False, "auditor": False, "outsider": False,
}  # fmt: skip


@pytest.mark.parametrize("who", GRANTS)
def test_who_may_grant_end_and_read(
    who: str, project: Project, grant: Grant, risk_officer: User, request: pytest.FixtureRequest
) -> None:
    person: User = request.getfixturevalue(who)
    assert bool(may_grant(person, project)) is GRANTS[who]
    assert bool(may_end(person, grant())) is (GRANTS[who] or who == "lead")
    assert bool(may_read_all(person)) is (who in ("manager", "administrator", "auditor"))
    person.is_active = False
    assert not may_grant(person, project)
    assert not may_end(person, Waiver.objects.get())
    assert not may_read_all(person)


def test_neither_lead_nor_requester_nor_who_is_favoured_grants(
    first: Stage, lead: User, sponsor: User, grant: Grant
) -> None:
    Member.objects.create(project=first.project, user=lead, role=Role.SPONSOR)
    with pytest.raises(Refused, match="You lead this project") as refused:
        grant(actor=lead)
    assert refused.value.code == "lead_cannot_grant"
    with pytest.raises(Refused, match="to themselves") as refused:
        grant(what="self_approval", role="", person=sponsor)
    assert refused.value.code == "own_waiver"
    submit_round(actor=lead, stage=first, title="May we begin?")
    Member.objects.filter(user=lead, role=Role.LEAD).update(left_at=timezone.now())
    with pytest.raises(Refused) as refused:
        grant(actor=lead)
    assert refused.value.code == "requester_cannot_grant"
    assert not Waiver.objects.exists()


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"what": "everything"}, "waiver_what"),
        ({"role": "lead"}, "waiver_role"),
        ({"role": ""}, "waiver_role"),
        ({"what": "self_approval"}, "waiver_person"),
        ({"reason": " "}, "empty"),
        ({"reason": "a\x00b"}, "text_unreadable"),
        ({"stage_key": "nowhere"}, "stage_unknown"),
        ({"password": "guess"}, "password_wrong"),
        ({"starts": -1}, "waiver_dates"),
        ({"days": 91}, "waiver_dates"),
        ({"days": 0}, "waiver_dates"),
    ],
)
def test_an_exception_that_cannot_be_is_refused(others: dict[str, Any], code: str, grant: Grant) -> None:
    asked = dict(others)
    start = timezone.localdate() + timedelta(days=asked.pop("starts", 0))
    asked |= {"starts_on": start, "ends_on": start + timedelta(days=asked.pop("days", 10) - 1)}
    with pytest.raises(Refused) as refused:
        grant(**asked)
    assert refused.value.code == code
    assert not Waiver.objects.exists()


def test_only_who_could_decide_at_all_is_let_decide_on_their_own_work(
    grant: Grant, contributor: User, outsider: User, customer: User
) -> None:
    for person in (contributor, outsider):
        with pytest.raises(Refused) as refused:
            grant(what="self_approval", role="", person=person)
        assert refused.value.code == "waiver_person"
    assert grant(what="self_approval", role="", person=customer).person == customer


def test_an_exception_is_signed_told_and_recorded_once(grant: Grant, sponsor: User, lead: User) -> None:
    waiver = grant()
    assert grant().pk == waiver.pk
    signature = waiver.signature
    assert (signature.signer, signature.meaning, signature.role) == (sponsor, "approved", "sponsor")
    waiver = Waiver.objects.select_related("project").get(pk=waiver.pk)
    assert signature_state(signature, digest_of(content_of(waiver))) == VALID
    waiver.reason = "Another one."
    assert signature_state(signature, digest_of(content_of(waiver))) != VALID
    entry = Entry.objects.order_by("-seq").first()
    assert entry is not None
    assert (entry.verb, entry.thing_kind, entry.project_id) == ("grant_waiver", "waiver", waiver.project_id)
    assert [notice.user for notice in Notice.objects.filter(kind="waiver_granted")] == [lead]
    assert grant(role="customer").signature.record_version == "2"


def test_ninety_days_are_the_most(grant: Grant) -> None:
    today = timezone.localdate()
    assert grant(ends_on=today + timedelta(days=89)).ends_on == today + timedelta(days=89)


# What they do to a round


def test_a_waived_role_need_not_answer_and_the_round_says_so(
    medium: Stage, lead: User, sponsor: User, grant: Grant, answer: Any
) -> None:
    grant()
    review = submit_round(actor=lead, stage=medium, title="May we begin?")
    assert policy.approver_roles(review.policy) == ["sponsor"]
    noted = review.policy["waivers"][0]
    assert (noted["role"], noted["by"], noted["reason"]) == ("reviewer", "Sam Sponsor", "On leave, no other.")
    assert review.policy["name"] == "One sponsor"
    answer(sponsor, review)
    review.refresh_from_db()
    assert review.state == Round.State.APPROVED


def test_an_exception_of_another_stage_day_or_that_has_ended_does_nothing(
    first: Stage, sponsor: User, grant: Grant
) -> None:
    today = timezone.localdate()
    grant(stage_key="modeling")
    grant(starts_on=today + timedelta(days=1))
    end_waiver(actor=sponsor, waiver_id=grant().pk)
    assert waivers_for(first, today) == []
    assert len(waivers_for(first, today + timedelta(days=1))) == 1
    assert waivers_for(first, today + timedelta(days=10)) == []


def test_ending_twice_is_recorded_once_and_a_running_round_keeps_its_rules(
    medium: Stage, lead: User, grant: Grant
) -> None:
    waiver = grant()
    review = submit_round(actor=lead, stage=medium, title="May we begin?")
    end_waiver(actor=lead, waiver_id=waiver.pk, reason="Back again.")
    end_waiver(actor=lead, waiver_id=waiver.pk)
    assert Entry.objects.filter(verb="end_waiver").count() == 1
    review.refresh_from_db()
    assert policy.approver_roles(review.policy) == ["sponsor"]


def test_an_exception_never_leaves_nobody(grant: Grant) -> None:
    rules = policy.shipped_policy("low")
    found = apply_waivers(rules, [grant(role="sponsor")])
    assert found["quorum"] == rules["quorum"]
    assert "Nobody would be left" in found["waivers"][0]["ignored"]
    assert rules == policy.shipped_policy("low")


def test_an_exception_for_own_work_names_the_person_and_changes_no_quorum(grant: Grant, customer: User) -> None:
    waiver = grant(what="self_approval", role="", person=customer)
    rules = policy.shipped_policy("high")
    found = apply_waivers(rules, [waiver, waiver])
    assert found["self_approval_of"] == [customer.pk]
    assert found["quorum"] == rules["quorum"]
    assert not policy.standing_apart(found, customer.pk)


def test_a_role_that_nobody_asks_is_not_noted(grant: Grant) -> None:
    assert apply_waivers(policy.shipped_policy("low"), [grant()]) == policy.shipped_policy("low")


# Report


@pytest.fixture
def all_kinds(
    first: Stage,
    lead: User,
    sponsor: User,
    customer: User,
    administrator: User,
    outsider: User,
    grant: Grant,
    answer: Any,
) -> Project:
    """One of each: an exception, an emergency, a decision on own work, a cover that an administrator named."""
    project = first.project
    today = timezone.localdate()
    grant(reason="=HYPERLINK(1)")
    Member.objects.create(project=project, user=lead, role=Role.SPONSOR)
    grant(what="self_approval", role="", person=lead)
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    answer(lead, review)
    delegate(
        actor=administrator, from_person=customer, to_person=outsider, project=project, starts_on=today,
        ends_on=today, reason="In hospital.",
    )  # fmt: skip
    second = project.stages.get(order=2)
    Round.objects.create(
        stage=second, project=project, number=1, state="approved", title="Now?", requester=lead, digest="a" * 64,
        submitted_at=timezone.now(), emergency="The old model is wrong.", expires_on=today + timedelta(days=5),
    )  # fmt: skip
    return project


def test_the_report_lists_each_kind_and_narrows(all_kinds: Project) -> None:
    projects = Project.objects.all()
    rows = deviations(projects, Wanted())
    assert sorted(row.kind for row in rows) == ["cover", "emergency", "own_work", "waiver", "waiver"]
    words = {row.kind: (row.word, row.in_force) for row in rows}
    assert words["emergency"] == ("regular decision is missing", True)
    assert words["own_work"] == ("approve", True)
    today = timezone.localdate()
    assert [row.kind for row in deviations(projects, Wanted(kind="cover"))] == ["cover"]
    assert deviations(projects, Wanted(project="other")) == []
    assert deviations(projects, Wanted(until=today - timedelta(days=1))) == []
    later = deviations(projects, Wanted(since=today + timedelta(days=3)))
    assert sorted(row.kind for row in later) == ["emergency", "waiver", "waiver"]


def test_an_emergency_that_a_regular_decision_followed_is_settled(all_kinds: Project, lead: User) -> None:
    second = all_kinds.stages.get(order=2)
    Round.objects.create(
        stage=second, project=all_kinds, number=2, state="approved", title="Again", requester=lead, digest="b" * 64
    )
    row = deviations(Project.objects.all(), Wanted(kind="emergency"))[0]
    assert (row.word, row.in_force) == ("regular decision followed", False)


def test_a_cover_that_one_named_oneself_is_no_exception(project: Project, sponsor: User, outsider: User) -> None:
    today = timezone.localdate()
    delegate(actor=sponsor, from_person=sponsor, to_person=outsider, starts_on=today, ends_on=today, reason="Away.")
    assert deviations(Project.objects.all(), Wanted()) == []


def test_the_page_of_a_project_grants_and_ends(project: Project, sponsor: User, viewer: User, sign_in: SignIn) -> None:
    address, today = "/projects/triage/exceptions/", timezone.localdate()
    assert "Only a sponsor or a risk officer" in sign_in(viewer).get(address).content.decode()
    browser = sign_in(sponsor)
    body = {
        "what": "role", "role": "reviewer", "starts_on": today.isoformat(), "ends_on": today.isoformat(),
        "reason": "Nobody is free.", "password": PASSWORD,
    }  # fmt: skip
    wrong = browser.post(address, {**body, "password": "guess"})
    assert wrong.status_code == 403
    assert "Nobody is free." in wrong.content.decode()
    assert "guess" not in wrong.content.decode()
    page = browser.post(address, body, follow=True).content.decode()
    assert "No independent reviewer need answer" in page
    waiver = Waiver.objects.get()
    assert sign_in(viewer).post(f"/exceptions/{waiver.pk}/end/").status_code == 403
    browser.post(f"/exceptions/{waiver.pk}/end/")
    waiver.refresh_from_db()
    assert waiver.ended_by == sponsor


def test_outsiders_find_nothing(project: Project, grant: Grant, outsider: User, sign_in: SignIn, api: Any) -> None:
    waiver = grant()
    browser, script = sign_in(outsider), api(outsider)
    assert browser.get("/projects/triage/exceptions/").status_code == 404
    assert browser.post(f"/exceptions/{waiver.pk}/end/").status_code == 404
    assert script.get("/api/v1/projects/triage/waivers/").status_code == 404
    assert script.post("/api/v1/projects/triage/waivers/", {}).status_code == 404
    assert script.post(f"/api/v1/waivers/{waiver.pk}/end/").status_code == 404


@pytest.mark.parametrize("who", ["lead", "sponsor", "viewer", "outsider"])
def test_the_report_is_for_those_who_see_all(
    who: str, project: Project, sign_in: SignIn, api: Any, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    assert sign_in(person).get("/exceptions/").status_code == 403
    assert sign_in(person).get("/exceptions/download/").status_code == 403
    assert api(person).get("/api/v1/exceptions/").status_code == 403


def test_the_report_as_page_file_and_rest(all_kinds: Project, auditor: User, sign_in: SignIn, api: Any) -> None:
    browser = sign_in(auditor)
    page = browser.get("/exceptions/").content.decode()
    for words in ("signed exception", "emergency", "decision on own work", "stand-in named by somebody else"):
        assert words in page
    assert "5 exceptions" in page
    assert "1 exception found" in browser.get("/exceptions/?kind=emergency").content.decode()
    for named in ("triage", "tumour triage"):
        assert "5 exceptions found" in browser.get("/exceptions/", {"project": named}).content.decode()
    crooked = browser.get("/exceptions/?since=never").content.decode()
    assert "The filter could not be read" in crooked
    assert browser.get("/exceptions/download/?since=never").status_code == 400
    rows = list(csv.DictReader(io.StringIO(browser.get("/exceptions/download/?kind=waiver").content.decode())))
    assert {row["reason"] for row in rows} == {"'=HYPERLINK(1)", "On leave, no other."}
    script = api(auditor)
    assert len(script.get("/api/v1/exceptions/").json()["results"]) == 5
    assert script.get("/api/v1/exceptions/?in_force=true&kind=cover").json()["results"][0]["who"] == "Cem Customer"
    assert script.get("/api/v1/exceptions/?since=never").json()["error"]["code"] == "invalid"


def test_the_report_asks_the_same_number_of_queries_for_more_rows(
    all_kinds: Project, grant: Grant, django_assert_max_num_queries: Any
) -> None:
    for role in ("customer", "risk_officer", "sponsor"):
        grant(role=role)
    with django_assert_max_num_queries(4):
        assert len(deviations(Project.objects.all(), Wanted())) == 8


def test_the_api_grants_and_ends(project: Project, sponsor: User, customer: User, api: Any) -> None:
    script, today = api(sponsor), timezone.localdate()
    body = {
        "what": "self_approval", "person": customer.email, "reason": "A pilot.", "starts_on": today.isoformat(),
        "ends_on": today.isoformat(), "password": PASSWORD,
    }  # fmt: skip
    made = script.post("/api/v1/projects/triage/waivers/", body)
    assert made.status_code == 201
    assert made.json()["signature"]["state"] == VALID
    assert script.post("/api/v1/projects/triage/waivers/", {**body, "person": "Nobody"}).status_code == 400
    assert len(script.get("/api/v1/projects/triage/waivers/").json()["results"]) == 1
    ended = script.post(f"/api/v1/waivers/{made.json()['id']}/end/", {"reason": "The pilot is over."}).json()
    assert ended["ended_at"]
    assert ended["signature"]["state"] == "superseded"
