"""REST of the room. Money is text."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.steering.models import Proposal
from explain.steering.moves import VERDICTS
from explain.steering.selectors import current_outlook, proposal_numbered, signature_state_of
from explain.steering.services import decide_proposal, propose, withdraw_proposal
from explain.steering.services.deciding import COMMENT_LIMIT
from explain.steering.services.proposing import REASONS_LIMIT
from foundation.people.models import User
from lifecycle.kpis.api.serializers import MoneyField
from lifecycle.projects.models import Project
from lifecycle.signoff.api.serializers import second_factor_code
from lifecycle.signoff.signing import signature_json


class ProposalRow(serializers.ModelSerializer[Proposal]):
    """A proposal in a list. `suggestion` is what the figures suggested on that day, empty for nothing."""

    report = serializers.IntegerField(source="report.number", read_only=True)
    amount = MoneyField(read_only=True, allow_null=True)
    proposed_by = serializers.CharField(source="proposed_by.name", read_only=True)
    decider = serializers.CharField(source="decider.name", read_only=True, allow_null=True, default=None)
    on_behalf_of = serializers.CharField(
        source="signature.on_behalf_of.name", read_only=True, default="", help_text="For whom the decider stood in"
    )

    class Meta:
        model = Proposal
        fields = [
            "number", "what", "suggestion", "reasons", "amount", "currency", "report", "report_hash", "content_hash",
            "proposed_by", "proposed_at", "state", "decider", "on_behalf_of", "closed_at", "answer",
        ]  # fmt: skip
        read_only_fields = fields


class ProposalDetail(ProposalRow):
    """A proposal with all that is signed, and the signature."""

    content = serializers.JSONField(read_only=True)
    signature = serializers.SerializerMethodField()

    class Meta(ProposalRow.Meta):
        fields = [*ProposalRow.Meta.fields, "content", "signature"]
        read_only_fields = fields

    def get_signature(self, proposal: Proposal) -> dict[str, Any] | None:
        """The block under the answer; null until there is one."""
        if proposal.signature is None:
            return None
        return dict(signature_json(proposal.signature, signature_state_of(proposal)))


class ProposalIn(serializers.Serializer[Any]):
    """A course with its reasons, bound to the report that was read."""

    what = serializers.ChoiceField(choices=Proposal.What.choices)
    reasons = serializers.CharField(max_length=REASONS_LIMIT)
    report_hash = serializers.CharField(max_length=64, help_text="`content_hash` of the current outcome report")
    amount = MoneyField(required=False, allow_null=True, default=None, help_text="Only to expand")
    currency = serializers.CharField(required=False, allow_blank=True, max_length=3, default="")


class ProposalDecision(serializers.Serializer[Any]):
    """An answer with the signature; a rejection says why in `comment`."""

    verdict = serializers.ChoiceField(choices=[(name, name) for name in VERDICTS])
    content_hash = serializers.CharField(max_length=64, help_text="Of the proposal that was read")
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=COMMENT_LIMIT)
    password = serializers.CharField(trim_whitespace=False, max_length=4096, write_only=True)
    on_behalf_of = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Id of the sponsor for whom the caller stands in"
    )
    code = second_factor_code()


class ProposalWithdrawn(serializers.Serializer[Any]):
    """Why a proposal is taken back."""

    reason = serializers.CharField(max_length=COMMENT_LIMIT)


class SuggestedReason(serializers.Serializer[Any]):
    """One sentence with its figure; it speaks for the project, against it, or is a note."""

    code = serializers.CharField()
    speaks = serializers.CharField()
    text = serializers.CharField()


class SuggestionOut(serializers.Serializer[Any]):
    """What the figures ahead of the current report suggest; `what` is empty where `missing` says what is lacking."""

    report = serializers.IntegerField(allow_null=True)
    report_hash = serializers.CharField(allow_blank=True)
    what = serializers.CharField(allow_blank=True)
    reasons = SuggestedReason(many=True)
    missing = serializers.ListField(child=serializers.CharField())


class Suggested(APIView):
    """The suggestion of the day; nothing is stored."""

    @extend_schema(responses=SuggestionOut)
    def get(self, request: Request, key: str) -> Response:
        """What the figures suggest, with the reasons."""
        outlook = current_outlook(_project(request, key))
        if outlook is None:
            body = {"what": "", "reasons": [], "missing": ["There is no outcome report yet."]}
            return Response(SuggestionOut({"report": None, "report_hash": "", **body}).data)
        report = {"report": outlook.report.number, "report_hash": outlook.report.content_hash}
        return Response(SuggestionOut({**report, **outlook.suggestion.as_json()}).data)


class Proposals(ListAPIView[Proposal]):
    """Proposals of a project, the newest first."""

    serializer_class = ProposalRow
    queryset = Proposal.objects.none()

    def get_queryset(self) -> QuerySet[Proposal]:
        if getattr(self, "swagger_fake_view", False):
            return Proposal.objects.none()
        found = Proposal.objects.filter(project=_project(self.request, self.kwargs["key"]))
        found = found.select_related("proposed_by", "decider", "report", "signature__on_behalf_of").order_by("-number")
        return found.defer("content", "report__inputs", "report__result")

    @extend_schema(request=ProposalIn, responses={201: ProposalDetail})
    def post(self, request: Request, key: str) -> Response:
        """Put a course before the sponsors."""
        project = _project(request, key)
        body = ProposalIn(data=request.data)
        body.is_valid(raise_exception=True)
        made = propose(actor=_person(request), project=project, **body.validated_data)
        return Response(ProposalDetail(made).data, status=201)


class ProposalView(APIView):
    """One proposal."""

    @extend_schema(responses=ProposalDetail)
    def get(self, request: Request, key: str, number: int) -> Response:
        """With all that is signed."""
        return Response(ProposalDetail(_proposal(request, key, number)).data)


class Decision(APIView):
    """The answer."""

    @extend_schema(request=ProposalDecision, responses={201: ProposalDetail})
    def post(self, request: Request, key: str, number: int) -> Response:
        """Approve or reject, and sign."""
        found = _proposal(request, key, number)
        body = ProposalDecision(data=request.data)
        body.is_valid(raise_exception=True)
        done = decide_proposal(actor=_person(request), proposal_id=found.pk, **body.validated_data)
        return Response(ProposalDetail(done).data, status=201)


class Withdrawal(APIView):
    """Taking it back."""

    @extend_schema(request=ProposalWithdrawn, responses=ProposalDetail)
    def post(self, request: Request, key: str, number: int) -> Response:
        """Take the proposal back before it is answered."""
        found = _proposal(request, key, number)
        body = ProposalWithdrawn(data=request.data)
        body.is_valid(raise_exception=True)
        done = withdraw_proposal(actor=_person(request), proposal_id=found.pk, **body.validated_data)
        return Response(ProposalDetail(done).data)


def _person(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _project(request: Request, key: str) -> Project:
    found: Project = get_object_or_404(Project.objects.visible_to(request.user), key=key)
    return found


def _proposal(request: Request, key: str, number: int) -> Proposal:
    found = proposal_numbered(_project(request, key), number)
    if found is None:
        raise Http404
    return found
