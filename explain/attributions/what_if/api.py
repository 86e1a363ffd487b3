"""REST of questions about a row."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.attributions import page, selectors
from explain.attributions.models import Explanation
from explain.attributions.what_if import shown
from explain.attributions.what_if.models import WhatIf
from explain.attributions.what_if.selectors import find_what_if, what_ifs_of
from explain.attributions.what_if.services import ask_what_if
from foundation.web.refused import Refused
from foundation.web.views import signed_in

_CHANGES = {
    "type": "object",
    "additionalProperties": {"type": "number", "nullable": True},
    "example": {"delay": 5, "income": None},
}


@extend_schema_field(_CHANGES)
class Changes(serializers.JSONField):
    """Numbers by feature, null for an empty value; checked by the deed, so that a refusal names the feature."""


class WhatIfRow(serializers.ModelSerializer[WhatIf]):
    """A question: `row` counts from 1, `job` is its computation while the state is waiting. Never evidence."""

    changes = Changes(read_only=True)
    asked_by = serializers.CharField(source="asked_by.name", read_only=True)
    link = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = WhatIf
        fields: tuple[str, ...] = (
            "id", "explanation", "row", "changes", "state", "job", "refusal_code", "refusal", "asked_by", "created_at",
            "finished_at", "link",
        )  # fmt: skip
        read_only_fields = fields


class WhatIfSide(serializers.Serializer[Any]):
    """For each output the answer, the base value, and the parts of all features in their order; the base value and all parts
    add up to the answer."""

    predictions = serializers.ListField(child=serializers.FloatField())
    base_values = serializers.ListField(child=serializers.FloatField())
    attributions = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class WhatIfAnswer(serializers.Serializer[Any]):
    """The row as it is and as asked, in `output_space`. `spread`: for each output how far the change of a part lies, at
    most, from that by another seed; null for exact values."""

    outputs = serializers.ListField(child=serializers.CharField(allow_blank=True))
    features = serializers.ListField(child=serializers.CharField())
    output_space = serializers.CharField()
    engine = serializers.CharField()
    before = WhatIfSide()
    after = WhatIfSide()
    spread = serializers.ListField(child=serializers.FloatField(), allow_null=True)


class WhatIfWords(serializers.Serializer[Any]):
    """What the page says, of the output in focus."""

    sentence = serializers.CharField()
    careful = serializers.ListField(child=serializers.CharField())


class WholeWhatIf(WhatIfRow):
    """A question with its answer; both `words` and `answer` are null until there is one."""

    words = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()

    class Meta(WhatIfRow.Meta):
        fields = (*WhatIfRow.Meta.fields, "words", "answer")
        read_only_fields = fields

    @extend_schema_field(WhatIfWords(allow_null=True))
    def get_words(self, asked: WhatIf) -> dict[str, Any] | None:
        """One sentence, and what to be careful about."""
        if asked.state != WhatIf.State.DONE:
            return None
        explanation: Explanation = self.context["explanation"]
        dictionary = selectors.dictionary_of(explanation.project)
        told = shown.shown_of(asked, explanation, dictionary, output=page.chosen_output(explanation.summary, None))
        return {"sentence": told.sentence, "careful": told.cautions}

    @extend_schema_field(WhatIfAnswer(allow_null=True))
    def get_answer(self, asked: WhatIf) -> Any:
        """Both sides with all their parts."""
        if asked.state != WhatIf.State.DONE:
            return None
        summary = self.context["explanation"].summary
        return WhatIfAnswer(asked.answer | {"outputs": summary["outputs"], "features": summary["features"]}).data


class WhatIfIn(serializers.Serializer[Any]):
    """A row of the explanation, from 1, and other values for some of its features."""

    row = serializers.IntegerField(min_value=1)
    changes = Changes()


def _explanation(request: Request, key: str, pk: int) -> Explanation:
    found = selectors.find_explanation(signed_in(request._request), key, pk, samples=True)
    if found is None:
        raise Http404
    return found


class WhatIfs(ListAPIView[WhatIf]):
    """What was asked about rows of an explanation."""

    serializer_class = WhatIfRow
    queryset = WhatIf.objects.none()

    def get_queryset(self) -> QuerySet[WhatIf]:
        found = selectors.find_explanation(
            signed_in(self.request._request), self.kwargs["key"], self.kwargs["pk"], samples=False
        )
        if found is None:
            raise Http404
        return what_ifs_of(found)

    @extend_schema(request=WhatIfIn, responses={202: WholeWhatIf, 200: WholeWhatIf})
    def post(self, request: Request, key: str, pk: int) -> Response:
        """Ask what the model would say: 202 while a `job` asks it, 200 where the same question has its answer already."""
        explanation = _explanation(request, key, pk)
        given = WhatIfIn(data=request.data)
        given.is_valid(raise_exception=True)
        changes = given.validated_data["changes"]
        if not isinstance(changes, dict):
            raise Refused(
                'Give the changes as an object of feature and number: {"delay": 5}.',
                code="bad_number",
                status=400,
                field="changes",
            )
        asked = ask_what_if(
            actor=signed_in(request._request), explanation=explanation, row=given.validated_data["row"], changes=changes
        )
        status = 202 if asked.state == WhatIf.State.WAITING else 200
        return Response(WholeWhatIf(asked, context={"explanation": explanation}).data, status=status)


class OneWhatIf(APIView):
    """One question."""

    @extend_schema(responses=WholeWhatIf)
    def get(self, request: Request, key: str, pk: int, number: int) -> Response:
        """Its state, and the answer once there is one."""
        explanation = _explanation(request, key, pk)
        asked = find_what_if(explanation, number)
        if asked is None:
            raise Http404
        return Response(WholeWhatIf(asked, context={"explanation": explanation}).data)
