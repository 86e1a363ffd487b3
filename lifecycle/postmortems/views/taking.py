"""Files of a post-mortem to take away, and what changed between its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.web.refused import Refused
from foundation.web.views import as_file, signed_in
from lifecycle.postmortems import moves, selectors
from lifecycle.postmortems.changes import changes_between
from lifecycle.postmortems.content import content_of
from lifecycle.postmortems.exports import FORMATS, File, outward_file, whole_file
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.outward import outward_of
from lifecycle.postmortems.services import data_of_files
from lifecycle.postmortems.views.finding import find_or_404

NOW = "now"


@require_safe
def export_as(request: HttpRequest, reference: str, form: str) -> HttpResponse:
    """The whole post-mortem as it is now, or `?version=2` as it was published."""
    return as_download(whole(find_or_404(signed_in(request), reference), form, request.GET))


@require_safe
def outward(request: HttpRequest, reference: str, form: str) -> HttpResponse:
    """The outward version, now or of `?version=2`; promises of money only with `?money=1`."""
    return as_download(outwards(find_or_404(signed_in(request), reference), form, request.GET))


@require_safe
def differences(request: HttpRequest, reference: str) -> HttpResponse:
    """What changed from one version to another; see `span_of` for where nothing is chosen."""
    found = find_or_404(signed_in(request), reference)
    numbers = [row.number for row in found.revisions.all()]
    former, later = span_of(found, numbers, request.GET)
    versions = [(NOW, "now"), *((str(number), f"version {number}") for number in numbers)]
    names = {**dict(versions), NOW: "the text as it is now"}
    if former not in names or later not in names:
        raise Http404
    changes = changes_between(content_at(found, former), content_at(found, later))
    return render(
        request,
        "lifecycle/postmortems/differences.html",
        {
            "postmortem": found,
            "changes": changes,
            "versions": versions,
            "former": former,
            "later": later,
            "former_name": names[former],
            "later_name": names[later],
        },
    )


def span_of(found: PostMortem, numbers: Sequence[int], query: Mapping[str, Any]) -> tuple[str, str]:
    """From which version to which, out of a query. Without a choice: while a new version is written, from the last published
    one to the text as it is; else what the last published one brought. `numbers`: newest first; Http404 without any."""
    if not numbers:
        raise Http404
    is_told = found.state in moves.TOLD and len(numbers) > 1
    before, after = (str(numbers[1]), str(numbers[0])) if is_told else (str(numbers[0]), NOW)
    return query.get("from", before), query.get("to", NOW if "from" in query else after)


def whole(found: PostMortem, form: str, query: Mapping[str, Any]) -> File:
    """All of it in one of FORMATS, now or as published. Raises Http404 where there is no such format or version."""
    _known(form)
    return whole_file(
        content_at(found, query.get("version") or NOW), form, lambda numbers: data_of_files(found, numbers)
    )


def outwards(found: PostMortem, form: str, query: Mapping[str, Any]) -> File:
    """The outward version. Raises Refused `nothing_outward` where nothing was written for readers outside."""
    _known(form)
    version = query.get("version") or NOW
    content = outward_of(found) if version == NOW else content_at(found, version).get("outward")
    if not content or not content["summary"].strip():
        raise Refused(
            "Nothing was written for readers outside in this version. Write the summary for readers outside first.",
            code="nothing_outward",
            status=409,
        )
    return outward_file(content, form, with_money=query.get("money") == "1")


def as_download(file: File) -> HttpResponse:
    """A download that no browser runs."""
    response = as_file(file.body, file.media_type, file.name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _known(form: str) -> None:
    if form not in FORMATS:
        raise Http404


def content_at(found: PostMortem, version: str) -> dict[str, Any]:
    """The content of a published version, or of the text as it is."""
    if version == NOW:
        return content_of(selectors.with_parts(found))
    if not version.isdecimal() or len(version) > 6:
        raise Http404
    frozen = found.revisions.filter(number=int(version)).first()
    if frozen is None:
        raise Http404
    content: dict[str, Any] = frozen.content
    return content
