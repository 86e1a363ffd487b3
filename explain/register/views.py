"""Pages of the register: models, data sets, the feature dictionary."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from explain.register import selectors, services
from explain.register.forms import DataForm, DictionaryFile, ModelForm
from explain.register.models import Feature, ModelVersion
from explain.register.permits import may
from explain.register.reading import reader
from explain.register.services.dictionary import CSV_BYTES, FeatureRow, as_csv
from foundation.people.models import User
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.acceptance.selectors import approved_use_of
from lifecycle.projects.models import Project
from lifecycle.projects.permits import roles_of

BLANK_ROWS = 2
# Shorter than the words of the model: they stand in a narrow column.
EXPECTED = (("", "no expectation"), ("up", "raises it"), ("down", "lowers it"))


def _found(request: HttpRequest, key: str) -> tuple[User, Project]:
    user = signed_in(request)
    project = selectors.find_project(user, key)
    if project is None:
        raise Http404
    return user, project


@require_http_methods(["GET", "POST"])
def models(request: HttpRequest, key: str) -> HttpResponse:
    """Versions of the model, data sets, explanations; POST uploads a version."""
    user, project = _found(request, key)
    refused: Refused | None = None
    form = ModelForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            version = services.upload_model(
                actor=user,
                project=project,
                file=chosen["file"],
                filename=chosen["file"].name or "",
                name=chosen["name"],
                purpose=chosen["purpose"],
                format=chosen["format"],
                metrics=chosen["metrics"],
                note=chosen["note"],
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, f"{version} was uploaded and is being looked at in the sandbox.")
            return redirect(version.get_absolute_url())
    found = selectors.register_of(project)
    if request.method == "GET" and found.versions:
        purpose = next((version.purpose for version in found.versions if version.purpose), "")
        form = ModelForm(initial={"name": found.versions[0].name, "purpose": purpose})
    roles = roles_of(user, project)
    context = {
        "project": project,
        "register": found,
        # rows of the room above, reached through the project's own relation
        "explanations": list(
            project.explanations.select_related("model_version", "data_set", "job")
            .defer("summary", "samples", "model_version__facts")
            .order_by("-pk")[:10]
        ),
        "accepted": any(version.state == ModelVersion.State.ACCEPTED for version in found.versions),
        "may_upload": may(user, "upload_model", project, roles=roles),
        "form": form,
        "refused": refused,
        "reader": reader(),
        "accepted_use": approved_use_of(project),
    }
    return render(request, "explain/register/models.html", context, status=_status(refused, form))


@require_GET
def model(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version: what was found in it, or why it was refused."""
    user = signed_in(request)
    version = selectors.find_version(user, key, number)
    if version is None:
        raise Http404
    project = version.project
    entries = {feature.name: feature for feature in Feature.objects.filter(project=project)}
    names = [str(name) for name in version.facts.get("features", [])]
    context = {
        "project": project,
        "version": version,
        "features": [(name, entries.get(name)) for name in names[:200]],
        "more_features": max(0, len(names) - 200),
        "undescribed": sum(name not in entries for name in names),
        "explanations": list(
            version.explanations.select_related("model_version", "data_set", "job", "project")
            .defer("summary", "samples")
            .order_by("-pk")[:10]
        ),
        "links": list(
            project.metric_links.filter(model_name=version.name, ended_at__isnull=True).select_related("kpi")
        ),
        "asks": list(selectors.asks_of(version)[:10]),
        "may_upload": may(user, "upload_model", project),
        "reader": reader(),
        "accepted_use": approved_use_of(project),
    }
    return render(request, "explain/register/model.html", context)


@require_http_methods(["GET", "POST"])
def data(request: HttpRequest, key: str) -> HttpResponse:
    """Data sets of the project; POST uploads one."""
    user, project = _found(request, key)
    refused: Refused | None = None
    form = DataForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            data_set = services.upload_data(
                actor=user,
                project=project,
                file=chosen["file"],
                filename=chosen["file"].name or "",
                name=chosen["name"],
                origin=chosen["origin"],
                target_column=chosen["target_column"],
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, f"{data_set.name} was stored as data set {data_set.number}.")
            return redirect("register:data", key=project.key)
    context = {
        "project": project,
        "data_sets": list(selectors.data_sets_of(project)),
        "may_upload": may(user, "upload_data", project),
        "form": form,
        "refused": refused,
        "reader": reader(),
    }
    return render(request, "explain/register/data.html", context, status=_status(refused, form))


@require_http_methods(["GET", "POST"])
def features(request: HttpRequest, key: str) -> HttpResponse:
    """The feature dictionary as a table; POST saves the table, or takes over a CSV file."""
    user, project = _found(request, key)
    refused: Refused | None = None
    posted: list[FeatureRow] | None = None
    upload = DictionaryFile(request.POST or None, request.FILES or None)
    if request.method == "POST":
        try:
            if "import" in request.POST:
                if upload.is_valid():
                    content = upload.cleaned_data["file"].read(CSV_BYTES + 1)
                    entries = services.import_features(actor=user, project=project, content=content)
                    messages.success(request, f"The dictionary was taken over; it has {len(entries)} entries.")
                    return redirect("register:features", key=project.key)
            else:
                posted = _posted_rows(request.POST)
                services.set_features(actor=user, project=project, rows=_with_the_rest(project, request.POST, posted))
                messages.success(request, "The dictionary was saved.")
                return redirect("register:features", key=project.key)
        except Refused as error:
            refused = error
    rows = selectors.dictionary_rows(project)
    shown = (posted or rows)[: selectors.TABLE_ROWS]
    context = {
        "project": project,
        "rows": shown,
        "blank": range(BLANK_ROWS),
        "count": len(shown) + BLANK_ROWS,
        "more": max(0, len(rows) - selectors.TABLE_ROWS),
        "described": sum(bool(row["label"]) for row in rows),
        "total": len(rows),
        "expected": EXPECTED,
        "may_edit": may(user, "set_features", project),
        "upload": upload if "import" in request.POST else DictionaryFile(),
        "refused": refused,
    }
    bad = "import" in request.POST and not upload.is_valid()
    return render(
        request, "explain/register/features.html", context, status=refused.status if refused else 400 if bad else 200
    )


@require_GET
def features_csv(request: HttpRequest, key: str) -> HttpResponse:
    """The dictionary as CSV, with a line for each feature of the model: to be filled in and taken over again."""
    _, project = _found(request, key)
    response = HttpResponse(
        "\ufeff" + as_csv(selectors.dictionary_rows(project)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{project.key}-features.csv"'
    return response


def _posted_rows(posted: QueryDict) -> list[FeatureRow]:
    """Rows of the table in which something is written."""
    rows = []
    for place in range(min(2 * selectors.TABLE_ROWS, _number(posted.get("count")))):
        row = FeatureRow(
            name=posted.get(f"name-{place}", ""),
            label=posted.get(f"label-{place}", ""),
            unit=posted.get(f"unit-{place}", ""),
            meaning=posted.get(f"meaning-{place}", ""),
            expected=posted.get(f"expected-{place}", ""),
            sensitive=f"sensitive-{place}" in posted,
        )
        if row["label"] or row["unit"] or row["meaning"] or row["expected"] or row["sensitive"]:
            rows.append(row)
    return rows


def _with_the_rest(project: Project, posted: QueryDict, rows: list[FeatureRow]) -> list[FeatureRow]:
    """The table's rows, and the entries that the table did not show."""
    shown = {value for name, value in posted.items() if name.startswith("name-")}
    kept = [row for row in selectors.dictionary_rows(project) if row["label"] and row["name"] not in shown]
    return [*kept, *rows]


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 6 else 0


def _status(refused: Refused | None, form: ModelForm | DataForm) -> int:
    return refused.status if refused else 400 if form.is_bound and not form.is_valid() else 200
