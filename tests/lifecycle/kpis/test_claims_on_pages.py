"""Claims as people and scripts meet them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from foundation.people.models import User
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.services import edit_kpi
from lifecycle.projects.models import Project
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_a_claim_goes_its_way_on_the_page(
    kpi: Kpi,
    lead: User,
    sponsor: User,
    other: Project,
    other_lead: User,
    sign_in: SignIn,
) -> None:
    edit_kpi(actor=lead, kpi=kpi, attribution=Decimal("0.6"))
    at = f"{kpi.get_absolute_url()}claims/"
    form = {"project": other.pk, "percent": "40", "from_month": "2026-03", "rule": "agreed", "note": "Our bench."}
    bad = sign_in(other_lead).post(at, form | {"percent": "", "rule": "shapley", "coalitions": "one: x"})
    assert bad.status_code == 400
    assert "cannot be read. Write each line as triage + routing: 90." in bad.content.decode()
    assert sign_in(other_lead).post(at, form).status_code == 302
    claim = KpiClaim.objects.get(project=other)
    page = sign_in(sponsor).get(at).content.decode()
    assert "has not agreed yet: its lead or sponsor does." in page
    done = sign_in(sponsor).post(f"{at}{claim.pk}/consent/", follow=True).content.decode()
    assert "You agreed for your project." in done
    assert "Routing: 40\u00a0%" in done
    assert "Routing" in sign_in(lead).get(kpi.get_absolute_url()).content.decode()
    assert sign_in(other_lead).post(f"{at}{claim.pk}/end/", {"until": "soon"}).status_code == 400
    sign_in(other_lead).post(f"{at}{claim.pk}/end/", {"until": "2026-09"})
    claim.refresh_from_db()
    assert (claim.state, str(claim.until)) == ("agreed", "2026-09-01")
    assert sign_in(lead).post(f"{at}{claim.pk}/forget/").status_code == 404


def test_a_claim_goes_its_way_over_the_api(
    kpi: Kpi,
    sponsor: User,
    other: Project,
    other_lead: User,
    api: Callable[[User], Any],
) -> None:
    at = f"/api/v1{kpi.get_absolute_url()}claims/"
    terms = {"project": "routing", "share": "0.5", "from_month": "2026-03-15"}
    for share, code in (
        (0.5, "share_is_float"),
        (1, "share_not_text"),
        ("half", "share_invalid"),
        ("2", "share_invalid"),
    ):
        refused = api(other_lead).post(at, terms | {"share": share}, format="json")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)
    made = api(other_lead).post(at, terms, format="json")
    assert (made.status_code, made.json()["state"], made.json()["share"]) == (201, "proposed", "0.50000")
    claim = made.json()["id"]
    agreed = api(sponsor).post(f"/api/v1/claims/{claim}/consent/", format="json").json()
    assert (agreed["state"], agreed["counts"], agreed["keeper_by"]) == ("disputed", True, sponsor.name)
    refused = api(sponsor).post(f"/api/v1/claims/{claim}/settle/", format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "claims_exceed_whole")
    assert (
        api(other_lead).post(f"/api/v1/claims/{claim}/end/", format="json").json()["error"]["code"] == "until_missing"
    )
    assert api(other_lead).post(f"/api/v1/claims/{claim}/withdraw/", format="json").json()["state"] == "withdrawn"
    assert [turn["deed"] for turn in api(sponsor).get(at).json()[1]["turns"]] == [
        "proposed",
        "consented",
        "consented",
        "withdrawn",
    ]
