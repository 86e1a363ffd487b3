"""Pages on methodologies: which there are, what each asks for, and writing one's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from foundation.web.differences import lines_between
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.methodologies.difference import difference
from lifecycle.methodologies.forms import BeginForm, DraftForm, PublishForm, RetireForm, text_of_upload
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.permits import may
from lifecycle.methodologies.reading import read_methodology
from lifecycle.methodologies.selectors import draft_of, drafts, newest_of, siblings, version_of, versions
from lifecycle.methodologies.services import (
    SHIPPED,
    begin_draft,
    change_draft,
    discard_draft,
    offer_again,
    publish_draft,
    retire,
)
from lifecycle.methodologies.shape import loops_of, phases_of, shape_of, shape_of_content
from lifecycle.methodologies.wording import source_of


def list_(request: HttpRequest) -> HttpResponse:
    """All versions, with the projects that use each, and the drafts."""
    rows = [{"methodology": methodology, "shape": shape_of(methodology)} for methodology in versions()]
    context = {"rows": rows, "drafts": drafts(), "may_author": may(signed_in(request), "author")}
    return render(request, "lifecycle/methodologies/list.html", context)


def methodology(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version: phases, tasks, deliverables, exit questions, gates, ways back."""
    return _page(request, _find(key, number))


def _page(
    request: HttpRequest, found: Methodology, *, retire_form: RetireForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "methodology": found,
        "shape": shape_of(found),
        "phases": phases_of(found),
        "loops": loops_of(found),
        "gaps": (found.content.get("framework") or {}).get("known_gaps") or [],
        "sources": (found.content.get("framework") or {}).get("sources") or [],
        "others": [each for each in siblings(found) if each.pk != found.pk],
        "may_author": may(signed_in(request), "author"),
        "is_shipped": found.key in SHIPPED,
        "draft": draft_of(found.key),
        "retire_form": retire_form or RetireForm(),
    }
    return render(request, "lifecycle/methodologies/methodology.html", context, status=status)


@require_safe
def source(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The YAML of a version as a file."""
    found = _find(key, number)
    return HttpResponse(
        source_of(found),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.key}-v{found.number}.yaml"'},
    )


def compare(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What differs between an older version (`?from=`, else the one before) and this one."""
    found = _find(key, number)
    named = request.GET.get("from", "")
    others = [each for each in siblings(found) if each.pk != found.pk]
    if named.isdecimal() and len(named) < 10:
        older = version_of(key, int(named))
    else:
        before = next((each for each in others if each.number < found.number), None)
        older = version_of(key, before.number) if before else None
    if older is None or older.pk == found.pk:
        raise Http404
    changes = difference(older.content, found.content)
    names = {phase["key"]: phase["name"] for each in (older, found) for phase in each.phases}
    groups: dict[str, list[Any]] = {}
    for change in changes:
        groups.setdefault(names.get(change.stage, "The methodology as a whole"), []).append(change)
    context = {"methodology": found, "older": older, "others": others, "groups": groups, "count": len(changes)}
    return render(request, "lifecycle/methodologies/compare.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Begin a draft: a copy, a small one, or an uploaded file."""
    user = signed_in(request)
    verdict = may(user, "author")
    status = 200
    if request.method == "POST":
        form = BeginForm(request.POST, request.FILES)
        status = 400
        if form.is_valid():
            try:
                draft = begin_draft(actor=user, **form.facts())
            except Refused as refused:
                status = _tell(form, refused)
            else:
                messages.success(
                    request, "The draft is begun. Only publishing makes it something that projects can use."
                )
                return redirect(draft)
    else:
        kept = initial_from_kept(request)
        form = BeginForm(initial={"start": request.GET.get("from", ""), **kept})
    return render(request, "lifecycle/methodologies/new.html", {"form": form, "may_author": verdict}, status=status)


def draft(request: HttpRequest, key: str) -> HttpResponse:
    """Read a draft with its faults; change it, or have a text checked without saving it."""
    found = _find_draft(key)
    if request.method != "POST":
        return _draft_page(request, found)
    form = DraftForm(request.POST, request.FILES)
    if not form.is_valid():
        return _draft_page(request, found, form=form, status=400)
    try:
        upload = form.cleaned_data["file"]
        text = text_of_upload(upload) if upload else form.cleaned_data["text"]
        if request.POST.get("act") == "check":
            _put(form, "text", text)
            return _draft_page(request, found, form=form, checked=text)
        if upload:
            _put(form, "text", text)  # a refusal shows the text of the file
        changed = change_draft(
            actor=signed_in(request), draft=found, text=text, expected_version=form.cleaned_data["expected_version"]
        )
    except Refused as refused:
        status = _tell(form, refused)
        theirs = _find_draft(key) if refused.code == "version_conflict" else None
        if theirs is not None:
            _put(form, "expected_version", str(theirs.version))  # by then the person has seen it
        return _draft_page(request, theirs or found, form=form, theirs=theirs, status=status)
    if changed.version == found.version:
        messages.info(request, "Nothing changed: the draft has the same text.")
    else:
        messages.success(request, "The draft is saved.")
    return redirect(changed)


def _draft_page(
    request: HttpRequest,
    draft: MethodologyDraft,
    *,
    form: DraftForm | None = None,
    publish_form: PublishForm | None = None,
    theirs: MethodologyDraft | None = None,
    checked: str | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = draft.text if checked is None else checked
    reading = read_methodology(shown, key=draft.key)
    lines = shown.splitlines()
    kept = initial_from_kept(request) if form is None else {}
    newest = newest_of(draft.key)
    typed = str(form.data.get("text", "")) if form else ""
    context = {
        "draft": draft,
        "may_author": may(signed_in(request), "author"),
        "faults": [
            {"fault": fault, "line": lines[fault.line - 1].strip()[:120] if fault.line <= len(lines) else ""}
            for fault in reading.faults
        ],
        "shape": shape_of_content(reading.content) if reading.content is not None else None,
        "changes": difference(newest.content, reading.content) if newest and reading.content is not None else [],
        "newest": newest,
        "is_checked": checked is not None,
        "form": form or DraftForm(initial={"text": draft.text, "expected_version": draft.version, **kept}),
        "publish_form": publish_form or PublishForm(initial={"expected_version": draft.version}, auto_id="publish_%s"),
        "theirs": theirs,
        "lines": lines_between(theirs.text, typed) if theirs else None,
    }
    return render(request, "lifecycle/methodologies/draft.html", context, status=status)


@require_POST
def publish(request: HttpRequest, key: str) -> HttpResponse:
    """Publish the draft as the next version."""
    found = _find_draft(key)
    form = PublishForm(request.POST, auto_id="publish_%s")
    if not form.is_valid():
        return _draft_page(request, found, publish_form=form, status=400)
    try:
        made = publish_draft(
            actor=signed_in(request),
            draft=found,
            expected_version=form.cleaned_data["expected_version"],
            note=form.cleaned_data["note"],
        )
    except Refused as refused:
        # The faults stand on the page itself; here the sentence is enough.
        refused.details = []
        status = _tell(form, refused)
        if refused.code == "version_conflict":
            found = _find_draft(key)
            _put(form, "expected_version", str(found.version))
        return _draft_page(request, found, publish_form=form, status=status)
    messages.success(request, f"{made} is published. It never changes from now on; new projects are offered it.")
    return redirect(made)


@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponse:
    """Throw the draft away."""
    found = _find_draft(key)
    seen = request.POST.get("expected_version", "")
    discard_draft(
        actor=signed_in(request), draft=found, expected_version=int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    )
    messages.success(request, "The draft is gone. Published versions stay as they are.")
    return redirect("methodologies:list")


@require_POST
def retire_(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """No longer offer a version to new projects."""
    found = _find(key, number)
    form = RetireForm(request.POST)
    if not form.is_valid():
        return _page(request, found, retire_form=form, status=400)
    try:
        retire(actor=signed_in(request), methodology=found, reason=form.cleaned_data["reason"])
    except Refused as refused:
        return _page(request, found, retire_form=form, status=_tell(form, refused))
    messages.success(request, f"{found} is no longer offered. Projects that follow it keep it.")
    return redirect(found)


@require_POST
def offer(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Offer a retired version again."""
    found = _find(key, number)
    offer_again(actor=signed_in(request), methodology=found)
    messages.success(request, f"{found} is offered again.")
    return redirect(found)


def _find(key: str, number: int) -> Methodology:
    found = version_of(key, number)
    if found is None:
        raise Http404
    return found


def _find_draft(key: str) -> MethodologyDraft:
    found = draft_of(key)
    if found is None:
        raise Http404
    return found


def _put(form: forms.Form, name: str, value: str) -> None:
    """Another value for a bound field, so that the form shows it."""
    form.data = {**{field: form.data.get(field, "") for field in form.fields}, name: value}


def _tell(form: forms.Form, refused: Refused) -> int:
    """Put a refusal beside the field that it is about, so that nothing typed is lost; the status of the answer."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.message)
    for line in refused.details:
        form.add_error(None, line)
    return refused.status
