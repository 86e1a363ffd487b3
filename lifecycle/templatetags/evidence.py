"""Tags of the pages on which evidence is judged."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from lifecycle.signoff.evidence import Summary

register = template.Library()


@register.simple_tag
def evidence_summary(summary: Summary) -> SafeString:
    """What a kind of evidence says about itself, in the template that its room named."""
    return render_to_string(summary.template, summary.context)
