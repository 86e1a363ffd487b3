"""The list of projects, starting, editing, and their people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.methodologies.selectors import names
from lifecycle.projects.forms import ROLE_MEANINGS, EditForm, FilterForm, MemberForm, ReasonForm, StartForm
from lifecycle.projects.models import Member, Project, Role
from lifecycle.projects.permits import may
from lifecycle.projects.selectors import Filters, Step, board, mark_resting, members_of, step_of
from lifecycle.projects.services import (
    add_member,
    edit_project,
    person_named,
    remove_member,
    start_project,
)
from lifecycle.projects.standing_in import standing_in_of
from lifecycle.projects.views.finding import build_on, find_project, tell

PAGE = 25


def list_(request: HttpRequest) -> HttpResponse:
    """All projects that the person may read."""
    user = signed_in(request)
    form = FilterForm(request.GET or None, methodologies=names())
    values = form.cleaned_data if form.is_bound and form.is_valid() else {}
    filters = Filters(
        text=values.get("q", ""),
        state=values.get("state", ""),
        methodology=values.get("methodology", ""),
        mine=values.get("mine", False),
    )
    page = Paginator(board(user, filters), PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "project": project,
            "steps": (steps := [step_of(stage) for stage in mark_resting(project.steps)]),  # type: ignore[attr-defined]  # by prefetch
            "stale": _stale_words([step for step in steps if step.lapsed_at]),
            "leads": [member.user for member in project.leads],  # type: ignore[attr-defined]  # by prefetch
        }
        for project in page
    ]
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "lifecycle/projects/list.html",
        {
            "form": form,
            "page": page,
            "rows": rows,
            "is_filtered": filters != Filters(),
            "query": query.urlencode(),
            "may_start": may(user, "start_project", None),
        },
    )


def _stale_words(lapsed: list[Step]) -> str:
    """How many approvals of a project no longer hold, and why where it is the same for all."""
    if not lapsed:
        return ""
    reasons = {step.lapsed_word for step in lapsed}
    count, why = len(lapsed), reasons.pop() if len(reasons) == 1 else "no longer in force"
    return f"{count} approval{'' if count == 1 else 's'} {why}"


def new(request: HttpRequest) -> HttpResponse:
    """Start a project."""
    user = signed_in(request)
    verdict = may(user, "start_project", None)
    status = 200
    if request.method == "POST":
        form = StartForm(request.POST)
        if form.is_valid():
            try:
                project = start_project(actor=user, **form.facts())
            except Refused as refused:
                status = tell(form, refused)
            else:
                messages.success(request, f"{project.name} has begun. You are its lead; name the other people next.")
                return redirect("projects:people", key=project.key)
        else:
            status = 400
    else:
        form = StartForm(initial=initial_from_kept(request) or None)
    return render(request, "lifecycle/projects/new.html", {"form": form, "may_start": verdict}, status=status)


def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change what the project is."""
    user = signed_in(request)
    project = find_project(request, key)
    status = 200
    if request.method == "POST":
        form = EditForm(request.POST)
        if form.is_valid():
            try:
                edit_project(actor=user, project=project, **form.facts())
            except Refused as refused:
                status = tell(form, refused)
                project.refresh_from_db()
                if refused.code == "version_conflict":
                    build_on(form, "expected_version", project.version)
            else:
                messages.success(request, "The project is saved.")
                return redirect(project)
        else:
            status = 400
    else:
        form = EditForm(initial={**EditForm.initial_of(project), **initial_from_kept(request)})
    return render(
        request,
        "lifecycle/projects/edit.html",
        {
            "project": project,
            "form": form,
            "stop_form": ReasonForm(auto_id="stop_%s"),
            "may_edit": may(user, "edit_project", project),
            "may_stop": may(user, "stop_project", project),
            "may_close": may(user, "close_project", project),
            "known": known_people() if may(user, "edit_project", project) else [],
        },
        status=status,
    )


def people(request: HttpRequest, key: str) -> HttpResponse:
    """Who is in the project, and what their roles mean."""
    user = signed_in(request)
    project = find_project(request, key)
    status = 200
    if request.method == "POST":
        form = MemberForm(request.POST)
        if form.is_valid():
            try:
                may(user, "manage_members", project).demand()
                member = add_member(
                    actor=user,
                    project=project,
                    user=person_named(form.cleaned_data["person"]),
                    role=form.cleaned_data["role"],
                )
            except Refused as refused:
                status = tell(form, refused)
            else:
                messages.success(request, f"{member.user.name} is now {member.get_role_display()}.")
                return redirect("projects:people", key=key)
        else:
            status = 400
    else:
        form = MemberForm(initial=initial_from_kept(request) or None)
    return render(request, "lifecycle/projects/people.html", _people(user, project, form), status=status)


def _people(user: User, project: Project, form: MemberForm) -> dict[str, Any]:
    members = members_of(project)
    roles = frozenset(member.role for member in members if member.user_id == user.pk)
    may_manage = may(user, "manage_members", project, roles=roles)
    held = {member.role for member in members}
    return {
        "project": project,
        "members": members,
        "form": form,
        "may_manage": may_manage,
        "meanings": [(Role(role).label, meaning) for role, meaning in ROLE_MEANINGS.items()],
        "unfilled": [Role(role).label for role in (Role.SPONSOR, Role.CUSTOMER, Role.REVIEWER) if role not in held],
        # Names to choose from; in a large organisation the address is typed in full.
        "known": known_people() if may_manage else [],
        "standing_in": standing_in_of(project, timezone.localdate()),
    }


def known_people() -> list[tuple[str, str]]:
    """(address, name) of people to choose from."""
    return list(User.objects.filter(is_active=True).values_list("email", "name")[:300])


@require_POST
def end_role(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """End a person's role."""
    project = find_project(request, key)
    member = Member.objects.select_related("user").filter(pk=pk, project=project).first()
    if member is None:
        raise Http404
    remove_member(actor=signed_in(request), member=member)
    messages.success(request, f"{member.user.name} is no longer {member.get_role_display()}.")
    return redirect("projects:people", key=key)
