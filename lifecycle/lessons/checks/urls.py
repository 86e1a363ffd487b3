"""Addresses of checks; before those of post-mortems, which take any word for a reference."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.lessons.checks import api, views

app_name = "checks"
_PAGES, _CHECK = "post-mortems/checks/", "lesson-checks/<int:check_id>/"
urlpatterns: list[URLPattern] = [
    path(_PAGES, views.checks, name="list"),
    path(f"{_PAGES}<int:check_id>/", views.check, name="check"),
    path(f"{_PAGES}<int:check_id>/catches/<int:question_id>/", views.caught, name="caught"),
    path(f"{_PAGES}<int:check_id>/<slug:name>/", views.deed, name="deed"),
    path("post-mortems/<str:reference>/checks/new/", views.new, name="new"),
]
api_urlpatterns: list[URLPattern] = [
    path("lesson-checks/", api.Checks.as_view(), name="api-lesson-checks"),
    path(_CHECK, api.CheckDetail.as_view(), name="api-lesson-check"),
    path(f"{_CHECK}accept/", api.CheckDeeds.as_view(deed="accept"), name="api-lesson-check-accept"),
    path(f"{_CHECK}decline/", api.CheckDeeds.as_view(deed="decline"), name="api-lesson-check-decline"),
    path(f"{_CHECK}put-back/", api.CheckDeeds.as_view(deed="put-back"), name="api-lesson-check-put-back"),
    path(f"{_CHECK}catches/", api.Catches.as_view(), name="api-lesson-check-catches"),
    path("post-mortems/<str:reference>/checks/", api.Proposals.as_view(), name="api-postmortem-checks"),
]
