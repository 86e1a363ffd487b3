"""Pages to read: one post-mortem, a published revision, the export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Verdict
from foundation.web.views import signed_in
from lifecycle.postmortems import moves, permits, selectors
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.content import content_of, markdown_of
from lifecycle.postmortems.exports import FORMATS
from lifecycle.postmortems.forms import PROMPTS, ROW_FORMS, SECTIONS, ChangeActionForm, TextForm, row_initial
from lifecycle.postmortems.models import ActionItem, PostMortem

EXPORTS = [(form, name) for form, (name, _) in FORMATS.items()]


def find_or_404(user: User, reference: str) -> PostMortem:
    """The post-mortem, or 404 when it is not there or not to be seen."""
    found = selectors.find(user, reference)
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class ActionRow:
    """An action with what the person may do with it now."""

    action: ActionItem
    deeds: list[tuple[str, str, bool]]  # deed, label, needs a reason
    is_late: bool


@require_safe
def postmortem(request: HttpRequest, reference: str) -> HttpResponse:
    """One post-mortem; `?edit=story`, `?edit=timeline:12` or `?add=timeline` opens that part's form in place."""
    user = signed_in(request)
    found = selectors.with_parts(find_or_404(user, reference))
    standing = permits.standing_of(user, found)
    may_edit = permits.may_edit(user, found, standing)
    may_steer = permits.may_steer(user, found, standing)
    verdicts = {name: permits.may(user, name, found, standing) for name in moves.POSTMORTEM_MOVES}
    today = timezone.localdate()
    content = found.taxonomy.content
    return render(
        request,
        "lifecycle/postmortems/postmortem.html",
        {
            "postmortem": found,
            "project": found.project,
            # A published post-mortem is read by people who do not see its project.
            "sees_project": bool(standing.roles) or user.sees_all,
            "trigger": content["triggers"].get(found.trigger, ""),
            "detection": causes.words(found.detection),
            "origin": causes.words(found.origin_phase),
            "timeline": selectors.timeline(found),
            "impacts": [(impact, causes.title(impact.dimension)) for impact in found.impacts.all()],
            "factor_groups": selectors.factor_groups(found),
            "factors_count": len(found.factors.all()),
            "actions": [_action_row(user, action, found, standing, may_steer, today) for action in found.actions.all()],
            "remarks": selectors.remarks_for(found) if may_edit else [],
            "prompts": PROMPTS,
            "export_formats": EXPORTS,
            "may_edit": may_edit,
            "may_add_action": may_edit if found.state == moves.DRAFT else _published(found, may_steer),
            "may_steer": may_steer,
            "may": verdicts,
            "why_not": _why_not(found, verdicts),
            **_open_form(request, found, may_edit, may_steer, standing),
        },
    )


def _published(found: PostMortem, may_steer: Verdict) -> Verdict | None:
    return may_steer if found.state == moves.PUBLISHED else None


def _why_not(found: PostMortem, verdicts: dict[str, Verdict]) -> str:
    """Why the next step is not for this person; empty when it is."""
    steps = {moves.DRAFT: "submit", moves.IN_REVIEW: "publish", moves.PUBLISHED: "close", moves.CLOSED: "reopen"}
    return str(verdicts[steps[found.state]])


_DEEDS = (
    ("start", "Begin", False),
    ("finish", "Done", False),
    ("verify", "Verify", False),
    ("return", "Not done yet", True),
    ("cancel", "Cancel it", True),
)


def _action_row(
    user: User,
    action: ActionItem,
    found: PostMortem,
    standing: permits.Standing,
    may_steer: Verdict,
    today: date,
) -> ActionRow:
    deeds: list[tuple[str, str, bool]] = []
    if may_steer and action.disposition != ActionItem.Disposition.ACCEPTED and action.status in moves.UNFINISHED:
        deeds.append(("accept", "Accept", False))
        if action.disposition == ActionItem.Disposition.PROPOSED:
            deeds.append(("decline", "Decline", True))
    deeds += [deed for deed in _DEEDS if permits.may_act(user, deed[0], action, found, standing)]
    is_open = action.disposition == ActionItem.Disposition.ACCEPTED and action.status in moves.UNFINISHED
    return ActionRow(action, deeds, is_late=is_open and action.due_on is not None and action.due_on < today)


def _open_form(
    request: HttpRequest, found: PostMortem, may_edit: Verdict, may_steer: Verdict, standing: permits.Standing
) -> dict[str, Any]:
    """The one form that is open on the page, if any, with kept words over present ones."""
    base = found.get_absolute_url()
    edit, add, change = (request.GET.get(name, "") for name in ("edit", "add", "change"))
    form: forms.Form | None = None
    if edit in SECTIONS and may_edit:
        kept = initial_from_kept(request, f"{base}edit/{edit}/")
        form = TextForm(
            postmortem=found, section=edit, may_set_visibility=standing.is_involved, initial=_without_lock(kept)
        )
        return {"form": form, "form_at": edit, "form_action": f"{base}edit/{edit}/"}
    part, _, number = edit.partition(":")
    can_write = may_edit or (found.state == moves.PUBLISHED and may_steer)
    if part in ROW_FORMS and number.isdecimal() and (may_edit or (part == "actions" and can_write)):
        row = next((row for row in getattr(found, part).all() if row.pk == int(number)), None)
        if row is not None:
            path = f"{base}{part}/{row.pk}/"
            kept = initial_from_kept(request, path)
            form = ROW_FORMS[part](postmortem=found, initial={**row_initial(part, row), **_without_lock(kept)})
            return {"form": form, "form_at": edit, "form_action": path, "form_part": part, "form_row": row.pk}
    if add in ROW_FORMS and (may_edit or (add == "actions" and can_write)):
        path = f"{base}{add}/"
        form = ROW_FORMS[add](postmortem=found, initial=_without_lock(initial_from_kept(request, path)))
        return {"form": form, "form_at": f"add:{add}", "form_action": path, "form_part": add}
    if change.isdecimal() and may_steer:
        action = next((row for row in found.actions.all() if row.pk == int(change)), None)
        if action is not None:
            path = f"{base}actions/{action.pk}/change/"
            start: dict[str, Any] = {"owner": action.owner, "due_on": action.due_on}
            form = ChangeActionForm(postmortem=found, initial={**start, **initial_from_kept(request, path)})
            return {"form": form, "change_pk": action.pk, "form_action": path}
    return {}


def _without_lock(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kept.items() if name != "lock"}


@require_safe
def revision(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """A published version as it was frozen."""
    found = find_or_404(signed_in(request), reference)
    frozen = found.revisions.select_related("author").filter(number=number).first()
    if frozen is None:
        raise Http404
    return render(
        request,
        "lifecycle/postmortems/revision.html",
        {
            "postmortem": found,
            "project": found.project,
            "revision": frozen,
            "text": markdown_of(frozen.content),
            "export_formats": EXPORTS,
        },
    )


@require_safe
def export(request: HttpRequest, reference: str) -> HttpResponse:
    """The post-mortem as it is now, as a Markdown file."""
    return markdown_file(find_or_404(signed_in(request), reference))


def markdown_file(found: PostMortem) -> HttpResponse:
    """The Markdown as a download that no browser runs."""
    response = HttpResponse(markdown_of(content_of(found)), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.reference}.md"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
