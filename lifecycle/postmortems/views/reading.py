"""Pages to read: one post-mortem, a published revision, the export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from secrets import token_urlsafe
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
from lifecycle.postmortems import beside, moves, permits, reviewing, selectors, services
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.causes import CAUSES
from lifecycle.postmortems.content import content_of, markdown_of
from lifecycle.postmortems.exports import FORMATS
from lifecycle.postmortems.forms import PROMPTS, ROW_FORMS, SECTIONS, ChangeActionForm, TextForm, row_initial
from lifecycle.postmortems.forms.review import ReviewForm
from lifecycle.postmortems.forms.tags import TagsForm
from lifecycle.postmortems.models import ActionItem, PostMortem, UnsavedText
from lifecycle.postmortems.naming import noun_of
from lifecycle.postmortems.needs import missing_for_publication, needs_of
from lifecycle.postmortems.services.tags import may_tag
from lifecycle.postmortems.templates import SECTIONS as SECTION_HEADINGS
from lifecycle.postmortems.templates import sections_of
from lifecycle.postmortems.views import unsaved
from lifecycle.postmortems.views.files import mention, own_files
from lifecycle.postmortems.views.finding import find_or_404
from lifecycle.postmortems.whys import in_order, tree

EXPORTS = [(form, name) for form, (name, _) in FORMATS.items()]


@dataclass(frozen=True)
class ActionRow:
    """An action with what the person may do with it now."""

    action: ActionItem
    deeds: list[tuple[str, str, bool]]  # deed, label, needs a reason
    is_late: bool
    may_look: bool
    is_effect_due: bool


@require_safe
def postmortem(request: HttpRequest, reference: str) -> HttpResponse:
    """One post-mortem; `?edit=story`, `?edit=timeline:12` or `?add=timeline` opens that part's form in place."""
    user = signed_in(request)
    found = selectors.with_parts(find_or_404(user, reference))
    beside.opened(user, found)
    standing = permits.standing_of(user, found)
    may_edit = permits.may_edit(user, found, standing)
    may_steer = permits.may_steer(user, found, standing)
    verdicts = {name: permits.may(user, name, found, standing) for name in moves.POSTMORTEM_MOVES}
    today = timezone.localdate()
    content = found.taxonomy.content
    opened = _open_form(request, found, may_edit, may_steer, standing)
    opened["form_opening"] = token_urlsafe(12)
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
            "noun": noun_of(found),
            "files": own_files(found),
            "attached": [(row, mention(row)) for row in found.attachments.all()],
            "whys": tree(found.whys.all()),
            "factors_count": len(found.factors.all()),
            "actions": [_action_row(user, action, found, standing, may_steer, today) for action in found.actions.all()],
            "remarks": selectors.remarks_for(found) if may_edit else [],
            "prompts": PROMPTS,
            "opened_because": CAUSES[found.cause].label if found.cause in CAUSES else "",
            "effects": [choice for choice in ActionItem.Effect.choices if choice[0]],
            "reviews": [(review, reviewing.shown(review.answers)) for review in reversed(found.reviews.all())],
            "review_form": ReviewForm(initial=_kept_answers(request, found))
            if verdicts["publish"] or verdicts["return"]
            else None,
            "promise_day": date.fromisoformat(found.promise["as_of"]) if found.promise else None,
            **asked_for(found, opened.get("form_part", "")),
            "export_formats": EXPORTS,
            "needs": needs_of(found) if found.state == moves.DRAFT else [],
            "has_answer": not missing_for_publication(found),
            "may_edit": may_edit,
            "may_add_action": may_edit if found.state == moves.DRAFT else _published(found, may_steer),
            "may_steer": may_steer,
            "may": verdicts,
            "why_not": _why_not(found, verdicts),
            **opened,
            **unsaved.offered(user, found, opened.get("form_at", ""), is_put_back=request.GET.get("kept") == "1"),
            **_tags(request, user, found, standing),
            "beside": beside.sections_for(request, user, found),
        },
    )


def _kept_answers(request: HttpRequest, found: PostMortem) -> dict[str, Any]:
    """What a reviewer had answered when a step was refused."""
    base = found.get_absolute_url()
    return initial_from_kept(request, f"{base}steps/publish/") or initial_from_kept(request, f"{base}steps/return/")


def _tags(request: HttpRequest, user: User, found: PostMortem, standing: permits.Standing) -> dict[str, Any]:
    """What the page shows of tags: by kind, and the form for those who may."""
    form = None
    if may_tag(user, found, standing):
        kept = initial_from_kept(request, f"{found.get_absolute_url()}tags/")
        kept.pop("lock", None)
        form = TagsForm(
            initial={**TagsForm.initial_of(found), **kept}, used=selectors.tags_in_use(user), auto_id="tags_%s"
        )
        form.is_open = bool(kept)  # type: ignore[attr-defined]
    by_kind: dict[str, list[str]] = {}
    for tag in found.tags.all():
        by_kind.setdefault(str(tag.get_kind_display()), []).append(tag.text)
    return {"tags": list(by_kind.items()), "tags_form": form}


def asked_for(found: PostMortem, open_part: str) -> dict[str, Any]:
    """What the template asks: sections that are shown, those that could be, and help beside them.

    A section outside the template is shown as soon as something stands in it: nobody's words are hidden.
    """
    wanted = sections_of(found.template.sections if found.template else None)
    helps = {section["key"]: section["help"] for section in wanted if section["help"]}
    prompts = {key: list(lines) for key, lines in PROMPTS.items()}
    for key, words in helps.items():
        prompts.setdefault("story" if key in ("summary", "background") else key, []).insert(0, words)
    rows = {key: heading for key, (heading, is_text) in SECTION_HEADINGS.items() if not is_text}
    keys = {section["key"] for section in wanted}
    shown = {key for key in rows if key in keys or key == open_part or len(getattr(found, key).all())}
    return {
        "prompts": prompts,
        "shown": shown,
        "also_possible": [(key, heading) for key, heading in rows.items() if key not in shown],
    }


def _starter(found: PostMortem, part: str) -> dict[str, str]:
    """The text with which the template begins a row."""
    sections = sections_of(found.template.sections if found.template else None)
    text = next((section["starter"] for section in sections if section["key"] == part), "")
    return {{"whys": "answer", "actions": "title"}.get(part, "text"): text} if text else {}


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
    may_look = bool(permits.may_look_at_effect(user, action, found, standing))
    return ActionRow(
        action,
        deeds,
        is_late=is_open and action.due_on is not None and action.due_on < today,
        may_look=may_look,
        is_effect_due=not action.effect and action.effect_due_on is not None and action.effect_due_on <= today,
    )


def _typed_before(request: HttpRequest, found: PostMortem, path: str, place: str) -> dict[str, Any]:
    """What was typed into a form and could not be taken, or, with `?kept=1`, what was left unsaved; with its lock, so
    that saving merges what others did since."""
    typed = initial_from_kept(request, path)
    if not typed and request.GET.get("kept") == "1":
        kept = UnsavedText.objects.filter(postmortem=found, person=signed_in(request), place=place).first()
        return {**services.as_initial(kept), "lock": kept.lock} if kept else {}
    lock = str(typed.get("lock", ""))
    is_known = lock.isdecimal() and len(lock) < 10 and 0 < int(lock) <= found.lock
    return typed if is_known else {name: value for name, value in typed.items() if name != "lock"}


def _open_form(
    request: HttpRequest, found: PostMortem, may_edit: Verdict, may_steer: Verdict, standing: permits.Standing
) -> dict[str, Any]:
    """The one form that is open on the page, if any, with kept words over present ones."""
    base = found.get_absolute_url()
    edit, add, change = (request.GET.get(name, "") for name in ("edit", "add", "change"))
    form: forms.Form | None = None
    if edit in SECTIONS and may_edit:
        kept = _typed_before(request, found, f"{base}edit/{edit}/", edit)
        form = TextForm(postmortem=found, section=edit, may_set_visibility=standing.is_involved, initial=kept)
        return {"form": form, "form_at": edit, "form_action": f"{base}edit/{edit}/"}
    part, _, number = edit.partition(":")
    can_write = may_edit or (found.state == moves.PUBLISHED and may_steer)
    if part in ROW_FORMS and number.isdecimal() and (may_edit or (part == "actions" and can_write)):
        row = next((row for row in getattr(found, part).all() if row.pk == int(number)), None)
        if row is not None:
            path = f"{base}{part}/{row.pk}/"
            kept = _typed_before(request, found, path, edit)
            form = ROW_FORMS[part](postmortem=found, initial={**row_initial(part, row), **kept})
            below = next((one.below for one in in_order(tree(found.whys.all())) if one.why.pk == row.pk), 0)
            opened = {"form": form, "form_at": edit, "form_action": path, "form_part": part, "form_row": row.pk}
            return {**opened, "form_below": below if part == "whys" else 0}
    if add in ROW_FORMS and (may_edit or (add == "actions" and can_write)):
        path = f"{base}{add}/"
        begins = {"parent": request.GET.get("under", "")} if add == "whys" else {}
        typed = _typed_before(request, found, path, f"add:{add}")
        form = ROW_FORMS[add](postmortem=found, initial={**_starter(found, add), **begins, **typed})
        return {"form": form, "form_at": f"add:{add}", "form_action": path, "form_part": add}
    if change.isdecimal() and may_steer:
        action = next((row for row in found.actions.all() if row.pk == int(change)), None)
        if action is not None:
            path = f"{base}actions/{action.pk}/change/"
            start: dict[str, Any] = {"owner": action.owner, "due_on": action.due_on}
            form = ChangeActionForm(postmortem=found, initial={**start, **initial_from_kept(request, path)})
            return {"form": form, "change_pk": action.pk, "form_action": path}
    return {}


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
            "noun": noun_of(found),
            "files": own_files(found),
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
