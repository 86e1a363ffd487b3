"""Two answers at the same instant give one verdict."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance.models import ITEMS, Acceptance, Invitation, SignatoryCode
from lifecycle.acceptance.services import (
    decide_acceptance,
    decide_outside,
    hand_over,
    invite_signatory,
    open_signing,
    receive_outside,
    request_code,
    send_back_outside,
    write_handoff,
)
from lifecycle.acceptance.services.codes import code_digest
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Signature
from tests.conftest import PASSWORD
from tests.lifecycle.acceptance.outside import EMAIL, NAME, code_in_mail, invited, run_mails


def together(*deeds: Callable[[], Any]) -> list[Any]:
    """Run the deeds in threads that start at once; a refusal gives its code."""
    start, results = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            results[place] = deed()
        except Refused as refusal:
            results[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def signing(acceptance: Acceptance, lead: User) -> tuple[Invitation, SignatoryCode]:
    """An outside person with an open signing session."""
    return confirmed(invited(lead, acceptance))


def confirmed(invitation: Invitation) -> tuple[Invitation, SignatoryCode]:
    """With the address confirmed by its code."""
    run_mails()
    request_code(invitation_id=invitation.pk)
    run_mails()
    return invitation, open_signing(invitation_id=invitation.pk, code=code_in_mail())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestOnPostgres:
    @pytest.mark.parametrize("turn", range(3))
    def test_two_tabs_of_an_outside_person_give_one_verdict(self, turn: int, offered: Acceptance, lead: User) -> None:
        invitation, code = signing(offered, lead)

        def answer(verdict: str) -> Callable[[], str]:
            def run() -> str:
                return decide_outside(
                    invitation_id=invitation.pk, code_id=code.pk, verdict=verdict, printed_name=NAME,
                    digest=offered.digest, comment="My words.",
                ).state  # fmt: skip

            return run

        results = together(answer("accepted"), answer("rejected"))
        assert sorted(results) in (["accepted", "link_closed"], ["link_closed", "rejected"])
        assert Signature.objects.count() == 1
        assert Entry.objects.filter(verb="decide_acceptance").count() == 1

    @pytest.mark.parametrize("turn", range(3))
    def test_a_customer_inside_and_one_outside_give_one_verdict(
        self, turn: int, offered: Acceptance, lead: User, customer: User
    ) -> None:
        invitation, code = signing(offered, lead)

        def inside() -> str:
            return decide_acceptance(
                actor=customer, acceptance_id=offered.pk, verdict="rejected", password=PASSWORD,
                digest=offered.digest, comment="Too slow.",
            ).state  # fmt: skip

        def outside() -> str:
            return decide_outside(
                invitation_id=invitation.pk, code_id=code.pk, verdict="accepted", printed_name=NAME,
                digest=offered.digest,
            ).state  # fmt: skip

        results = together(inside, outside)
        assert sorted(results) in (["link_closed", "rejected"], ["accepted", "wrong_state"])
        offered.refresh_from_db()
        assert offered.state in results
        assert Signature.objects.count() == 1

    @pytest.mark.parametrize("turn", range(3))
    def test_two_tabs_of_an_outside_receiver_give_one_answer(self, turn: int, project: Project, lead: User) -> None:
        items = {key: {"text": "There."} for key in ITEMS}
        draft = write_handoff(
            actor=lead, project=project, receiving_party="Ward IT", handed_on=date(2026, 3, 1), items=items
        )
        handed = hand_over(actor=lead, handoff_id=draft.pk, password=PASSWORD)
        invitation = invite_signatory(
            actor=lead, handoff_id=handed.pk, purpose="receipt", name=NAME, email=EMAIL, organisation="Ward IT"
        )
        invitation, code = confirmed(invitation)
        given: dict[str, Any] = {
            "invitation_id": invitation.pk, "code_id": code.pk, "printed_name": NAME, "digest": handed.digest
        }  # fmt: skip
        results = together(
            lambda: receive_outside(**given).state, lambda: send_back_outside(**given, reason="No keys.").state
        )
        assert sorted(results) in (["link_closed", "received"], ["link_closed", "sent_back"])
        handed.refresh_from_db()
        assert handed.state in results
        assert Signature.objects.count() == 2  # the lead's, and one answer

    def test_guesses_at_once_are_all_counted(self, offered: Acceptance, lead: User) -> None:
        invitation = invited(lead, offered)
        run_mails()
        row = request_code(invitation_id=invitation.pk)
        run_mails()
        row.refresh_from_db()
        assert row.digest == code_digest(row, code_in_mail())
        wrong = "000000" if code_in_mail() != "000000" else "111111"
        results = together(*[lambda: open_signing(invitation_id=invitation.pk, code=wrong)] * 8)
        assert sorted(results) == ["code_spent"] * 3 + ["code_wrong"] * 5
        row.refresh_from_db()
        assert row.tries == 5
        cache.clear()
