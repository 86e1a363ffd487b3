"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.projects import api
from lifecycle.projects.api import delegations
from lifecycle.projects.views import cover, deliverables, ending, moving, projects, stages

app_name = "projects"
_project = "projects/<slug:key>/"
_deliverable = f"{_project}deliverables/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path("projects/", projects.list_, name="list"),
    path("projects/new/", projects.new, name="new"),
    path(f"{_project}edit/", projects.edit, name="edit"),
    path(f"{_project}stop/", ending.stop, name="stop"),
    path(f"{_project}close/", ending.close, name="close"),
    path(f"{_project}people/", projects.people, name="people"),
    path(f"{_project}people/<int:pk>/end/", projects.end_role, name="end_role"),
    path(f"{_project}methodology/", moving.methodology, name="methodology"),
    path(f"{_project}stages/", stages.stages, name="stages"),
    path(f"{_project}stages/<slug:stage_key>/", stages.stage, name="stage"),
    path(f"{_project}stages/<slug:stage_key>/plan/", stages.plan, name="plan"),
    path(f"{_project}questions/<int:pk>/", stages.answer, name="answer"),
    path(f"{_project}tasks/<int:pk>/", stages.task, name="task"),
    path(_deliverable, deliverables.deliverable, name="deliverable"),
    path(f"{_deliverable}preview/", deliverables.preview, name="preview"),
    path(f"{_deliverable}applies/", deliverables.applies, name="applies"),
    path(f"{_deliverable}former/", deliverables.former, name="former"),
    path(f"{_deliverable}versions/<int:number>/", deliverables.version, name="version"),
    path(f"{_deliverable}versions/<int:number>/file/", deliverables.download, name="download"),
    path("cover/", cover.cover, name="cover"),
    path("cover/<int:pk>/end/", cover.end_cover, name="end_cover"),
]
_one = "projects/<slug:key>/"
api_urlpatterns: list[URLPattern] = [
    path("projects/", api.ProjectList.as_view(), name="api-projects"),
    path(_one, api.ProjectOne.as_view(), name="api-project"),
    path(f"{_one}stop/", api.ProjectStop.as_view(), name="api-project-stop"),
    path(f"{_one}close/", api.ProjectClose.as_view(), name="api-project-close"),
    path(f"{_one}members/", api.MemberList.as_view(), name="api-members"),
    path(f"{_one}members/<int:pk>/", api.MemberOne.as_view(), name="api-member"),
    path(f"{_one}methodology/", api.MethodologyMove.as_view(), name="api-project-methodology"),
    path(f"{_one}stages/", api.StageList.as_view(), name="api-stages"),
    path(f"{_one}stages/<slug:stage_key>/", api.StageOne.as_view(), name="api-stage"),
    path("deliverables/<int:pk>/", api.DeliverableOne.as_view(), name="api-deliverable"),
    path("deliverables/<int:pk>/versions/", api.VersionList.as_view(), name="api-versions"),
    path("deliverables/<int:pk>/versions/<int:number>/", api.VersionOne.as_view(), name="api-version"),
    path("deliverables/<int:pk>/versions/<int:number>/file/", api.VersionFile.as_view(), name="api-version-file"),
    path("deliverables/<int:pk>/not-applicable/", api.NotApplicable.as_view(), name="api-not-applicable"),
    path("deliverables/<int:pk>/former/", api.Former.as_view(), name="api-former"),
    path("questions/<int:pk>/answers/", api.AnswerList.as_view(), name="api-answers"),
    path("tasks/<int:pk>/", api.TaskOne.as_view(), name="api-task"),
    path("delegations/", delegations.DelegationList.as_view(), name="api-delegations"),
    path("delegations/<int:pk>/end/", delegations.DelegationEnd.as_view(), name="api-delegation-end"),
]
