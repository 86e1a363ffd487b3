"""The demo story goes into an empty portal, tells what it promises, and comes out again without a trace but the trail."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from demo import story
from demo.cast import PASSWORD, PEOPLE
from explain.attributions import runs, sandbox
from explain.attributions.models import Explanation
from explain.outcomes.models import OutcomeReport
from explain.outcomes.services import request_report
from explain.register.models import DataSet, ModelVersion
from foundation.audit.models import Entry
from foundation.audit.verify import verify_chain
from foundation.jobs.models import Job
from foundation.notices.models import Notice
from foundation.people.models import User
from lifecycle.acceptance.models import Acceptance
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.rates.models import ExchangeRate
from lifecycle.lessons.checks.selectors import checks_for, ways
from lifecycle.lessons.models import CaseOffer
from lifecycle.lessons.offers.services import OFFER
from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import Deliverable, Project, Stage
from lifecycle.projects.services import start_project, write_version
from lifecycle.signoff.models import Round

TRUE_EFFECTS = {"tumour-triage": -1.9, "outpatient-demand": -17.0, "diabetes-letters": 0.0}


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def run(command: str, *arguments: str) -> str:
    """What a management command says."""
    said = io.StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue()


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def may_sign_in(email: str) -> bool:
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    return "_auth_user_id" in client.session


@pytest.fixture
def nothing_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was trained, inspected and explained once is remembered for a second load of the same story."""
    explain, inspect = runs.explain_files, sandbox.inspect_model
    explained: dict[bytes, tuple[Any, Path]] = {}
    inspected: dict[bytes, Any] = {}

    def explain_once(*, folder: Path, model_path: Path, **asked: Any) -> Any:
        model = model_path.read_bytes()
        if model not in explained:
            kept = tmp_path / f"kept-{len(explained)}"
            kept.mkdir()
            explained[model] = explain(folder=folder, model_path=model_path, **asked), kept
            for name in ("values.parquet", "rows.bin"):
                shutil.copy(folder / name, kept)
        summary, kept = explained[model]
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        return dict(summary)

    def inspect_once(*, model_path: Path, **asked: Any) -> Any:
        model = model_path.read_bytes()
        if model not in inspected:
            inspected[model] = inspect(model_path=model_path, **asked)
        return dict(inspected[model])

    monkeypatch.setattr(runs, "explain_files", explain_once)
    monkeypatch.setattr(sandbox, "inspect_model", inspect_once)
    for name in ("train_triage", "train_outpatients", "train_letters"):
        monkeypatch.setattr(story, name, cache(getattr(story, name)))


def test_the_story_loads_tells_what_it_promises_and_comes_out_again(
    db: None,
    settings: Any,
    nothing_twice: None,
    make_person: Callable[..., User],
    django_capture_on_commit_callbacks: Any,
) -> None:
    loaded = run("load_demo", "--compute")
    assert "The demo story is loaded: Tumour triage, Outpatient demand, Diabetes letters" in loaded, loaded
    told_as_promised()
    assert verify_chain().holds
    assert all(may_sign_in(person.email) for person in PEOPLE)

    # Loading again changes nothing.
    entries = Entry.objects.count()
    assert run("load_demo", "--compute") == "The demo story is loaded already.\n"
    assert Entry.objects.count() == entries

    # A file among the deliverables, what a killed attempt left behind, and an open job go as well.
    deliverable = Deliverable.objects.get(stage__project__key="outpatient-demand", key="charter")
    lead = User.objects.get(email=PEOPLE[1].email)
    write_version(
        actor=lead,
        deliverable=deliverable,
        expected_number=deliverable.latest_number,
        file=ContentFile(b"%PDF-1.7 one page"),
        filename="charter.pdf",
    )
    explained = Explanation.objects.get(project__key="tumour-triage")
    left = Path(settings.MEDIA_ROOT) / "jobs" / f"{explained.job_id}-0123abcd" / "box-1"
    left.mkdir(parents=True)
    (left / "model").write_bytes(b"half a copy")
    request_report(actor=lead, project=deliverable.stage.project)
    assert set(Job.objects.filter(state=Job.State.QUEUED).values_list("kind", flat=True)) == {"outcome_report", OFFER}
    stored = files_in(settings.MEDIA_ROOT)
    assert {name.split("/")[0] for name in stored} == {"data", "models", "deliverables", "explanations", "jobs"}

    remover = make_person("Rita Remover", is_administrator=True)
    with django_capture_on_commit_callbacks(execute=True):
        said = run("remove_demo", "--by", remover.email)
    assert said == "Removed: tumour-triage, outpatient-demand, diabetes-letters.\n"
    nothing_is_left(settings.MEDIA_ROOT)
    removals = Entry.objects.filter(verb="remove_demo").order_by("seq")
    assert [(entry.actor, entry.before["key"]) for entry in removals] == [
        (remover, "tumour-triage"),
        (remover, "outpatient-demand"),
        (remover, "diabetes-letters"),
    ]
    assert Entry.objects.filter(seq__lte=entries).count() == entries
    assert verify_chain().holds
    assert not any(may_sign_in(person.email) for person in PEOPLE)
    assert not Methodology.objects.filter(published_by__isnull=False, retired_at__isnull=True).exists()
    assert run("remove_demo") == "There is no demo story here.\n"

    # It goes in again, with the same people.
    assert "The demo story is loaded: " in run("load_demo", "--compute")
    told_as_promised()
    assert may_sign_in(lead.email)
    assert User.objects.filter(email__endswith="@demo.tollgate.example").count() == len(PEOPLE)
    assert verify_chain().holds


def told_as_promised() -> None:
    """Three projects: one in use and paying, one that waits for a decision, one that was stopped without an effect."""
    projects = {project.key: project for project in Project.objects.filter(is_demo=True)}
    assert {key: project.state for key, project in projects.items()} == {
        "tumour-triage": Project.State.IN_USE,
        "outpatient-demand": Project.State.ACTIVE,
        "diabetes-letters": Project.State.STOPPED,
    }
    for project, rows in (("tumour-triage", 569), ("outpatient-demand", 20_190), ("diabetes-letters", 442)):
        explanation = Explanation.objects.get(project=projects[project])
        assert (explanation.state, explanation.rows) == (Explanation.State.DONE, rows)
        assert explanation.summary["max_additivity_error"] < 1e-4
    for key, effect in TRUE_EFFECTS.items():
        report = OutcomeReport.objects.get(project__key=key, is_current=True)
        found = report.result["kpis"][0]["effect"]
        low, high = found["interval"]
        assert report.grade == OutcomeReport.Grade.MEASURED
        assert low <= effect <= high, key
        assert found["verdict"] == ("improved" if effect else "no_change")
        assert (low <= 0 <= high) == (effect == 0), key
    shared_as_promised()
    assert not Job.objects.exclude(state=Job.State.DONE).exists()
    waiting = Round.objects.get(project__key="outpatient-demand", state=Round.State.AWAITING)
    assert waiting.stage.key == "deployment"
    assert Acceptance.objects.get().state == Acceptance.State.ACCEPTED
    assert set(PostMortem.objects.values_list("project__key", "state")) == {
        ("tumour-triage", PostMortem.State.PUBLISHED),
        ("diabetes-letters", PostMortem.State.PUBLISHED),
    }
    learnt_as_promised(waiting)


def learnt_as_promised(waiting: Round) -> None:
    """A lesson of the stopped project became a question that the waiting one meets at its gate; the page of checks and the
    page of the decision say so, and what the team makes of the cases that were offered to it."""
    sponsor = User.objects.get(email=PEOPLE[0].email)
    (way,) = ways(sponsor, list(checks_for(sponsor)))
    (met,) = way.met
    case = PostMortem.objects.get(project__key="diabetes-letters")
    assert (way.case, met.project.key, met.is_answered, met.is_decided) == (case, "outpatient-demand", True, False)
    assert (way.met_count, way.caught) == (1, 1)
    assert way.check.methodology == met.project.methodology
    assert set(Stage.objects.filter(project=met.project, is_current=True).values_list("state", flat=True)) == {
        Stage.State.APPROVED,
        Stage.State.IN_REVIEW,
        Stage.State.WAITING,
    }
    client = Client()
    client.force_login(sponsor)
    decision = client.get(waiting.get_absolute_url()).content.decode()
    assert f"{case.reference}: {case.title}" in decision
    assert not CaseOffer.objects.filter(project=met.project, state=CaseOffer.State.OFFERED).exists()
    assert CaseOffer.objects.get(project=met.project, postmortem=case).state == CaseOffer.State.TAKEN
    assert "see the question that came from this case" in decision
    page = client.get(f"/post-mortems/checks/{way.check.pk}/").content.decode()
    assert "They are judged together now" in page


def shared_as_promised() -> None:
    """Two projects claim a KPI by their own steps, which hold the true ones, and one pays for software in dollars."""
    kpi = Kpi.objects.get(name="Repeat calls about results")
    claims = KpiClaim.objects.filter(kpi=kpi, state=KpiClaim.State.AGREED).exclude(until__isnull=False)
    assert sorted((claim.project.key, claim.rule) for claim in claims) == [
        ("outpatient-demand", "staggered"),
        ("tumour-triage", "staggered"),
    ]
    for key, effect in (("tumour-triage", -18.0), ("outpatient-demand", -11.0)):
        report = OutcomeReport.objects.get(project__key=key, is_current=True)
        (found,) = [one for one in report.result["kpis"] if one["name"] == kpi.name]
        low, high = found["effect"]["interval"]
        assert (found["effect"]["method"], found["effect"]["status"], found["is_counted"]) == (
            "staggered",
            "measured",
            True,
        )
        assert low <= effect <= high < 0, key
    rates = OutcomeReport.objects.get(project__key="outpatient-demand", is_current=True).result["rates"]
    assert {row["currency"] for row in rates} == {"USD"}
    assert not any(row["substitute"] for row in rates)


def nothing_is_left(folder: Path) -> None:
    for model in (
        Project,
        ModelVersion,
        DataSet,
        Explanation,
        OutcomeReport,
        Round,
        PostMortem,
        Acceptance,
        Job,
        KpiClaim,
        ExchangeRate,
    ):
        assert not model.objects.exists(), model
    assert not Notice.objects.filter(project_id__isnull=False).exists()
    assert files_in(folder) == []


def test_a_portal_with_projects_of_its_own_refuses_the_story(project: Project) -> None:
    with pytest.raises(CommandError, match="holds projects of its own"):
        run("load_demo", "--compute")
    assert list(Project.objects.all()) == [project]
    assert not User.objects.filter(email__endswith="@demo.tollgate.example").exists()


def test_removing_leaves_projects_of_the_portals_own_alone(
    project: Project, lead: User, crisp_dm: Methodology, django_capture_on_commit_callbacks: Any
) -> None:
    begun = start_project(
        actor=lead,
        key="begun",
        name="Begun",
        question="Was the load broken off?",
        methodology=crisp_dm,
        started_on=date(2026, 1, 5),
        is_demo=True,
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert run("remove_demo") == "Removed: begun.\n"
    assert list(Project.objects.all()) == [project]
    assert project.stages.count() == 6
    entry = Entry.objects.get(verb="remove_demo")
    assert (entry.actor, entry.project_id) == (None, begun.pk)
    assert entry.actor_name.endswith("(command line)")


def test_a_removal_by_nobody_known_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match=r"Nobody here has the e-mail address"):
        run("remove_demo", "--by", "nobody@example.org")
