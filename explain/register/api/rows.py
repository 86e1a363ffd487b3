"""REST of models, data sets and the feature dictionary."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.register import selectors, services
from explain.register.models import DataSet, Feature, ModelVersion
from foundation.web.views import signed_in
from lifecycle.projects.models import Project


class ModelVersionRow(serializers.ModelSerializer[ModelVersion]):
    """A version of the model. `refusal` says why a file was refused, `job` is its inspection."""

    uploaded_by = serializers.SlugRelatedField[Any](slug_field="email", read_only=True)
    link = serializers.CharField(source="get_absolute_url", read_only=True)
    # As the customer accepted it, for the whole project; empty until then.
    approved_use = serializers.CharField(read_only=True, default="")
    limits_of_use = serializers.CharField(read_only=True, default="")

    class Meta:
        model = ModelVersion
        fields = (
            "id", "number", "name", "purpose", "format", "filename", "size", "sha256", "state", "refusal_code", "refusal",
            "metrics", "note", "facts", "job", "uploaded_by", "uploaded_at", "link",
            "approved_use", "limits_of_use",
        )  # fmt: skip
        read_only_fields = fields


class DataSetRow(serializers.ModelSerializer[DataSet]):
    """A data file of the project."""

    uploaded_by = serializers.SlugRelatedField[Any](slug_field="email", read_only=True)

    class Meta:
        model = DataSet
        fields = (
            "number", "name", "origin", "format", "filename", "size", "sha256", "target_column", "uploaded_by",
            "uploaded_at",
        )  # fmt: skip
        read_only_fields = fields


class ModelUpload(serializers.Serializer[Any]):
    """A model file as multipart; `metrics` is a JSON object of numbers."""

    file = serializers.FileField()
    name = serializers.CharField(max_length=120)
    purpose = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    format = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    metrics = serializers.DictField(child=serializers.FloatField(), required=False)
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True, default="")

    def to_internal_value(self, data: Any) -> Any:
        """Multipart carries the metrics as JSON text."""
        plain: dict[str, Any] = {str(name): data.get(name) for name in self.fields if name in data}
        if isinstance(plain.get("metrics"), str):
            try:
                plain["metrics"] = json.loads(plain["metrics"] or "{}")
            except ValueError:
                raise serializers.ValidationError({"metrics": 'Send a JSON object such as {"AUC": 0.91}.'}) from None
        return super().to_internal_value(plain)


class DataUpload(serializers.Serializer[Any]):
    """A data file as multipart."""

    file = serializers.FileField()
    name = serializers.CharField(max_length=120)
    origin = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    target_column = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class FeatureEntry(serializers.Serializer[Any]):
    """An entry of the feature dictionary; `expected` is up, down or empty."""

    name = serializers.CharField(max_length=120, trim_whitespace=False)
    label = serializers.CharField(  # type: ignore[assignment] # a field of that name, not the caption
        max_length=120, required=False, allow_blank=True, default=""
    )
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    meaning = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    expected = serializers.ChoiceField(choices=Feature.Expected.choices, required=False, allow_blank=True, default="")
    sensitive = serializers.BooleanField(required=False, default=False)


def project_for(request: Request, key: str) -> Project:
    """The project of an address, 404 unless the person may see it."""
    project = selectors.find_project(signed_in(request._request), key)
    if project is None:
        raise Http404
    return project


class Models(ListAPIView[ModelVersion]):
    """Versions of the project's model."""

    serializer_class = ModelVersionRow
    queryset = ModelVersion.objects.none()
    parser_classes = (MultiPartParser, FormParser)

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return selectors.versions_of(project_for(self.request, self.kwargs["key"]))

    @extend_schema(request={"multipart/form-data": ModelUpload}, responses={201: ModelVersionRow})
    def post(self, request: Request, key: str) -> Response:
        """Upload a version. Pickles are refused at once; the rest is inspected by a worker: follow `job`."""
        project = project_for(request, key)
        given = ModelUpload(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        version = services.upload_model(
            actor=signed_in(request._request),
            project=project,
            file=values["file"],
            filename=values["file"].name or "",
            name=values["name"],
            purpose=values["purpose"],
            format=values["format"],
            metrics=values.get("metrics") or {},
            note=values["note"],
        )
        return Response(ModelVersionRow(version).data, status=201)


class Model(APIView):
    """One version."""

    @extend_schema(responses=ModelVersionRow)
    def get(self, request: Request, key: str, number: int) -> Response:
        """A version with what the sandbox found in it, or why it was refused."""
        version = selectors.versions_of(project_for(request, key)).filter(number=number).first()
        if version is None:
            raise Http404
        return Response(ModelVersionRow(version).data)


class DataSets(ListAPIView[DataSet]):
    """Data files of the project."""

    serializer_class = DataSetRow
    queryset = DataSet.objects.none()
    parser_classes = (MultiPartParser, FormParser)

    def get_queryset(self) -> QuerySet[DataSet]:
        return selectors.data_sets_of(project_for(self.request, self.kwargs["key"]))

    @extend_schema(request={"multipart/form-data": DataUpload}, responses={201: DataSetRow})
    def post(self, request: Request, key: str) -> Response:
        """Upload a data file: CSV or Parquet."""
        project = project_for(request, key)
        given = DataUpload(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        data_set = services.upload_data(
            actor=signed_in(request._request),
            project=project,
            file=values["file"],
            filename=values["file"].name or "",
            name=values["name"],
            origin=values["origin"],
            target_column=values["target_column"],
        )
        return Response(DataSetRow(data_set).data, status=201)


class OneDataSet(APIView):
    """One data file."""

    @extend_schema(responses=DataSetRow)
    def get(self, request: Request, key: str, number: int) -> Response:
        """What is known of a data file."""
        data_set = selectors.data_sets_of(project_for(request, key)).filter(number=number).first()
        if data_set is None:
            raise Http404
        return Response(DataSetRow(data_set).data)


class Features(APIView):
    """The feature dictionary, as a whole."""

    @extend_schema(responses=FeatureEntry(many=True))
    def get(self, request: Request, key: str) -> Response:
        """All entries, and empty ones for features of the newest accepted model that have none."""
        return Response(selectors.dictionary_rows(project_for(request, key)))

    @extend_schema(request=FeatureEntry(many=True), responses=FeatureEntry(many=True))
    def put(self, request: Request, key: str) -> Response:
        """Replace the dictionary: entries that are not sent go."""
        project = project_for(request, key)
        given = FeatureEntry(data=request.data, many=True)
        given.is_valid(raise_exception=True)
        services.set_features(actor=signed_in(request._request), project=project, rows=given.validated_data)
        return Response(selectors.dictionary_rows(project))
