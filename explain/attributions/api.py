"""REST of explanations."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.attributions import page, selectors, services, telling, words
from explain.attributions.any_row import read_row
from explain.attributions.dictionary import label
from explain.attributions.models import Explanation
from explain.attributions.papers.files import file_of
from explain.attributions.performance import shown
from explain.attributions.services import LARGEST_SEED
from explain.register.api import project_for
from explain.register.models import DataSet, ModelVersion
from foundation.web.refused import Refused
from foundation.web.views import signed_in


class ExplanationRow(serializers.ModelSerializer[Explanation]):
    """An explanation without its figures; `job` is its computation while the state is waiting."""

    model_version = serializers.IntegerField(source="model_version.number", read_only=True)
    data_set = serializers.IntegerField(source="data_set.number", read_only=True)
    link = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Explanation
        fields: tuple[str, ...] = (
            "id", "model_version", "data_set", "method", "seed", "rows_limit", "state", "job", "refusal_code",
            "refusal", "engine", "rows", "content_hash", "created_at", "finished_at", "link",
        )  # fmt: skip
        read_only_fields = fields


class WholeExplanation(ExplanationRow):
    """An explanation with its words and figures; all are empty until it is done. `performance` says how well the model
    answers where outcomes are known, `performance_why` in a sentence why there is none."""

    words = serializers.SerializerMethodField()
    summary = serializers.JSONField(read_only=True)
    performance = serializers.SerializerMethodField()
    performance_why = serializers.SerializerMethodField()

    class Meta(ExplanationRow.Meta):
        fields = (*ExplanationRow.Meta.fields, "words", "summary", "performance", "performance_why")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_words(self, explanation: Explanation) -> dict[str, Any]:
        """Opening sentences, one sentence for each strong feature, and what to be careful about."""
        if explanation.state != Explanation.State.DONE:
            return {}
        summary, dictionary = explanation.summary, selectors.dictionary_of(explanation.project)
        outcome, space = telling.outcome_of(explanation.model_version.purpose, summary), summary["output_space"]
        return {
            "opening": words.opening(
                summary["drivers"], dictionary, summary["stability"], outcome=outcome, output_space=space
            ),
            "drivers": [
                {"feature": found.feature, "text": found.text, "verdict": found.verdict, "sensitive": found.sensitive}
                for found in words.sentences(summary["drivers"], dictionary, outcome=outcome, output_space=space)
            ],
            "careful": telling.cautions(summary, dictionary),
        }

    @extend_schema_field({"type": "object", "nullable": True})
    def get_performance(self, explanation: Explanation) -> dict[str, Any] | None:
        """Losses, curves, thresholds, residuals and groups: counts, and shares between 0 and 1 with 95 % intervals."""
        found: dict[str, Any] | None = explanation.summary.get("performance")
        return found

    def get_performance_why(self, explanation: Explanation) -> str:
        """Why there is no `performance`, and what to do; empty where there is."""
        return shown.why_not(
            explanation.summary,
            is_done=explanation.state == Explanation.State.DONE,
            has_target=bool(explanation.data_set.target_column),
        )


class ExplanationRequest(serializers.Serializer[Any]):
    """What is explained: numbers of a model version and a data set of the project."""

    model_version = serializers.IntegerField(min_value=1)
    data_set = serializers.IntegerField(min_value=1)
    seed = serializers.IntegerField(min_value=0, max_value=LARGEST_SEED, required=False, default=0)
    rows_limit = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    method = serializers.CharField(required=False, default="shap", help_text="shap or lime")


class FeatureOfRow(serializers.Serializer[Any]):
    """A feature's part in one row."""

    feature = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # a field of that name, not the caption
    value = serializers.FloatField(allow_null=True)
    attribution = serializers.FloatField()


class RowValues(serializers.Serializer[Any]):
    """One row: base value plus all attributions is the model's raw output, in `output_space`."""

    row = serializers.IntegerField()
    output = serializers.CharField(allow_blank=True)
    output_space = serializers.CharField()
    base_value = serializers.FloatField()
    prediction = serializers.FloatField()
    features = FeatureOfRow(many=True)


class Explanations(ListAPIView[Explanation]):
    """Explanations of the project's models."""

    serializer_class = ExplanationRow
    queryset = Explanation.objects.none()

    def get_queryset(self) -> QuerySet[Explanation]:
        return selectors.explanations_of(project_for(self.request, self.kwargs["key"]))

    @extend_schema(request=ExplanationRequest, responses={202: ExplanationRow, 200: ExplanationRow})
    def post(self, request: Request, key: str) -> Response:
        """Ask for an explanation: 202 while its `job` computes it, 200 when the same one is there already."""
        project = project_for(request, key)
        given = ExplanationRequest(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        version = ModelVersion.objects.filter(project=project, number=asked["model_version"]).first()
        data_set = DataSet.objects.filter(project=project, number=asked["data_set"]).first()
        if version is None or data_set is None:
            field = "model_version" if version is None else "data_set"
            what = "model version" if version is None else "data set"
            raise Refused(
                f"The project has no {what} {asked[field]}. List them to see their numbers.",
                code="invalid",
                status=400,
                field=field,
            )
        explanation = services.request_explanation(
            actor=signed_in(request._request),
            project=project,
            model_version=version,
            data_set=data_set,
            seed=asked["seed"],
            rows_limit=asked["rows_limit"],
            method=asked["method"],
        )
        status = 200 if explanation.state == Explanation.State.DONE else 202
        return Response(ExplanationRow(explanation).data, status=status)


def _found(request: Request, key: str, pk: int, *, samples: bool) -> Explanation:
    found = selectors.find_explanation(signed_in(request._request), key, pk, samples=samples)
    if found is None:
        raise Http404
    return found


class OneExplanation(APIView):
    """One explanation."""

    @extend_schema(responses=WholeExplanation)
    def get(self, request: Request, key: str, pk: int) -> Response:
        """State, words and figures of an explanation."""
        return Response(WholeExplanation(_found(request, key, pk, samples=False)).data)


class ExplanationFile(APIView):
    """An explanation as a file."""

    @extend_schema(
        operation_id="explanation_file",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, (200, "text/html"): OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("ending", str, OpenApiParameter.PATH, enum=["html", "pdf"])],
    )
    def get(self, request: Request, key: str, pk: int, ending: str) -> HttpResponse:
        """A page without outside references, or a PDF, for people without an account; 404 until it is done."""
        found = _found(request, key, pk, samples=True)
        if found.state != Explanation.State.DONE or ending not in ("html", "pdf"):
            raise Http404
        return file_of(found, selectors.dictionary_of(found.project), ending)


class CloserLook(serializers.Serializer[Any]):
    """What the model answers as its strongest features change, which work together, and what it goes by in groups of
    rows."""

    curves = serializers.JSONField(
        allow_null=True,
        help_text="Partial dependence and single rows: `unit` (chance, score or value), `rows` of the means, and `curves` by "
        "feature: `at`, `mean` (one list for each output), `lines` with row `numbers` and their `own` values",
    )
    interplay = serializers.JSONField(
        allow_null=True,
        help_text="Features that work together: `sizes` of the strongest, alone on the diagonal, and the strongest `pairs`",
    )
    interplay_why = serializers.CharField(allow_blank=True, help_text="Why there is none, or only of some rows")
    cohorts = serializers.ListField(
        child=serializers.JSONField(),
        help_text="By `column`: `features`, and `groups` with mean absolute (`sizes`) and mean (`pushes`) attributions",
    )


class CloserLooks(APIView):
    """An explanation looked at closer."""

    @extend_schema(responses=CloserLook)
    def get(self, request: Request, key: str, pk: int) -> Response:
        """Curves and groups of rows; null and empty where the explanation is older than they are; 404 until it is done."""
        found = _found(request, key, pk, samples=True)
        if found.state != Explanation.State.DONE:
            raise Http404
        told = {"curves": found.samples.get("curves"), "cohorts": found.samples.get("cohorts", [])}
        told |= {
            "interplay": found.summary.get("interplay"),
            "interplay_why": found.summary.get("interplay_why", ""),
        }
        return Response(CloserLook(told).data)


class ExplainedRow(APIView):
    """One row of an explanation."""

    @extend_schema(
        responses=RowValues,
        parameters=[OpenApiParameter("output", OpenApiTypes.INT, description="Place of the output, from 0")],
    )
    def get(self, request: Request, key: str, pk: int, row: int) -> Response:
        """The parts of a row's output; 404 for a row that was not explained."""
        found = _found(request, key, pk, samples=True)
        kept = read_row(found, row) if found.state == Explanation.State.DONE else None
        if kept is None:
            raise Http404
        asked = request.query_params.get("output", "")
        place = page.chosen_output(found.summary, int(asked) if asked.isdigit() and len(asked) < 6 else None)
        dictionary = selectors.dictionary_of(found.project)
        values = zip(found.summary["features"], kept["values"], kept["attributions"][place], strict=True)
        answer = {
            "row": row,
            "output": found.summary["outputs"][place],
            "output_space": found.summary["output_space"],
            "base_value": kept["base_values"][place],
            "prediction": kept["predictions"][min(place, len(kept["predictions"]) - 1)],
            "features": [
                {"feature": name, "label": label(name, dictionary), "value": value, "attribution": part}
                for name, value, part in values
            ],
        }
        return Response(RowValues(answer).data)
