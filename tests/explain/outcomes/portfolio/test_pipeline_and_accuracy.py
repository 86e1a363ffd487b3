"""What waits on its way to market, and how right the promises were."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from explain.outcomes.models import OutcomeReport, PortfolioHead
from explain.outcomes.selectors import pipeline_of, promises_of
from foundation.people.models import User
from lifecycle.kpis.models import GoLive
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.models import Round
from tests.conftest import SignIn
from tests.ended import ended
from tests.explain.outcomes.portfolio.conftest import Another, text


def test_waiting_is_priced_by_the_worth_of_the_months_ahead(
    reported: OutcomeReport, lead: User, manager: User, sign_in: SignIn
) -> None:
    stage = Stage.objects.get(project=reported.project, state="open")
    Round.objects.create(
        stage=stage, project=reported.project, number=1, state="awaiting_decision", title="May it go on?", requester=lead,
        submitted_at=timezone.now() - timedelta(days=73, hours=1), digest="d",
    )  # fmt: skip
    # At 0 % a month of waiting loses the last of 12 months ahead, 100 EUR: 73 days are 2.4 months.
    assert PortfolioHead.objects.get().delay_minor == 10_000
    found = pipeline_of(manager)
    assert [(wait.days, wait.cost) for wait in found.waits] == [(73, Decimal("240.00"))]
    assert found.priced == {"EUR": Decimal("240.00")}
    PortfolioHead.objects.update(delay_minor=None, delay_why="no_forecast")
    page = text(sign_in(manager).get("/value/pipeline/"))
    assert "No price: no benefit is planned or forecast." in page
    PortfolioHead.objects.update(delay_minor=-5, delay_why="")
    assert "waiting loses nothing" in text(sign_in(manager).get("/value/pipeline/"))


def test_time_in_stage_counts_open_stages_as_open(another: Another, manager: User) -> None:
    ended, still = another("ended"), another("still")
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC)
    first = Stage.objects.get(project=ended, order=1)
    Stage.objects.filter(pk=first.pk).update(state="approved", opened_at=begin, closed_at=begin + timedelta(days=30))
    Stage.objects.filter(project=still, key=first.key).update(opened_at=timezone.now() - timedelta(days=90, minutes=1))
    time = next(time for time in pipeline_of(manager).times if time.name == first.name)
    assert (time.stage.ended, time.stage.still_open, time.stage.median, time.stage.most) == (1, 1, 30, None)
    assert time.stage.longest_open == 90


def test_time_to_market_takes_the_newest_go_live_and_leaves_out_what_ended(
    reported: OutcomeReport, another: Another, manager: User, lead: User
) -> None:
    stopped = another("stopped", state="stopped", stopped_reason="No use")
    GoLive.objects.filter(project=stopped).delete()
    GoLive.objects.create(project=reported.project, on=date(2024, 4, 10), recorded_by=lead)
    found = pipeline_of(manager)
    assert (found.to_market.ended, found.to_market.median, found.never_live) == (1, 100, 1)


def test_the_funnel_shows_worth_at_each_stage(reported: OutcomeReport, another: Another, manager: User) -> None:
    another("live", state="in_use")
    stages = pipeline_of(manager).stages
    assert [(stage["projects"], stage["promised"], stage["expected"]) for stage in stages] == [
        (1, Decimal("300.00"), {"measured": Decimal("1800.00")}),
        (1, Decimal("300.00"), {"measured": Decimal("1800.00")}),
    ]
    assert stages[-1]["name"] == "in use"


def test_accuracy_needs_ten_closed_cases_and_then_suggests_a_discount(
    crisp_dm: Any, manager: User, lead: User, sign_in: SignIn
) -> None:
    def closed(count: int, realised: int, state: str = "closed") -> None:
        for _ in range(count):
            number = Project.objects.count()
            made = Project.objects.create(
                key=f"case-{number}", name=f"Case {number}", question="?", methodology=crisp_dm, created_by=lead,
                started_on=date(2024, 1, 1), unit="Claims", **ended(state, lead),
            )  # fmt: skip
            report = OutcomeReport.objects.create(project=made, number=1, as_of=date(2025, 1, 1), currency="EUR")
            PortfolioHead.objects.create(
                project=made, report=report, number=1, as_of=report.as_of, currency="EUR", grade="measured",
                promised_net_minor=1000_00, net_minor=realised, benefits_minor=None if state == "stopped" else 1, series=b"",
            )  # fmt: skip

    closed(8, 800_00)
    page = text(sign_in(manager).get("/value/accuracy/"))
    assert "2 more closed cases with a promise are needed (8 of 10)" in page
    assert promises_of(manager).whole.median is None
    closed(2, -500_00, state="stopped")
    found = promises_of(manager)
    assert (found.whole.median, found.whole.discount) == (Decimal("0.8"), Decimal("0.2"))
    assert [(group.name, group.accuracy.rated) for group in found.by_unit] == [("Claims", 10)]
    assert min(case.rate for case in found.cases if case.rate is not None) == Decimal("-0.5")
    page = text(sign_in(manager).get("/value/accuracy/"))
    assert "take this off what a new case promises" in page
    assert "95 % interval −50 to 80 %" in page
