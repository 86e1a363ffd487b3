"""REST of the ledger."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.jobs.models import Job
from foundation.jobs.selectors import job_for
from foundation.jobs.services import cancel_job, retry_job
from foundation.web.views import signed_in


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as scripts see it; `percent` is null while the amount of work is unknown, `parts` for a job without."""

    label = serializers.CharField(read_only=True)  # type: ignore[assignment] # a field of that name, not the caption
    percent = serializers.IntegerField(read_only=True, allow_null=True)
    done_units = serializers.IntegerField(source="units_so_far", read_only=True)
    step = serializers.CharField(source="doing", read_only=True)
    part_of = serializers.IntegerField(source="parent_id", read_only=True, allow_null=True)
    parts = serializers.SerializerMethodField()
    created_by = serializers.SlugRelatedField[Any](slug_field="email", read_only=True)

    class Meta:
        model = Job
        fields = (
            "id", "kind", "label", "state", "percent", "done_units", "all_units", "step", "error", "error_code",
            "attempts", "max_attempts", "created_by", "created_at", "run_after", "started_at", "finished_at", "part_of",
            "parts",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(
        {
            "type": "object",
            "nullable": True,
            "properties": {"done": {"type": "integer"}, "all": {"type": "integer"}},
        }
    )
    def get_parts(self, job: Job) -> dict[str, int] | None:
        """How many parts are done, of how many."""
        return {"done": job.family.done, "all": job.family.all} if job.family.all else None


class JobView(APIView):
    """One job."""

    @extend_schema(operation_id="job", responses=JobSerializer)
    def get(self, request: Request, job_id: int) -> Response:
        """How far a job is, and what became of it."""
        return Response(JobSerializer(job_for(signed_in(_plain(request)), job_id)).data)


class RetryView(APIView):
    """Start a job again."""

    @extend_schema(operation_id="job_retry", request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: int) -> Response:
        """Queue a job again that failed, was given up or was cancelled."""
        person = signed_in(_plain(request))
        return Response(JobSerializer(retry_job(actor=person, job=job_for(person, job_id))).data)


class CancelView(APIView):
    """Cancel a job."""

    @extend_schema(operation_id="job_cancel", request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: int) -> Response:
        """Cancel a job that waits or runs; nothing of it is stored."""
        person = signed_in(_plain(request))
        return Response(JobSerializer(cancel_job(actor=person, job=job_for(person, job_id))).data)


def _plain(request: Request) -> HttpRequest:
    # DRF sets the person it authenticated on the request it wraps.
    return request._request
