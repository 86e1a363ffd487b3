"""REST of one's own unsaved texts: what was typed into forms of a page and not saved. Nobody reads those of others."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.postmortems import services
from lifecycle.postmortems.api.shapes import found_or_404, person
from lifecycle.postmortems.models import UnsavedText


class UnsavedRow(serializers.ModelSerializer[UnsavedText]):
    """A form as it was left: `place` names it (`story`, `timeline:12`, `add:lessons`); `lock`: the state it was written
    on; `at`: when it was touched last. It is forgotten 90 days after that."""

    class Meta:
        model = UnsavedText
        fields = ["place", "lock", "at"]


class UnsavedFull(UnsavedRow):
    """The same with its inputs as typed, each a list, and what somebody else wrote in the same lines, where that is known."""

    class Meta(UnsavedRow.Meta):
        fields = [*UnsavedRow.Meta.fields, "fields", "clashes"]


class Unsaved(GenericAPIView[UnsavedText]):
    """What the person left unsaved in one post-mortem."""

    serializer_class = UnsavedRow
    queryset = UnsavedText.objects.none()
    pagination_class = None

    @extend_schema(operation_id="postmortems_unsaved_list", responses=UnsavedRow(many=True))
    def get(self, request: Request, reference: str) -> Response:
        """Newest first."""
        found = found_or_404(request, reference)
        return Response(UnsavedRow(services.unsaved_of(person(request), found), many=True).data)


class OneUnsaved(GenericAPIView[UnsavedText]):
    """One form that the person left."""

    serializer_class = UnsavedFull
    queryset = UnsavedText.objects.none()

    @extend_schema(operation_id="postmortems_unsaved_read", responses=UnsavedFull)
    def get(self, request: Request, reference: str, place: str) -> Response:
        """With what was typed."""
        mine = services.unsaved_of(person(request), found_or_404(request, reference))
        kept = next((one for one in mine if one.place == place), None)
        if kept is None:
            raise Http404
        return Response(UnsavedFull(kept).data)

    @extend_schema(operation_id="postmortems_unsaved_forget", responses={204: None})
    def delete(self, request: Request, reference: str, place: str) -> Response:
        """Throw it away; said again, it is gone already."""
        services.drop_unsaved(actor=person(request), postmortem=found_or_404(request, reference), place=place)
        return Response(status=status.HTTP_204_NO_CONTENT)
