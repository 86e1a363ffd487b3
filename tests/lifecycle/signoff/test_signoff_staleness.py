"""Approvals end when their evidence changes or the project goes back; the page says since when and what."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import Baseline, CashLine, Kpi, Measurement, Target
from lifecycle.projects.models import Project, Stage, StageReturn
from lifecycle.projects.services import answer_question
from lifecycle.signoff.evidence import Item
from lifecycle.signoff.kinds import ANSWERS, DELIVERABLES, KPIS
from lifecycle.signoff.manifest import difference, manifest_of
from lifecycle.signoff.models import Round
from lifecycle.signoff.services import go_back, submit_round, withdraw_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved(review: Round, sponsor: User, answer: Any) -> Round:
    answer(sponsor, review)
    review.refresh_from_db()
    return review


def changed(kpi: Kpi) -> None:
    """What each deed on a KPI ends with: an entry of the trail."""
    with transaction.atomic():
        record(actor=kpi.created_by, verb="edit_kpi", thing=kpi, kind="kpi", project_id=kpi.project_id)


# What the manifest holds


def test_new_readings_change_no_hash_but_the_facts_as_submitted_stand(first: Stage, kpi: Kpi, lead: User) -> None:
    before, _ = manifest_of(first)
    Measurement.objects.create(
        kpi=kpi, period=date(2026, 3, 2), value=9.0, source=Measurement.Source.API, recorded_by=lead
    )
    after, _ = manifest_of(first)
    assert difference([Item(**i) for i in before["items"]], [Item(**i) for i in after["items"]]) == []
    facts = next(item["facts"] for item in after["items"] if item["key"] == f"kpi:{kpi.pk}")
    assert (facts["last_value"], facts["last_period"]) == ("9.0", "2026-03-02")


def test_the_digest_does_not_depend_on_when_or_how_often_it_is_computed(first: Stage, kpi: Kpi) -> None:
    assert manifest_of(first) == manifest_of(Stage.objects.get(pk=first.pk))


def test_a_difference_names_what_changed_went_and_came() -> None:
    old = [
        Item("deliverable", "deliverable:1", "Plan", "a", {"version": 1}),
        Item("deliverable", "deliverable:2", "Risks", "b", {"version": 1}),
        Item("deliverable", "deliverable:3", "Costs", "c", {"version": 2}),
    ]
    new = [
        Item("deliverable", "deliverable:1", "Plan", "d", {"version": 2}),
        Item("deliverable", "deliverable:13", "Costs", "c", {"version": 1}),
        Item("deliverable", "deliverable:14", "Terms", "e", {"version": 1}),
    ]
    assert difference(old, new) == [
        {"label": "Plan", "was": "version 1", "now": "version 2", "kind": "changed"},
        {"label": "Risks", "was": "version 1", "now": "", "kind": "gone"},
        {"label": "Terms", "was": "", "now": "version 1", "kind": "added"},
    ]


def test_a_difference_says_facts_in_words_and_days_as_people_write_them() -> None:
    old = [
        Item("kpi", "kpi:1:target", "Waiting: target", "a", {"value": "62.0", "due": "2026-08-17"}),
        Item("kpi", "kpi:1:baseline", "Waiting: baseline", "b", {"mean": "11.643", "from": "2025-01-06"}),
        Item("kpi", "kpi:1", "Waiting", "c", {"direction": "increase", "every": "week", "unit": "1", "primary": ""}),
        Item("deliverable", "deliverable:1", "Plan", "d", {"need": "required", "not_applicable": ""}),
        Item("gone_kind", "gone:1", "Report", "e", {"as_of": "2026-03-01", "day": "2026-02-31"}),
    ]
    new = [
        Item("kpi", "kpi:1:target", "Waiting: target", "A", {"value": "9.25", "due": "2027-06-30"}),
        Item("kpi", "kpi:1:baseline", "Waiting: baseline", "B", {"mean": "12.0", "from": "2025-02-03"}),
        Item("kpi", "kpi:1", "Waiting", "C", {"direction": "decrease", "every": "day", "unit": "h", "primary": "yes"}),
        Item("deliverable", "deliverable:1", "Plan", "D", {"need": "optional", "not_applicable": "No plan."}),
        Item("gone_kind", "gone:1", "Report", "E", {"as_of": "2026-04-01", "day": "2026-02-30"}),
    ]
    assert [(line["was"], line["now"]) for line in difference(old, new)] == [
        ("62, by 17 August 2026", "9.25, by 30 June 2027"),
        ("mean 11.6, from 6 January 2025", "mean 12, from 3 February 2025"),
        ("higher is better, read weekly, unit count", "lower is better, read daily, unit h, primary KPI"),
        ("required", "optional, not applicable because: No plan."),
        ("as of 1 March 2026, day 2026-02-31", "as of 1 April 2026, day 2026-02-30"),
    ]


def test_collecting_takes_a_constant_number_of_queries(first: Stage, kpi: Kpi, django_assert_num_queries: Any) -> None:
    stage = Stage.objects.select_related("project").get(pk=first.pk)
    with django_assert_num_queries(4):
        found = [item for kind in (DELIVERABLES, ANSWERS, KPIS) for item in kind.collect(stage)]
    assert len(found) == 8 + 6 + 3


# Going stale


def test_a_new_version_of_a_deliverable_makes_the_approval_stale_and_says_what_changed(
    approved: Round, first: Stage, rewrite: Any, sponsor: User, lead: User
) -> None:
    rewrite(first)
    approved.refresh_from_db()
    assert approved.state == Round.State.STALE
    assert approved.lapsed_at is not None
    assert [(line["was"], line["now"], line["kind"]) for line in approved.difference] == [
        ("version 1", "version 2", "changed")
    ]
    assert Entry.objects.filter(verb="approval_went_stale").count() == 1
    told = set(Notice.objects.filter(kind="approval_stale").values_list("user", flat=True))
    assert told == {sponsor.pk, lead.pk}
    assert first.project.stages.get(order=2).state == Stage.State.OPEN


def test_wherever_the_stage_stands_it_says_that_its_approval_no_longer_holds(
    approved: Round, first: Stage, rewrite: Any, lead: User, sponsor: User, answer: Any, sign_in: Any
) -> None:
    rewrite(first)
    browser = sign_in(sponsor)
    base = f"/projects/{first.project.key}/"
    said = {path: browser.get(path).content.decode() for path in (base, f"{base}stages/", f"{base}stages/{first.key}/")}
    assert '<li class="stale">' in said[base]
    assert "changed since" in said[base]
    assert f'<a href="/rounds/{approved.pk}/">{first.name}</a>' in said[base]
    for path in (f"{base}stages/", f"{base}stages/{first.key}/"):
        assert '<span class="state stale">changed since approval</span>' in said[path]
        assert '<span class="state yes">approved</span>' not in said[path]
    assert '<span class="state stale">1 approval changed since</span>' in browser.get("/projects/").content.decode()
    page = browser.get(f"/api/v1/projects/{first.project.key}/stages/").json()
    lines = page if isinstance(page, list) else page["results"]
    assert [bool(line["stage"]["lapsed_at"]) for line in lines] == [True, *[False] * (len(lines) - 1)]

    again = submit_round(actor=lead, stage=first, title="May we begin with the new text?")
    assert "changed since approval" in browser.get(f"{base}stages/{first.key}/").content.decode()
    answer(sponsor, again)
    for path in (base, f"{base}stages/", f"{base}stages/{first.key}/", "/projects/"):
        assert "changed since" not in browser.get(path).content.decode()


def test_a_second_change_says_nothing_twice(approved: Round, first: Stage, rewrite: Any) -> None:
    rewrite(first)
    rewrite(first)
    assert Entry.objects.filter(verb="approval_went_stale").count() == 1
    assert Notice.objects.filter(kind="approval_stale").count() == 2


def test_a_new_answer_makes_the_approval_stale(approved: Round, first: Stage, contributor: User) -> None:
    question = first.questions.first()
    assert question is not None
    answer_question(actor=contributor, question=question, text="Something else.", expected_number=1)
    approved.refresh_from_db()
    assert approved.state == Round.State.STALE


def test_a_change_in_another_stage_leaves_the_approval_alone(
    approved: Round, project: Project, contributor: User, complete: Any
) -> None:
    complete(project.stages.get(order=2), contributor)
    approved.refresh_from_db()
    assert approved.state == Round.State.APPROVED


def test_measurements_and_a_first_baseline_leave_the_approval_but_another_target_does_not(
    project: Project, first: Stage, kpi: Kpi, lead: User, sponsor: User, answer: Any
) -> None:
    Baseline.objects.filter(kpi=kpi).update(state="proposed", approved_by=None, frozen_at=None)
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    answer(sponsor, review)
    Measurement.objects.create(kpi=kpi, period=date(2026, 3, 2), value=9.0, source="api", recorded_by=lead)
    changed(kpi)
    Baseline.objects.filter(kpi=kpi).update(state="frozen", approved_by=sponsor, frozen_at=timezone.now())
    changed(kpi)
    review.refresh_from_db()
    assert review.state == Round.State.APPROVED
    Target.objects.create(kpi=kpi, value=10.5, due_on=date(2026, 12, 31), set_by=lead)
    changed(kpi)
    review.refresh_from_db()
    assert review.state == Round.State.STALE
    assert review.difference == [{"label": "Waiting time: target", "was": "9.50", "now": "10.5", "kind": "changed"}]


def test_a_withdrawn_baseline_makes_the_approval_stale(
    first: Stage, kpi: Kpi, lead: User, sponsor: User, answer: Any
) -> None:
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    answer(sponsor, review)
    Baseline.objects.filter(kpi=kpi).update(state="withdrawn")
    changed(kpi)
    review.refresh_from_db()
    assert (review.state, review.difference[0]["kind"]) == (Round.State.STALE, "gone")


def test_a_stale_approval_is_asked_for_again_while_the_next_stage_stays_open(
    approved: Round, first: Stage, rewrite: Any, lead: User, sponsor: User, answer: Any
) -> None:
    rewrite(first)
    first.refresh_from_db()
    again = submit_round(actor=lead, stage=first, title="Is it still right?")
    first.refresh_from_db()
    assert first.state == Stage.State.APPROVED
    answer(sponsor, again)
    again.refresh_from_db()
    assert again.state == Round.State.APPROVED
    states = list(first.project.stages.filter(is_current=True).order_by("order").values_list("state", flat=True))
    assert states[:3] == ["approved", "open", "waiting"]
    rewrite(first)
    again.refresh_from_db()
    approved.refresh_from_db()
    assert (again.state, approved.state) == (Round.State.STALE, Round.State.STALE)


def test_an_approval_that_holds_is_not_asked_for_again(approved: Round, first: Stage, lead: User) -> None:
    with pytest.raises(Refused) as caught:
        submit_round(actor=lead, stage=Stage.objects.get(pk=first.pk), title="Again?")
    assert caught.value.code == "stage_state"


def test_the_listener_asks_few_queries(
    approved: Round, first: Stage, kpi: Kpi, django_assert_max_num_queries: Any
) -> None:
    # The savepoint and its release, the chain's lock and end, the entry, the rounds: no KPI is pinned, none is asked.
    with django_assert_max_num_queries(6):
        changed(kpi)


# Going back


@pytest.fixture
def second(approved: Round, project: Project, contributor: User, complete: Any) -> Stage:
    return complete(project.stages.get(order=2), contributor)


def test_going_back_ends_the_approvals_on_the_way_and_keeps_the_reason(
    second: Stage, approved: Round, lead: User, sponsor: User, project: Project, answer: Any
) -> None:
    answer(sponsor, submit_round(actor=lead, stage=second, title="Data good?"))
    third = project.stages.get(order=3)
    CashLine.objects.create(
        project=project, side="cost", basis="actual", category="people", month=date(2026, 1, 1),
        until=date(2026, 3, 1), amount=Decimal("100.50"), currency="EUR", recorded_by=lead,
    )  # fmt: skip
    CashLine.objects.create(
        project=project, side="cost", basis="planned", category="people", month=date(2026, 1, 1),
        amount=Decimal("9"), currency="EUR", recorded_by=lead,
    )  # fmt: skip
    event = go_back(
        actor=lead, stage=third, to_key="data_understanding", reason="A source is missing.", loop_key="dp_to_du"
    )
    assert event.to_stage.iteration == 2
    assert event.to_stage.state == Stage.State.OPEN
    assert event.cost_so_far == Decimal("301.50")
    assert [line["stage"] for line in event.made_stale] == ["Data understanding"]
    approved.refresh_from_db()
    assert approved.state == Round.State.APPROVED
    stale = Round.objects.get(stage=second)
    assert (stale.state, stale.difference[0]["kind"]) == (Round.State.STALE, "returned")
    assert "went back to Data understanding" in stale.difference[0]["label"]
    entry = Entry.objects.order_by("-seq").first()
    assert entry is not None
    assert (entry.verb, entry.reason) == ("go_back", "A source is missing.")


def test_going_back_withdraws_the_open_round(second: Stage, lead: User, sponsor: User) -> None:
    asked = submit_round(actor=lead, stage=second, title="Data good?")
    go_back(actor=lead, stage=second, to_key="business_understanding", reason="The goal was framed wrongly.")
    asked.refresh_from_db()
    assert asked.state == Round.State.WITHDRAWN
    assert Notice.objects.filter(kind="round_withdrawn", user=sponsor).exists()
    project = second.project
    in_work = project.stages.filter(is_current=True, state__in=["open", "in_review"])
    assert [(stage.key, stage.iteration) for stage in in_work] == [("business_understanding", 2)]
    assert not Round.objects.filter(project=project, state__in=["approved", "awaiting_decision"]).exists()


def test_rounds_count_on_over_iterations(
    second: Stage, lead: User, sponsor: User, contributor: User, complete: Any, project: Project
) -> None:
    go_back(actor=lead, stage=second, to_key="business_understanding", reason="The goal was framed wrongly.")
    fresh = complete(project.stages.get(order=1, is_current=True), contributor)
    assert submit_round(actor=lead, stage=fresh, title="And now?").number == 2


@pytest.mark.parametrize(
    ("person", "to", "reason", "loop", "code"),
    [
        ("sponsor", "business_understanding", "Why not.", "", "not_permitted"),
        ("contributor", "business_understanding", "Why not.", "", "not_permitted"),
        ("lead", "business_understanding", "  ", "", "reason_missing"),
        ("lead", "data_understanding", "Why not.", "", "stage_unknown"),
        ("lead", "modeling", "Why not.", "", "stage_unknown"),
        ("lead", "nowhere", "Why not.", "", "stage_unknown"),
        ("lead", "business_understanding", "Why not.", "mo_to_dp", "loop_unknown"),
    ],
)
def test_going_back_asks_for_the_lead_a_reason_and_an_earlier_stage(
    person: str, to: str, reason: str, loop: str, code: str, second: Stage, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(Refused) as caught:
        go_back(actor=request.getfixturevalue(person), stage=second, to_key=to, reason=reason, loop_key=loop)
    assert caught.value.code == code
    assert not StageReturn.objects.exists()


def test_costs_in_several_currencies_are_not_added(second: Stage, lead: User) -> None:
    for currency in ("EUR", "USD"):
        CashLine.objects.create(
            project=second.project, side="cost", basis="actual", category="run", month=date(2026, 1, 1),
            amount=Decimal("5"), currency=currency, recorded_by=lead,
        )  # fmt: skip
    event = go_back(actor=lead, stage=second, to_key="business_understanding", reason="Too dear.")
    assert event.cost_so_far is None


def test_the_project_goes_back_from_where_it_is(second: Stage, first: Stage, lead: User) -> None:
    first.refresh_from_db()
    with pytest.raises(Refused) as caught:
        go_back(actor=lead, stage=first, to_key="business_understanding", reason="Begin anew.")
    assert caught.value.code == "stage_state"


def test_a_withdrawn_confirmation_leaves_the_stage_approved(
    approved: Round, first: Stage, rewrite: Any, lead: User
) -> None:
    rewrite(first)
    again = submit_round(actor=lead, stage=Stage.objects.get(pk=first.pk), title="Still right?")
    withdraw_round(actor=lead, round_id=again.pk)
    first.refresh_from_db()
    assert first.state == Stage.State.APPROVED
