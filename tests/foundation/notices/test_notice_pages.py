"""Notices on their page: reading is a deed, looking is not."""

from __future__ import annotations

import pytest

from foundation.notices.models import Notice
from foundation.notices.services import tell
from foundation.people.models import User
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_opening_a_notice_marks_it_read_and_leads_to_its_place(viewer: User, sign_in: SignIn) -> None:
    (notice,) = tell(people=[viewer], kind="x", subject="Look", link="/search/")
    client = sign_in(viewer)
    assert "Look" in client.get("/notices/").content.decode()
    assert client.get(f"/notices/{notice.pk}/open/").status_code == 405
    notice.refresh_from_db()
    assert notice.read_at is None
    assert client.post(f"/notices/{notice.pk}/open/")["Location"] == "/search/"
    notice.refresh_from_db()
    assert notice.read_at is not None


@pytest.mark.parametrize("link", ["https://elsewhere.example", "//elsewhere.example", ""])
def test_a_notice_never_leads_outside(viewer: User, sign_in: SignIn, link: str) -> None:
    (notice,) = tell(people=[viewer], kind="x", subject="Look", link=link)
    assert sign_in(viewer).post(f"/notices/{notice.pk}/open/")["Location"] == "/notices/"


def test_one_reads_only_ones_own(viewer: User, lead: User, sign_in: SignIn) -> None:
    (notice,) = tell(people=[lead], kind="x", subject="For Lea")
    client = sign_in(viewer)
    assert client.post(f"/notices/{notice.pk}/open/").status_code == 404
    client.post("/notices/read/")
    assert Notice.objects.filter(read_at__isnull=True).count() == 1
    sign_in(lead).post("/notices/read/")
    assert not Notice.objects.filter(read_at__isnull=True).exists()
