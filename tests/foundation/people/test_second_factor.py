"""A second factor: set up, asked, used once, lost."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import transaction

from foundation.audit.models import Entry
from foundation.audit.words import sentence_of
from foundation.notices.models import Notice
from foundation.people import selectors, services
from foundation.people.codes import step_of
from foundation.people.models import User
from foundation.web.afterwards import collecting
from foundation.web.refused import Refused
from tests.conftest import PASSWORD
from tests.factors import App, code_at, set_up

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _refusal(deed: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value


@pytest.mark.parametrize(
    ("at", "digits"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(at: int, digits: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    with time_machine.travel(at, tick=False):
        assert step_of(secret, digits) == at // 30
        assert step_of(secret, f"{digits[:3]} {digits[3:]}") == at // 30
        assert step_of(secret, "") is None


def test_the_step_before_and_the_step_after_count_and_no_other() -> None:
    secret = services.new_secret()
    with time_machine.travel(NOON, tick=False):
        now = int(NOON.timestamp()) // 30
        found = [step_of(secret, code_at(secret, now + shift)) for shift in (-2, -1, 0, 1, 2)]
    assert found == [None, now - 1, now, now + 1, None]


@pytest.mark.django_db
def test_setting_it_up_asks_the_password_and_a_code_tells_the_person_and_is_recorded(lead: User) -> None:
    secret = services.new_secret()
    step = int(datetime.now(tz=UTC).timestamp()) // 30
    fits, misfit = code_at(secret, step), code_at(secret, step + 50)
    for password, code, expected in [
        ("wrong", fits, "password_wrong"),
        (PASSWORD, "", "code_missing"),
        (PASSWORD, misfit, "code_wrong"),
    ]:
        deed = lambda password=password, code=code: services.set_up_second_factor(  # noqa: E731
            actor=lead, password=password, secret=secret, code=code
        )
        assert _refusal(deed).code == expected
    assert selectors.second_factor_of(lead) is None
    codes = services.set_up_second_factor(actor=lead, password=PASSWORD, secret=secret, code=fits)
    assert (len(codes), len(set(codes))) == (10, 10)
    factor = selectors.second_factor_of(lead)
    assert factor is not None
    assert factor.codes_left == 10
    notice = Notice.objects.get(user=lead)
    assert (notice.subject, notice.link) == ("A second factor was set up for your account", "/profile/second-factor/")
    entry = Entry.objects.get(verb="set_up_second_factor")
    assert sentence_of(entry) == f"{lead.name} set up the second factor of {lead.name}"
    again = _refusal(lambda: services.set_up_second_factor(actor=lead, password=PASSWORD, secret=secret, code=fits))
    assert again.code == "factor_exists"


@pytest.mark.django_db
def test_no_secret_and_no_code_stands_readable_in_any_table_of_it(lead: User) -> None:
    app = set_up(lead)
    services.prove_signer(actor=lead, password=PASSWORD, code=app.recovery[0])
    services.prove_signer(actor=lead, password=PASSWORD, code=app.code())
    kept = str([list(model.objects.values()) for model in (Authenticator, Entry, Notice, Session)])
    for text in [app.secret, *app.recovery, code_at(app.secret, app.last)]:
        assert text not in kept


@pytest.mark.django_db
def test_who_has_none_signs_by_password_and_who_has_one_by_both(lead: User, sponsor: User) -> None:
    app = set_up(lead)
    assert services.prove_signer(actor=sponsor, password=PASSWORD) == "password"
    assert services.prove_signer(actor=sponsor, password=PASSWORD, code="123456") == "password"
    assert services.prove_signer(actor=lead, password=PASSWORD, code=app.code()) == "password and one-time code"
    by_paper = services.prove_signer(actor=lead, password=PASSWORD, code=app.recovery[3])
    assert by_paper == "password and recovery code"
    missing = _refusal(lambda: services.prove_signer(actor=lead, password=PASSWORD))
    assert (missing.code, missing.status, missing.field) == ("code_missing", 403, "code")
    wrong = _refusal(lambda: services.prove_signer(actor=lead, password=PASSWORD, code="000 000 0"))
    assert (wrong.code, wrong.status, wrong.field) == ("code_wrong", 403, "code")


@pytest.mark.django_db
def test_a_wrong_password_uses_no_code_up(lead: User) -> None:
    app = set_up(lead)
    assert _refusal(lambda: services.prove_signer(actor=lead, password="wrong", code=app.recovery[0])).code == (
        "password_wrong"
    )
    services.prove_signer(actor=lead, password=PASSWORD, code=app.recovery[0])


@pytest.mark.django_db
def test_a_code_counts_once_even_when_caches_forget(lead: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        app = set_up(lead)
        code = app.code()
        services.confirm_code(actor=lead, code=code)
        cache.clear()
        clock.shift(timedelta(seconds=29))
        assert _refusal(lambda: services.confirm_code(actor=lead, code=code)).code == "code_used"
        assert not Entry.objects.filter(verb=services.WRONG_CODE).exists()
        services.confirm_code(actor=lead, code=app.code())
        assert _refusal(lambda: services.confirm_code(actor=lead, code=code)).code == "code_used"


@pytest.mark.django_db
def test_the_code_of_the_set_up_does_not_sign_too(lead: User) -> None:
    app = App(services.new_secret())
    code = app.code()
    services.set_up_second_factor(actor=lead, password=PASSWORD, secret=app.secret, code=code)
    assert _refusal(lambda: services.confirm_code(actor=lead, code=code)).code == "code_used"


@pytest.mark.django_db
def test_a_recovery_code_counts_once_and_the_page_says_how_many_are_left(lead: User) -> None:
    app = set_up(lead)
    services.confirm_code(actor=lead, code=f"{app.recovery[0][:4]} {app.recovery[0][4:]}")
    assert _refusal(lambda: services.confirm_code(actor=lead, code=app.recovery[0])).code == "code_wrong"
    factor = selectors.second_factor_of(lead)
    assert factor is not None
    assert factor.codes_left == 9


@pytest.mark.django_db
def test_a_wrong_code_is_noted_though_the_deed_is_rolled_back(lead: User) -> None:
    set_up(lead)

    def deed() -> None:
        with transaction.atomic():
            services.prove_signer(actor=lead, password=PASSWORD, code="1")

    with collecting():
        assert _refusal(deed).code == "code_wrong"
    entry = Entry.objects.get(verb=services.WRONG_CODE)
    assert sentence_of(entry) == f"{lead.name} typed a wrong code of their second factor"


@pytest.mark.django_db
def test_five_wrong_codes_lock_for_fifteen_minutes_also_the_right_one(lead: User, sponsor: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        app, other = set_up(lead), set_up(sponsor)
        for _ in range(services.ATTEMPTS):
            told = Notice.objects.filter(user=lead, subject__contains="wrong codes")
            assert not told.exists()
            assert _refusal(lambda: services.confirm_code(actor=lead, code="1")).code == "code_wrong"
        assert [notice.subject for notice in told.all()] == ["5 wrong codes were typed for your account"]
        locked = _refusal(lambda: services.confirm_code(actor=lead, code=app.recovery[0]))
        assert (locked.code, locked.field) == ("code_locked", "code")
        assert "15 minutes" in locked.message
        services.confirm_code(actor=sponsor, code=other.code())
        clock.shift(timedelta(minutes=15, seconds=1))
        services.confirm_code(actor=lead, code=app.code())


@pytest.mark.django_db
def test_new_recovery_codes_end_the_former_ones(lead: User) -> None:
    app = set_up(lead)
    fresh = services.renew_recovery_codes(actor=lead, password=PASSWORD, code=app.recovery[0])
    assert not set(fresh) & set(app.recovery)
    assert _refusal(lambda: services.confirm_code(actor=lead, code=app.recovery[1])).code == "code_wrong"
    services.confirm_code(actor=lead, code=fresh[0])
    assert Entry.objects.filter(verb="renew_recovery_codes").count() == 1
    assert Notice.objects.filter(user=lead, subject__startswith="New recovery codes").count() == 1


@pytest.mark.django_db
def test_turning_it_off_asks_password_and_code_and_then_the_password_is_enough(lead: User) -> None:
    app = set_up(lead)
    off = services.turn_off_second_factor
    assert _refusal(lambda: off(actor=lead, password="wrong", code=app.recovery[0])).code == "password_wrong"
    assert _refusal(lambda: off(actor=lead, password=PASSWORD, code="")).code == "code_missing"
    off(actor=lead, password=PASSWORD, code=app.recovery[0])
    assert not Authenticator.objects.filter(user=lead).exists()
    assert services.prove_signer(actor=lead, password=PASSWORD) == "password"
    assert Notice.objects.filter(user=lead, subject__contains="turned off").count() == 1
    assert Entry.objects.get(verb="turn_off_second_factor").actor == lead
    assert _refusal(lambda: off(actor=lead, password=PASSWORD, code="1")).code == "factor_missing"


@pytest.mark.django_db
def test_an_administrator_turns_off_a_lost_factor_with_a_reason_and_the_person_is_told(
    administrator: User, manager: User, lead: User, sponsor: User
) -> None:
    set_up(lead)
    own = set_up(administrator)

    def off(actor: User, person: User = lead, reason: str = "Phone lost; called back", code: str = "") -> None:
        services.turn_off_lost_factor(actor=actor, person=person, reason=reason, password=PASSWORD, code=code)

    assert _refusal(lambda: off(manager)).code == "not_permitted"
    assert _refusal(lambda: off(administrator, administrator)).code == "own_factor"
    assert _refusal(lambda: off(administrator, reason=" ")).code == "reason_missing"
    assert _refusal(lambda: off(administrator, sponsor)).code == "factor_missing"
    assert _refusal(lambda: off(administrator)).code == "code_missing"
    assert selectors.has_second_factor(lead)
    off(administrator, code=own.code())
    assert not selectors.has_second_factor(lead)
    entry = Entry.objects.get(verb="turn_off_second_factor")
    assert (entry.actor, entry.thing_id, entry.reason) == (administrator, str(lead.pk), "Phone lost; called back")
    told = Notice.objects.get(user=lead, subject__contains="turned off")
    assert f"{administrator.name} did it: Phone lost; called back" in told.body
    # It opened nothing to the administrator: the password of the person is still asked.
    lead.set_password("another long phrase")
    lead.save()
    assert _refusal(lambda: services.prove_signer(actor=lead, password=PASSWORD)).code == "password_wrong"


@pytest.mark.django_db
def test_the_only_administrator_who_lost_theirs_is_helped_at_the_console(administrator: User) -> None:
    with pytest.raises(CommandError, match="No second factor is set up"):
        call_command("turn_off_second_factor", administrator.email, reason="Lost")
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("turn_off_second_factor", "nobody@example.org", reason="Lost")
    set_up(administrator)
    with pytest.raises(CommandError, match="Say why"):
        call_command("turn_off_second_factor", administrator.email, reason=" ")
    call_command("turn_off_second_factor", administrator.email.upper(), reason="Phone drowned")
    assert not selectors.has_second_factor(administrator)
    entry = Entry.objects.get(verb="turn_off_second_factor")
    assert (entry.actor, entry.actor_name, entry.reason) == (None, "Tollgate", "Phone drowned")
    assert "Phone drowned" in Notice.objects.get(user=administrator, subject__contains="turned off").body


@pytest.mark.django_db
def test_after_the_secret_of_the_portal_changed_the_person_is_told_what_to_do(lead: User, settings: Any) -> None:
    app = set_up(lead)
    settings.SECRET_KEY = "another secret of the portal"
    refused = _refusal(lambda: services.prove_signer(actor=lead, password=PASSWORD, code=app.code()))
    assert (refused.code, refused.field) == ("factor_unreadable", "code")
    assert "administrator" in refused.message
