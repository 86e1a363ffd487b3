"""Forms of the rows: events, impacts, factors, lessons, actions."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms

from foundation.people.models import User
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.forms.text import area, day_input
from lifecycle.postmortems.models import ActionItem, Lesson, PostMortem, TimelineEvent
from lifecycle.postmortems.selectors import people_of
from lifecycle.postmortems.services import (
    ActionValues,
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    Values,
    WhyValues,
)
from lifecycle.postmortems.whys import in_order, tree


class RowForm(forms.Form):
    """What the forms of all rows share."""

    lock = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def __init__(self, data: Any = None, *, postmortem: PostMortem, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"lock": postmortem.lock, **(initial or {})})
        self.postmortem = postmortem
        self.prepare()

    def prepare(self) -> None:
        """Fill choices from the post-mortem."""

    def values(self) -> Values:
        """Cleaned fields as values of the row."""
        raise NotImplementedError


class EventForm(RowForm):
    """A moment of the timeline."""

    day = forms.DateField(widget=day_input())
    at = forms.TimeField(
        label="Time (UTC)",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Only where the minute matters",
    )
    month_only = forms.BooleanField(label="Only the month is known", required=False)
    text = forms.CharField(label="What happened", widget=area(2))
    marker = forms.ChoiceField(choices=TimelineEvent.Marker.choices, required=False)
    role = forms.CharField(max_length=60, required=False, help_text="A role, not a name")
    evidence = forms.CharField(max_length=300, required=False, help_text="A web address, or a path of this portal")

    def values(self) -> EventValues:
        given = self.cleaned_data
        precision = "month" if given["month_only"] else "minute" if given["at"] is not None else "day"
        return EventValues(
            moment=datetime.combine(given["day"], given["at"] or time(), tzinfo=UTC),
            precision=precision,
            text=given["text"],
            marker=given["marker"],
            role=given["role"],
            evidence=given["evidence"],
        )


class ImpactForm(RowForm):
    """What it cost or harmed."""

    dimension = forms.ChoiceField()
    text = forms.CharField(label="What it meant", max_length=300)
    amount = forms.DecimalField(max_digits=20, decimal_places=4, required=False)
    unit = forms.CharField(max_length=40, required=False, help_text="people, days, EUR")
    is_estimate = forms.BooleanField(label="This is an estimate", required=False, initial=True)

    def prepare(self) -> None:
        field = self.fields["dimension"]
        if isinstance(field, forms.ChoiceField):
            field.choices = causes.list_choices(self.postmortem.taxonomy.content, "impact_dimensions")

    def values(self) -> ImpactValues:
        given = self.cleaned_data
        return ImpactValues(
            dimension=given["dimension"],
            text=given["text"],
            amount=given["amount"],
            unit=given["unit"],
            is_estimate=given["is_estimate"],
        )


class FactorForm(RowForm):
    """A cause."""

    node = forms.ChoiceField(label="Factor")
    strength = forms.ChoiceField()
    confidence = forms.ChoiceField()
    text = forms.CharField(label="How it showed here", required=False, widget=area(2))
    why_unnoticed = forms.CharField(label="Why it escaped notice", required=False, widget=area(2))

    def prepare(self) -> None:
        content = self.postmortem.taxonomy.content
        known: dict[str, Any] = {
            "node": causes.node_choices(content),
            "strength": causes.list_choices(content, "factor_strength"),
            "confidence": causes.list_choices(content, "factor_confidence"),
        }
        now = self.initial.get("node")
        node = causes.nodes(content).get(str(now)) if now else None
        if node is not None and node.retired:
            known["node"] = [(node.key, f"{causes.title(node.key)} (retired)"), *known["node"]]
        for name, choices in known.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices

    def values(self) -> FactorValues:
        given = self.cleaned_data
        return FactorValues(
            node=given["node"],
            text=given["text"],
            why_unnoticed=given["why_unnoticed"],
            strength=given["strength"],
            confidence=given["confidence"],
        )


class LessonForm(RowForm):
    """A lesson."""

    kind = forms.ChoiceField(choices=Lesson.Kind.choices)
    text = forms.CharField(label="What to keep, change or watch for", widget=area(2))
    as_check = forms.BooleanField(label="Could become a check", required=False)

    def values(self) -> LessonValues:
        given = self.cleaned_data
        return LessonValues(kind=given["kind"], text=given["text"], as_check=given["as_check"])


class ActionForm(RowForm):
    """A proposed action."""

    title = forms.CharField(label="What is to be done", max_length=200)
    kind = forms.ChoiceField(choices=ActionItem.Kind.choices)
    priority = forms.ChoiceField(
        choices=ActionItem.Priority.choices, initial=ActionItem.Priority.NORMAL, required=False
    )
    factor = forms.ChoiceField(label="Against which factor", required=False)
    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="nobody yet")
    due_on = forms.DateField(label="Due", required=False, widget=day_input())
    test_for_done = forms.CharField(label="Done when", max_length=300, required=False)
    external_link = forms.CharField(label="Link to the ticket", max_length=200, required=False)

    def prepare(self) -> None:
        owner, factor = self.fields["owner"], self.fields["factor"]
        if isinstance(owner, forms.ModelChoiceField):
            owner.queryset = people_of(self.postmortem.project)
        if isinstance(factor, forms.ChoiceField):
            factor.choices = [
                ("", "none in particular"),
                *((str(row.pk), causes.title(row.node)) for row in self.postmortem.factors.all()),
            ]

    def values(self) -> ActionValues:
        given = self.cleaned_data
        return ActionValues(
            title=given["title"],
            kind=given["kind"],
            factor_id=int(given["factor"]) if given["factor"] else None,
            owner=given["owner"],
            due_on=given["due_on"],
            test_for_done=given["test_for_done"],
            external_link=given["external_link"],
            priority=given["priority"] or ActionItem.Priority.NORMAL,
        )


class WhyForm(RowForm):
    """A question and its answer."""

    question = forms.CharField(max_length=300, help_text="Why did it happen? Why was it not noticed? Why then?")
    answer = forms.CharField(required=False, widget=area(2), help_text="Markdown. What made it possible, not who.")
    parent = forms.ChoiceField(label="Asks further about", required=False)
    factor = forms.ChoiceField(label="Ends in the factor", required=False)

    def prepare(self) -> None:
        parent, factor = self.fields["parent"], self.fields["factor"]
        if isinstance(parent, forms.ChoiceField):
            parent.choices = [
                ("", "nothing: it begins a chain"),
                *(
                    (str(branch.why.pk), f"{'– ' * (branch.depth - 1)}{branch.why.question}")
                    for branch in in_order(tree(self.postmortem.whys.all()))
                ),
            ]
        if isinstance(factor, forms.ChoiceField):
            factor.choices = [
                ("", "not at its end yet"),
                *((str(row.pk), causes.title(row.node)) for row in self.postmortem.factors.all()),
            ]

    def values(self) -> WhyValues:
        given = self.cleaned_data
        return WhyValues(
            question=given["question"],
            answer=given["answer"],
            parent_id=int(given["parent"]) if given["parent"] else None,
            factor_id=int(given["factor"]) if given["factor"] else None,
        )


ROW_FORMS: dict[str, type[RowForm]] = {
    "timeline": EventForm,
    "impacts": ImpactForm,
    "factors": FactorForm,
    "lessons": LessonForm,
    "actions": ActionForm,
    "whys": WhyForm,
}


class ChangeActionForm(forms.Form):
    """Another owner or date for an action."""

    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="as it is")
    due_on = forms.DateField(label="Due", required=False, widget=day_input())
    reason = forms.CharField(required=False, max_length=1000, help_text="Needed when a date is moved")

    def __init__(self, data: Any = None, *, postmortem: PostMortem, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        owner = self.fields["owner"]
        if isinstance(owner, forms.ModelChoiceField):
            owner.queryset = people_of(postmortem.project)


class EffectForm(forms.Form):
    """What became of the cause after an action was verified."""

    effect = forms.ChoiceField(choices=[choice for choice in ActionItem.Effect.choices if choice[0]])
    reason = forms.CharField(max_length=20_000)


def row_initial(part: str, row: Any) -> dict[str, Any]:
    """Present values of a row for its form."""
    match part:
        case "timeline":
            return {
                "day": row.moment.date(),
                "at": row.moment.time() if row.precision == "minute" else None,
                "month_only": row.precision == "month",
                "text": row.text,
                "marker": row.marker,
                "role": row.role,
                "evidence": row.evidence,
            }
        case "impacts":
            return {name: getattr(row, name) for name in ("dimension", "text", "amount", "unit", "is_estimate")}
        case "factors":
            return {name: getattr(row, name) for name in ("node", "strength", "confidence", "text", "why_unnoticed")}
        case "lessons":
            return {name: getattr(row, name) for name in ("kind", "text", "as_check")}
        case "whys":
            start = {name: getattr(row, name) for name in ("question", "answer")}
            return {**start, "parent": str(row.parent_id or ""), "factor": str(row.factor_id or "")}
        case _:
            names = ("title", "kind", "priority", "owner", "due_on", "test_for_done", "external_link")
            return {**{name: getattr(row, name) for name in names}, "factor": str(row.factor_id or "")}
