"""REST of the rows of a post-mortem, and of deeds on its actions."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.people.models import User
from lifecycle.postmortems import services
from lifecycle.postmortems.api.asked import LockAsked, RemovalAsked
from lifecycle.postmortems.api.shapes import (
    ActionRow,
    BesideRow,
    EventRow,
    FactorRow,
    ImpactRow,
    LessonRow,
    WhyRow,
    found_or_404,
    given,
    person,
)
from lifecycle.postmortems.models import ActionItem, ContributingFactor, Lesson, PostMortem, TimelineEvent
from lifecycle.postmortems.services import (
    ActionValues,
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    Values,
    WhyValues,
)
from lifecycle.postmortems.services.rows import MODELS


def _sent(request: Request) -> dict[str, Any]:
    """The fields of the body."""
    return {name: request.data[name] for name in request.data} if isinstance(request.data, dict) else {}


class RowAsked(serializers.Serializer[Any]):
    """What all rows share: the lock that was read, for an edit."""

    lock = serializers.IntegerField(min_value=1, required=False)


class EventAsked(RowAsked):
    """A moment of the timeline."""

    moment = serializers.DateTimeField()
    text = serializers.CharField(max_length=50_000)
    precision = serializers.ChoiceField(TimelineEvent.Precision.choices, default=TimelineEvent.Precision.DAY)
    marker = serializers.ChoiceField(TimelineEvent.Marker.choices, default="", allow_blank=True)
    role = serializers.CharField(max_length=60, default="", allow_blank=True)
    evidence = serializers.CharField(max_length=300, default="", allow_blank=True)


class ImpactAsked(RowAsked):
    """What it cost or harmed."""

    dimension = serializers.CharField(max_length=40)
    text = serializers.CharField(max_length=300)
    amount = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True, default=None)
    unit = serializers.CharField(max_length=40, default="", allow_blank=True)
    is_estimate = serializers.BooleanField(default=True)


class FactorAsked(RowAsked):
    """A cause."""

    node = serializers.CharField(max_length=60)
    text = serializers.CharField(max_length=50_000, default="", allow_blank=True)
    why_unnoticed = serializers.CharField(max_length=50_000, default="", allow_blank=True)
    strength = serializers.ChoiceField(
        ContributingFactor.Strength.choices, default=ContributingFactor.Strength.CONTRIBUTING
    )
    confidence = serializers.ChoiceField(
        ContributingFactor.Confidence.choices, default=ContributingFactor.Confidence.KNOWN
    )


class LessonAsked(RowAsked):
    """A lesson."""

    kind = serializers.ChoiceField(Lesson.Kind.choices)
    text = serializers.CharField(max_length=50_000)
    as_check = serializers.BooleanField(default=False)


class ActionAsked(RowAsked):
    """A proposed action."""

    title = serializers.CharField(max_length=200)
    kind = serializers.CharField(max_length=12)
    priority = serializers.ChoiceField(ActionItem.Priority.choices, default=ActionItem.Priority.NORMAL)
    factor = serializers.IntegerField(allow_null=True, default=None)
    owner = serializers.SlugRelatedField(
        slug_field="email", queryset=User.objects.filter(is_active=True), allow_null=True, default=None
    )
    due_on = serializers.DateField(allow_null=True, default=None)
    test_for_done = serializers.CharField(max_length=300, default="", allow_blank=True)
    external_link = serializers.CharField(max_length=200, default="", allow_blank=True)


class WhyAsked(RowAsked):
    """A question and its answer."""

    question = serializers.CharField(max_length=300)
    answer = serializers.CharField(max_length=50_000, default="", allow_blank=True)
    parent = serializers.IntegerField(allow_null=True, default=None)  # type: ignore[assignment]
    factor = serializers.IntegerField(allow_null=True, default=None)


class _Rows(GenericAPIView[Any]):
    """Adding a row of one part."""

    queryset = PostMortem.objects.none()
    asked: type[RowAsked]
    row: type[serializers.ModelSerializer[Any]]

    def values(self, asked: dict[str, Any]) -> Values:
        """Checked input as values."""
        raise NotImplementedError

    def _add(self, request: Request, reference: str) -> Response:
        found = found_or_404(request, reference)
        asked = given(self.asked(data=request.data))
        made = services.add_row(actor=person(request), postmortem=found, values=self.values(asked))
        return Response(self.row(made).data, status=status.HTTP_201_CREATED)

    def _edit(self, request: Request, reference: str, part: str, row_id: int) -> Response:
        found = found_or_404(request, reference)
        lock = given(LockAsked(data=request.data))["lock"]
        row = MODELS[part]._default_manager.filter(postmortem=found, pk=row_id).first()
        if row is None:
            raise Http404
        # What is not sent stays as it is.
        asked = given(self.asked(data={**self._present(row), **_sent(request)}))
        saved = services.save_row(
            actor=person(request), postmortem=found, row_id=row_id, values=self.values(asked), lock=lock
        )
        return Response({**self.row(saved.row).data, "merged": BesideRow(saved.beside, many=True).data})

    def _present(self, row: Any) -> dict[str, Any]:
        return {name: value for name, value in self.row(row).data.items() if name in self.asked().fields}

    def _remove(self, request: Request, reference: str, part: str, row_id: int) -> Response:
        found = found_or_404(request, reference)
        asked = given(RemovalAsked(data=request.data or request.query_params))
        services.remove_row(
            actor=person(request),
            postmortem=found,
            part=part,
            row_id=row_id,
            lock=asked["lock"],
            with_below=asked["with_below"],
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class _Events(_Rows):
    asked, row, serializer_class = EventAsked, EventRow, EventRow

    def values(self, asked: dict[str, Any]) -> EventValues:
        return EventValues(
            moment=asked["moment"],
            text=asked["text"],
            precision=asked["precision"],
            marker=asked["marker"],
            role=asked["role"],
            evidence=asked["evidence"],
        )


class _Impacts(_Rows):
    asked, row, serializer_class = ImpactAsked, ImpactRow, ImpactRow

    def values(self, asked: dict[str, Any]) -> ImpactValues:
        return ImpactValues(
            dimension=asked["dimension"],
            text=asked["text"],
            amount=asked["amount"],
            unit=asked["unit"],
            is_estimate=asked["is_estimate"],
        )


class _Factors(_Rows):
    asked, row, serializer_class = FactorAsked, FactorRow, FactorRow

    def values(self, asked: dict[str, Any]) -> FactorValues:
        return FactorValues(
            node=asked["node"],
            text=asked["text"],
            why_unnoticed=asked["why_unnoticed"],
            strength=asked["strength"],
            confidence=asked["confidence"],
        )


class _Lessons(_Rows):
    asked, row, serializer_class = LessonAsked, LessonRow, LessonRow

    def values(self, asked: dict[str, Any]) -> LessonValues:
        return LessonValues(kind=asked["kind"], text=asked["text"], as_check=asked["as_check"])


class _Actions(_Rows):
    asked, row, serializer_class = ActionAsked, ActionRow, ActionRow

    def values(self, asked: dict[str, Any]) -> ActionValues:
        return ActionValues(
            title=asked["title"],
            kind=asked["kind"],
            factor_id=asked["factor"],
            owner=asked["owner"],
            due_on=asked["due_on"],
            test_for_done=asked["test_for_done"],
            external_link=asked["external_link"],
            priority=asked["priority"],
        )


class _Whys(_Rows):
    asked, row, serializer_class = WhyAsked, WhyRow, WhyRow

    def values(self, asked: dict[str, Any]) -> WhyValues:
        return WhyValues(
            question=asked["question"],
            answer=asked["answer"],
            parent_id=asked["parent"],
            factor_id=asked["factor"],
        )


def _views(part: str, base: type[_Rows], asked: type[RowAsked], row: type[Any]) -> tuple[type[_Rows], type[_Rows]]:
    """The two views of a part: its collection, and one of its rows."""

    class Collection(base):  # type: ignore[misc, valid-type]
        @extend_schema(operation_id=f"postmortems_{part}_add", request=asked, responses={201: row})
        def post(self, request: Request, reference: str) -> Response:
            """Add one to the draft."""
            answer: Response = self._add(request, reference)
            return answer

    class One(base):  # type: ignore[misc, valid-type]
        @extend_schema(operation_id=f"postmortems_{part}_edit", request=asked, responses=row)
        def patch(self, request: Request, reference: str, row_id: int) -> Response:
            """Change it; `lock` is the number that was read. The answer tells in `merged` what others changed since."""
            answer: Response = self._edit(request, reference, part, row_id)
            return answer

        @extend_schema(operation_id=f"postmortems_{part}_remove", request=RemovalAsked, responses={204: None})
        def delete(self, request: Request, reference: str, row_id: int) -> Response:
            """Take it out; `lock` comes in the body or the query."""
            answer: Response = self._remove(request, reference, part, row_id)
            return answer

    return Collection, One


_ALL = {
    part: _views(part, base, base.asked, base.row)
    for part, base in (
        ("timeline", _Events),
        ("impacts", _Impacts),
        ("factors", _Factors),
        ("lessons", _Lessons),
        ("actions", _Actions),
        ("whys", _Whys),
    )
}
ROW_VIEWS = {part: views[0] for part, views in _ALL.items()}
ONE_ROW_VIEWS = {part: views[1] for part, views in _ALL.items()}
