"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.postmortems import api, views

app_name = "postmortems"
_ONE = "post-mortems/<str:reference>/"
urlpatterns: list[URLPattern] = [
    path("post-mortems/", views.postmortems, name="list"),
    path("post-mortems/triggers/", views.rules, name="rules"),
    path("post-mortems/triggers/<slug:cause>/", views.change_rule, name="change_rule"),
    path("post-mortems/following/", views.follow, name="follow"),
    path("post-mortems/templates/", views.templates, name="templates"),
    path("post-mortems/templates/new/", views.new_template, name="new_template"),
    path("post-mortems/templates/<slug:key>/", views.template, name="template"),
    path("post-mortems/templates/<slug:key>/retire/", views.retire_template, name="retire_template"),
    path("projects/<slug:key>/post-mortems/new/", views.new, name="new"),
    path(_ONE, views.postmortem, name="postmortem"),
    path(f"{_ONE}export.md", views.export, name="export"),
    path(f"{_ONE}export.<slug:form>", views.export_as, name="export_as"),
    path(f"{_ONE}outward.<slug:form>", views.outward, name="outward"),
    path(f"{_ONE}differences/", views.differences, name="differences"),
    path(f"{_ONE}revisions/<int:number>/", views.revision, name="revision"),
    path(f"{_ONE}changes/", views.changes, name="changes"),
    path(f"{_ONE}unsaved/", views.keep, name="keep"),
    path(f"{_ONE}unsaved/drop/", views.drop, name="drop"),
    path(f"{_ONE}tags/", views.tags, name="tags"),
    path(f"{_ONE}files/", views.attach, name="attach"),
    path(f"{_ONE}files/<int:file_id>/", views.download, name="file"),
    path(f"{_ONE}files/<int:file_id>/remove/", views.detach, name="detach"),
    path(f"{_ONE}edit/<slug:section>/", views.edit, name="edit"),
    path(f"{_ONE}steps/<slug:step>/", views.move, name="move"),
    path(f"{_ONE}actions/<int:action_id>/<slug:deed>/", views.action_deed, name="action"),
    path(f"{_ONE}<slug:part>/<int:row_id>/", views.edit_row, name="edit_row"),
    path(f"{_ONE}<slug:part>/", views.add, name="add"),
]
api_urlpatterns: list[URLPattern] = [
    path("post-mortem-taxonomy/", api.TaxonomyDetail.as_view(), name="api-taxonomy"),
    path("post-mortem-triggers/", api.TriggerRules.as_view(), name="api-postmortem-triggers"),
    path("post-mortem-review-questions/", api.ReviewQuestions.as_view(), name="api-postmortem-review-questions"),
    path("post-mortem-templates/", api.Templates.as_view(), name="api-templates"),
    path("post-mortem-following/", api.Following.as_view(), name="api-postmortem-following"),
    path("post-mortem-actions/", api.MyActions.as_view(), name="api-my-actions"),
    path("post-mortems/", api.PostMortems.as_view(), name="api-postmortems"),
    path(_ONE, api.PostMortemDetail.as_view(), name="api-postmortem"),
    path(f"{_ONE}export.md", api.Export.as_view(), name="api-postmortem-export"),
    path(f"{_ONE}tags/", api.Tags.as_view(), name="api-postmortem-tags"),
    path(f"{_ONE}files/", api.Files.as_view(), name="api-postmortem-files"),
    path(f"{_ONE}files/<int:file_id>/", api.OneFile.as_view(), name="api-postmortem-file"),
    path(f"{_ONE}unsaved/", api.Unsaved.as_view(), name="api-postmortem-unsaved"),
    path(f"{_ONE}unsaved/<str:place>/", api.OneUnsaved.as_view(), name="api-postmortem-unsaved-one"),
    path(f"{_ONE}export.<slug:form>", api.ExportAs.as_view(), name="api-postmortem-export-as"),
    path(f"{_ONE}outward.<slug:form>", api.Outward.as_view(), name="api-postmortem-outward"),
    path(f"{_ONE}differences/", api.Differences.as_view(), name="api-postmortem-differences"),
    path(f"{_ONE}actions/<int:row_id>/<slug:deed>/", api.ActionDeeds.as_view(), name="api-action-deeds"),
    *(
        path(f"{_ONE}{step}/", api.Steps.as_view(step=step), name=f"api-postmortem-{step}")
        for step in ("submit", "return", "publish", "revise", "close", "reopen")
    ),
    *(path(f"{_ONE}{part}/", view.as_view(), name=f"api-postmortem-{part}") for part, view in api.ROW_VIEWS.items()),
    *(
        path(f"{_ONE}{part}/<int:row_id>/", view.as_view(), name=f"api-postmortem-{part}-row")
        for part, view in api.ONE_ROW_VIEWS.items()
    ),
]
