"""Forms of the hand-off record and of the exit report: one group of fields for each item or section."""

from __future__ import annotations

from typing import Any

from django import forms

from lifecycle.acceptance.models import ITEMS, ExitReport, HandOff

Group = dict[str, Any]


class HandOffForm(forms.Form):
    """The draft of the record."""

    receiving_party = forms.CharField(max_length=200, help_text="Who runs it from now on: a team or an organisation")
    handed_on = forms.DateField(
        label="Day of the hand-off", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    edits = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, handoff: HandOff | None = None, initial: dict[str, Any] | None = None
    ) -> None:
        start: dict[str, Any] = {"edits": 0}
        if handoff is not None:
            start = {
                "receiving_party": handoff.receiving_party, "handed_on": handoff.handed_on, "edits": handoff.edits,
            }  # fmt: skip
            for row in handoff.rows:
                start |= {f"{row['key']}_{field}": row[field] for field in ("text", "link", "not_applicable")}
        edits = start["edits"]
        super().__init__(data, initial={**start, **(initial or {}), "edits": edits})
        for key, label in ITEMS.items():
            self.fields[f"{key}_text"] = forms.CharField(
                label=label, required=False, widget=forms.Textarea(attrs={"rows": 2})
            )
            self.fields[f"{key}_link"] = forms.CharField(label="Link", required=False, max_length=300)
            self.fields[f"{key}_not_applicable"] = forms.CharField(label="Not applicable because", required=False)

    def groups(self) -> list[Group]:
        """Three fields for each item."""
        return [
            {
                "label": label,
                "text": self[f"{key}_text"],
                "link": self[f"{key}_link"],
                "not_applicable": self[f"{key}_not_applicable"],
            }
            for key, label in ITEMS.items()
        ]

    def items(self) -> dict[str, dict[str, str]]:
        """The items as the service takes them."""
        return {
            key: {field: self.cleaned_data[f"{key}_{field}"] for field in ("text", "link", "not_applicable")}
            for key in ITEMS
        }


class PasswordForm(forms.Form):
    """A signature: comment and password."""

    comment = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )
    digest = forms.CharField(required=False, widget=forms.HiddenInput)


class ReportForm(forms.Form):
    """All sections of the report."""

    edits = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, report: ExitReport, initial: dict[str, Any] | None = None) -> None:
        self.report = report
        start: dict[str, Any] = {}
        for section in report.sections:
            for field in ("text", "not_applicable", "internal"):
                start[f"{section['key']}_{field}"] = section[field]
        kept = dict(initial or {})
        if kept:
            # A box that was not ticked is not among the words that were kept.
            kept = {**{f"{part['key']}_internal": False for part in report.sections}, **kept}
        super().__init__(data, initial={**start, **kept, "edits": report.edits})
        for section in report.sections:
            key, title = section["key"], section["title"]
            self.fields[f"{key}_text"] = forms.CharField(
                label=title, required=False, widget=forms.Textarea(attrs={"rows": 4})
            )
            self.fields[f"{key}_not_applicable"] = forms.CharField(label="Not applicable because", required=False)
            self.fields[f"{key}_internal"] = forms.BooleanField(
                label="Internal: the customer does not read it", required=False
            )

    def groups(self) -> list[Group]:
        """Three fields for each section."""
        return [
            {
                "title": section["title"],
                "level": section["level"],
                "text": self[f"{section['key']}_text"],
                "not_applicable": self[f"{section['key']}_not_applicable"],
                "internal": self[f"{section['key']}_internal"],
            }
            for section in self.report.sections
        ]

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections as the service takes them."""
        return {
            section["key"]: {
                field: self.cleaned_data[f"{section['key']}_{field}"]
                for field in ("text", "not_applicable", "internal")
            }
            for section in self.report.sections
        }
