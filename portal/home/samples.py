"""What the page of components shows: made-up content, marked as such, touching no row."""

from __future__ import annotations

from typing import Any

from django import forms


class SampleForm(forms.Form):
    """One of each kind of field."""

    text = forms.CharField(help_text="A line of text.")
    choice = forms.ChoiceField(choices=[("low", "low"), ("high", "high")])
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    long_text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    one_of = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "This one"), ("b", "That one")])
    tick = forms.BooleanField(required=False, help_text="A thing to agree to.")
    file = forms.FileField(required=False)


def samples() -> dict[str, Any]:
    """Context of the page."""
    months = [f"2026-{month:02d}" for month in range(1, 11)]
    values = [11.9, 11.4, 11.8, 11.6, 11.2, 9.9, 9.4, 9.1, 9.2, 8.9]
    return {
        "states": [
            ("wait", "awaiting decision"),
            ("yes", "approved"),
            ("cond", "2 days late"),
            ("no", "rejected"),
            ("stale", "changed since approval"),
            ("idle", "not started"),
        ],
        "grades": ["verified", "measured", "indicative", "assumed", "not_enough_data", ""],
        "form": SampleForm(initial={"text": "As typed", "one_of": "a", "tick": True}),
        "wrong_form": SampleForm({"choice": "low"}, auto_id="wrong_%s"),
        "figure": {
            "data": [
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "name": "waiting time",
                    "x": months,
                    "y": values,
                    "line": {"color": "token:accent", "width": 2},
                },
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": "target",
                    "x": months,
                    "y": [9.5] * len(months),
                    "line": {"color": "token:yes", "width": 1.5, "dash": "dash"},
                },
            ],
            "layout": {
                "yaxis": {"title": "days"},
                "shapes": [
                    {
                        "type": "rect", "xref": "x", "yref": "paper", "x0": months[0], "x1": months[4], "y0": 0, "y1": 1,
                        "fillcolor": "token:accent/0.08", "line": {"width": 0},
                    }
                ],
            },
            "alt": "Waiting time per month: 11.6 days before, 9.2 days after, target 9.5 days. Made-up values.",
            "table": {"headers": ["Month", "Days"], "rows": [list(row) for row in zip(months, values, strict=True)]},
        },
    }  # fmt: skip
