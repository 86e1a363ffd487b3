"""Pages of templates: which there are, a copy of one, its changes, its end."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.postmortems import permits, services
from lifecycle.postmortems.forms.templates import TemplateForm
from lifecycle.postmortems.models import Template
from lifecycle.postmortems.templates import SECTIONS, Section, needed_in_words, sections_of
from lifecycle.postmortems.views.checking import demand_valid


def _found(key: str) -> Template:
    services.templates_on_offer()
    found = Template.objects.select_related("owner").filter(key=key).first()
    if found is None:
        raise Http404
    return found


@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """All templates, those that are retired last."""
    user = signed_in(request)
    services.templates_on_offer()
    rows = Template.objects.select_related("owner").order_by("retired_at", "pk")
    return render(
        request,
        "lifecycle/postmortems/templates.html",
        {
            "rows": [
                {
                    "template": row,
                    "is_built_in": services.is_built_in(row),
                    "sections": [SECTIONS[one["key"]][0] for one in sections_of(cast("list[Section]", row.sections))],
                    "needed": needed_in_words(cast("list[Section]", row.sections)),
                }
                for row in sorted(rows, key=lambda row: (row.retired_at is not None, row.pk))
            ],
            "may_write": permits.may_write_templates(user),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_template(request: HttpRequest) -> HttpResponse:
    """An own template from a copy of the one named in `?from=`."""
    user = signed_in(request)
    source = _found(request.GET.get("from", "full"))
    permits.may_write_templates(user).demand()
    if request.method == "POST":
        form = TemplateForm(request.POST, template=source)
        demand_valid(form)
        made = services.copy_template(actor=user, template=source, values=form.values())
        messages.success(request, f"{made.title} can be used now.")
        return redirect("postmortems:templates")
    start = {"name": f"Copy of {source.title}", "owner": user, **initial_from_kept(request)}
    return render(
        request,
        "lifecycle/postmortems/template.html",
        {"source": source, "form": TemplateForm(template=source, initial=start)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def template(request: HttpRequest, key: str) -> HttpResponse:
    """One template: to read, and for those who write it to change."""
    user = signed_in(request)
    found = _found(key)
    if request.method == "POST":
        permits.may_write_templates(user).demand()
        form = TemplateForm(request.POST, template=found)
        given = demand_valid(form)
        services.change_template(actor=user, template=found, version=given["version"], values=form.values())
        return redirect("postmortems:templates")
    may_change = permits.may_write_templates(user) and not services.is_built_in(found)
    return render(
        request,
        "lifecycle/postmortems/template.html",
        {
            "template": found,
            "is_built_in": services.is_built_in(found),
            "sections": [(SECTIONS[one["key"]][0], one) for one in sections_of(cast("list[Section]", found.sections))],
            "form": TemplateForm(template=found, initial=initial_from_kept(request)) if may_change else None,
            "may_write": permits.may_write_templates(user),
        },
    )


@require_POST
def retire_template(request: HttpRequest, key: str) -> HttpResponse:
    """Offer it no longer, or again."""
    services.retire_template(actor=signed_in(request), template=_found(key))
    return redirect("postmortems:templates")
