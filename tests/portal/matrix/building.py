"""Builds the world of the matrix: people, tokens, sessions, and two projects of the same kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from explain.attributions.models import Explanation
from explain.outcomes.models import OutcomeReport
from explain.register.models import DataSet, ModelVersion
from foundation.jobs.models import Job
from foundation.notices.models import Notice
from foundation.people.models import ApiToken, User
from lifecycle.acceptance.models import Acceptance
from lifecycle.acceptance.services import judge_criterion, open_acceptance, set_criterion
from lifecycle.kpis.models import CashLine, Exclusion, Kpi, KpiControl, Measurement
from lifecycle.kpis.services import (
    add_cash_line,
    add_control,
    define_kpi,
    propose_baseline,
    propose_exclusion,
)
from lifecycle.lessons.models import CaseOffer, LessonCheck
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.services import load_shipped
from lifecycle.postmortems.models import Lesson, PostMortem, Template
from lifecycle.postmortems.services import (
    ActionValues,
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    WhyValues,
    accept_action,
    add_row,
    attach_file,
    current_taxonomy,
    edit_postmortem,
    open_postmortem,
)
from lifecycle.postmortems.templates import LIGHT
from lifecycle.projects.models import Deliverable, ExitQuestion, Member, Project, Role, Stage
from lifecycle.projects.services import add_member, answer_question, start_project, write_version
from lifecycle.signoff.models import Condition, Decision, Round
from lifecycle.signoff.services import submit_round
from lifecycle.signoff.signing import write_signature
from tests.portal.matrix.world import FOREIGNER, PASSWORD, PROJECT_ROLES, Place, World


def build() -> World:
    """The whole world; a second or two."""
    crisp_dm = load_shipped()[0]
    own, foreign = build_place("own", crisp_dm), build_place("foreign", crisp_dm)
    people = {
        **own.team,
        "outsider": _person("Outsider"),
        "manager": _person("Manager", is_manager=True),
        "auditor": _person("Auditor", is_auditor=True),
        "administrator": _person("Administrator", is_administrator=True),
        FOREIGNER: _person("Foreigner"),
    }
    for role in PROJECT_ROLES:
        add_member(actor=own.team["lead"], project=own.project, user=people[FOREIGNER], role=Role(role))
    world = World(own, foreign, people)
    for role, person in people.items():
        browser = Client()
        browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        world.sessions[role] = browser.cookies[settings.SESSION_COOKIE_NAME].value
        world.tokens[role] = ApiToken.make(user=person, name="Matrix")[1]
    return world


def build_place(key: str, methodology: Methodology) -> Place:
    """A project with a team of its own and one of everything."""
    team = {role: _person(f"{role} of {key}") for role in PROJECT_ROLES}
    lead, contributor = team["lead"], team["contributor"]
    project = start_project(
        actor=lead,
        key=key,
        name=f"The {key} project",
        question="Which samples does a pathologist look at first?",
        methodology=methodology,
        started_on=date(2026, 1, 5),
    )
    for role, person in team.items():
        if role != Role.LEAD:
            add_member(actor=lead, project=project, user=person, role=Role(role))
    stage = Stage.objects.get(project=project, order=1)
    last = Stage.objects.filter(project=project).order_by("order").last()
    assert last is not None
    acceptance, criterion = _acceptance(project, lead, contributor)
    for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED):
        write_version(actor=contributor, deliverable=deliverable, expected_number=0, text="Written.")
    for question in stage.questions.all():
        answer_question(actor=contributor, question=question, text="Answered.", expected_number=0)
    stage.refresh_from_db()
    review = submit_round(actor=lead, stage=stage, title="May we begin?", comment="")
    kpi, baseline, line = _measured(project, team)
    other, control, exclusion = _compared(kpi, team)
    postmortem, rows = _postmortem(project, contributor)
    told, offer, check = _learned(project, contributor)
    model, data = _registered(project, contributor)
    return Place(
        key=key,
        team=team,
        project=project,
        stage=Stage.objects.get(pk=stage.pk),
        last=Stage.objects.get(pk=last.pk),
        member=Member.objects.get(project=project, user=team["viewer"]),
        deliverable=stage.deliverables.filter(need=Deliverable.Need.REQUIRED)[0],
        spare=stage.deliverables.exclude(need=Deliverable.Need.REQUIRED)[0],
        question=stage.questions.all()[0],
        task=stage.tasks.all()[0],
        round=review,
        condition=_condition(review, team),
        kpi=kpi,
        baseline=baseline,
        other_kpi=other,
        control=control,
        exclusion=exclusion,
        line=line,
        criterion=criterion,
        acceptance=acceptance,
        result=acceptance.results.all()[0],
        postmortem=postmortem,
        rows=rows,
        told=told,
        offer=offer,
        check=check,
        model=model,
        data=data,
        explanation=Explanation.objects.create(
            project=project, model_version=model, data_set=data, created_by=contributor
        ),
        report=OutcomeReport.objects.create(
            project=project, number=1, as_of=date(2026, 6, 1), currency="EUR", requested_by=contributor
        ),
        job=Job.objects.create(
            kind="outcome_report", state="failed", created_by=contributor, project_id=project.pk, attempts=3
        ),
        notice=Notice.objects.create(user=lead, kind="test", subject="For the lead", link="/"),
        token=ApiToken.make(user=lead, name="Nightly")[0],
        newcomer=_person(f"Newcomer to {key}"),
    )


def _person(name: str, **roles: bool) -> User:
    email = name.lower().replace(" ", ".").replace("_", "-") + "@example.org"
    return User.objects.create_user(email, PASSWORD, name=name.title(), mail_notices=False, **roles)


def _acceptance(project: Project, lead: User, contributor: User) -> tuple[Acceptance, Any]:
    criterion = set_criterion(actor=lead, project=project, measure="Waiting time", threshold="below 9.5 days")
    before = {stage.pk: stage.state for stage in Stage.objects.filter(project=project).order_by("order")}
    *earlier, last = before
    Stage.objects.filter(pk__in=earlier).update(state="approved")
    Stage.objects.filter(pk=last).update(state="open")
    acceptance = open_acceptance(actor=lead, project=project)
    for result in acceptance.results.all():
        judge_criterion(actor=contributor, result_id=result.pk, verdict="met", observed="9.0 days", evidence="Report 3")
    for pk in reversed(before):  # one stage is in work at a time
        Stage.objects.filter(pk=pk).update(state=before[pk])
    return Acceptance.objects.get(pk=acceptance.pk), criterion


def _condition(review: Round, team: dict[str, User]) -> Condition:
    """A condition of an approval of the second stage, as rows."""
    approved = Round.objects.create(
        stage=Stage.objects.get(project=review.project, order=2),
        project=review.project,
        number=1,
        state=Round.State.CONDITIONS,
        title="May we use the data?",
        requester=team["lead"],
        submitted_at=timezone.now(),
        closed_at=timezone.now(),
        policy=review.policy,
        digest=review.digest,
    )
    decision = Decision.objects.create(
        round=approved,
        decider=team["sponsor"],
        holder=team["sponsor"],
        role=Role.SPONSOR,
        verdict=Decision.Verdict.CONDITIONS,
        digest=review.digest,
        signature=write_signature(
            authenticated_by="password",
            actor=team["sponsor"],
            project=review.project,
            record_kind="round",
            record_id=approved.pk,
            record_name="Data",
            record_version="1",
            content_hash=review.digest,
            meaning="approved",
            role="sponsor",
        ),
    )
    return Condition.objects.create(
        project=review.project,
        round=approved,
        decision=decision,
        number=1,
        text="Test the night shift.",
        owner=team["contributor"],
        verifier=team["reviewer"],
        due_on=date(2099, 1, 1),
    )


def _measured(project: Project, team: dict[str, User]) -> tuple[Kpi, Any, CashLine]:
    kpi = define_kpi(
        actor=team["lead"],
        project=project,
        key="waiting",
        name="Waiting time",
        unit="d",
        direction="decrease",
        kind="level",
        frequency="week",
    )
    monday = date(2025, 1, 6)
    Measurement.objects.bulk_create(
        Measurement(
            kpi=kpi,
            period=monday + timedelta(weeks=week),
            value=11 + week % 3,
            recorded_by=team["contributor"],
        )
        for week in range(26)
    )
    baseline = propose_baseline(
        actor=team["contributor"], kpi=kpi, starts_on=monday, ends_on=monday + timedelta(weeks=26, days=-1)
    )
    line = add_cash_line(
        actor=team["contributor"],
        project=project,
        side="cost",
        basis="planned",
        category=CashLine.Category.values[0],
        month=date(2026, 3, 1),
        amount=Decimal(100),
    )
    return kpi, baseline, line


def _compared(kpi: Kpi, team: dict[str, User]) -> tuple[Kpi, KpiControl, Exclusion]:
    """Two more KPIs, one of them named as a control, and a week that the contributor proposes to leave out."""
    control, other = (
        define_kpi(
            actor=team["lead"], project=kpi.project, name=name, unit=kpi.unit, direction=kpi.direction, kind=kpi.kind,
            frequency=kpi.frequency,
        )
        for name in ("The other line", "A third line")
    )  # fmt: skip
    named = add_control(actor=team["contributor"], kpi=kpi, control=control, why="It has no camera.")
    proposed = propose_exclusion(
        actor=team["contributor"], kpi=kpi, starts_on=date(2025, 3, 3), ends_on=date(2025, 3, 9), event="Strike."
    )
    return other, named, proposed


def _postmortem(project: Project, by: User) -> tuple[PostMortem, dict[str, Any]]:
    made = open_postmortem(
        actor=by, project=project, kind="production_incident", title="Labels changed upstream", visibility="team"
    )
    edit_postmortem(actor=by, postmortem=made, lock=made.lock, changes={"summary": "The lab changed its codes."})
    rows = {}
    for day in (1, 2, 3):
        event = EventValues(moment=datetime(2026, 3, day, tzinfo=UTC), text=f"Day {day}", role="project lead")
        rows["timeline"] = add_row(actor=by, postmortem=made, values=event)
    for part, values in (
        ("impacts", ImpactValues(dimension="wrong_decisions", text="Late", amount=Decimal(41), unit="samples")),
        ("factors", FactorValues(node="upstream_data_change", strength="main")),
        ("lessons", LessonValues(kind="got_lucky", text="A nurse noticed it.")),
        ("whys", WhyValues(question="Why was it late?")),
        ("actions", ActionValues(title="Watch the codes", kind="detect", owner=by)),
    ):
        rows[part] = add_row(actor=by, postmortem=made, values=values)
    rows["template"] = Template.objects.get_or_create(key="own", defaults={"name": "Own", "sections": LIGHT})[0]
    rows["files"] = attach_file(actor=by, postmortem=made, file=ContentFile(b"What the lab wrote.", name="lab.txt"))
    rows["actions"] = accept_action(actor=by, action_id=rows["actions"].pk)
    return PostMortem.objects.get(pk=made.pk), rows


def _learned(project: Project, by: User) -> tuple[list[PostMortem], CaseOffer, LessonCheck]:
    """Two published cases, one of them offered, and a check of the methodology that came from it; as rows."""
    told = [
        PostMortem.objects.create(
            reference=f"PM-20{number}-{project.key}".upper(),
            project=project,
            taxonomy=current_taxonomy(),
            title=f"What happened {number}",
            kind="near_miss",
            state="published",
            owner=by,
        )
        for number in (10, 11)
    ]
    Lesson.objects.create(postmortem=told[0], kind="went_wrong", text="Ask earlier.")
    questions = ExitQuestion.objects.filter(stage__project=project, stage__order=1).order_by("order")
    check = LessonCheck.objects.create(
        postmortem=told[0],
        methodology_key=project.methodology.key,
        phase_key=questions[0].stage.key,
        # Both projects follow one methodology, of which a question is the check of one case only.
        question_key=questions[LessonCheck.objects.count()].key,
        text="Whom did you ask?",
        state="in_force",
        methodology=project.methodology,
        proposed_by=by,
    )
    return told, CaseOffer.objects.create(project=project, postmortem=told[0], score=0.5), check


def _registered(project: Project, by: User) -> tuple[ModelVersion, DataSet]:
    """As rows: the files are a worker's matter."""
    model = ModelVersion.objects.create(
        project=project,
        number=1,
        name="Late payment",
        format="xgboost-json",
        file=f"models/{project.pk}/1.bin",
        filename="late.json",
        size=1,
        sha256=f"{project.pk:064x}",
        state="accepted",
        facts={"family": "boosted trees", "kind": "binary", "features": ["delay"], "feature_count": 1},
        uploaded_by=by,
        uploaded_at=timezone.now(),
    )
    data = DataSet.objects.create(
        project=project,
        number=1,
        name="Invoices",
        format="csv",
        file=f"data/{project.pk}/1.bin",
        filename="late.csv",
        size=1,
        sha256="b" * 64,
        uploaded_by=by,
    )
    return model, data
