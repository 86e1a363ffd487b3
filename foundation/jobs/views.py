"""Pages of the ledger: one job, jobs in trouble, retry, cancel."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from foundation.jobs.permits import may_see_all, may_steer
from foundation.jobs.selectors import job_for, jobs_in_trouble, parts_of, result_for
from foundation.jobs.services import cancel_job, retry_job
from foundation.web.views import signed_in

PAGE_SIZE = 50


@require_safe
@never_cache
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """A job; with `?fragment=` or from HTMX only how far it is."""
    person = signed_in(request)
    found = job_for(person, job_id)
    if request.GET.get("fragment") or request.headers.get("HX-Request"):
        on_its_page = request.GET.get("fragment") == "page"
        return render(request, "foundation/web/progress.html", {"job": found, "on_its_page": on_its_page})
    context = {
        "job": found,
        "may_steer": may_steer(person, found),
        "result": result_for(person, found),
        "parts": parts_of(found),
    }
    return render(request, "foundation/jobs/job.html", context)


@require_safe
@never_cache
def trouble(request: HttpRequest) -> HttpResponse:
    """Jobs given up or waiting for long: all for those who see everything, else one's own."""
    person = signed_in(request)
    sees_all = may_see_all(person)
    rows = jobs_in_trouble() if sees_all else jobs_in_trouble().filter(created_by=person)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "foundation/jobs/trouble.html", {"page": page, "sees_all": sees_all})


@require_POST
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Start a job again."""
    person = signed_in(request)
    row = retry_job(actor=person, job=job_for(person, job_id))
    messages.success(request, "The job is queued again.")
    return redirect("jobs:job", job_id=row.pk)


@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Cancel open work."""
    person = signed_in(request)
    row = cancel_job(actor=person, job=job_for(person, job_id))
    messages.success(request, "The job is cancelled. Nothing of it will be stored.")
    return redirect("jobs:job", job_id=row.pk)
