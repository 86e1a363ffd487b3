"""Inviting, roles, access, tokens, and the password at signing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.test import Client

from foundation.audit.models import Entry
from foundation.jobs.models import Job
from foundation.people import services
from foundation.people.models import ApiToken, User
from foundation.people.tasks import send_invitation
from foundation.web.afterwards import collecting
from foundation.web.refused import Refused
from tests.conftest import PASSWORD, SignIn

pytestmark = pytest.mark.django_db


def test_an_invited_person_sets_a_password_by_the_mailed_link_and_signs_in(administrator: User) -> None:
    person = services.invite(actor=administrator, email="Nia.New@Example.org", name="Nia New", is_auditor=True)
    assert (person.email, person.is_auditor, person.has_usable_password()) == ("nia.new@example.org", True, False)
    job = Job.objects.get(kind=services.INVITATION)
    assert send_invitation(job.pk) == "done"
    link = next(line for line in mail.outbox[0].body.splitlines() if line.startswith("http"))
    client = Client()
    form_page = client.get(link[link.index("/accounts") :], follow=True)
    assert form_page.status_code == 200
    answer = client.post(
        form_page.request["PATH_INFO"], {"password1": "a long enough phrase", "password2": "a long enough phrase"}
    )
    assert answer.status_code == 302
    signed_in = Client().post("/accounts/login/", {"login": person.email, "password": "a long enough phrase"})
    assert signed_in.status_code == 302
    assert Entry.objects.get(verb="invite").after["roles"] == ["auditor"]


def test_an_invitation_is_not_sent_twice_nor_after_a_password_is_set(administrator: User, viewer: User) -> None:
    with pytest.raises(Refused) as refused:
        services.invite_again(actor=administrator, person=viewer)
    assert refused.value.code == "already_joined"


@pytest.mark.parametrize(("email", "code"), [("nobody", "email_invalid"), ("VERA.viewer@example.org", "email_taken")])
def test_a_bad_address_is_refused_at_the_field(administrator: User, viewer: User, email: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        services.invite(actor=administrator, email=email, name="X")
    assert (refused.value.code, refused.value.field) == (code, "email")


def test_only_administrators_change_people(manager: User, viewer: User) -> None:
    deeds: list[Any] = [
        lambda: services.invite(actor=manager, email="x@example.org", name="X"),
        lambda: services.set_roles(
            actor=manager, person=viewer, is_manager=True, is_auditor=False, is_administrator=False
        ),
        lambda: services.deactivate(actor=manager, person=viewer),
        lambda: services.reactivate(actor=manager, person=viewer),
    ]
    for deed in deeds:
        with pytest.raises(Refused) as refused:
            deed()
        assert (refused.value.code, refused.value.status) == ("not_permitted", 403)
    assert not Entry.objects.exists()


def test_the_last_administrator_stays_administrator(administrator: User, viewer: User) -> None:
    for deed in (
        lambda: services.set_roles(
            actor=administrator, person=administrator, is_manager=True, is_auditor=False, is_administrator=False
        ),
        lambda: services.deactivate(actor=administrator, person=administrator),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.code == "last_administrator"
    services.set_roles(actor=administrator, person=viewer, is_manager=False, is_auditor=False, is_administrator=True)
    services.set_roles(
        actor=administrator, person=administrator, is_manager=False, is_auditor=False, is_administrator=False
    )
    administrator.refresh_from_db()
    assert not administrator.is_administrator


def test_taking_access_ends_sessions_and_tokens_at_once(administrator: User, viewer: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    _, text = services.make_token(actor=viewer, name="laptop")
    assert client.get("/profile/").status_code == 200
    services.deactivate(actor=administrator, person=viewer, reason="left the company")
    assert client.get("/profile/").status_code == 302
    answer = Client().get("/api/v1/notices/", headers={"authorization": f"Bearer {text}"})
    assert answer.status_code == 401
    services.reactivate(actor=administrator, person=viewer)
    assert not ApiToken.objects.get(user=viewer).is_usable


def test_a_token_is_kept_as_a_digest_only(viewer: User) -> None:
    token, text = services.make_token(actor=viewer, name="laptop", days=30)
    assert text not in str(ApiToken.objects.values().get(pk=token.pk))
    assert text not in str(list(Entry.objects.values()))
    services.revoke_token(actor=viewer, token=token)
    with pytest.raises(Refused) as refused:
        services.revoke_token(actor=viewer, token=token)
    assert refused.value.code == "token_revoked"


def test_nobody_revokes_another_persons_token(viewer: User, lead: User) -> None:
    token, _ = services.make_token(actor=viewer, name="laptop")
    with pytest.raises(Refused):
        services.revoke_token(actor=lead, token=token)


def test_the_right_password_confirms(lead: User) -> None:
    services.confirm_password(actor=lead, password=PASSWORD)
    assert not Entry.objects.exists()


def test_a_wrong_password_is_noted_though_the_deed_is_rolled_back(lead: User) -> None:
    def deed() -> None:
        with transaction.atomic():
            services.confirm_password(actor=lead, password="wrong")

    with collecting(), pytest.raises(Refused) as refused:
        deed()
    assert (refused.value.code, refused.value.status, refused.value.field) == ("password_wrong", 403, "password")
    assert Entry.objects.get().verb == services.WRONG_PASSWORD


def test_five_wrong_passwords_lock_signing_for_fifteen_minutes(lead: User, sponsor: User) -> None:
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(services.ATTEMPTS):
            with pytest.raises(Refused) as refused:
                services.confirm_password(actor=lead, password="wrong")
            assert refused.value.code == "password_wrong"
        with pytest.raises(Refused) as refused:
            services.confirm_password(actor=lead, password=PASSWORD)
        assert refused.value.code == "password_locked"
        assert "15 minutes" in refused.value.message
        services.confirm_password(actor=sponsor, password=PASSWORD)
        clock.move_to(start + timedelta(minutes=15, seconds=1))
        services.confirm_password(actor=lead, password=PASSWORD)
