"""The form of a policy: a small editor for who must say yes, and the tree itself for specialists."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django import forms

from lifecycle.signoff import policy
from lifecycle.signoff.policy_check import ADVISING_ROLES, BOUNDS, NAME_LIMIT, quorum_problems
from lifecycle.signoff.policy_words import ROLE_NAMES, who_decides
from lifecycle.signoff.triggers import TRIGGERS

_NOBODY = "0"
_NEEDS = [(_NOBODY, "nobody"), ("1", "one"), ("2", "two"), ("3", "three"), (policy.ALL, "all there are")]
_JOINS = [("and", "All of these must say yes"), ("or", "One of these lines is enough")]
_PARTS = ("quorum", "emergency")


def flat_of(node: Mapping[str, Any] | None) -> tuple[str, dict[str, str]] | None:
    """(how lines are joined, need by role) where the small editor can show a quorum; None where only the tree can."""
    if node is None:
        return None
    join = "or" if "or" in node else "and"
    leaves = [node] if "role" in node else list(node.get(join) or [])
    if any("role" not in leaf for leaf in leaves):
        return None
    needs = {str(leaf["role"]): str(leaf["need"]) for leaf in leaves}
    offered = {value for value, _ in _NEEDS} - {_NOBODY}
    if len(needs) != len(leaves) or not set(needs.values()) <= offered or not set(needs) <= set(policy.DECIDING_ROLES):
        return None
    return join, needs


def _number(label: str, key: str, help_text: str = "") -> forms.IntegerField:
    low, high = BOUNDS[key]
    return forms.IntegerField(label=label, min_value=low, max_value=high, help_text=help_text)


class PolicyForm(forms.Form):
    """A policy as its parts. `content()` puts them together."""

    name = forms.CharField(
        label="Name", required=False, max_length=NAME_LIMIT, help_text="Empty: made from who decides."
    )
    self_approval = forms.BooleanField(
        label="People may decide on their own work",
        required=False,
        help_text="Off: who asks, or wrote part of the evidence, does not decide. A signed exception can allow it to one person for a time.",
    )
    days = _number("Working days to decide", "days")
    remind = forms.CharField(
        label="Reminders after",
        required=False,
        max_length=60,
        help_text="Working days from the request, with commas, such as 3, 5. Empty: none.",
    )
    escalate = _number("Escalation after", "escalate", "Working days after the decision was due.")
    advisers = forms.MultipleChoiceField(
        label="Advice is asked from",
        required=False,
        choices=[(role, ROLE_NAMES[role]) for role in ADVISING_ROLES],
        widget=forms.CheckboxSelectMultiple,
    )
    feedback = _number("Working days for advice", "feedback", "0: no advice is asked.")
    grace = _number(
        "Days of grace", "grace", "Working days that an approval holds after a condition fell due and is not met."
    )
    emergency_days = _number("An emergency holds for", "emergency_days", "Working days without a regular decision.")
    months = _number("An approval holds for", "months", "Months; 0: until something ends it.")
    ends_on = forms.MultipleChoiceField(
        label="An approval ends early when",
        required=False,
        choices=[(name, trigger.label) for name, trigger in TRIGGERS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label="Why it changes", widget=forms.Textarea(attrs={"rows": 3}), help_text="It stands beside the new version."
    )
    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )
    expected_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in _PARTS:
            for role in policy.DECIDING_ROLES:
                self.fields[f"{part}_{role}"] = forms.ChoiceField(
                    label=ROLE_NAMES[role].capitalize(), choices=_NEEDS, initial=_NOBODY
                )
            self.fields[f"{part}_join"] = forms.ChoiceField(label="Together", choices=_JOINS)
            self.fields[f"{part}_tree"] = forms.CharField(
                label="As a tree, for what the lines above cannot say",
                required=False,
                widget=forms.Textarea(attrs={"rows": 4, "class": "writing", "spellcheck": "false"}),
                help_text=(
                    'Where it is filled, it counts instead of the lines. Such as {"or": [{"role": "sponsor", "need": 2}, '
                    '{"and": [{"role": "reviewer", "need": "all"}, {"role": "risk_officer", "need": 1}]}]}'
                ),
            )

    @staticmethod
    def initial_of(content: Mapping[str, Any], number: int) -> dict[str, Any]:
        """What stands in force now."""
        found = {key: content[key] for key in ("self_approval", *BOUNDS, "advisers", "ends_on")}
        # A name that only says who decides is made anew, so that it never says what no longer holds.
        made = {
            who_decides(content["quorum"]),
            *(policy.shipped_policy(tier)["name"] for tier in ("low", "medium", "high")),
        }
        found |= {
            "name": "" if content["name"] in made else content["name"],
            "remind": ", ".join(str(day) for day in content["remind"]),
            "expected_number": number,
        }
        found |= {f"{part}_{role}": _NOBODY for part in _PARTS for role in policy.DECIDING_ROLES}
        found |= {f"{part}_join": "and" for part in _PARTS}
        for part in _PARTS:
            flat = flat_of(content[part])
            if flat is None:
                found[f"{part}_tree"] = json.dumps(content[part])
                continue
            found[f"{part}_join"] = flat[0]
            found |= {f"{part}_{role}": need for role, need in flat[1].items()}
        return found

    def rows(self, part: str) -> list[forms.BoundField]:
        """The lines of the small editor."""
        return [self[f"{part}_{role}"] for role in policy.DECIDING_ROLES]

    @property
    def quorum_rows(self) -> list[forms.BoundField]:
        return self.rows("quorum")

    @property
    def emergency_rows(self) -> list[forms.BoundField]:
        return self.rows("emergency")

    def clean_remind(self) -> list[int]:
        """Numbers of days."""
        words = [word for word in re.split(r"[,;\s]+", self.cleaned_data["remind"]) if word]
        if not all(word.isascii() and word.isdigit() and len(word) < 5 for word in words):
            raise forms.ValidationError("Write numbers with commas between them, such as 3, 5.")
        return [int(word) for word in words]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for part in _PARTS:
            node, field = self._node(part, cleaned)
            if field not in self.errors:
                for text in quorum_problems(node):
                    self.add_error(field, text[:1].upper() + text[1:])
            cleaned[part] = node
        return cleaned

    def _node(self, part: str, cleaned: Mapping[str, Any]) -> tuple[Any, str]:
        """The tree that was typed or chosen, and the field that holds it."""
        typed = cleaned.get(f"{part}_tree", "")
        if typed:
            field = f"{part}_tree"
            try:
                return json.loads(typed), field
            except (ValueError, RecursionError):
                self.add_error(field, "This is no JSON. Compare it with the example.")
                return None, field
        needs = {role: cleaned.get(f"{part}_{role}", _NOBODY) for role in policy.DECIDING_ROLES}
        leaves = [
            policy.seat(role, need if need == policy.ALL else int(need))
            for role, need in needs.items()
            if need != _NOBODY
        ]
        first = f"{part}_{policy.DECIDING_ROLES[0]}"
        return (leaves[0] if len(leaves) == 1 else {cleaned.get(f"{part}_join") or "and": leaves}), first

    def content(self) -> dict[str, Any]:
        """The policy as it is kept."""
        values = self.cleaned_data
        kept = ("self_approval", "remind", *BOUNDS, "advisers", "ends_on", *_PARTS)
        return {
            "version": policy.VERSION,
            "name": values["name"].strip() or who_decides(values["quorum"]),
            **{key: values[key] for key in kept},
        }
