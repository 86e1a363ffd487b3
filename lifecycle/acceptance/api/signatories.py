"""REST of outside signatories: who is asked and how it stands, inviting, ending a link, sending a new one.

Signing itself has no route: a person signs on the page of the link, which only the mail knows.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.acceptance import selectors, services
from lifecycle.acceptance.api.finding import given_by, person, project_of
from lifecycle.acceptance.models import Invitation
from lifecycle.acceptance.permits import may_invite
from lifecycle.acceptance.services.inviting import DAYS, MOST_DAYS
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Signature


class SignatoryOut(serializers.ModelSerializer[Invitation]):
    """An outside signatory. The link itself is known only to the mail.

    `state`: prepared (not mailed yet), sent, used, ended or expired. `answer`: what was signed through the link
    (accepted, rejected, received, withdrawn), empty until then; a hand-off that was sent back is "rejected".
    """

    project = serializers.CharField(source="project.key", read_only=True)
    state = serializers.ChoiceField(["prepared", "sent", "used", "ended", "expired"], read_only=True)
    answer = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.name", read_only=True)

    class Meta:
        model = Invitation
        fields = [
            "id", "project", "purpose", "acceptance", "handoff", "name", "email", "organisation", "reason", "language", "state",
            "answer", "days", "mailed_at", "expires_at", "used_at", "revoked_at", "signature", "created_by", "created_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(Signature.Meaning.choices, allow_blank=True))
    def get_answer(self, invitation: Invitation) -> str:
        """The meaning of the signature."""
        return "" if invitation.signature is None else str(invitation.signature.meaning)


class SignatoryAsked(serializers.Serializer[Invitation]):
    """Whom to ask for what; `acceptance` for a verdict or its withdrawal, `handoff` for a receipt (their ids)."""

    purpose = serializers.ChoiceField(Invitation.Purpose.choices, default=Invitation.Purpose.VERDICT)
    acceptance = serializers.IntegerField(required=False)
    handoff = serializers.IntegerField(required=False)
    name = serializers.CharField(max_length=120)
    email = serializers.CharField(max_length=254)
    organisation = serializers.CharField(max_length=120)
    reason = serializers.CharField(max_length=300, default="", allow_blank=True)
    language = serializers.CharField(max_length=40, default="English")
    days = serializers.IntegerField(default=DAYS, min_value=1, max_value=MOST_DAYS)


class Signatories(GenericAPIView[Invitation]):
    """Outside signatories of a project."""

    serializer_class = SignatoryOut
    queryset = Invitation.objects.none()

    @extend_schema(operation_id="signatories_list", responses=SignatoryOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """All links, newest first, a page at a time; for the project lead and those who read all projects."""
        project = project_of(request, key)
        if not person(request).sees_all:
            may_invite(person(request), project).demand()
        rows = self.paginate_queryset(selectors.invitations_of(project).select_related("project"))
        return self.get_paginated_response(SignatoryOut(rows or [], many=True).data)

    @extend_schema(operation_id="signatories_invite", request=SignatoryAsked, responses={201: SignatoryOut})
    def post(self, request: Request, key: str) -> Response:
        """Ask a person from outside to sign once, by a link that is mailed to them."""
        project = project_of(request, key)
        given = given_by(SignatoryAsked(data=request.data))
        asked: dict[str, int | None] = {name: given.get(name) for name in ("acceptance", "handoff")}
        for name, rows in (("acceptance", project.acceptances), ("handoff", project.handoffs)):
            pk = asked[name]
            if pk is not None and not rows.filter(pk=pk).exists():
                raise Http404
        made = services.invite_signatory(
            actor=person(request),
            name=given["name"],
            email=given["email"],
            organisation=given["organisation"],
            acceptance_id=asked["acceptance"],
            handoff_id=asked["handoff"],
            purpose=given["purpose"],
            reason=given["reason"],
            language=given["language"],
            days=given["days"],
        )
        return Response(SignatoryOut(made).data, status=status.HTTP_201_CREATED)


class SignatoryDetail(GenericAPIView[Invitation]):
    """One outside signatory."""

    serializer_class = SignatoryOut
    queryset = Invitation.objects.none()

    @extend_schema(operation_id="signatories_read", responses=SignatoryOut)
    def get(self, request: Request, pk: int) -> Response:
        """How the link stands, and what was signed; for the project lead and those who read all projects."""
        found = _found(request, pk)
        if not person(request).sees_all:
            may_invite(person(request), found.project).demand()
        return Response(SignatoryOut(found).data)


class SignatoryEndings(GenericAPIView[Invitation]):
    """Ending a link."""

    serializer_class = SignatoryOut
    queryset = Invitation.objects.none()

    @extend_schema(operation_id="signatories_end", request=None, responses={201: SignatoryOut})
    def post(self, request: Request, pk: int) -> Response:
        """End a link that was not used."""
        _found(request, pk)
        ended = services.end_link(actor=person(request), invitation_id=pk)
        return Response(SignatoryOut(ended).data, status=status.HTTP_201_CREATED)


class SignatoryLinks(GenericAPIView[Invitation]):
    """Sending a new link."""

    serializer_class = SignatoryOut
    queryset = Invitation.objects.none()

    @extend_schema(operation_id="signatories_send_new_link", request=None, responses={201: SignatoryOut})
    def post(self, request: Request, pk: int) -> Response:
        """End the link and ask the same person by a new one."""
        _found(request, pk)
        made = services.send_new_link(actor=person(request), invitation_id=pk)
        return Response(SignatoryOut(made).data, status=status.HTTP_201_CREATED)


def _found(request: Request, pk: int) -> Invitation:
    """The invitation, or 404 where its project is not visible."""
    visible: Any = Project.objects.visible_to(person(request)).values("pk")
    rows = Invitation.objects.select_related("project", "signature", "created_by")
    found: Invitation | None = rows.filter(pk=pk, project__in=visible).first()
    if found is None:
        raise Http404
    return found
