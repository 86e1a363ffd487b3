"""The REST API, version 1: each room's routes under one root."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from explain.attributions import urls as attributions
from explain.cases import urls as cases
from explain.outcomes import urls as outcomes
from explain.register import urls as register
from explain.steering import urls as steering
from foundation.audit import urls as audit
from foundation.calendar import urls as calendar
from foundation.jobs import urls as jobs
from foundation.notices import urls as notices
from foundation.people import urls as people
from lifecycle.acceptance import urls as acceptance
from lifecycle.dossier import urls as dossier
from lifecycle.kpis import urls as kpis
from lifecycle.lessons import urls as lessons
from lifecycle.lessons.checks import urls as checks
from lifecycle.lessons.offers import urls as offers
from lifecycle.lessons.similar import urls as similar
from lifecycle.methodologies import urls as methodologies
from lifecycle.postmortems import urls as postmortems
from lifecycle.projects import urls as projects
from lifecycle.signoff import urls as signoff
from portal.api import views

app_name = "api"
ROOMS = (
    people, audit, jobs, notices, calendar,
    methodologies, projects, kpis, signoff, acceptance, lessons, checks, similar, offers, postmortems, dossier,
    register, attributions, outcomes, cases, steering,
)  # fmt: skip
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.Root.as_view(), name="root"),
    path("schema/", views.Schema.as_view(), name="schema"),
    path("docs/", views.docs, name="docs"),
    *(path("", include(room.api_urlpatterns)) for room in ROOMS),
]
