"""Forms of the room. What must never be false is checked by the services; these help to type it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.selectors import offered
from lifecycle.methodologies.shape import shape_of
from lifecycle.projects.currencies import currency_choices
from lifecycle.projects.models import Project, Role
from lifecycle.projects.services.answering import ANSWER_LIMIT
from lifecycle.projects.services.ending import CLOSING_LIMIT
from lifecycle.projects.services.starting import KEY_RULE, KEY_SHAPE
from lifecycle.projects.services.writing import TEXT_LIMIT

RISK_CHOICES = [
    ("low", "Low: an error is cheap and soon put right. The sponsor decides."),
    ("medium", "Medium: an error costs money or trust. The sponsor and a reviewer decide."),
    (
        "high",
        "High: an error can harm people or break law. The sponsor, an independent reviewer and the risk officer decide.",
    ),
]
ROLE_MEANINGS = {
    Role.SPONSOR: "answers for the business need and the money; decides at gates",
    Role.CUSTOMER: "uses the result; accepts or rejects it",
    Role.LEAD: "runs the project, names people, puts stages forward; does not decide them",
    Role.CONTRIBUTOR: "writes deliverables, answers questions, ticks tasks",
    Role.REVIEWER: "judges the work and built none of it; decides at gates",
    Role.RISK: "decides at the gates of projects of high risk",
    Role.VIEWER: "reads",
}


class MethodologyChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no arguments at run time
    """A version of a methodology with what it is for and how large it is."""

    def label_from_instance(self, obj: Methodology) -> SafeString:
        shape = shape_of(obj)
        return format_html(
            '<strong>{}</strong> <span class="muted small">v{}</span><br><span class="muted">{} '
            "It has {} stages ({}) with {} tasks and {} deliverables.</span>",
            obj.name,
            obj.number,
            obj.description,
            shape.phases,
            ", ".join(shape.names),
            shape.tasks,
            shape.deliverables,
        )


class ProjectFacts(forms.Form):
    """What starting and editing a project have in common."""

    name = forms.CharField(max_length=120)
    question = forms.CharField(
        label="Business question",
        max_length=300,
        help_text="What will be decided differently, and by whom?",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="Markdown")
    unit = forms.CharField(label="Business unit", max_length=120, required=False)
    risk = forms.ChoiceField(
        label="Risk tier",
        choices=RISK_CHOICES,
        widget=forms.RadioSelect,
        initial="medium",
        help_text="It says how many people decide at each gate.",
    )
    currency = forms.ChoiceField(choices=currency_choices, initial="EUR")
    discount_percent = forms.DecimalField(
        label="Discount rate, % per year",
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=9,
        decimal_places=6,
        initial=Decimal(10),
        help_text="What money costs your organisation; later benefits count less by it.",
    )
    horizon_months = forms.IntegerField(
        label="Horizon, months", min_value=1, max_value=120, initial=36, help_text="How long benefits are counted."
    )

    def facts(self) -> dict[str, Any]:
        """Cleaned values under the names that the services use."""
        values = dict(self.cleaned_data)
        values["discount_rate"] = values.pop("discount_percent") / 100
        return values


def demand_key(key: str) -> None:
    """The whole of it has the shape of a key; the service asks the same."""
    if not KEY_SHAPE.fullmatch(key):
        raise ValidationError(KEY_RULE, code="key_unusable")


class StartForm(ProjectFacts):
    """A new project."""

    key = forms.CharField(
        max_length=40,
        required=False,
        validators=[demand_key],
        help_text="Short name in addresses; it stays. Left empty, it is made from the name.",
        widget=forms.TextInput(attrs={"data-key-from": "id_name", "autocomplete": "off"}),
    )
    methodology = MethodologyChoice(
        queryset=Methodology.objects.none(), widget=forms.RadioSelect, empty_label=None, label="Methodology"
    )
    started_on = forms.DateField(
        label="Starts on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    field_order = ("name", "key", "question", "methodology", "risk", "unit", "description", "started_on", "currency")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["methodology"]
        if isinstance(field, MethodologyChoice):
            field.queryset = offered()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("key") and not self.errors.get("key") and cleaned.get("name"):
            cleaned["key"] = slugify(cleaned["name"])[:40].strip("-_")
            if not KEY_SHAPE.fullmatch(cleaned["key"]):
                self.add_error("key", "No key can be made from this name. Please write one.")
        return cleaned


class EditForm(ProjectFacts):
    """A change of what the project is."""

    escalates_to = forms.CharField(
        label="Who is told of late decisions",
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
        help_text="E-mail address or name. Reminders go to the deciders first; then this person is told.",
    )
    reason = forms.CharField(
        required=False,
        label="Why the risk tier is lowered",
        help_text="Needed only then, since fewer people decide.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    expected_version = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def initial_of(project: Project) -> dict[str, Any]:
        """What stands there now."""
        return {
            "name": project.name,
            "question": project.question,
            "description": project.description,
            "unit": project.unit,
            "risk": project.risk,
            "currency": project.currency,
            "discount_percent": f"{(project.discount_rate * 100).normalize():f}",
            "horizon_months": project.horizon_months,
            "escalates_to": project.escalates_to.email if project.escalates_to else "",
            "expected_version": project.version,
        }


class ReasonForm(forms.Form):
    """A deed that needs a reason."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class CloseForm(forms.Form):
    """What came of a project, at its end."""

    statement = forms.CharField(
        label="What came of it",
        max_length=CLOSING_LIMIT,
        help_text="What was to be, what came, and who goes on with it. Everybody who reads the project reads this first.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class MemberForm(forms.Form):
    """A person who has access, and a role."""

    person = forms.CharField(
        label="E-mail address or name",
        max_length=254,
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.CONTRIBUTOR)


class PlanForm(forms.Form):
    """The day on which a stage should be ready; empty takes it away."""

    due_on = forms.DateField(
        label="Ready for decision by",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class TextForm(forms.Form):
    """A version written in place."""

    text = forms.CharField(
        label="Text",
        strip=False,
        max_length=TEXT_LIMIT,
        help_text="Markdown: # heading, - list, **bold**, [link](https://…), tables.",
        widget=forms.Textarea(attrs={"rows": 18, "class": "form-control writing"}),
    )
    note = forms.CharField(label="What changed", max_length=300, required=False)
    expected_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class FileForm(forms.Form):
    """A version that is a file."""

    file = forms.FileField(allow_empty_file=True)
    note = forms.CharField(label="What changed", max_length=300, required=False)
    expected_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class AnswerForm(forms.Form):
    """An answer to an exit question."""

    text = forms.CharField(label="Answer", max_length=ANSWER_LIMIT, widget=forms.Textarea(attrs={"rows": 4}))
    expected_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class MoveForm(forms.Form):
    """Moving to a newer version of the methodology."""

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2_147_483_647)
    reason = forms.CharField(
        label="Why now?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands in the trail, and everybody in the project reads it.",
    )


class FilterForm(forms.Form):
    """What the list of projects is narrowed to."""

    q = forms.CharField(
        label="Search", required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ChoiceField(required=False, choices=[("", "any state"), *Project.State.choices])
    methodology = forms.ChoiceField(required=False, choices=[])
    mine = forms.BooleanField(label="Only mine", required=False)

    def __init__(self, *args: Any, methodologies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["methodology"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "any methodology"), *methodologies]
