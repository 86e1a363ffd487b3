"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from foundation.jobs import api, views

app_name = "jobs"
urlpatterns: list[URLPattern] = [
    path("jobs/", views.trouble, name="trouble"),
    path("jobs/<int:job_id>/", views.job, name="job"),
    path("jobs/<int:job_id>/retry/", views.retry, name="retry"),
    path("jobs/<int:job_id>/cancel/", views.cancel, name="cancel"),
]
api_urlpatterns: list[URLPattern] = [
    path("jobs/<int:job_id>/", api.JobView.as_view(), name="api-job"),
    path("jobs/<int:job_id>/retry/", api.RetryView.as_view(), name="api-job-retry"),
    path("jobs/<int:job_id>/cancel/", api.CancelView.as_view(), name="api-job-cancel"),
]
