"""Which things that happen open a post-mortem by themselves, how severe, and from which template."""

from __future__ import annotations

from django.db import transaction

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.causes import CAUSES
from lifecycle.postmortems.models import PostMortem, Template, TriggerRule
from lifecycle.postmortems.occasions import ALERTS, FIRED
from lifecycle.postmortems.permits import may_rule
from lifecycle.postmortems.services.templates import template_of


def rule_of(cause: str) -> TriggerRule:
    """The rule of a cause, made from CAUSES when it is first asked for. Raises KeyError for an unknown cause."""
    known = CAUSES[cause]
    found = TriggerRule.objects.select_related("template").filter(cause=cause).first()
    if found is not None:
        return found
    made, _ = TriggerRule.objects.get_or_create(
        cause=cause, defaults={"severity": known.severity, "template": template_of(known.template)}
    )
    return made


def rules() -> list[TriggerRule]:
    """The rules of all causes that something fires."""
    there = {rule.cause: rule for rule in TriggerRule.objects.select_related("template")}
    return [there.get(cause) or rule_of(cause) for cause in FIRED]


@transaction.atomic
def change_rule(*, actor: User, cause: str, is_on: bool, severity: str, template: str, least: str = "") -> TriggerRule:
    """Turn a cause on or off, and say how what it opens begins. `template`: its key. `least`: of a cause that comes as
    an alert, the severity from which on it opens one; empty for any.

    Raises Refused: not_permitted, severity_unknown, template_unknown; KeyError for an unknown cause.
    """
    may_rule(actor).demand()
    wrong = next((one for one in (severity, least or severity) if one not in PostMortem.Severity.values), None)
    if wrong is not None:
        raise Refused(
            f"{wrong!r} is no severity. Use one of: {', '.join(PostMortem.Severity.values)}.",
            code="severity_unknown",
            status=400,
            field="severity",
        )
    rule = TriggerRule.objects.select_for_update(of=("self",)).get(pk=rule_of(cause).pk)
    try:
        chosen: Template | None = template_of(template)
    except KeyError:
        chosen = None
    if chosen is None or (chosen.retired_at is not None and chosen.pk != rule.template_id):
        raise Refused(
            "This template is not there or no longer used. Choose one of the list.",
            code="template_unknown",
            status=400,
            field="template",
        )
    before = _told(rule)
    rule.is_on, rule.severity, rule.template = is_on, severity, chosen
    rule.least = least if cause in ALERTS else ""
    if _told(rule) == before:
        return rule
    rule.save(update_fields=["is_on", "severity", "template", "least"])
    record(
        actor=actor,
        verb="change_postmortem_trigger",
        thing=rule,
        kind="postmortem_trigger",
        name=CAUSES[cause].label,
        before=before,
        after=_told(rule),
    )
    return rule


def _told(rule: TriggerRule) -> dict[str, object]:
    told: dict[str, object] = {"is_on": rule.is_on, "severity": rule.severity, "template": rule.template.key}
    return told | ({"least": rule.least} if rule.least else {})
