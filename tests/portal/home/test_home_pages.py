"""The inbox, the overview and trail of a project, search: what they show, to whom, in how many queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from explain.attributions.models import Explanation
from explain.outcomes.models import OutcomeReport
from explain.register.models import DataSet, Feature, ModelVersion
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.acceptance.models import Acceptance
from lifecycle.kpis.models import Kpi, Measurement, Target
from lifecycle.projects.models import ExitAnswer, ExitQuestion, Project, Stage
from lifecycle.projects.services import add_member, start_project
from lifecycle.signoff.models import Round
from portal.home import sources
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
MOST = 12


def _queries(client: Client, path: str) -> tuple[int, str]:
    assert connection.features.supports_json_field  # asked of the database once per process, not by the page
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200
    return len(captured), answer.content.decode()


def _fill(project: Project, lead: User, much: int = 1) -> None:
    """`much` of everything that the overview looks at."""
    stage = Stage.objects.get(project=project, state=Stage.State.OPEN)
    for number in range(much):
        kpi = Kpi.objects.create(
            project=project, key=f"kpi-{number}", name=f"Waiting {number}", unit="d", direction="decrease",
            kind="level", frequency="month", is_primary=number == 0, created_by=lead,
        )  # fmt: skip
        Target.objects.create(kpi=kpi, value=9.5, due_on=date(2026, 12, 1), set_by=lead)
        Measurement.objects.create(
            kpi=kpi, period=date(2026, 2, 1), value=10.25, revision=1, source="form", recorded_by=lead
        )
        model = ModelVersion.objects.create(
            project=project, number=number + 1, name="Triage", format="skops", file="x", filename="x", size=1,
            sha256="a" * 64, uploaded_by=lead,
        )  # fmt: skip
        data = DataSet.objects.create(
            project=project, number=number + 1, name="Samples", format="csv", file="x", filename="x", size=1,
            sha256="b" * 64, uploaded_by=lead,
        )  # fmt: skip
        Feature.objects.create(project=project, name=f"f{number}", label=f"Feature {number}", expected="down")
        Explanation.objects.create(
            project=project, model_version=model, data_set=data, state="done", rows=500, content_hash="c" * 64,
            created_by=lead,
            summary={"drivers": [{"feature": f"f{n}", "mean_abs": 1 / (n + 1), "direction": 0.9} for n in range(much)]},
        )  # fmt: skip
    OutcomeReport.objects.create(
        project=project, number=1, state="done", as_of=date(2026, 6, 30), inputs_hash="d" * 64, content_hash="e" * 64,
        is_current=True, currency="EUR", grade="measured", costs_to_date=Decimal(100_000),
        benefits_to_date=Decimal(512_000), planned_net_to_date=Decimal(530_000), chance_positive=0.93,
    )  # fmt: skip
    Round.objects.create(
        stage=stage, project=project, number=1, state="awaiting_decision", title="May it go on?", requester=lead,
        digest="f" * 64, due_on=date(2026, 3, 1),
    )  # fmt: skip
    Acceptance.objects.create(project=project, stage=stage, number=1, created_by=lead)


def test_the_overview_shows_what_is_known_in_twelve_queries_however_much_there_is(
    project: Project, lead: User, sign_in: SignIn, make_person: Callable[..., User]
) -> None:
    client = sign_in(lead)
    few, bare = _queries(client, "/projects/triage/")
    assert "Which samples does a pathologist look at first?" in bare
    assert "No explanation yet" in bare
    _fill(project, lead, much=3)
    for number in range(4):
        add_member(actor=lead, project=project, user=make_person(f"Viewer {number}"), role="viewer")
    many, full = _queries(client, "/projects/triage/")
    assert few <= many <= MOST
    for text in (
        "Waiting 0",
        "10.2",
        "412",
        "93 %",
        "May it go on?",
        "awaiting decision",
        "Feature 1",
        "being prepared",
    ):
        assert text in full
    assert "the business expected lower" in full
    _fill_more(project, lead)
    more, _ = _queries(client, "/projects/triage/")
    assert more == many


def _fill_more(project: Project, lead: User) -> None:
    for number in range(5, 10):
        kpi = Kpi.objects.create(
            project=project, key=f"kpi-{number}", name=f"Waiting {number}", unit="d", direction="decrease",
            kind="level", frequency="month", created_by=lead,
        )  # fmt: skip
        Measurement.objects.create(kpi=kpi, period=date(2026, 2, 1), value=1, source="form", recorded_by=lead)


def test_the_overview_names_what_the_stage_still_lacks(project: Project, lead: User, sign_in: SignIn) -> None:
    stage = Stage.objects.get(project=project, state=Stage.State.OPEN)
    question = ExitQuestion.objects.filter(stage=stage).first()
    assert question is not None
    required = stage.deliverables.filter(need="required").first()
    assert required is not None
    page = sign_in(lead).get("/projects/triage/").context["overview"]
    assert question.text in page.questions
    assert (required.pk, required.name) in page.deliverables
    ExitAnswer.objects.create(question=question, number=1, text="Yes.", author=lead)
    required.latest_number = 1
    required.save()
    page = sign_in(lead).get("/projects/triage/").context["overview"]
    assert question.text not in page.questions
    assert (required.pk, required.name) not in page.deliverables


@pytest.mark.parametrize("path", ["/projects/triage/", "/projects/triage/trail/", "/projects/triage/stages/"])
def test_a_project_is_not_there_for_outsiders(project: Project, outsider: User, sign_in: SignIn, path: str) -> None:
    assert sign_in(outsider).get(path).status_code == 404


def test_the_trail_reads_as_sentences(project: Project, viewer: User, sign_in: SignIn) -> None:
    page = sign_in(viewer).get("/projects/triage/trail/").content.decode()
    assert "Lea Lead started the project Tumour triage" in page
    assert "Lea Lead gave a role to " in page


def _waiting(count: int, group: str, oldest_last: bool = True) -> Callable[[User], list[Waiting]]:
    start = datetime(2026, 3, 1, tzinfo=UTC)

    def waiting_for(user: User) -> list[Waiting]:
        list(User.objects.filter(pk=user.pk))  # one query, as a room's source has
        return [
            Waiting(
                f"{group} {number}", "why", "/projects/", group, "wait", "open", start - timedelta(days=number),
                date(2026, 3, 9),
            )
            for number in range(count)
        ]  # fmt: skip

    return waiting_for


def test_the_inbox_shows_the_oldest_first_in_twelve_queries_however_much_waits(
    project: Project, lead: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(lead)
    monkeypatch.setattr(sources, "SOURCES", (_waiting(0, "decisions"), _waiting(0, "tasks")))
    few, empty = _queries(client, "/")
    assert "Nothing waits for you." in empty
    monkeypatch.setattr(sources, "SOURCES", (_waiting(20, "decisions"), _waiting(5, "tasks")))
    _fill(project, lead)
    for number in range(15):
        tell(people=[lead], kind="x", subject=f"Notice {number}")
    many, full = _queries(client, "/")
    # Four rooms may take two queries each; the two sources here take one.
    assert few == many <= MOST - 8 + 2
    assert full.index("decisions 19") < full.index("decisions 0") < full.index("tasks 4")
    assert "20 decisions, 5 tasks, oldest first. 25 late." in full
    assert "412" in full
    assert "and 7 more" in full


def test_the_inbox_asks_all_rooms_in_one_query_more(project: Project, sponsor: User, sign_in: SignIn) -> None:
    names = {source.__module__.split(".")[1] for source in sources.SOURCES}
    assert names >= {"signoff", "acceptance", "kpis", "projects"}
    count, _ = _queries(sign_in(sponsor), "/")
    assert count <= MOST


def test_what_projects_bring_is_never_added_up_over_currencies_or_grades(
    project: Project, crisp_dm: Any, lead: User, viewer: User, sign_in: SignIn
) -> None:
    _fill(project, lead)
    other = start_project(
        actor=lead, key="other", name="Other", question="?", methodology=crisp_dm, started_on=date(2026, 1, 1)
    )
    OutcomeReport.objects.create(
        project=other, number=1, state="done", as_of=date(2026, 6, 30), inputs_hash="d" * 64, content_hash="e" * 64,
        is_current=True, currency="EUR", grade="assumed", costs_to_date=Decimal(1), benefits_to_date=Decimal(8),
    )  # fmt: skip
    brought = sign_in(lead).get("/").context["brought"]
    assert [(row.grade, row.net) for row in brought] == [("assumed", Decimal(7)), ("measured", Decimal(412_000))]
    assert [row.grade for row in sign_in(viewer).get("/").context["brought"]] == ["measured"]


def test_the_count_in_the_rail_comes_by_itself(lead: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SOURCES", (_waiting(3, "decisions"),))
    assert "3" in sign_in(lead).get("/waiting-count/").content.decode()


def test_search_finds_only_what_one_may_see(
    project: Project, viewer: User, outsider: User, manager: User, sign_in: SignIn
) -> None:
    for person, found in ((viewer, True), (manager, True), (outsider, False)):
        page = sign_in(person).get("/search/?q=PATHOLOGIST").content.decode()
        assert ("Tumour triage" in page) is found
    assert sign_in(viewer).get("/search/").status_code == 200


def test_the_page_of_components_is_there(viewer: User, sign_in: SignIn) -> None:
    page = sign_in(viewer).get("/components/").content.decode()
    assert 'id="sample-figure"' in page
    assert "This field is required." in page


@pytest.mark.parametrize("path", ["/", "/search/", "/components/", "/profile/", "/notices/", "/api/v1/docs/"])
def test_pages_ask_for_sign_in(db: None, path: str) -> None:
    assert Client().get(path)["Location"].startswith("/accounts/login/")
