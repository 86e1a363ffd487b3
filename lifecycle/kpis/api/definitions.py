"""REST of KPIs, baselines, targets and values per unit."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.kpis import selectors, services
from lifecycle.kpis.api import serializers as shapes
from lifecycle.kpis.api.finding import RoomView
from lifecycle.kpis.claims.selectors import own_shares
from lifecycle.kpis.models import Baseline, Kpi, Target, ValuePerUnit
from lifecycle.kpis.periods import organisation_today


class KpiListView(RoomView):
    """The KPIs of a project."""

    serializer_class = shapes.KpiOut

    @extend_schema(operation_id="kpis_list", responses=shapes.KpiOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """List the KPIs."""
        rows = Kpi.objects.filter(project=self.project()).select_related("volume_kpi", "derived_from")
        page = self.paginate_queryset(rows.order_by("-is_primary", "name", "pk")) or []
        shown = shapes.KpiOut(page, many=True, context={"own_shares": own_shares(page)})
        return self.get_paginated_response(shown.data)

    @extend_schema(operation_id="kpis_create", request=shapes.KpiIn, responses={201: shapes.KpiOut})
    def post(self, request: Request, key: str) -> Response:
        """Define a KPI."""
        project, given = self.project(), self.read(shapes.KpiIn)
        for field in ("volume_kpi", "derived_from"):
            given[field] = self.named_kpi(project, given.get(field), field)
        kpi = services.define_kpi(actor=self.caller(), project=project, **given)
        return Response(shapes.KpiOut(kpi).data, status=201)


class KpiView(RoomView):
    """One KPI."""

    serializer_class = shapes.KpiDetail

    @extend_schema(operation_id="kpis_read", responses=shapes.KpiDetail)
    def get(self, request: Request, key: str, kpi_key: str) -> Response:
        """The KPI with its baseline, target, value per unit and latest reading."""
        return Response(self._detail(self.kpi()))

    @extend_schema(operation_id="kpis_change", request=shapes.KpiChange, responses=shapes.KpiDetail)
    def patch(self, request: Request, key: str, kpi_key: str) -> Response:
        """Change the definition; a change of meaning is refused while a baseline is frozen, unless it is given up."""
        kpi, given = self.kpi(), self.read(shapes.KpiChange)
        for field in ("volume_kpi", "derived_from"):
            if field in given:
                given[f"clear_{field}"] = given[field] is None
                given[field] = self.named_kpi(kpi.project, given[field], field)
        if "season" in given:
            given["clear_season"] = given["season"] is None
        services.edit_kpi(actor=self.caller(), kpi=kpi, **given)
        return Response(self._detail(self.kpi()))

    def _detail(self, kpi: Kpi) -> dict[str, Any]:
        series = selectors.series_of(kpi)
        detail = {
            "kpi": kpi,
            "baseline": selectors.frozen_baseline(kpi),
            "proposed_baseline": Baseline.objects.filter(kpi=kpi, state=Baseline.State.PROPOSED).first(),
            "target": selectors.current_target(kpi),
            "unit_value": selectors.unit_value_on(kpi, organisation_today()),
            "latest_period": series[-1].period if series else None,
            "latest_value": series[-1].value if series else None,
            "readings": len(series),
        }
        shown: dict[str, Any] = shapes.KpiDetail(detail).data
        return shown


class BaselineListView(RoomView):
    """Baselines of a KPI."""

    serializer_class = shapes.BaselineOut

    @extend_schema(operation_id="baselines_list", responses=shapes.BaselineOut(many=True))
    def get(self, request: Request, key: str, kpi_key: str) -> Response:
        """List the baselines, newest first."""
        rows = Baseline.objects.filter(kpi=self.kpi()).select_related("proposed_by", "approved_by").order_by("-pk")
        return self.pages(rows, shapes.BaselineOut)

    @extend_schema(operation_id="baselines_propose", request=shapes.BaselineIn, responses={201: shapes.BaselineOut})
    def post(self, request: Request, key: str, kpi_key: str) -> Response:
        """Propose a window; the sponsor or the customer approves it."""
        baseline = services.propose_baseline(actor=self.caller(), kpi=self.kpi(), **self.read(shapes.BaselineIn))
        return Response(shapes.BaselineOut(baseline).data, status=201)


class BaselineDeedView(RoomView):
    """Approve or withdraw a baseline."""

    serializer_class = shapes.BaselineOut

    def baseline(self) -> Baseline:
        return get_object_or_404(Baseline, kpi__project__in=self.visible(), pk=self.kwargs["baseline_id"])


class BaselineApproveView(BaselineDeedView):
    """Approval of a baseline."""

    @extend_schema(operation_id="baselines_approve", request=None, responses=shapes.BaselineOut)
    def post(self, request: Request, baseline_id: int) -> Response:
        """Freeze the values of the window. Never by the one who proposed it."""
        done = services.approve_baseline(actor=self.caller(), baseline_id=self.baseline().pk)
        return Response(shapes.BaselineOut(done).data)


class BaselineWithdrawView(BaselineDeedView):
    """Withdrawal of a proposed baseline."""

    @extend_schema(operation_id="baselines_withdraw", request=shapes.ReasonIn, responses=shapes.BaselineOut)
    def post(self, request: Request, baseline_id: int) -> Response:
        """Take the proposal back."""
        done = services.withdraw_baseline(
            actor=self.caller(), baseline_id=self.baseline().pk, **self.read(shapes.ReasonIn)
        )
        return Response(shapes.BaselineOut(done).data)


class TargetListView(RoomView):
    """Targets of a KPI."""

    serializer_class = shapes.TargetOut

    @extend_schema(operation_id="targets_list", responses=shapes.TargetOut(many=True))
    def get(self, request: Request, key: str, kpi_key: str) -> Response:
        """List the targets; the first one counts."""
        return self.pages(Target.objects.filter(kpi=self.kpi()).order_by("-pk"), shapes.TargetOut)

    @extend_schema(operation_id="targets_set", request=shapes.TargetIn, responses={201: shapes.TargetOut})
    def post(self, request: Request, key: str, kpi_key: str) -> Response:
        """Set a target."""
        target = services.set_target(actor=self.caller(), kpi=self.kpi(), **self.read(shapes.TargetIn))
        return Response(shapes.TargetOut(target).data, status=201)


class UnitValueListView(RoomView):
    """What a unit of a KPI is worth."""

    serializer_class = shapes.UnitValueOut

    @extend_schema(operation_id="unit_values_list", responses=shapes.UnitValueOut(many=True))
    def get(self, request: Request, key: str, kpi_key: str) -> Response:
        """List the values per unit, latest first."""
        rows = ValuePerUnit.objects.filter(kpi=self.kpi()).order_by("-valid_from", "-pk")
        return self.pages(rows, shapes.UnitValueOut)

    @extend_schema(operation_id="unit_values_set", request=shapes.UnitValueIn, responses={201: shapes.UnitValueOut})
    def post(self, request: Request, key: str, kpi_key: str) -> Response:
        """Set a value per unit. Amounts are text; a JSON number is refused."""
        kpi = self.kpi()
        row = services.set_unit_value(actor=self.caller(), kpi=kpi, **self.read(shapes.UnitValueIn))
        return Response(shapes.UnitValueOut(row).data, status=201)
