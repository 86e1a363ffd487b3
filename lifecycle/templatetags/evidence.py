"""Tags of the pages on which evidence is judged."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from lifecycle.projects.beside import Origin
from lifecycle.signoff.evidence import Summary

register = template.Library()


@register.simple_tag(takes_context=True)
def evidence_summary(context: Context, summary: Summary) -> SafeString:
    """What a kind of evidence says about itself, in the template that its room named; `origins` of the page go along."""
    return render_to_string(summary.template, {"origins": context.get("origins") or {}, **summary.context})


@register.simple_tag
def origin_of(origins: Mapping[int, Origin], question_id: int) -> Origin | None:
    """Where an exit question comes from, if a case taught it."""
    return origins.get(question_id)
