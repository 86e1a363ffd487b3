"""Forms of the room, with the prompts of a blameless post-mortem beside the fields."""

from __future__ import annotations

from typing import Any

from django import forms

from foundation.people.models import User
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.services import templates_on_offer
from lifecycle.projects.models import Project, Stage

PROMPTS = {
    "story": [
        "Start before the trouble began. What did people see, and what did they expect to see?",
        "What made the choice look right at that time? Which goals and limits pulled on it?",
        "Would another capable person in that seat have done the same? Then write the role, not the name.",
    ],
    "facts": ["Had we met this before? Why did the earlier lesson not reach us?"],
    "outward": [
        "What may a customer, a regulator or the public know? No people, no internal names, no figures of money.",
    ],
    "timeline": ["Which signal was there but not seen? Which signal did not exist?"],
    "impacts": ["What helped? What would have made it worse?"],
    "factors": ["What did the system, the data or the process allow that it should not have?"],
    "whys": [
        "Ask of each answer why, until it ends in a factor. Where there are several answers, ask each.",
        "Why could it happen, and why was it not noticed sooner?",
    ],
    "lessons": ["Where did luck, not design, save us?", "What should the next project know on its first day?"],
    "actions": ["Which work do we decide not to do, and why?"],
}
SECTIONS: dict[str, tuple[str, ...]] = {
    "story": ("title", "summary", "background"),
    "outward": ("outward_summary",),
    "facts": (
        "kind", "severity", "trigger", "detection", "origin_phase", "started_on", "detected_on", "resolved_on",
        "visibility", "facilitator",
    ),
    "no_action": ("no_action_reason",),
}  # fmt: skip


def area(rows: int) -> forms.Textarea:
    """A text of several lines."""
    return forms.Textarea(attrs={"rows": rows})


def day_input() -> forms.DateInput:
    """A date in the browser's own picker."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class StageField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no arguments at run time
    """A stage, by its name alone."""

    def label_from_instance(self, obj: Stage) -> str:
        return str(obj.name)


class NewForm(forms.Form):
    """Opening a post-mortem."""

    title = forms.CharField(max_length=200, help_text="What happened, in one line. No names.")
    kind = forms.ChoiceField(choices=PostMortem.Kind.choices)
    severity = forms.ChoiceField(choices=PostMortem.Severity.choices, initial=PostMortem.Severity.MEDIUM)
    stage = StageField(Stage.objects.none(), required=False, empty_label="the whole project")
    visibility = forms.ChoiceField(
        label="Who sees it", choices=PostMortem.Visibility.choices, initial=PostMortem.Visibility.ORGANISATION
    )
    template = forms.ChoiceField(label="How much it asks", widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, project: Project, initial: dict[str, Any] | None = None) -> None:
        if data is not None and "template" not in data:
            data = {**data.dict(), "template": "full"}
        super().__init__(data, initial={"template": "full", **(initial or {})})
        template = self.fields["template"]
        if isinstance(template, forms.ChoiceField):
            template.choices = [
                (one.key, f"{one.title}. {one.purpose}" if one.purpose else one.title) for one in templates_on_offer()
            ]
        stage = self.fields["stage"]
        if isinstance(stage, StageField):
            stage.queryset = Stage.objects.filter(project=project, is_current=True).select_related("project")


class TextForm(forms.Form):
    """Fields of the post-mortem itself; `section` of the page picks which."""

    title = forms.CharField(max_length=200)
    summary = forms.CharField(required=False, widget=area(6), help_text="Markdown. A reader should need nothing else.")
    background = forms.CharField(required=False, widget=area(5), help_text="Markdown")
    outward_summary = forms.CharField(
        label="Summary for readers outside", required=False, widget=area(6), help_text="Markdown"
    )
    kind = forms.ChoiceField(choices=PostMortem.Kind.choices)
    severity = forms.ChoiceField(choices=PostMortem.Severity.choices)
    trigger = forms.ChoiceField(label="What set it off", required=False)
    detection = forms.ChoiceField(label="How it was noticed", required=False)
    origin_phase = forms.ChoiceField(label="Stage in which it began", required=False)
    started_on = forms.DateField(label="Began", required=False, widget=day_input())
    detected_on = forms.DateField(label="Noticed", required=False, widget=day_input())
    resolved_on = forms.DateField(label="Resolved", required=False, widget=day_input())
    visibility = forms.ChoiceField(label="Who sees it", choices=PostMortem.Visibility.choices)
    facilitator = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="nobody yet", help_text="Somebody who was not involved"
    )
    no_action_reason = forms.CharField(label="Why no action is needed", required=False, widget=area(3))
    lock = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(
        self,
        data: Any = None,
        *,
        postmortem: PostMortem,
        section: str,
        may_set_visibility: bool = False,
        initial: dict[str, Any] | None = None,
    ) -> None:
        wanted = list(SECTIONS[section])
        if not may_set_visibility and "visibility" in wanted:
            wanted.remove("visibility")
        start = {name: getattr(postmortem, name) for name in wanted}
        # Words that were kept bring the lock on which they were written, so that saving them merges what came since.
        super().__init__(data, initial={**start, "lock": postmortem.lock, **(initial or {})})
        content = postmortem.taxonomy.content
        choices = {
            "trigger": causes.trigger_choices(content),
            "detection": causes.list_choices(content, "detection"),
            "origin_phase": [],
        }
        if "origin_phase" in wanted:
            stages = Stage.objects.filter(project_id=postmortem.project_id, is_current=True)
            choices["origin_phase"] = list(stages.order_by("order").values_list("key", "name"))
        for name, known in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", "not known yet"), *known]
        facilitator = self.fields["facilitator"]
        if isinstance(facilitator, forms.ModelChoiceField):
            facilitator.queryset = User.objects.filter(is_active=True).exclude(pk=postmortem.owner_id)
        for name in [name for name in self.fields if name not in (*wanted, "lock")]:
            del self.fields[name]

    def changes(self) -> dict[str, Any]:
        """Cleaned fields without the lock."""
        return {name: value for name, value in self.cleaned_data.items() if name != "lock"}
