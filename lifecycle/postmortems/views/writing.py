"""Pages to write: each posts one deed and goes back to the post-mortem."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.postmortems import permits, services
from lifecycle.postmortems.forms import ROW_FORMS, SECTIONS, ChangeActionForm, EffectForm, NewForm, TextForm
from lifecycle.postmortems.forms.review import answers_in
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.views import unsaved
from lifecycle.postmortems.views.checking import demand_valid
from lifecycle.postmortems.views.finding import find_or_404
from lifecycle.projects.models import Project


def _back(found: PostMortem, anchor: str = "") -> HttpResponse:
    return redirect(found.get_absolute_url() + (f"#{anchor}" if anchor else ""))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, key: str) -> HttpResponse:
    """Open a post-mortem for a project or one of its stages."""
    user = signed_in(request)
    project = Project.objects.visible_to(user).filter(key=key).first()
    if project is None:
        raise Http404
    if request.method == "POST":
        given = demand_valid(NewForm(request.POST, project=project))
        made = services.open_postmortem(
            actor=user,
            project=project,
            kind=given["kind"],
            title=given["title"],
            stage=given["stage"],
            severity=given["severity"],
            visibility=given["visibility"],
            template=services.template_of(given["template"]),
        )
        return _back(made)
    asked = {
        name: request.GET[name] for name in ("title", "kind", "stage", "severity", "template") if name in request.GET
    }
    return render(
        request,
        "lifecycle/postmortems/new.html",
        {
            "project": project,
            "form": NewForm(project=project, initial={**asked, **initial_from_kept(request)}),
            "may_open": permits.may_open(user, project),
        },
    )


@require_POST
def edit(request: HttpRequest, reference: str, section: str) -> HttpResponse:
    """Save one section of the text."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    if section not in SECTIONS:
        raise Http404
    standing = permits.standing_of(user, found)
    form = TextForm(request.POST, postmortem=found, section=section, may_set_visibility=standing.is_involved)
    given = demand_valid(form)
    try:
        saved = services.save_text(actor=user, postmortem=found, lock=given["lock"], changes=form.changes())
    except services.Clashed as clash:
        return unsaved.settle(request, user, found, section, clash)
    unsaved.saved(request, user, found, section)
    unsaved.tell_beside(request, found, saved.beside, given["lock"])
    return _back(saved.postmortem, section)


@require_POST
def add(request: HttpRequest, reference: str, part: str) -> HttpResponse:
    """Add a row."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    if part not in ROW_FORMS:
        raise Http404
    form = ROW_FORMS[part](request.POST, postmortem=found)
    demand_valid(form)
    services.add_row(actor=user, postmortem=found, values=form.values())
    unsaved.saved(request, user, found, f"add:{part}")
    return _back(found, part)


@require_POST
def edit_row(request: HttpRequest, reference: str, part: str, row_id: int) -> HttpResponse:
    """Save a row, or take it out (`remove`)."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    if part not in ROW_FORMS:
        raise Http404
    if "remove" in request.POST:
        lock = request.POST.get("lock", "")
        if not lock.isdecimal() or len(lock) > 9:
            raise Refused("The form could not be read. Load the page again.", code="invalid", status=400)
        below = request.POST.get("with_below", "")
        services.remove_row(
            actor=user,
            postmortem=found,
            part=part,
            row_id=row_id,
            lock=int(lock),
            with_below=int(below) if below.isdecimal() and len(below) < 6 else 0,
        )
        unsaved.saved(request, user, found, f"{part}:{row_id}")
        return _back(found, part)
    node = {"node": str(request.POST.get("node", ""))} if part == "factors" else None
    form = ROW_FORMS[part](request.POST, postmortem=found, initial=node)
    given = demand_valid(form)
    number, place = given["lock"] or found.lock, f"{part}:{row_id}"
    if not getattr(found, part).filter(pk=row_id).exists() and permits.may_edit(user, found):
        unsaved.saved(request, user, found, place)
        return unsaved.keep_as_new(request, user, found, part)
    try:
        saved = services.save_row(actor=user, postmortem=found, row_id=row_id, values=form.values(), lock=number)
    except services.Clashed as clash:
        return unsaved.settle(request, user, found, place, clash)
    unsaved.saved(request, user, found, place)
    unsaved.tell_beside(request, found, saved.beside, number)
    return _back(found, part)


@require_POST
def move(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    """One step of the workflow."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    reason = str(request.POST.get("reason", ""))
    match step:
        case "submit":
            services.submit_for_review(actor=user, postmortem=found)
        case "return":
            services.return_to_draft(actor=user, postmortem=found, reason=reason, answers=answers_in(request.POST))
        case "publish":
            lock = request.POST.get("lock", "")
            is_number = lock.isdecimal() and len(lock) < 10
            services.publish(
                actor=user,
                postmortem=found,
                lock=int(lock) if is_number else None,
                answers=answers_in(request.POST),
                comment=reason,
            )
        case "revise":
            services.start_new_version(actor=user, postmortem=found, reason=reason)
        case "close":
            services.close(actor=user, postmortem=found)
        case "reopen":
            services.reopen(actor=user, postmortem=found, reason=reason)
        case _:
            raise Http404
    return _back(found)


@require_POST
def action_deed(request: HttpRequest, reference: str, action_id: int, deed: str) -> HttpResponse:
    """One deed on an action."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    if not found.actions.filter(pk=action_id).exists():
        raise Http404
    reason = str(request.POST.get("reason", ""))
    match deed:
        case "accept":
            services.accept_action(actor=user, action_id=action_id)
        case "decline":
            services.decline_action(actor=user, action_id=action_id, reason=reason)
        case "start":
            services.start_action(actor=user, action_id=action_id)
        case "finish":
            services.finish_action(actor=user, action_id=action_id, comment=reason)
        case "verify":
            services.verify_action(actor=user, action_id=action_id, comment=reason)
        case "return":
            services.return_action(actor=user, action_id=action_id, reason=reason)
        case "cancel":
            services.cancel_action(actor=user, action_id=action_id, reason=reason)
        case "effect":
            told = demand_valid(EffectForm(request.POST))
            services.record_effect(actor=user, action_id=action_id, effect=told["effect"], note=told["reason"])
        case "plan_effect":
            moved = demand_valid(ChangeActionForm(request.POST, postmortem=found))
            services.plan_effect(actor=user, action_id=action_id, on=moved["due_on"], reason=moved["reason"])
        case "change":
            given = demand_valid(ChangeActionForm(request.POST, postmortem=found))
            services.change_action(
                actor=user,
                action_id=action_id,
                owner=given["owner"],
                due_on=given["due_on"],
                reason=given["reason"],
            )
        case _:
            raise Http404
    return _back(found, f"action-{action_id}")
