"""REST of the room: criteria, acceptances, judgements, offer, decisions."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.acceptance import selectors, services
from lifecycle.acceptance.models import Acceptance, Criterion, CriterionResult
from lifecycle.acceptance.services.deciding import VERDICTS
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project
from lifecycle.signoff.signing import signature_json, signature_state


class CriterionRow(serializers.ModelSerializer[Criterion]):
    """A criterion in force."""

    kpi = serializers.SlugRelatedField[Kpi](slug_field="key", read_only=True)
    author = serializers.CharField(source="author.name", read_only=True)

    class Meta:
        model = Criterion
        fields = [
            "key", "version", "measure", "baseline", "threshold", "how_measured", "judge", "kpi", "withdrawn",
            "author", "created_at",
        ]  # fmt: skip


class CriterionAsked(serializers.Serializer[Criterion]):
    """A criterion to set; with the `key` of one that is there: its next version."""

    measure = serializers.CharField(max_length=200)
    threshold = serializers.CharField(max_length=200)
    baseline = serializers.CharField(max_length=120, default="", allow_blank=True)
    how_measured = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    judge = serializers.CharField(max_length=120, default="", allow_blank=True)
    kpi = serializers.SlugField(default="", allow_blank=True)
    key = serializers.SlugField(max_length=60, default="", allow_blank=True)
    version = serializers.IntegerField(required=False, min_value=1)


class ReasonAsked(serializers.Serializer[Any]):
    """A reason."""

    reason = serializers.CharField(max_length=20_000)


class ResultRow(serializers.ModelSerializer[CriterionResult]):
    """Expected and observed."""

    criterion = serializers.CharField(source="criterion.key", read_only=True)
    criterion_version = serializers.IntegerField(source="criterion.version", read_only=True)
    measure = serializers.CharField(source="criterion.measure", read_only=True)
    threshold = serializers.CharField(source="criterion.threshold", read_only=True)
    tester = serializers.CharField(source="tester.name", read_only=True, default="")

    class Meta:
        model = CriterionResult
        fields = [
            "id", "criterion", "criterion_version", "measure", "threshold", "observed", "evidence", "verdict",
            "reason", "tester", "judged_at",
        ]  # fmt: skip


class AcceptanceRow(serializers.ModelSerializer[Acceptance]):
    """An acceptance with results and signature."""

    project = serializers.CharField(source="project.key", read_only=True)
    stage = serializers.CharField(source="stage.key", read_only=True)
    results = ResultRow(many=True, read_only=True)
    offered_by = serializers.CharField(source="offered_by.name", read_only=True, default="")
    signature = serializers.SerializerMethodField()

    class Meta:
        model = Acceptance
        fields = [
            "id", "project", "number", "stage", "state", "approved_use", "limits", "digest", "manifest", "comment",
            "conditions", "results", "offered_by", "offered_at", "decided_at", "signature", "created_at",
        ]  # fmt: skip

    def get_signature(self, acceptance: Acceptance) -> dict[str, Any] | None:
        """The signature block, with whether it still fits the content."""
        if acceptance.signature is None:
            return None
        return dict(
            signature_json(acceptance.signature, signature_state(acceptance.signature, digest_of(acceptance.manifest)))
        )


class JudgementAsked(serializers.Serializer[CriterionResult]):
    """A judgement of one criterion."""

    criterion = serializers.SlugField(max_length=60)
    verdict = serializers.ChoiceField([choice for choice in CriterionResult.Verdict.values if choice])
    observed = serializers.CharField(max_length=300, default="", allow_blank=True)
    evidence = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    reason = serializers.CharField(max_length=20_000, default="", allow_blank=True)


class OfferAsked(serializers.Serializer[Acceptance]):
    """What is offered; `models`: plain facts of model versions."""

    approved_use = serializers.CharField(max_length=20_000)
    limits = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    models = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField(max_length=300)), max_length=50, required=False
    )


class ConditionAsked(serializers.Serializer[Any]):
    """A condition."""

    text = serializers.CharField(max_length=500)
    due_on = serializers.DateField()
    owner = serializers.CharField(max_length=120, default="", allow_blank=True)


class DecisionAsked(serializers.Serializer[Acceptance]):
    """The customer's verdict; `digest` is the one that was read."""

    verdict = serializers.ChoiceField(list(VERDICTS))
    password = serializers.CharField(trim_whitespace=False, write_only=True)
    digest = serializers.CharField(max_length=64)
    comment = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    conditions = ConditionAsked(many=True, required=False)


def _person(request: Request) -> User:
    return cast(User, request.user)


def _project(request: Request, key: str) -> Project:
    project: Project | None = Project.objects.visible_to(_person(request)).filter(key=key).first()
    if project is None:
        raise Http404
    return project


def _acceptance(request: Request, pk: int) -> Acceptance:
    found = selectors.acceptances_visible_to(_person(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _given(asked: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    asked.is_valid(raise_exception=True)
    return cast("dict[str, Any]", asked.validated_data)


def _shown(acceptance: Acceptance) -> dict[str, Any]:
    fresh = selectors.acceptances_of(acceptance.project).select_related("project").get(pk=acceptance.pk)
    return dict(AcceptanceRow(fresh).data)


class Criteria(GenericAPIView[Criterion]):
    """Criteria in force of a project."""

    serializer_class = CriterionRow
    queryset = Criterion.objects.none()

    @extend_schema(operation_id="criteria_list", responses=CriterionRow(many=True))
    def get(self, request: Request, key: str) -> Response:
        """Criteria in force, a page at a time."""
        rows = self.paginate_queryset(selectors.criteria_of(_project(request, key)).order_by("key"))
        return self.get_paginated_response(CriterionRow(rows or [], many=True).data)

    @extend_schema(operation_id="criteria_set", request=CriterionAsked, responses={201: CriterionRow})
    def post(self, request: Request, key: str) -> Response:
        """Set a criterion: a new one, or the next version of the one with this key."""
        project = _project(request, key)
        given = _given(CriterionAsked(data=request.data))
        kpi = None
        if given["kpi"]:
            kpi = Kpi.objects.filter(project=project, key=given["kpi"]).first()
            if kpi is None:
                raise Refused("The project has no KPI with this key.", code="kpi_elsewhere", status=400, field="kpi")
        criterion = services.set_criterion(
            actor=_person(request),
            project=project,
            measure=given["measure"],
            threshold=given["threshold"],
            baseline=given["baseline"],
            how_measured=given["how_measured"],
            judge=given["judge"],
            kpi=kpi,
            key=given["key"],
            version=given.get("version"),
        )
        return Response(CriterionRow(criterion).data, status=status.HTTP_201_CREATED)


class CriterionWithdrawals(GenericAPIView[Criterion]):
    """Taking a criterion out."""

    serializer_class = ReasonAsked
    queryset = Criterion.objects.none()

    @extend_schema(operation_id="criteria_withdraw", request=ReasonAsked, responses={201: CriterionRow})
    def post(self, request: Request, key: str, criterion_key: str) -> Response:
        """Withdraw it, with a reason."""
        project = _project(request, key)
        given = _given(ReasonAsked(data=request.data))
        criterion = services.withdraw_criterion(
            actor=_person(request), project=project, key=criterion_key, reason=given["reason"]
        )
        return Response(CriterionRow(criterion).data, status=status.HTTP_201_CREATED)


class Acceptances(GenericAPIView[Acceptance]):
    """Acceptances of a project."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_list", responses=AcceptanceRow(many=True))
    def get(self, request: Request, key: str) -> Response:
        """All acceptances, newest first, a page at a time."""
        rows = self.paginate_queryset(
            selectors.acceptances_of(_project(request, key)).select_related("project").order_by("-number")
        )
        return self.get_paginated_response(AcceptanceRow(rows or [], many=True).data)

    @extend_schema(operation_id="acceptances_open", request=None, responses={201: AcceptanceRow})
    def post(self, request: Request, key: str) -> Response:
        """Begin to prepare the next acceptance."""
        made = services.open_acceptance(actor=_person(request), project=_project(request, key))
        return Response(_shown(made), status=status.HTTP_201_CREATED)


class AcceptanceDetail(GenericAPIView[Acceptance]):
    """One acceptance."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_read", responses=AcceptanceRow)
    def get(self, request: Request, pk: int) -> Response:
        """The acceptance with results, manifest and signature."""
        return Response(_shown(_acceptance(request, pk)))


class Judgements(GenericAPIView[CriterionResult]):
    """Judging criteria."""

    serializer_class = ResultRow
    queryset = CriterionResult.objects.none()

    @extend_schema(operation_id="acceptances_judge", request=JudgementAsked, responses={201: ResultRow})
    def post(self, request: Request, pk: int) -> Response:
        """Judge one criterion, by its key; again while it is being prepared."""
        acceptance = _acceptance(request, pk)
        given = _given(JudgementAsked(data=request.data))
        result = acceptance.results.filter(criterion__key=given["criterion"]).first()
        if result is None:
            raise Refused(
                "This acceptance has no such criterion.", code="criterion_unknown", status=400, field="criterion"
            )
        judged = services.judge_criterion(
            actor=_person(request),
            result_id=result.pk,
            verdict=given["verdict"],
            observed=given["observed"],
            evidence=given["evidence"],
            reason=given["reason"],
        )
        return Response(ResultRow(judged).data, status=status.HTTP_201_CREATED)


class Offer(GenericAPIView[Acceptance]):
    """Asking the customer."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_offer", request=OfferAsked, responses={201: AcceptanceRow})
    def post(self, request: Request, pk: int) -> Response:
        """Freeze it under one fingerprint and ask the customer."""
        acceptance = _acceptance(request, pk)
        given = _given(OfferAsked(data=request.data))
        offered = services.offer_acceptance(
            actor=_person(request),
            acceptance_id=acceptance.pk,
            approved_use=given["approved_use"],
            limits=given["limits"],
            models=given.get("models", []),
        )
        return Response(_shown(offered), status=status.HTTP_201_CREATED)


class Withdrawal(GenericAPIView[Acceptance]):
    """Taking an acceptance back."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_withdraw", request=ReasonAsked, responses={201: AcceptanceRow})
    def post(self, request: Request, pk: int) -> Response:
        """Take it back before the customer has decided."""
        acceptance = _acceptance(request, pk)
        given = _given(ReasonAsked(data=request.data))
        taken = services.withdraw_acceptance(
            actor=_person(request), acceptance_id=acceptance.pk, reason=given["reason"]
        )
        return Response(_shown(taken), status=status.HTTP_201_CREATED)


class Decisions(GenericAPIView[Acceptance]):
    """The customer's verdict."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_decide", request=DecisionAsked, responses={201: AcceptanceRow})
    def post(self, request: Request, pk: int) -> Response:
        """Sign the verdict with the password, for exactly what was read."""
        acceptance = _acceptance(request, pk)
        given = _given(DecisionAsked(data=request.data))
        decided = services.decide_acceptance(
            actor=_person(request),
            acceptance_id=acceptance.pk,
            verdict=given["verdict"],
            password=given["password"],
            digest=given["digest"],
            comment=given["comment"],
            conditions=given.get("conditions", []),
        )
        return Response(_shown(decided), status=status.HTTP_201_CREATED)
