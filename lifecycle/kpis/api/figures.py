"""REST of readings, go-live and cash lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiRequest, PolymorphicProxySerializer, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.web.refused import Refused
from lifecycle.kpis import services
from lifecycle.kpis.api import serializers as shapes
from lifecycle.kpis.api.finding import RoomView
from lifecycle.kpis.csv_files import MAX_ROWS, Fault, Reading, parse_day
from lifecycle.kpis.models import CashLine, GoLive, Kpi, Measurement
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.services.readings import rows_invalid
from lifecycle.kpis.units import converted
from lifecycle.kpis.writings import Unclear


class MeasurementListView(RoomView):
    """Readings of a KPI."""

    serializer_class = shapes.MeasurementOut

    @extend_schema(
        operation_id="measurements_list",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, description="First period"),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Last period"),
        ],
        responses=shapes.MeasurementOut(many=True),
    )
    def get(self, request: Request, key: str, kpi_key: str) -> Response:
        """List all readings with their revisions, newest period first."""
        rows = Measurement.objects.filter(kpi=self.kpi()).select_related("recorded_by").order_by("-period", "-revision")
        for name, lookup in (("from", "period__gte"), ("to", "period__lte")):
            if text := request.query_params.get(name):
                rows = rows.filter(**{lookup: _day(text, name)})
        return self.pages(rows, shapes.MeasurementOut)

    @extend_schema(
        operation_id="measurements_record",
        request=PolymorphicProxySerializer(
            component_name="MeasurementsBody",
            serializers=[shapes.MeasurementsIn, shapes.MeasurementIn],
            resource_type_field_name=None,
        ),
        responses={201: shapes.ImportedOut, 200: shapes.ImportedOut},
    )
    def post(self, request: Request, key: str, kpi_key: str) -> Response:
        """Record one reading, a list of readings, or `{"rows": [...], "partial": true}`.

        At most 10,000 in a call. All or none, unless `partial`. The code of a refusal is `rows_invalid`; its `rows` name
        line, code, field and message of each bad row.
        """
        kpi = self.kpi()
        may(self.caller(), RECORD, kpi.project).demand()
        body, partial = request.data, False
        if isinstance(body, Mapping) and "rows" in body:
            partial = body.get("partial") in (True, "true")
            body = body["rows"]
        elif isinstance(body, Mapping):
            body = [body]
        if not isinstance(body, list):
            raise Refused(
                'Send one reading, a list of readings, or {"rows": [...]}.',
                code="rows_unreadable",
                status=400,
                field="rows",
            )
        if len(body) > MAX_ROWS:
            raise Refused(
                f"These are more than {MAX_ROWS:,} rows. Send them in parts.",
                code="too_many_rows",
                status=400,
                field="rows",
            )
        rows, faults = _readings(body, kpi)
        if faults and not partial:
            # Rows that can be read may be bad too: all are told at once.
            raise rows_invalid(sorted([*faults, *services.faults_of(kpi, rows)]), len(body))
        done = services.record_measurements(
            actor=self.caller(), kpi=kpi, rows=rows, source=Measurement.Source.API, partial=partial
        )
        done.faults = sorted([*faults, *done.faults])
        return Response(shapes.ImportedOut(done).data, status=201 if done.recorded else 200)


class CsvView(RoomView):
    """Readings of a KPI as a CSV file."""

    serializer_class = shapes.ImportedOut
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="measurements_upload",
        request=OpenApiRequest(shapes.CsvIn),
        responses={201: shapes.ImportedOut, 200: shapes.ImportedOut},
    )
    def post(self, request: Request, key: str, kpi_key: str) -> Response:
        """Record the rows of a file: all or none, or the good ones with `partial`."""
        kpi, given = self.kpi(), self.read(shapes.CsvIn)
        done = services.import_csv(
            actor=self.caller(), kpi=kpi, file=given["file"], partial=given.get("partial", False)
        )
        return Response(shapes.ImportedOut(done).data, status=201 if done.recorded else 200)


class GoLiveView(RoomView):
    """When the solution of a project begins to work."""

    serializer_class = shapes.GoLiveOut

    @extend_schema(operation_id="go_live_list", responses=shapes.GoLiveOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """List what was recorded; the first one counts."""
        return self.pages(GoLive.objects.filter(project=self.project()).order_by("-pk"), shapes.GoLiveOut)

    @extend_schema(operation_id="go_live_record", request=shapes.GoLiveIn, responses={201: shapes.GoLiveOut})
    def post(self, request: Request, key: str) -> Response:
        """Record a go-live."""
        row = services.record_go_live(actor=self.caller(), project=self.project(), **self.read(shapes.GoLiveIn))
        return Response(shapes.GoLiveOut(row).data, status=201)


class CashListView(RoomView):
    """Costs and benefits of a project."""

    serializer_class = shapes.CashOut

    @extend_schema(operation_id="cash_lines_list", responses=shapes.CashOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """List all lines by month, void ones too."""
        rows = CashLine.objects.filter(project=self.project()).select_related("kpi").order_by("month", "pk")
        return self.pages(rows, shapes.CashOut)

    @extend_schema(operation_id="cash_lines_add", request=shapes.CashIn, responses={201: shapes.CashOut})
    def post(self, request: Request, key: str) -> Response:
        """Add a line. The amount is text; a JSON number is refused with `money_is_float`."""
        project, given = self.project(), self.read(shapes.CashIn)
        given["kpi"] = self.named_kpi(project, given.get("kpi"), "kpi")
        line = services.add_cash_line(actor=self.caller(), project=project, **given)
        return Response(shapes.CashOut(line).data, status=201)


class CashVoidView(RoomView):
    """Voiding of a line."""

    serializer_class = shapes.CashOut

    @extend_schema(operation_id="cash_lines_void", request=shapes.ReasonIn, responses=shapes.CashOut)
    def post(self, request: Request, line_id: int) -> Response:
        """Take a line out of the sums; it stays in the record."""
        line = get_object_or_404(CashLine, project__in=self.visible(), pk=line_id)
        done = services.void_cash_line(actor=self.caller(), line_id=line.pk, **self.read(shapes.ReasonIn))
        return Response(shapes.CashOut(done).data)


def _day(text: str, field: str) -> date:
    try:
        return parse_day(text, Kpi.Frequency.DAY)
    except ValueError as fault:
        raise Refused(str(fault), code="day_invalid", status=400, field=field) from None


def _readings(body: list[Any], kpi: Kpi) -> tuple[list[Reading], list[Fault]]:
    """Rows of a JSON list by hand: a serializer for each of 10,000 rows would take seconds."""
    rows: list[Reading] = []
    faults: list[Fault] = []
    for line, row in enumerate(body, start=1):
        try:
            rows.append(_reading(row, line, kpi))
        except Unclear as fault:
            faults.append(Fault(line, str(fault), fault.code, fault.field))
    return rows, faults


def _in_unit(value: float, unit: object, kpi: Kpi) -> float:
    """The value in the KPI's unit, where the row names one."""
    if unit is None:
        return value
    try:
        return converted(value, unit if isinstance(unit, str) else repr(unit), kpi.unit)
    except Refused as refused:
        raise Unclear(refused.message, code=refused.code, field="unit") from None


def _reading(row: Any, line: int, kpi: Kpi) -> Reading:
    if not isinstance(row, Mapping):
        raise Unclear(
            'A reading is an object such as {"period": "2026-03-02", "value": 11.4}.', code="row_unreadable", field=""
        )
    when, value, note = row.get("period"), row.get("value"), row.get("note") or ""
    if not isinstance(when, str):
        raise Unclear(
            "The period is missing. Write it as text, such as 2026-03-02.", code="period_missing", field="period"
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unclear("The value is missing, or it is no number.", code="value_unreadable", field="value")
    if not isinstance(note, str):
        raise Unclear("The note has to be text.", code="note_unreadable", field="note")
    try:
        day = parse_day(when, kpi.frequency)
    except ValueError as fault:
        raise Unclear(str(fault), code="period_unreadable", field="period") from None
    try:
        return Reading(day, _in_unit(float(value), row.get("unit"), kpi), note, line)
    except OverflowError:
        raise Unclear("The value is too large to be a reading.", code="value_too_large", field="value") from None
