"""Forms on their way: what is typed is kept, what others changed is merged and shown, what clashes is settled by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from foundation.people.models import User
from foundation.web.differences import lines_between
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.postmortems import permits, selectors, services
from lifecycle.postmortems.forms import ROW_FORMS, SECTIONS
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.services import Beside, Clashed
from lifecycle.postmortems.views.finding import find_or_404


def lock_of(request: HttpRequest, found: PostMortem) -> int:
    """The state that a form was written on; the present one where it says none."""
    given = str(request.POST.get("lock", ""))
    return int(given) if given.isdecimal() and len(given) < 10 else found.lock


@require_POST
def keep(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep a form as typed so far (`place` names it), without saving it. Answers with nothing, or with why not; with
    nothing as well when the form was saved meanwhile."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    try:
        services.keep_unsaved(
            actor=user,
            postmortem=found,
            place=str(request.POST.get("place", "")),
            fields=dict(request.POST.lists()),
            lock=lock_of(request, found),
            opening=str(request.POST.get("opening", "")),
        )
    except Refused as refused:
        return HttpResponse(refused.message, status=refused.status, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@require_POST
def drop(request: HttpRequest, reference: str) -> HttpResponse:
    """Throw away what was kept of a form."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    place = str(request.POST.get("place", ""))
    services.drop_unsaved(actor=user, postmortem=found, place=place)
    messages.success(request, "The unsaved text is thrown away.")
    return redirect(found.get_absolute_url() + f"#{anchor_of(place)}")


def saved(request: HttpRequest, user: User, found: PostMortem, place: str) -> None:
    """The form is saved: what is kept of it goes, and what is still on its way is let go."""
    services.form_saved(actor=user, postmortem=found, place=place, opening=str(request.POST.get("opening", "")))


def settle(request: HttpRequest, user: User, found: PostMortem, place: str, clash: Clashed) -> HttpResponse:
    """Both texts go into the form, which is kept on the server at once and shown beside what clashed."""
    fields = dict(request.POST.lists())
    for name, value in clash.merged.items():
        if name in fields and isinstance(value, str):
            fields[name] = [value]
    saved(request, user, found, place)  # in other words: what is on its way knows nothing of theirs
    services.keep_unsaved(
        actor=user, postmortem=found, place=place, fields=fields, lock=clash.lock, clashes=clash.clashes
    )
    messages.error(request, clash.message)
    return redirect(f"{found.get_absolute_url()}?{opens(place)}&kept=1#{anchor_of(place)}")


def keep_as_new(request: HttpRequest, user: User, found: PostMortem, part: str) -> HttpResponse:
    """Somebody took the entry out while this was typed: the text is kept, and offered as a new entry."""
    place = f"add:{part}"
    services.keep_unsaved(actor=user, postmortem=found, place=place, fields=dict(request.POST.lists()), lock=found.lock)
    messages.error(
        request, "Somebody took this entry out while you were writing. Your text stands here: save it as a new entry."
    )
    return redirect(f"{found.get_absolute_url()}?{opens(place)}&kept=1#{anchor_of(place)}")


def tell_beside(request: HttpRequest, found: PostMortem, beside: list[Beside], lock: int) -> None:
    """Say what somebody else changed that now stands beside one's own words."""
    if not beside:
        return
    names = sorted({one.label for one in beside})
    address = reverse("postmortems:changes", args=[found.reference])
    messages.info(
        request,
        format_html(
            'Somebody of the team changed the {} meanwhile; both are kept. <a href="{}?since={}">See what they changed</a>',
            " and the ".join(names),
            address,
            lock,
        ),
    )


@require_safe
def changes(request: HttpRequest, reference: str) -> HttpResponse:
    """What was changed in the texts since a state (`?since=` its lock), for those who write in it."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    if not permits.may_take_part(user, found) and not user.sees_all:
        raise Http404
    given = request.GET.get("since", "")
    since = int(given) if given.isdecimal() and len(given) < 10 else 0
    return render(
        request,
        "lifecycle/postmortems/changes.html",
        {
            "postmortem": found,
            "changes": [
                (label, lines_between(before, after)) for label, before, after in selectors.changes_since(found, since)
            ],
        },
    )


def opens(place: str) -> str:
    """The query that opens a form on the page."""
    kind, _, part = place.partition(":")
    return f"add={part}" if kind == "add" else f"edit={place}"


def anchor_of(place: str) -> str:
    """Where on the page a form stands."""
    kind, _, part = place.partition(":")
    return part if kind == "add" else {"no_action": "actions"}.get(kind, kind)


def offered(user: User, found: PostMortem, open_place: str, *, is_put_back: bool) -> dict[str, Any]:
    """What this person left unsaved here, and the clashes of the form that is open. One query."""
    lines: list[dict[str, Any]] = []
    clashes: list[dict[str, str]] = []
    for kept in services.unsaved_of(user, found):
        if kept.place == open_place and is_put_back:
            clashes = kept.clashes
            continue
        kind, _, part = kept.place.partition(":")
        if kind not in SECTIONS and kind not in ROW_FORMS and part not in ROW_FORMS:
            continue
        texts = [value for values in kept.fields.values() for value in values if isinstance(value, str)]
        lines.append(
            {
                "kept": kept,
                "name": _NAMES.get(anchor_of(kept.place), anchor_of(kept.place)),
                "texts": [text for text in texts if " " in text.strip() or "\n" in text],
                "opens": f"{opens(kept.place)}&kept=1#{anchor_of(kept.place)}",
            }
        )
    return {"unsaved": lines, "clashes": clashes}


_NAMES = {
    "story": "what happened", "facts": "facts", "impacts": "what it meant", "timeline": "timeline", "factors": "causes",
    "whys": "why, and why that", "lessons": "what we learned", "actions": "what we do",
}  # fmt: skip
