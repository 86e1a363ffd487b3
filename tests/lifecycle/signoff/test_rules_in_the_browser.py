"""Policies, exceptions and standing in, in Chromium: accessible, and narrow enough for a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from foundation.people.models import User
from lifecycle.projects.models import Project
from lifecycle.projects.services.delegating import delegate
from lifecycle.signoff import policy
from lifecycle.signoff.services.policies import change_policy
from lifecycle.signoff.services.waivers import grant_waiver
from tests.conftest import PASSWORD
from tests.lifecycle.signoff.test_signoff_in_the_browser import _is_sound, _shoot, _signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    "/policies/", "/policies/high/", "/policies/high/change/", "/exceptions/", "/projects/triage/exceptions/",
    "/cover/", "/projects/triage/people/", "/projects/triage/edit/",
)  # fmt: skip


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_pages_are_sound(
    scheme: str, width: int, project: Project, administrator: User, sponsor: User, outsider: User, customer: User,
    live_server: object, browser: Browser,
) -> None:  # fmt: skip
    today, url = timezone.localdate(), str(live_server)
    days = {"starts_on": today, "ends_on": today + timedelta(days=20)}
    content = {**policy.shipped_policy("high"), "days": 8, "advisers": ["reviewer", "viewer"], "feedback": 3}
    change_policy(
        actor=administrator, tier="high", content=content, reason="Advice comes first where people can be harmed.",
        password=PASSWORD, expected_number=0,
    )  # fmt: skip
    grant_waiver(
        actor=sponsor, project=project, what="role", role="reviewer", password=PASSWORD, **days,
        reason="The only reviewer of the house is on parental leave, and the stage is small.",
    )  # fmt: skip
    delegate(actor=sponsor, from_person=sponsor, to_person=outsider, reason="On leave.", **days)
    delegate(actor=administrator, from_person=customer, to_person=outsider, project=project, reason="Ill.", **days)
    size = {"width": width, "height": 900}
    for who, pages in ((administrator, PAGES), (sponsor, ("/projects/triage/exceptions/", "/cover/"))):
        page, said = _signed_in(browser, url, who, viewport=size, color_scheme=scheme)
        for path in pages:
            page.goto(f"{url}{path}")
            _is_sound(page, width)
            _shoot(page, f"{who.name.split()[0]}{path.replace('/', '-')}{scheme}")
        assert said == []
