"""REST of what a KPI is compared with, what is left out of it, and of the solution's retirement."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.kpis import services
from lifecycle.kpis.api import serializers as shapes
from lifecycle.kpis.api.finding import RoomView
from lifecycle.kpis.models import Exclusion, KpiControl, Retirement
from lifecycle.kpis.permits import RECORD, may


class ControlListView(RoomView):
    """Series that a KPI is compared with."""

    serializer_class = shapes.ControlOut

    @extend_schema(operation_id="controls_list", responses=shapes.ControlOut(many=True))
    def get(self, request: Request, key: str, kpi_key: str) -> Response:
        """List them, ended ones too."""
        rows = KpiControl.objects.filter(kpi=self.kpi()).select_related("control", "added_by").order_by("pk")
        return self.pages(rows, shapes.ControlOut)

    @extend_schema(operation_id="controls_add", request=shapes.ControlIn, responses={201: shapes.ControlOut})
    def post(self, request: Request, key: str, kpi_key: str) -> Response:
        """Name a control, or a unit of which a lot decided."""
        kpi = self.kpi()
        may(self.caller(), RECORD, kpi.project).demand()
        given = self.read(shapes.ControlIn)
        control = self.named_kpi(kpi.project, given.pop("control"), "control")
        assert control is not None  # the key is required
        row = services.add_control(actor=self.caller(), kpi=kpi, control=control, **given)
        return Response(shapes.ControlOut(row).data, status=201)


class ControlEndView(RoomView):
    """End of a comparison."""

    serializer_class = shapes.ControlOut

    @extend_schema(operation_id="controls_end", request=shapes.ControlEnd, responses=shapes.ControlOut)
    def post(self, request: Request, control_id: int) -> Response:
        """Compare no more, or say from when on a unit that waited has the solution."""
        row = get_object_or_404(KpiControl, kpi__project__in=self.visible(), pk=control_id)
        done = services.end_control(actor=self.caller(), control_id=row.pk, **self.read(shapes.ControlEnd))
        return Response(shapes.ControlOut(done).data)


class ExclusionListView(RoomView):
    """Periods of a KPI that are left out."""

    serializer_class = shapes.ExclusionOut

    @extend_schema(operation_id="exclusions_list", responses=shapes.ExclusionOut(many=True))
    def get(self, request: Request, key: str, kpi_key: str) -> Response:
        """List them, withdrawn ones too."""
        rows = Exclusion.objects.filter(kpi=self.kpi()).select_related("proposed_by", "approved_by")
        return self.pages(rows.order_by("starts_on", "pk"), shapes.ExclusionOut)

    @extend_schema(operation_id="exclusions_propose", request=shapes.ExclusionIn, responses={201: shapes.ExclusionOut})
    def post(self, request: Request, key: str, kpi_key: str) -> Response:
        """Propose to leave out periods because of an event; another person approves it."""
        row = services.propose_exclusion(actor=self.caller(), kpi=self.kpi(), **self.read(shapes.ExclusionIn))
        return Response(shapes.ExclusionOut(row).data, status=201)


class ExclusionDeedView(RoomView):
    """Approve or end an exclusion."""

    serializer_class = shapes.ExclusionOut

    def exclusion(self) -> Exclusion:
        return get_object_or_404(Exclusion, kpi__project__in=self.visible(), pk=self.kwargs["exclusion_id"])


class ExclusionApproveView(ExclusionDeedView):
    """Approval of an exclusion."""

    @extend_schema(operation_id="exclusions_approve", request=None, responses=shapes.ExclusionOut)
    def post(self, request: Request, exclusion_id: int) -> Response:
        """Leave the periods out. Never by the one who proposed it."""
        done = services.approve_exclusion(actor=self.caller(), exclusion_id=self.exclusion().pk)
        return Response(shapes.ExclusionOut(done).data)


class ExclusionEndView(ExclusionDeedView):
    """End of an exclusion."""

    @extend_schema(operation_id="exclusions_end", request=shapes.ReasonIn, responses=shapes.ExclusionOut)
    def post(self, request: Request, exclusion_id: int) -> Response:
        """Withdraw a proposal, or let the periods count again."""
        done = services.end_exclusion(
            actor=self.caller(), exclusion_id=self.exclusion().pk, **self.read(shapes.ReasonIn)
        )
        return Response(shapes.ExclusionOut(done).data)


class RetirementView(RoomView):
    """When the solution of a project was taken away."""

    serializer_class = shapes.RetirementOut

    @extend_schema(operation_id="retirement_list", responses=shapes.RetirementOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """List what was said about it, newest first; the first row counts."""
        return self.pages(Retirement.objects.filter(project=self.project()).order_by("-pk"), shapes.RetirementOut)

    @extend_schema(operation_id="retirement_record", request=shapes.RetirementIn, responses={201: shapes.RetirementOut})
    def post(self, request: Request, key: str) -> Response:
        """Record when benefits end and until when it costs."""
        project = self.project()
        row = services.record_retirement(actor=self.caller(), project=project, **self.read(shapes.RetirementIn))
        return Response(shapes.RetirementOut(row).data, status=201)
