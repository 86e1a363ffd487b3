"""REST of the signature under a report's figures, and of who is told each month."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.outcomes.api.finding import person_of, project_of, report_of
from explain.outcomes.models import OutcomeReport, ReportRecipient
from explain.outcomes.selectors import recipients_of, signatures_of
from explain.outcomes.services import add_recipient, remove_recipient, verify_report, withdraw_verification
from explain.outcomes.services.verifying import COMMENT_LIMIT
from lifecycle.projects.services import person_named
from lifecycle.signoff.api.serializers import second_factor_code
from lifecycle.signoff.signing import signature_json


class VerificationIn(serializers.Serializer[Any]):
    """A signature under the figures, bound to the content that was read."""

    content_hash = serializers.CharField(max_length=64)
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=COMMENT_LIMIT)
    password = serializers.CharField(trim_whitespace=False, max_length=4096, write_only=True)
    code = second_factor_code()


class VerificationWithdrawn(serializers.Serializer[Any]):
    """Why a signature is taken back."""

    reason = serializers.CharField(max_length=COMMENT_LIMIT)
    password = serializers.CharField(trim_whitespace=False, max_length=4096, write_only=True)
    code = second_factor_code()


class VerificationOut(serializers.Serializer[Any]):
    """The grade of a report and all signatures under its figures, the newest first."""

    grade = serializers.CharField(allow_blank=True)
    content_hash = serializers.CharField()
    signatures = serializers.ListField(child=serializers.DictField())


class RecipientOut(serializers.ModelSerializer[ReportRecipient]):
    """Somebody who is told of each month's report."""

    name = serializers.CharField(source="person.name", read_only=True)
    email = serializers.EmailField(source="person.email", read_only=True)
    added_by = serializers.CharField(source="added_by.name", read_only=True)

    class Meta:
        model = ReportRecipient
        fields = ["id", "name", "email", "added_by", "added_at"]


class RecipientIn(serializers.Serializer[Any]):
    """Whom to tell, by e-mail address or name."""

    person = serializers.CharField(max_length=254)


class Verification(APIView):
    """The signature of finance under the figures of a report."""

    @extend_schema(responses=VerificationOut)
    def get(self, request: Request, key: str, number: int) -> Response:
        """The grade and the signatures."""
        return _signed(report_of(request, key, number, done=True))

    @extend_schema(request=VerificationIn, responses={201: VerificationOut})
    def post(self, request: Request, key: str, number: int) -> Response:
        """Sign the figures."""
        found = report_of(request, key, number, done=True)
        body = VerificationIn(data=request.data)
        body.is_valid(raise_exception=True)
        return _signed(verify_report(actor=person_of(request), report_id=found.pk, **body.validated_data), status=201)


class VerificationWithdrawal(APIView):
    """Taking the signature back."""

    @extend_schema(request=VerificationWithdrawn, responses=VerificationOut)
    def post(self, request: Request, key: str, number: int) -> Response:
        """Take the signature back."""
        found = report_of(request, key, number, done=True)
        body = VerificationWithdrawn(data=request.data)
        body.is_valid(raise_exception=True)
        return _signed(withdraw_verification(actor=person_of(request), report_id=found.pk, **body.validated_data))


class Recipients(APIView):
    """Who is told of each month's report."""

    @extend_schema(responses=RecipientOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """All of them."""
        return Response(RecipientOut(recipients_of(project_of(request, key)), many=True).data)

    @extend_schema(request=RecipientIn, responses={201: RecipientOut})
    def post(self, request: Request, key: str) -> Response:
        """Put somebody on the list."""
        project = project_of(request, key)
        body = RecipientIn(data=request.data)
        body.is_valid(raise_exception=True)
        person = person_named(body.validated_data["person"])
        made = add_recipient(actor=person_of(request), project=project, person=person)
        return Response(RecipientOut(made).data, status=201)


class RecipientView(APIView):
    """One of them."""

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, key: str, recipient_id: int) -> Response:
        """Take somebody off the list."""
        project = project_of(request, key)
        found = (
            ReportRecipient.objects.select_related("person", "project").filter(pk=recipient_id, project=project).first()
        )
        if found is None:
            raise Http404
        remove_recipient(actor=person_of(request), recipient=found)
        return Response(status=204)


def _signed(report: OutcomeReport, *, status: int = 200) -> Response:
    rows = [dict(signature_json(signature, state)) for signature, state, _ in signatures_of(report)]
    body = {"grade": report.grade, "content_hash": report.content_hash, "signatures": rows}
    return Response(VerificationOut(body).data, status=status)
