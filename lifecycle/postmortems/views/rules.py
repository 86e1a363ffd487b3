"""What opens post-mortems by itself: everybody reads it, administrators change it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from foundation.web.nouns import house_noun
from foundation.web.views import signed_in
from lifecycle.postmortems import permits, services
from lifecycle.postmortems.causes import CAUSES
from lifecycle.postmortems.forms.rules import RuleForm, template_choices
from lifecycle.postmortems.models import TriggerRule
from lifecycle.postmortems.views.checking import demand_valid


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Each cause, whether it is on, and how what it opens begins."""
    user = signed_in(request)
    may_rule = permits.may_rule(user)
    found = services.rules()
    choices = template_choices()
    return render(
        request,
        "lifecycle/postmortems/rules.html",
        {
            "rows": [(rule, CAUSES[rule.cause].label, _form(rule, choices) if may_rule else None) for rule in found],
            "may_rule": may_rule,
        },
    )


@require_POST
def change_rule(request: HttpRequest, cause: str) -> HttpResponse:
    """Save one rule."""
    user = signed_in(request)
    if cause not in CAUSES:
        raise Http404
    permits.may_rule(user).demand()
    given = demand_valid(RuleForm(request.POST, templates=template_choices(), prefix=cause))
    rule = services.change_rule(
        actor=user,
        cause=cause,
        is_on=given["is_on"],
        severity=given["severity"],
        template=given["template"],
        least=given.get("least", ""),
    )
    label = CAUSES[cause].label
    messages.success(
        request,
        f"Saved. When {label}, {house_noun().a} opens by itself."
        if rule.is_on
        else f"Saved. When {label}, no {house_noun()} opens by itself.",
    )
    return redirect("postmortems:rules")


def _form(rule: TriggerRule, choices: list[tuple[str, str]]) -> forms.Form:
    start = {"is_on": rule.is_on, "severity": rule.severity, "template": rule.template.key, "least": rule.least}
    known = choices if rule.template.key in dict(choices) else [*choices, (rule.template.key, rule.template.title)]
    return RuleForm(templates=known, initial=start, prefix=rule.cause)
