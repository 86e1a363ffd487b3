"""A finance person signs the figures of a report: who may, to what the signature is bound, and what it changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from explain.outcomes.models import OutcomeReport, PortfolioHead
from explain.outcomes.permits import may_verify
from explain.outcomes.services import verify_report, withdraw_verification
from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Project
from lifecycle.signoff.models import Signature
from tests.conftest import PASSWORD, MakePerson, SignIn


@pytest.fixture
def finance(make_person: MakePerson) -> User:
    return make_person("Fay Finance", is_finance=True)


def verify(report: OutcomeReport, by: User, **changes: Any) -> OutcomeReport:
    given = {"content_hash": report.content_hash, "password": PASSWORD, "comment": "Agrees with the ledger."}
    return verify_report(actor=by, report_id=report.pk, **{**given, **changes})


def test_the_grade_becomes_verified_by_a_signature_bound_to_the_content(reported: OutcomeReport, finance: User) -> None:
    signed = verify(reported, finance)
    assert (signed.grade, signed.result["grade"]) == ("verified", "measured")
    assert PortfolioHead.objects.get().grade == "verified"
    signature = Signature.objects.get()
    assert signed.verified_by == signature
    assert (signature.content_hash, signature.meaning, signature.role) == (
        reported.content_hash,
        "validated",
        "finance",
    )
    entry = Entry.objects.get(verb="verify_outcome_report")
    assert (entry.actor_id, entry.reason) == (finance.pk, "Agrees with the ledger.")


def test_the_team_and_the_sponsor_are_told(
    reported: OutcomeReport, finance: User, lead: User, contributor: User, sponsor: User
) -> None:
    verify(reported, finance)
    told = Notice.objects.filter(kind="outcome_report_verified")
    assert {notice.user_id for notice in told} == {lead.pk, contributor.pk, sponsor.pk}
    assert all("Fay Finance" in notice.body for notice in told)


@pytest.mark.parametrize("who", ["lead", "sponsor", "viewer", "reviewer", "customer", "manager", "administrator"])
def test_only_finance_signs_figures(who: str, reported: OutcomeReport, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Refused) as refused:
        verify(reported, request.getfixturevalue(who))
    assert (refused.value.code, refused.value.status) == ("not_permitted", 403)
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("role", "may"), [("lead", False), ("contributor", False), ("sponsor", False), ("viewer", True)]
)
def test_nobody_signs_the_figures_of_their_own_project(
    role: str, may: bool, reported: OutcomeReport, finance: User, project: Project
) -> None:
    Member.objects.create(project=project, user=finance, role=role)
    verdict = may_verify(finance, reported)
    assert bool(verdict) is may
    assert may or verdict.code == "own_project"


def test_who_asked_for_the_report_does_not_sign_it(reported: OutcomeReport, lead: User) -> None:
    User.objects.filter(pk=lead.pk).update(is_finance=True)
    lead.refresh_from_db()
    assert may_verify(lead, reported).code == "own_report"


def test_a_wrong_password_and_other_content_change_nothing(reported: OutcomeReport, finance: User) -> None:
    for changes, code in (({"password": "wrong"}, "password_wrong"), ({"content_hash": "0" * 64}, "report_changed")):
        with pytest.raises(Refused) as refused:
            verify(reported, finance, **changes)
        assert refused.value.code == code
    reported.refresh_from_db()
    assert (reported.grade, reported.verified_by) == ("measured", None)


@pytest.mark.parametrize("grade", ["indicative", "assumed", "not_enough_data", ""])
def test_only_measured_figures_can_be_verified(grade: str, reported: OutcomeReport, finance: User) -> None:
    reported.grade = grade
    assert may_verify(finance, reported).code == "not_verifiable"


def test_figures_are_signed_once(reported: OutcomeReport, finance: User, make_person: MakePerson) -> None:
    verify(reported, finance)
    with pytest.raises(Refused) as refused:
        verify(reported, make_person("Fred Finance", is_finance=True))
    assert refused.value.code == "already_verified"


def test_taken_back_the_report_has_its_computed_grade_and_both_signatures_stay(
    reported: OutcomeReport, finance: User, make_person: MakePerson
) -> None:
    verify(reported, finance)
    with pytest.raises(Refused) as refused:
        withdraw_verification(
            actor=make_person("Fred Finance", is_finance=True), report_id=reported.pk, password=PASSWORD, reason="No."
        )
    assert "Fay Finance signed" in refused.value.message
    back = withdraw_verification(actor=finance, report_id=reported.pk, password=PASSWORD, reason="October was wrong.")
    assert (back.grade, back.verified_by) == ("measured", None)
    assert PortfolioHead.objects.get().grade == "measured"
    assert list(Signature.objects.order_by("pk").values_list("meaning", flat=True)) == ["validated", "withdrawn"]


def test_when_the_signer_is_gone_another_finance_person_takes_it_back(
    reported: OutcomeReport, finance: User, make_person: MakePerson
) -> None:
    verify(reported, finance)
    User.objects.filter(pk=finance.pk).update(is_active=False)
    other = make_person("Fred Finance", is_finance=True)
    assert (
        withdraw_verification(actor=other, report_id=reported.pk, password=PASSWORD, reason="Wrong.").grade
        == "measured"
    )


def test_the_database_knows_no_verified_grade_without_a_signature(reported: OutcomeReport) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OutcomeReport.objects.filter(pk=reported.pk).update(grade="verified")


def test_a_signature_changes_the_grade_and_no_figure(reported: OutcomeReport, finance: User) -> None:
    verify(reported, finance)
    for change in ({"npv": 1}, {"result": {}}, {"content_hash": "0" * 64}):
        with pytest.raises(DatabaseError), transaction.atomic():
            OutcomeReport.objects.filter(pk=reported.pk).update(**change)


def test_the_page_offers_the_signature_to_finance_alone_and_shows_it_to_all(
    reported: OutcomeReport, finance: User, lead: User, sign_in: SignIn
) -> None:
    page = sign_in(finance).get(reported.get_absolute_url()).content.decode()
    assert "Sign the figures" in page
    assert reported.content_hash in page
    assert "Sign the figures" not in sign_in(lead).get(reported.get_absolute_url()).content.decode()
    answer = sign_in(finance).post(
        f"{reported.get_absolute_url()}verify/",
        {"content_hash": reported.content_hash, "comment": "Agrees <b>", "password": PASSWORD},
    )
    assert answer.status_code == 302
    shown = sign_in(lead).get(reported.get_absolute_url()).content.decode()
    assert "Fay Finance" in shown
    assert "Agrees &lt;b&gt;" in shown
    assert sign_in(finance).post(
        f"{reported.get_absolute_url()}withdraw/", {"reason": "A mistake.", "password": PASSWORD}
    ).status_code == 302  # fmt: skip
    reported.refresh_from_db()
    assert reported.grade == "measured"


def test_the_api_signs_and_takes_back(reported: OutcomeReport, finance: User, lead: User, api: Any) -> None:
    path = "/api/v1/projects/triage/outcome-reports/1/verification/"
    refused = api(lead).post(path, {"content_hash": reported.content_hash, "password": PASSWORD})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_permitted")
    signed = api(finance).post(path, {"content_hash": reported.content_hash, "password": PASSWORD})
    assert signed.status_code == 201
    assert (signed.json()["grade"], signed.json()["signatures"][0]["state"]) == ("verified", "valid")
    back = api(finance).post(f"{path}withdrawal/", {"reason": "A mistake.", "password": PASSWORD})
    assert (back.status_code, back.json()["grade"]) == (200, "measured")
    states = [(row["meaning"], row["state"]) for row in api(lead).get(path).json()["signatures"]]
    assert states == [("withdrawn", "valid"), ("validated", "taken back")]
