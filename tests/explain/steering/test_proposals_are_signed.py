"""Proposing, answering with a signature, taking back, and being overtaken."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from explain.outcomes.models import OutcomeReport
from explain.steering.models import Proposal
from explain.steering.permits import may_decide, may_propose, may_withdraw
from explain.steering.selectors import waiting_for
from explain.steering.services import decide_proposal, propose, withdraw_proposal
from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.dossier.build import build
from lifecycle.projects.models import Member, Project
from lifecycle.projects.services import close_project, stop_project
from lifecycle.signoff.models import Signature
from tests.conftest import PASSWORD, MakePerson


def put(by: User, report: OutcomeReport, **changes: Any) -> Proposal:
    given = {"what": "continue", "reasons": "It works.", "report_hash": report.content_hash}
    return propose(actor=by, project=report.project, **{**given, **changes})


def answer(proposal: Proposal, by: User, verdict: str = "approve", **changes: Any) -> Proposal:
    given = {"content_hash": proposal.content_hash, "password": PASSWORD, "comment": "Agreed."}
    return decide_proposal(actor=by, proposal_id=proposal.pk, verdict=verdict, **{**given, **changes})


# Who may


@pytest.mark.parametrize(
    ("who", "proposes", "decides", "withdraws"),
    [
        ("manager", True, False, True),
        ("lead", True, False, False),
        ("sponsor", True, True, False),
        ("contributor", False, False, False),
        ("reviewer", False, False, False),
        ("customer", False, False, False),
        ("viewer", False, False, False),
        ("administrator", False, False, False),
        ("outsider", False, False, False),
    ],
)
def test_who_may_do_what_with_a_proposal_of_a_manager(
    who: str, proposes: bool, decides: bool, withdraws: bool, proposed: Proposal, request: pytest.FixtureRequest
) -> None:
    person: User = request.getfixturevalue(who)
    assert bool(may_propose(person, proposed.project)) is proposes
    assert bool(may_decide(person, proposed)) is decides
    assert bool(may_withdraw(person, proposed)) is withdraws
    User.objects.filter(pk=person.pk).update(is_active=False)
    person.refresh_from_db()
    gone = (may_propose(person, proposed.project), may_decide(person, proposed), may_withdraw(person, proposed))
    assert not any(gone)


def test_nobody_answers_their_own_proposal(reported: OutcomeReport, sponsor: User, make_person: MakePerson) -> None:
    with pytest.raises(Refused) as refused:
        put(sponsor, reported)
    assert refused.value.code == "no_other_sponsor"
    other = make_person("Sol Sponsor")
    Member.objects.create(project=reported.project, user=other, role="sponsor")
    made = put(sponsor, reported)
    assert may_decide(sponsor, made).code == "own_proposal"
    assert answer(made, other).state == "approved"


def test_when_the_proposer_is_gone_the_lead_takes_it_back(proposed: Proposal, lead: User, viewer: User) -> None:
    User.objects.filter(pk=proposed.proposed_by_id).update(is_active=False)
    proposed = Proposal.objects.get(pk=proposed.pk)
    assert not may_withdraw(viewer, proposed)
    assert withdraw_proposal(actor=lead, proposal_id=proposed.pk, reason="Mia left.").state == "withdrawn"


# Proposing


def test_a_proposal_is_bound_to_the_report_and_to_what_it_suggested(reported: OutcomeReport, lead: User) -> None:
    made = put(lead, reported, what="expand", amount=Decimal("25000.50"), reasons="Two more\r\nhospitals.")
    assert made.content_hash == digest_of(made.content)
    assert made.content["report"]["content_hash"] == made.report_hash == reported.content_hash
    assert (made.amount, made.currency, made.content["amount"]) == (Decimal("25000.50"), "EUR", "25000.5000")
    assert made.content["reasons"] == made.reasons == "Two more\nhospitals."
    assert made.content["suggestion"]["what"] == made.suggestion
    assert made.content["figures"]["npv"] == "1200.00"
    entry = Entry.objects.get(verb="propose_course")
    assert (entry.actor_id, entry.after["content_hash"]) == (lead.pk, made.content_hash)


def test_sponsors_and_the_team_are_told_and_the_sponsor_finds_it_in_the_inbox(
    proposed: Proposal, sponsor: User, lead: User, contributor: User
) -> None:
    told = Notice.objects.filter(kind="proposal_made")
    assert {notice.user_id for notice in told} == {sponsor.pk, lead.pk, contributor.pk}
    (row,) = waiting_for(sponsor)
    assert (row.title, row.link, row.group) == ("Stop Tumour triage?", proposed.get_absolute_url(), "decisions")
    assert not waiting_for(lead)
    answer(proposed, sponsor)
    assert not waiting_for(sponsor)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"what": "pause"}, "what_unknown"),
        ({"reasons": "  "}, "empty"),
        ({"reasons": "x" * 4001}, "text_too_long"),
        ({"report_hash": "0" * 64}, "report_changed"),
        ({"what": "expand"}, "amount_missing"),
        ({"what": "expand", "amount": Decimal(0)}, "amount_invalid"),
        ({"what": "expand", "amount": Decimal("0.001")}, "amount_invalid"),
        ({"what": "expand", "amount": Decimal("1e308")}, "amount_invalid"),
        ({"what": "expand", "amount": Decimal("NaN")}, "amount_invalid"),
        ({"what": "expand", "amount": 0.1}, "money_is_float"),
        ({"what": "expand", "amount": Decimal(5), "currency": "XXX"}, "currency_unknown"),
        ({"what": "stop", "amount": Decimal(5)}, "amount_not_asked"),
    ],
)
def test_bad_input_makes_no_proposal(changes: dict[str, Any], code: str, reported: OutcomeReport, lead: User) -> None:
    with pytest.raises(Refused) as refused:
        put(lead, reported, **changes)
    assert refused.value.code == code
    assert not Proposal.objects.exists()


def test_without_a_report_nothing_is_proposed(project: Project, lead: User) -> None:
    with pytest.raises(Refused) as refused:
        propose(actor=lead, project=project, what="stop", reasons="No.", report_hash="")
    assert refused.value.code == "no_report"


def test_one_proposal_is_answered_at_a_time(proposed: Proposal, reported: OutcomeReport, lead: User) -> None:
    with pytest.raises(Refused) as refused:
        put(lead, reported)
    assert refused.value.code == "proposal_open"
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.bulk_create([_copy(proposed)])


def _copy(proposal: Proposal) -> Proposal:
    names = ("project", "report", "report_hash", "what", "reasons", "content", "content_hash", "proposed_by")
    return Proposal(number=proposal.number + 1, **{name: getattr(proposal, name) for name in names})


# Answering


def test_a_sponsor_signs_the_whole_proposal(proposed: Proposal, sponsor: User, lead: User, manager: User) -> None:
    done = answer(proposed, sponsor)
    signature = Signature.objects.get()
    assert done.signature == signature
    assert (signature.content_hash, signature.meaning, signature.role) == (proposed.content_hash, "approved", "sponsor")
    assert (done.state, done.decider, done.answer) == ("approved", sponsor, "Agreed.")
    assert {notice.user_id for notice in Notice.objects.filter(kind="proposal_decided")} >= {lead.pk, manager.pk}
    entry = Entry.objects.get(verb="decide_proposal")
    assert (entry.before["state"], entry.after["state"]) == ("open", "approved")


def test_an_approved_stop_stops_nothing_by_itself(proposed: Proposal, sponsor: User) -> None:
    answer(proposed, sponsor)
    assert Project.objects.get().state == "active"


def test_a_rejection_says_why(proposed: Proposal, sponsor: User) -> None:
    with pytest.raises(Refused) as refused:
        answer(proposed, sponsor, "reject", comment=" ")
    assert refused.value.code == "empty"
    assert answer(proposed, sponsor, "reject", comment="Too early.").state == "rejected"
    assert Signature.objects.get().meaning == "rejected"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"verdict": "perhaps"}, "verdict_unknown"),
        ({"password": "wrong"}, "password_wrong"),
        ({"content_hash": "0" * 64}, "proposal_changed"),
    ],
)
def test_a_wrong_answer_signs_nothing(changes: dict[str, Any], code: str, proposed: Proposal, sponsor: User) -> None:
    with pytest.raises(Refused) as refused:
        answer(proposed, sponsor, **changes)
    assert refused.value.code == code
    assert not Signature.objects.exists()
    assert Proposal.objects.get().is_open


def test_it_is_answered_once(proposed: Proposal, sponsor: User, manager: User) -> None:
    answer(proposed, sponsor)
    for deed in (
        lambda: answer(proposed, sponsor, "reject"),
        lambda: withdraw_proposal(actor=manager, proposal_id=proposed.pk, reason="No."),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.code == "proposal_closed"


# Ending without an answer


def test_a_newer_report_overtakes_an_open_proposal(
    proposed: Proposal, renew: Callable[[], OutcomeReport], sponsor: User, manager: User
) -> None:
    newer = renew()
    now = Proposal.objects.get()
    assert (now.state, now.signature) == ("superseded", None)
    assert "newer outcome report" in now.answer
    assert Entry.objects.get(verb="supersede_proposal").actor is None
    assert {notice.user_id for notice in Notice.objects.filter(kind="proposal_ended")} == {sponsor.pk, manager.pk}
    assert not waiting_for(sponsor)
    assert put(manager, newer).number == 2


def test_an_answered_proposal_stays_whatever_report_comes(
    proposed: Proposal, renew: Callable[[], OutcomeReport], sponsor: User
) -> None:
    answer(proposed, sponsor)
    renew()
    assert Proposal.objects.get().state == "approved"


def test_stopping_the_project_overtakes_an_open_proposal(proposed: Proposal, lead: User, sponsor: User) -> None:
    stop_project(actor=lead, project=proposed.project, reason="No users.")
    assert Proposal.objects.get().answer == "The project was stopped before the answer."
    assert may_propose(lead, Project.objects.get()).code == "project_closed"


def test_closing_the_project_overtakes_an_open_proposal(
    proposed: Proposal, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lifecycle.projects.services.ending.unsettled", lambda user, project: [])
    close_project(actor=lead, project=proposed.project, statement="It did its work.")
    assert Proposal.objects.get().answer == "The project was closed before the answer."


def test_the_proposer_takes_it_back(proposed: Proposal, manager: User) -> None:
    back = withdraw_proposal(actor=manager, proposal_id=proposed.pk, reason="Wrong figures.")
    assert (back.state, back.answer) == ("withdrawn", "Wrong figures.")
    assert Entry.objects.get(verb="withdraw_proposal").reason == "Wrong figures."


# The database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """Each test once per kind of database; the run chooses by the mark."""
    return str(request.param)


@pytest.mark.parametrize(
    "change",
    [{"reasons": "Other."}, {"content": {}}, {"amount": 1}, {"report_hash": "x"}, {"what": "continue"}, {"number": 9}],
)
def test_what_a_proposal_says_is_never_changed(change: dict[str, Any], proposed: Proposal, database: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.filter(pk=proposed.pk).update(**change)


def test_an_answered_proposal_is_never_changed_nor_removed(proposed: Proposal, sponsor: User, database: str) -> None:
    answer(proposed, sponsor)
    for change in ({"state": "rejected"}, {"answer": "Other."}, {"closed_at": None}, {"signature": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Proposal.objects.filter(pk=proposed.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.all().delete()


def test_the_database_knows_no_answer_without_a_signature(proposed: Proposal, sponsor: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposed.pk).update(
            state="approved", decider=sponsor, closed_at=proposed.proposed_at
        )


# The dossier


def test_the_dossier_tells_it_and_proves_the_signature(proposed: Proposal, sponsor: User, tmp_path: Path) -> None:
    answer(proposed, sponsor)
    packed, place = io.BytesIO(), tmp_path / "unpacked"
    build(proposed.project, reader=None, at=datetime(2026, 3, 2, tzinfo=UTC), target=packed)
    zipfile.ZipFile(packed).extractall(place)
    ran = subprocess.run([sys.executable, "-I", "verify.py"], cwd=place, capture_output=True, text=True, check=False)
    # The baseline of this room's example is a made-up row; nothing else fails.
    failed = [said for said in ran.stdout.splitlines() if said.startswith("FAIL") and " baseline " not in said]
    assert failed == []
    assert f"ok  proposal {proposed.pk}: Proposal 1 of Tumour triage: stop" in ran.stdout
    (row,) = json.loads((place / "records/proposals.json").read_text("utf-8"))["rows"]
    assert row["content"]["reasons"] == "The users left."
