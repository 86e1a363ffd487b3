"""A customer from outside signs by a link and a code, once; nothing else opens anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.jobs.models import Job
from foundation.people.models import User
from lifecycle.acceptance.models import Acceptance, Invitation, SignatoryCode, token_digest
from lifecycle.acceptance.services import (
    decide_acceptance,
    decide_outside,
    end_link,
    invite_signatory,
    offer_acceptance,
    open_signing,
    request_code,
    send_new_link,
    withdraw_acceptance,
)
from lifecycle.projects.models import Role
from lifecycle.projects.services import add_member
from lifecycle.signoff.models import Signature
from tests.conftest import PASSWORD
from tests.lifecycle.acceptance.outside import EMAIL, NAME, Outside, code_in_mail, invited, link_in_mail, run_mails
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(offered: Acceptance, lead: User) -> Outside:
    """The person has the mail with the link before them."""
    invited(lead, offered)
    run_mails()
    return Outside(link_in_mail())


def test_an_outside_customer_reads_decides_and_signs(asked: Outside, offered: Acceptance) -> None:
    assert "Send me the code" in asked.get().content.decode()
    page = asked.confirm()
    assert "Order of samples." in page
    assert "Waiting time" in page
    assert asked.decide(offered, comment="Gut gemacht.").status_code == 302
    offered.refresh_from_db()
    signature = offered.signature
    assert signature is not None
    assert (offered.state, signature.signer, signature.printed_name) == ("accepted", None, NAME)
    assert signature.authenticated_by == "one-time code to e-mail address a***@customer.example"
    assert (signature.content_hash, signature.role) == (offered.digest, "customer, Customer Ltd")
    assert offered.project.__class__.objects.get().state == "in_use"
    entry = Entry.objects.get(verb="decide_acceptance")
    assert (entry.actor, entry.actor_name) == (None, f"{NAME}, Customer Ltd")
    closed = asked.get()
    assert "opens nothing any more" in closed.content.decode()
    assert asked.decide(offered, "rejected", comment="No").status_code == 410
    assert Signature.objects.count() == 1


def test_mail_scanners_change_nothing(asked: Outside, offered: Acceptance) -> None:
    before = (Entry.objects.count(), Job.objects.count(), Invitation.objects.values().get())
    for more in ("", "code/", "open/", "verdict/", "withdrawal/", "receipt/", "exit-report.pdf"):
        for _ in range(3):
            answer = Client().get(f"{asked.path}{more}")
            assert answer.status_code in (200, 404, 405), more
            assert not answer.cookies.get("sessionid")
        assert Client().head(f"{asked.path}{more}").status_code in (200, 404, 405)
    assert (Entry.objects.count(), Job.objects.count(), Invitation.objects.values().get()) == before
    assert not SignatoryCode.objects.exists()


def test_neither_database_nor_ledger_nor_trail_holds_link_or_code(asked: Outside) -> None:
    token = asked.path.split("/")[2]
    asked.confirm()
    code = code_in_mail()
    kept = json.dumps(
        [
            *Invitation.objects.values(), *SignatoryCode.objects.values(), *Job.objects.values(),
            *Entry.objects.values("before", "after", "reason", "thing_name"),
        ],
        default=str,
    )  # fmt: skip
    assert token not in kept
    assert f'"{code}"' not in kept
    assert token_digest(token) in kept
    assert len(token) == 43


def test_pages_are_neither_stored_nor_indexed(asked: Outside) -> None:
    answer = asked.get()
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert Client().get("/sign/unknown/").status_code == 404


def test_without_a_code_nothing_is_read_or_signed(asked: Outside, offered: Acceptance) -> None:
    assert "Order of samples." not in asked.get().content.decode()
    assert asked.get("exit-report.pdf").status_code == 404
    answer = asked.decide(offered)
    assert answer.status_code == 403
    assert Acceptance.objects.get().state == "offered"
    invitation = Invitation.objects.get()
    with refused("session_over"):
        decide_outside(
            invitation_id=invitation.pk, code_id=0, verdict="accepted", printed_name=NAME, digest=offered.digest
        )


def test_the_session_of_another_browser_does_not_count(asked: Outside, offered: Acceptance) -> None:
    asked.confirm()
    other = Outside(asked.path)
    assert "Order of samples." not in other.get().content.decode()
    other.client.cookies[f"signing_{Invitation.objects.get().pk}"] = str(SignatoryCode.objects.get().pk)
    assert "Order of samples." not in other.get().content.decode()
    assert other.decide(offered).status_code == 403


def test_a_session_ends_after_an_hour_and_words_are_kept(asked: Outside, offered: Acceptance) -> None:
    asked.confirm()
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        answer = asked.decide(offered, comment="All is well.")
        assert answer.status_code == 403
        assert "Your time for signing is over" in answer.content.decode()
        assert "All is well." in asked.confirm()
    assert Acceptance.objects.get().state == "offered"


def test_five_wrong_codes_spend_a_code_and_the_tries_stay_counted(asked: Outside) -> None:
    asked.post("code/")
    run_mails()
    right = code_in_mail()
    wrong = "000000" if right != "000000" else "111111"
    for left in (4, 3, 2, 1, 0):
        answer = asked.post("open/", code=wrong)
        assert answer.status_code == 403
        assert (f"{left} more tr" in answer.content.decode()) is (left > 0)
    assert asked.post("open/", code=right).status_code == 403
    assert SignatoryCode.objects.get().tries == 5
    assert Entry.objects.filter(verb="fail_signing_code").count() == 5


def test_a_code_works_once_for_ten_minutes_and_only_the_newest(asked: Outside) -> None:
    invitation = Invitation.objects.get()
    asked.post("code/")
    run_mails()
    first = code_in_mail()
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False), refused("code_expired"):
        open_signing(invitation_id=invitation.pk, code=first)
    asked.post("code/")
    run_mails()
    second = code_in_mail()
    if second != first:
        with refused("code_wrong"):
            open_signing(invitation_id=invitation.pk, code=first)
    open_signing(invitation_id=invitation.pk, code=f" {second[:3]} {second[3:]}")
    with refused("code_used"):
        open_signing(invitation_id=invitation.pk, code=second)


def test_three_codes_an_hour(asked: Outside) -> None:
    for _ in range(3):
        assert asked.post("code/").status_code == 302
    answer = asked.post("code/")
    assert answer.status_code == 429
    assert "minutes" in answer.content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert asked.post("code/").status_code == 302


def test_too_many_requests_are_refused(asked: Outside) -> None:
    statuses = [asked.post("open/", code="1").status_code for _ in range(32)]
    assert statuses[0] == 409
    assert statuses[-1] == 429
    many = [Client().get(f"/sign/guess-{number}/").status_code for number in range(122)]
    assert (many[0], many[-1]) == (404, 429)


def test_a_link_expires(asked: Outside) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1), tick=False):
        answer = asked.get()
        assert answer.status_code == 410
        assert "has expired" in answer.content.decode()
        with refused("link_closed"):
            request_code(invitation_id=Invitation.objects.get().pk)


def test_the_lead_ends_a_link_and_sends_a_new_one(asked: Outside, offered: Acceptance, lead: User) -> None:
    asked.confirm()
    former = Invitation.objects.get()
    fresh = send_new_link(actor=lead, invitation_id=former.pk)
    run_mails()
    assert asked.get().status_code == 410
    assert asked.decide(offered).status_code == 410
    other = Outside(link_in_mail())
    assert other.path != asked.path
    assert other.get().status_code == 200
    end_link(actor=lead, invitation_id=fresh.pk)
    assert other.get().status_code == 410
    with refused("link_ended"):
        end_link(actor=lead, invitation_id=fresh.pk)


@pytest.mark.parametrize(
    "who", ["customer", "sponsor", "contributor", "reviewer", "viewer", "manager", "administrator"]
)
def test_only_the_lead_sends_and_ends_links(
    offered: Acceptance, lead: User, who: str, request: pytest.FixtureRequest
) -> None:
    other = request.getfixturevalue(who)
    with refused("not_permitted"):
        invited(other, offered)
    made = invited(lead, offered)
    with refused("not_permitted"):
        end_link(actor=other, invitation_id=made.pk)
    with refused("not_permitted"):
        send_new_link(actor=other, invitation_id=made.pk)


def test_nobody_of_the_project_is_the_outside_signatory(
    offered: Acceptance, lead: User, contributor: User, customer: User, outsider: User
) -> None:
    contributor.memberships.update(left_at=timezone.now())
    for email in (
        lead.email, lead.email.upper(), f" {lead.email} ", lead.email.replace("@", "+x@"), contributor.email,
        customer.email,
    ):  # fmt: skip
        with refused("signatory_in_team"):
            invited(lead, offered, email=email)
    with refused("signatory_has_account"):
        invited(lead, offered, email=outsider.email)
    with refused("email_invalid"):
        invited(lead, offered, email="nobody")
    assert not Invitation.objects.exists()


def test_who_joined_the_team_after_the_invitation_does_not_sign(
    asked: Outside, offered: Acceptance, lead: User
) -> None:
    asked.confirm()
    person = User.objects.create_user(EMAIL, PASSWORD, name=NAME)
    add_member(actor=lead, project=offered.project, user=person, role=Role.CONTRIBUTOR)
    assert asked.decide(offered).status_code == 400
    assert not Signature.objects.exists()


def test_the_name_is_typed_and_another_fingerprint_signs_nothing(asked: Outside, offered: Acceptance) -> None:
    asked.confirm()
    answer = asked.decide(offered, printed_name="Lea Lead", comment="My words")
    assert answer.status_code == 400
    assert "My words" in answer.content.decode()
    assert asked.decide(offered, digest="0" * 64).status_code == 409
    assert asked.decide(offered, "rejected").status_code == 400
    assert asked.decide(offered, "maybe").status_code == 400
    assert not Signature.objects.exists()
    assert asked.decide(offered, printed_name=NAME.upper()).status_code == 302


def test_an_outside_customer_sets_conditions(asked: Outside, offered: Acceptance, lead: User) -> None:
    asked.confirm()
    asked.decide(
        offered, "accepted_with_conditions", text_1="Runbook", due_on_1="2100-01-01", owner_1="", text_2="Training",
        due_on_2="2100-02-01", owner_2="Head of ward",
    )  # fmt: skip
    offered.refresh_from_db()
    rows = [(row.text, row.owner, row.owner_name) for row in offered.conditions.all()]
    assert rows == [("Runbook", lead, lead.name), ("Training", None, "Head of ward")]


def test_a_verdict_inside_ends_the_links_outside(asked: Outside, offered: Acceptance, customer: User) -> None:
    asked.confirm()
    decide_acceptance(
        actor=customer, acceptance_id=offered.pk, verdict="accepted", password=PASSWORD, digest=offered.digest
    )
    assert asked.decide(offered).status_code == 410
    assert Signature.objects.count() == 1


def test_taking_an_offer_back_ends_its_links(asked: Outside, offered: Acceptance, lead: User) -> None:
    withdraw_acceptance(actor=lead, acceptance_id=offered.pk, reason="A fault was found.")
    assert asked.get().status_code == 410


def test_an_offer_needs_no_member_where_somebody_outside_is_asked(
    judged: Acceptance, lead: User, customer: User
) -> None:
    customer.memberships.update(left_at=timezone.now())
    invited(lead, judged)
    assert not Job.objects.filter(kind="signing_link_mail").exists()
    offer_acceptance(actor=lead, acceptance_id=judged.pk, approved_use="Order.")
    run_mails()
    assert [message.to for message in mail.outbox] == [[EMAIL]]
    assert Outside(link_in_mail()).get().status_code == 200


def test_a_link_delivered_twice_is_mailed_once(offered: Acceptance, lead: User) -> None:
    from lifecycle.acceptance.tasks import mail_link

    invited(lead, offered)
    job = Job.objects.get(kind="signing_link_mail")
    assert [mail_link(job.pk), mail_link(job.pk)] == ["done", "not_ours"]
    assert len(mail.outbox) == 1


def test_who_signed_outside_takes_it_back_by_a_link_of_its_own(asked: Outside, offered: Acceptance, lead: User) -> None:
    asked.confirm()
    asked.decide(offered)
    offered.refresh_from_db()
    with refused("other_signatory"):
        invited(lead, offered, email="other@customer.example", purpose="withdrawal")
    with refused("wrong_state"):
        invited(lead, offered)
    invited(lead, offered, purpose="withdrawal")
    run_mails()
    back = Outside(link_in_mail())
    assert "Take your verdict back?" in back.confirm()
    assert back.post("withdrawal/", printed_name=NAME, digest=offered.digest, comment="").status_code == 400
    assert back.decide(offered).status_code == 409
    done = back.post("withdrawal/", printed_name=NAME, digest=offered.digest, comment="It fails on Mondays.")
    assert done.status_code == 302
    offered.refresh_from_db()
    assert (offered.state, offered.project.state) == ("withdrawn", "active")
    assert offered.withdrawal is not None
    assert (offered.withdrawal.meaning, offered.withdrawal.comment) == ("withdrawn", "It fails on Mondays.")
    assert offered.signature is not None


def test_invitations_hold_what_the_database_demands(offered: Acceptance, lead: User) -> None:
    made = invited(lead, offered)
    for wrong in (
        {"used_at": timezone.now()},
        {"mailed_at": timezone.now(), "expires_at": None},
        {"acceptance": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.filter(pk=made.pk).update(**wrong)
    with refused("signatory_invited"):
        invited(lead, offered)
    with refused("days_out_of_range"):
        invited(lead, offered, email="two@customer.example", days=61)


def test_the_lead_does_over_rest_what_the_page_does_and_reads_the_answer(
    offered: Acceptance, lead: User, customer: User, manager: User, outsider: User, api: Callable[[User], Any]
) -> None:
    listed, fields = "/api/v1/projects/triage/signatories/", {"name": NAME, "email": EMAIL, "organisation": "Ward"}
    made = api(lead).post(listed, {**fields, "acceptance": offered.pk})
    assert (made.status_code, made.json()["state"], made.json()["answer"]) == (201, "prepared", "")
    one = f"/api/v1/signatories/{made.json()['id']}/"
    run_mails()
    ann = Outside(link_in_mail())
    assert api(lead).get(one).json()["state"] == api(manager).get(one).json()["state"] == "sent"
    assert (api(customer).get(one).status_code, api(outsider).get(one).status_code) == (403, 404)

    def code(answer: Any) -> tuple[int, str]:
        return answer.status_code, answer.json()["error"]["code"]

    assert code(api(lead).post(listed, {**fields, "acceptance": offered.pk})) == (409, "signatory_invited")
    assert code(api(lead).post(listed, {**fields, "email": lead.email, "acceptance": offered.pk})) == (
        400, "signatory_in_team",
    )  # fmt: skip
    assert code(api(lead).post(listed, fields)) == (409, "acceptance_gone")
    assert code(api(lead).post(listed, {**fields, "purpose": "receipt"})) == (409, "handoff_gone")
    other = api(lead).post(listed, {**fields, "email": "two@customer.example", "acceptance": offered.pk}).json()["id"]
    ended = api(lead).post(f"/api/v1/signatories/{other}/endings/")
    assert (ended.status_code, ended.json()["state"]) == (201, "ended")
    assert code(api(lead).post(f"/api/v1/signatories/{other}/endings/")) == (409, "link_ended")

    ann.confirm()
    ann.decide(offered)
    row = api(lead).get(one).json()
    assert (row["state"], row["answer"], row["project"]) == ("used", "accepted", "triage")
    assert code(api(lead).post(f"{one}links/")) == (409, "link_used")
    assert code(api(lead).post(f"{one}endings/")) == (409, "link_used")
    assert ann.path.strip("/").split("/")[-1] not in json.dumps(api(lead).get(listed).json())


def test_the_lead_invites_on_the_page_and_over_rest(
    offered: Acceptance, lead: User, sign_in: Callable[[User], Client], api: Callable[[User], Client]
) -> None:
    base = "/projects/triage/acceptance/"
    fields = {
        "name": NAME, "email": EMAIL, "organisation": "Customer Ltd", "language": "German", "days": 14,
        "purpose": "verdict", "acceptance": offered.pk,
    }  # fmt: skip
    client = sign_in(lead)
    assert client.post(f"{base}links/", fields).status_code == 302
    text = client.get(base).content.decode()
    assert EMAIL in text
    made = Invitation.objects.get()
    again = api(lead).post(f"/api/v1/signatories/{made.pk}/links/")
    assert again.status_code == 201
    client.post(f"{base}links/{again.json()['id']}/end/")
    rows = api(lead).get("/api/v1/projects/triage/signatories/").json()["results"]
    assert [row["state"] for row in rows] == ["ended", "ended"]
    assert "token" not in json.dumps(rows)
    posted = api(lead).post("/api/v1/projects/triage/signatories/", {**fields, "acceptance": 999_999})
    assert posted.status_code == 404
    with refused("acceptance_gone"):
        invite_signatory(actor=lead, name=NAME, email=EMAIL, organisation="x", acceptance_id=None)
