"""Pages of policies: who must say yes in each risk tier, its versions, and changing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from foundation.people.signing_fields import ask_for_code
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.projects.models import Project
from lifecycle.projects.views.finding import build_on, tell
from lifecycle.signoff import policy
from lifecycle.signoff.forms.policies import PolicyForm
from lifecycle.signoff.models import PolicyVersion
from lifecycle.signoff.permits.policies import may_change_policy
from lifecycle.signoff.policy_words import difference, said_lines
from lifecycle.signoff.services.policies import change_policy, policy_in_force


def _demand_tier(tier: str) -> str:
    """The tier's name as people read it; 404 for an unknown one."""
    if tier not in Project.Risk.values:
        raise Http404
    return str(Project.Risk(tier).label)


def versions_of(tier: str) -> list[dict[str, Any]]:
    """Versions of a tier, the newest first, each with what it changed; the shipped one is the last. One query."""
    rows = list(PolicyVersion.objects.filter(tier=tier).select_related("by").order_by("number"))
    former = policy.shipped_policy(tier)
    found: list[dict[str, Any]] = []
    for row in rows:
        found.append({"version": row, "lines": difference(former, row.content)})
        former = row.content
    return found[::-1]


@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """The three tiers side by side, in words."""
    tiers, columns = [], []
    for tier, label in Project.Risk.choices:
        versions = versions_of(tier)
        content = versions[0]["version"].content if versions else policy.shipped_policy(tier)
        newest = versions[0]["version"] if versions else None
        tiers.append({"tier": tier, "label": label, "newest": newest})
        columns.append(said_lines(content))
    labels = [tier["label"] for tier in tiers]
    rows = [
        {"rule": line[0][0], "cells": list(zip(labels, [words for _, words in line], strict=True))}
        for line in zip(*columns, strict=True)
    ]
    may_change = may_change_policy(signed_in(request))
    return render(request, "lifecycle/signoff/policies.html", {"tiers": tiers, "rows": rows, "may_change": may_change})


@require_safe
def show(request: HttpRequest, tier: str) -> HttpResponse:
    """One tier: what holds now, and how it came to it."""
    label = _demand_tier(tier)
    versions = versions_of(tier)
    content = versions[0]["version"].content if versions else policy.shipped_policy(tier)
    return render(
        request,
        "lifecycle/signoff/policy.html",
        {
            "tier": tier,
            "label": label,
            "content": content,
            "lines": said_lines(content),
            "versions": versions,
            "may_change": may_change_policy(signed_in(request)),
        },
    )


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, tier: str) -> HttpResponse:
    """A new version of a tier's policy."""
    label = _demand_tier(tier)
    person = signed_in(request)
    may_change_policy(person).demand()
    status = 200
    if request.method == "POST":
        form = PolicyForm(request.POST)
        ask_for_code(person, form)
        if form.is_valid():
            try:
                version = change_policy(
                    actor=person,
                    tier=tier,
                    content=form.content(),
                    reason=form.cleaned_data["reason"],
                    password=form.cleaned_data["password"],
                    code=request.POST.get("code", ""),
                    expected_number=form.cleaned_data["expected_number"],
                )
            except Refused as refused:
                status = tell(form, refused)
                if refused.code == "policy_conflict":
                    build_on(form, "expected_number", _number(tier))
            else:
                messages.success(request, f"Version {version.number} holds for what is submitted from now on.")
                return redirect("signoff:policy", tier)
        else:
            status = 400
    else:
        form = PolicyForm(
            initial=PolicyForm.initial_of(policy_in_force(tier), _number(tier)) | initial_from_kept(request)
        )
        ask_for_code(person, form)
    return render(
        request,
        "lifecycle/signoff/policy_change.html",
        {"tier": tier, "label": label, "form": form},
        status=status,
    )


def _number(tier: str) -> int:
    newest = PolicyVersion.objects.filter(tier=tier).order_by("-number").values_list("number", flat=True).first()
    return newest or 0
