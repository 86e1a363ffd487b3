"""A pipeline asks whether a model version may go to an environment; each ask is kept with its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from explain.attributions.models import Explanation
from explain.register.gate import PRODUCTION, STAGING, TEST, stages_for
from explain.register.models import GateAsk, ModelVersion
from explain.register.services import ask_gate
from foundation.audit.triggers import remove_kept
from foundation.people.models import ApiToken, User
from foundation.web.refused import Refused
from lifecycle.acceptance.models import Acceptance
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Deliverable, Project, Stage
from lifecycle.projects.services import write_version
from lifecycle.signoff.manifest import manifest_of
from lifecycle.signoff.models import Round, Signature
from tests.ended import ended
from tests.explain.register.conftest import Approve, MakeVersion, Released

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/gate/"


def codes(released: Released, environment: str = PRODUCTION, version: ModelVersion | None = None) -> list[str]:
    """The reasons against it, by their codes, as the version's uploader is told."""
    asked = ask_gate(
        actor=released.version.uploaded_by,
        version=ModelVersion.objects.get(pk=(version or released.version).pk),
        environment=environment,
    )
    assert asked.allowed == (not asked.reasons)
    assert all(reason["message"].endswith(".") for reason in asked.reasons)
    return [reason["code"] for reason in asked.reasons]


@pytest.mark.parametrize("environment", [TEST, STAGING, PRODUCTION])
def test_what_is_approved_explained_and_pinned_may_go_everywhere(released: Released, environment: str) -> None:
    assert codes(released, environment) == []


@pytest.mark.parametrize(
    ("environment", "count"), [(TEST, 1), (STAGING, 5), (PRODUCTION, 6)], ids=lambda value: str(value)
)
def test_each_environment_is_opened_by_its_stages(crisp_dm: Methodology, environment: str, count: int) -> None:
    stages = [Stage(key=phase["key"]) for phase in crisp_dm.content["phases"]]
    assert len(stages_for(environment, stages)) == count


def test_where_customers_accept_after_the_deployment_the_deployment_opens_production(tdsp: Methodology) -> None:
    stages = [Stage(key=phase["key"]) for phase in tdsp.content["phases"]]
    assert stages_for(PRODUCTION, stages)[-1].key == "deployment"
    assert stages_for(STAGING, stages)[-1].key == "modeling"


def test_a_methodology_without_that_stage_opens_production_by_its_last_one() -> None:
    stages = [Stage(key="idea"), Stage(key="build"), Stage(key="release")]
    assert [stage.key for stage in stages_for(PRODUCTION, stages)] == ["idea", "build", "release"]
    assert [stage.key for stage in stages_for(STAGING, stages)] == ["idea", "build"]
    assert [stage.key for stage in stages_for(STAGING, stages[:1])] == ["idea"]
    assert stages_for(PRODUCTION, []) == []


def test_a_project_without_stages_opens_nothing(released: Released) -> None:
    Stage.objects.filter(project=released.project).update(is_current=False)
    assert codes(released, TEST) == ["stage_not_approved"]


@pytest.mark.parametrize("state", ["stopped", "closed"])
def test_a_project_that_does_not_work_deploys_nothing(released: Released, lead: User, state: str) -> None:
    Project.objects.filter(pk=released.project.pk).update(**ended(state, lead))
    assert codes(released, TEST) == ["project_not_working"]


@pytest.mark.parametrize("state", ["inspecting", "refused"])
def test_a_file_that_was_not_accepted_goes_nowhere(released: Released, make_version: MakeVersion, state: str) -> None:
    version = make_version(2, state=state, refusal="Unsafe.")
    assert "model_not_accepted" in codes(released, TEST, version)


def test_without_the_deployments_approval_it_stays_in_staging(released: Released) -> None:
    Round.objects.filter(pk=released.rounds["deployment"].pk).update(state="awaiting_decision")
    assert codes(released) == ["stage_not_approved"]
    assert codes(released, STAGING) == []


def test_one_unapproved_stage_among_the_earlier_ones_is_enough(released: Released) -> None:
    Round.objects.filter(pk=released.rounds["data_understanding"].pk).update(state="withdrawn")
    assert codes(released) == ["stage_not_approved"]
    assert codes(released, TEST) == []


@pytest.mark.parametrize(
    ("state", "code"),
    [("stale", "approval_stale"), ("expired", "approval_expired"), ("revoked", "approval_revoked")],
)
def test_an_approval_that_has_ended_opens_nothing(released: Released, state: str, code: str) -> None:
    Round.objects.filter(pk=released.rounds["deployment"].pk).update(state=state)
    assert codes(released) == [code]


@pytest.mark.parametrize("state", ["changes_requested", "rejected"])
def test_a_later_no_ends_an_earlier_yes(released: Released, approve: Approve, state: str) -> None:
    approve(released.deployment, state, number=2)
    assert codes(released) == ["stage_not_approved"]


def test_a_further_question_leaves_the_approval_in_force_until_it_is_answered(
    released: Released, approve: Approve
) -> None:
    approve(released.deployment, "withdrawn", number=2)
    approve(released.deployment, "awaiting_decision", number=3)
    assert codes(released) == []


def test_approved_with_conditions_is_an_approval(released: Released) -> None:
    Round.objects.filter(pk=released.rounds["deployment"].pk).update(state="approved_with_conditions")
    assert codes(released) == []


def test_evidence_that_changed_unrecorded_is_noticed_too(released: Released) -> None:
    answered = released.project.kpis.create(
        key="late", name="Late", unit="1", direction="decrease", kind="flow", frequency="month",
        created_by=released.version.uploaded_by,
    )  # fmt: skip
    last = released.rounds["deployment"]
    Round.objects.filter(pk=last.pk).update(state="withdrawn")
    stage = Stage.objects.select_related("project__methodology").get(pk=released.deployment.pk)
    manifest, digest = manifest_of(stage)
    Round.objects.create(
        stage=stage, project=stage.project, number=last.number + 1, state="approved", title="?",
        requester=last.requester, manifest=manifest, digest=digest,
    )  # fmt: skip
    assert codes(released) == []
    type(answered).objects.filter(pk=answered.pk).update(meaning="Something else.")
    assert codes(released) == ["approval_stale"]


def test_a_changed_deliverable_closes_the_gate_in_the_same_instant(
    released: Released, approve: Approve, contributor: User
) -> None:
    deliverable = Deliverable.objects.filter(stage=released.deployment, need="required").first()
    assert deliverable is not None
    write_version(actor=contributor, deliverable=deliverable, expected_number=0, text="As approved.")
    approve(Stage.objects.select_related("project__methodology").get(pk=released.deployment.pk), number=2)
    assert codes(released) == []
    write_version(actor=contributor, deliverable=deliverable, expected_number=1, text="Written over.")
    assert codes(released) == ["approval_stale"]


def test_a_newer_version_is_not_what_was_approved(released: Released, make_version: MakeVersion) -> None:
    version = make_version(2)
    assert codes(released, PRODUCTION, version)[-1] == "model_differs"
    assert "approval_stale" in codes(released, PRODUCTION, version)
    assert codes(released, TEST, version) == []


def _put_forward_without(kind: str, released: Released) -> None:
    """As if that had not been submitted. (Frozen rounds are changed by no deed.)"""
    remove_kept(connection, "lifecycle_round")
    for review in released.rounds.values():
        review.manifest["items"] = [item for item in review.manifest["items"] if item["kind"] != kind]
        review.save()


def test_an_approval_without_a_model_approves_no_model(released: Released, make_version: MakeVersion) -> None:
    _put_forward_without("model", released)
    assert codes(released) == ["model_not_pinned"]


def test_an_unexplained_model_is_not_deployed(released: Released) -> None:
    _put_forward_without("explanation", released)
    waiting = Explanation.objects.get(model_version=released.version)
    Explanation.objects.create(
        project=released.project, model_version=released.version, data_set=waiting.data_set,
        created_by=waiting.created_by,
    )  # fmt: skip
    other = ModelVersion.objects.create(
        project=released.project, number=7, name="Twin", format="skops", file="m", filename="m", size=1,
        sha256=released.version.sha256, state="accepted", uploaded_by=waiting.created_by,
    )  # fmt: skip
    assert codes(released, PRODUCTION, other) == ["explanation_missing"]
    assert codes(released, TEST, other) == []


def _signature(released: Released, meaning: str) -> Signature:
    return Signature.objects.create(
        project=released.project, record_kind="acceptance", record_id=1, record_name="A", record_version="1",
        content_hash="d" * 64, meaning=meaning, statement="I sign.", printed_name="Cem Customer",
        role="customer", authenticated_by="password", time_zone="UTC",
    )  # fmt: skip


def _acceptance(
    released: Released, state: str, models: list[dict[str, str]] | None = None, *, taken_back: bool = False
) -> None:
    signature = None
    if taken_back or state not in ("open", "offered", "withdrawn"):
        signature = _signature(released, "accepted")
    number = released.project.acceptances.count() + 1
    Acceptance.objects.create(
        project=released.project, stage=released.deployment, number=number, state=state, digest="d" * 64,
        manifest={"models": models or []}, created_by=released.version.uploaded_by, signature=signature,
        withdrawal=_signature(released, "withdrawn") if taken_back else None,
    )  # fmt: skip


@pytest.mark.parametrize("state", ["open", "offered", "rejected"])
def test_where_the_customer_is_asked_the_customers_yes_is_needed(released: Released, state: str) -> None:
    _acceptance(released, state)
    assert codes(released) == ["acceptance_not_given"]
    assert codes(released, STAGING) == []


@pytest.mark.parametrize("state", ["accepted", "accepted_with_conditions"])
def test_with_the_customers_yes_it_may_go(released: Released, state: str) -> None:
    _acceptance(released, "rejected")
    _acceptance(released, state)
    assert codes(released) == []


def test_an_acceptance_that_was_withdrawn_unanswered_says_nothing(released: Released) -> None:
    _acceptance(released, "withdrawn")
    assert codes(released) == []


def test_a_yes_that_the_customer_took_back_opens_nothing(released: Released) -> None:
    _acceptance(released, "accepted")
    assert codes(released) == []
    _acceptance(released, "withdrawn", taken_back=True)
    assert codes(released) == ["acceptance_not_given"]


def test_the_customers_yes_to_another_model_is_none_to_this(released: Released) -> None:
    key = f"model:{released.project.pk}"
    own = {"key": key, "hash": released.version.sha256, "name": "as the portal collected it"}
    _acceptance(released, "accepted", [{"key": key, "hash": "f" * 64, "name": "as somebody wrote"}, own])
    assert codes(released) == []
    _acceptance(released, "accepted", [own, {"key": key, "hash": "f" * 64, "name": "Late payment v9"}])
    assert codes(released) == ["acceptance_differs"]


def test_an_unknown_environment_is_refused_with_the_known_ones(released: Released, contributor: User) -> None:
    with pytest.raises(Refused, match="test, staging, production") as refused:
        ask_gate(actor=contributor, version=released.version, environment="prod")
    assert (refused.value.code, refused.value.status, refused.value.field) == (
        "environment_unknown", 400, "environment",
    )  # fmt: skip
    assert not GateAsk.objects.exists()


# Over the API


@pytest.fixture
def ask(viewer: User) -> Callable[..., Any]:
    """ask(environment="test", ...): a pipeline with the token of somebody who only reads the project."""
    token = ApiToken.make(user=viewer, name="Deployment of scores")[1]

    def make(**query: object) -> Any:
        return Client(headers={"authorization": f"Bearer {token}"}).get(ADDRESS, {"environment": PRODUCTION, **query})

    return make


def test_a_pipeline_names_the_version_in_three_ways(released: Released, ask: Callable[..., Any]) -> None:
    version = released.version
    for named in (
        {"model_version": version.pk},
        {"project": "triage", "model": "Late payment", "version": 1},
        {"project": "triage", "version": 1},
        {"sha256": version.sha256.upper()},
    ):
        answer = ask(**named)
        assert answer.status_code == 200
        assert (answer.json()["allow"], answer.json()["model_version"]) == (True, version.pk)
    assert answer.json()["reasons"] == []
    assert [line["state"] for line in answer.json()["approvals"]] == ["approved"] * 6
    assert answer.json()["approvals"][-1]["digest"] == released.rounds["deployment"].digest


def test_a_no_is_an_answer_too_and_neither_is_cached(released: Released, ask: Callable[..., Any]) -> None:
    yes = ask(model_version=released.version.pk)
    Round.objects.filter(pk=released.rounds["deployment"].pk).update(state="revoked")
    no = ask(model_version=released.version.pk)
    assert (yes.status_code, yes.json()["allow"]) == (200, True)
    assert (no.status_code, no.json()["allow"]) == (200, False)
    assert no.json()["reasons"] == [{"code": "approval_revoked", "message": "Deployment: the approval was revoked."}]
    assert yes["Cache-Control"] == no["Cache-Control"] == "no-store"


def test_every_ask_is_kept_and_shown_on_the_models_page(
    released: Released, ask: Callable[..., Any], sign_in: Callable[[User], Client], viewer: User
) -> None:
    ask(model_version=released.version.pk)
    Project.objects.filter(pk=released.project.pk).update(state="stopped", stopped_reason="Over.")
    ask(model_version=released.version.pk, environment=TEST)
    kept = list(GateAsk.objects.values_list("environment", "allowed", "asked_by", "asked_with", "sha256"))
    assert kept == [
        ("test", False, viewer.pk, "Deployment of scores", released.version.sha256),
        ("production", True, viewer.pk, "Deployment of scores", released.version.sha256),
    ]
    page = sign_in(viewer).get(released.version.get_absolute_url()).content.decode()
    assert "May it go to production?" in page
    assert "The project is stopped." in page
    assert "with the token Deployment of scores" in page


def test_what_was_answered_is_never_changed(released: Released) -> None:
    codes(released)
    for deed in (lambda: GateAsk.objects.update(allowed=False, reasons=["x"]), lambda: GateAsk.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            deed()
    assert GateAsk.objects.get().allowed


def test_who_may_not_see_the_project_learns_nothing(released: Released, outsider: User, api: Any) -> None:
    for named in ({"model_version": released.version.pk}, {"sha256": released.version.sha256}):
        assert api(outsider).get(ADDRESS, {"environment": TEST, **named}).status_code == 404
    assert Client().get(ADDRESS, {"environment": TEST, "model_version": 1}).status_code == 401
    assert not GateAsk.objects.exists()


@pytest.mark.parametrize(
    "named",
    [
        {"model_version": 987654},
        {"project": "triage", "version": 9},
        {"project": "triage", "model": "Another", "version": 1},
        {"project": "nowhere", "version": 1},
        {"sha256": "e" * 64},
        {"sha256": "e" * 64, "project": "triage", "version": 1},
    ],
    ids=str,
)
def test_names_that_fit_no_version_are_not_found(
    released: Released, ask: Callable[..., Any], named: dict[str, Any]
) -> None:
    assert ask(**named).status_code == 404


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({}, "model_not_named"),
        ({"project": "triage"}, "model_not_named"),
        ({"model_version": "newest"}, "invalid"),
        ({"sha256": "abc"}, "invalid"),
        ({"model_version": 1, "environment": ""}, "invalid"),
    ],
    ids=str,
)
def test_a_question_that_cannot_be_read_is_refused(
    released: Released, ask: Callable[..., Any], named: dict[str, Any], code: str
) -> None:
    answer = ask(**named)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_file_in_two_projects_needs_the_project(
    released: Released, make_version: MakeVersion, ask: Callable[..., Any], viewer: User, crisp_dm: Methodology
) -> None:
    other = Project.objects.create(
        key="other", name="Other", question="?", methodology=crisp_dm, started_on="2026-01-05", created_by=viewer
    )
    other.members.create(user=viewer, role="viewer")
    make_version(1, project=other, sha256=released.version.sha256, explained=False)
    ambiguous = ask(sha256=released.version.sha256)
    assert (ambiguous.status_code, ambiguous.json()["error"]["code"]) == (400, "model_ambiguous")
    assert ask(sha256=released.version.sha256, project="triage").json()["allow"] is True
    assert ask(sha256=released.version.sha256, project="other").json()["allow"] is False


def test_nobodys_tag_makes_a_model_production(
    project: Project, make_version: MakeVersion, lead: User, administrator: User, api: Any
) -> None:
    version = make_version(1, name="production", purpose="approved for production", note="stage: Production")
    version.metrics = {"approved": 1.0, "production": 1.0}
    version.save()
    for person in (lead, administrator):
        client = api(person)
        query = {"environment": PRODUCTION, "model_version": version.pk, "allow": "true", "stage": "Production"}
        answer = client.get(ADDRESS, query).json()
        assert answer["allow"] is False
        assert {reason["code"] for reason in answer["reasons"]} == {"stage_not_approved"}
        for method in (client.post, client.put, client.patch, client.delete):
            assert method(ADDRESS, query, format="json").status_code == 405
        address = f"/api/v1/projects/{project.key}/models/{version.number}/"
        assert client.patch(address, {"state": "production"}, format="json").status_code == 405
