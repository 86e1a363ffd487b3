"""Shapes of the REST answers and requests of sign-off."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lifecycle.projects.models import StageReturn
from lifecycle.signoff.models import Condition, Decision, Round
from lifecycle.signoff.services.deciding import OFFERED
from lifecycle.signoff.services.submitting import COMMENT_LIMIT, EMERGENCY_LIMIT, TITLE_LIMIT


class SubmitIn(serializers.Serializer[Any]):
    """What is asked."""

    title = serializers.CharField(max_length=TITLE_LIMIT)
    comment = serializers.CharField(max_length=COMMENT_LIMIT, required=False, allow_blank=True, default="")
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    emergency = serializers.CharField(max_length=EMERGENCY_LIMIT, required=False, allow_blank=True, default="")


def second_factor_code() -> serializers.CharField:
    """The field for a code beside the password of a signature."""
    return serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        default="",
        max_length=40,
        help_text="Where the signer has set up a second factor: a code from the app, or a recovery code.",
    )


class ConditionIn(serializers.Serializer[Any]):
    """A condition of an approval: what, by whom (ids of people), until when, verified by whom."""

    text = serializers.CharField()
    severity = serializers.ChoiceField(choices=Condition.Severity.choices, default=Condition.Severity.MINOR)
    owner_id = serializers.IntegerField()
    verifier_id = serializers.IntegerField()
    due_on = serializers.DateField()


class DecisionIn(serializers.Serializer[Any]):
    """An answer: with the password, and with the digest of what was read."""

    verdict = serializers.ChoiceField(choices=[(str(verdict), str(verdict.label)) for verdict in OFFERED])
    reason = serializers.CharField(required=False, allow_blank=True, default="")
    password = serializers.CharField(write_only=True, trim_whitespace=False)
    code = second_factor_code()
    digest = serializers.CharField(max_length=64)
    on_behalf_of = serializers.IntegerField(required=False, allow_null=True, default=None)
    conditions = ConditionIn(many=True, required=False, default=list)
    override = serializers.CharField(required=False, allow_blank=True, default="")
    returned_to = serializers.IntegerField(required=False, allow_null=True, default=None)


class TakeBackIn(serializers.Serializer[Any]):
    """Why a signature is taken back; signed with the password."""

    reason = serializers.CharField()
    password = serializers.CharField(write_only=True, trim_whitespace=False)
    code = second_factor_code()


class WithdrawIn(serializers.Serializer[Any]):
    """Why a request is taken back."""

    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class GoBackIn(serializers.Serializer[Any]):
    """Where to, and why. `loop`: key of a way back that the methodology knows."""

    to = serializers.CharField(max_length=60)
    reason = serializers.CharField()
    loop = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class SignatureOut(serializers.Serializer[Any]):
    """The signature block for machines; `state`: valid, record changed since, superseded."""

    id = serializers.IntegerField()
    printed_name = serializers.CharField()
    role = serializers.CharField()
    meaning = serializers.CharField()
    statement = serializers.CharField()
    comment = serializers.CharField()
    record = serializers.CharField()
    record_version = serializers.CharField()
    content_hash = serializers.CharField()
    signed_at = serializers.DateTimeField()
    time_zone = serializers.CharField()
    authenticated_by = serializers.CharField()
    state = serializers.CharField()


class DecisionOut(serializers.ModelSerializer[Decision]):
    """One person's answer."""

    decider = serializers.CharField(source="decider.name", read_only=True)
    on_behalf_of = serializers.CharField(source="on_behalf_of.name", read_only=True, default="")

    class Meta:
        model = Decision
        fields = [
            "id", "decider", "on_behalf_of", "role", "verdict", "reason", "override", "digest", "decided_at", "stands",
            "signature",
        ]  # fmt: skip


class SignedDecisionOut(DecisionOut):
    """An answer with its signature block."""

    signature = serializers.SerializerMethodField()

    @extend_schema_field(SignatureOut)
    def get_signature(self, decision: Decision) -> dict[str, Any]:
        blocks: dict[int, dict[str, Any]] = self.context["signatures"]
        return blocks[decision.pk]


class LineOut(serializers.Serializer[Any]):
    """A line of a difference; `kind`: changed, gone, added, returned, or why an approval ended."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field by this name, not the label of this one
    was = serializers.CharField()
    now = serializers.CharField()
    kind = serializers.CharField()


class RoundOut(serializers.ModelSerializer[Round]):
    """A round in a list."""

    project = serializers.CharField(source="project.key", read_only=True)
    stage = serializers.CharField(source="stage.key", read_only=True)
    iteration = serializers.IntegerField(source="stage.iteration", read_only=True)
    requester = serializers.CharField(source="requester.name", read_only=True)
    returned_to = serializers.CharField(source="returned_to.name", read_only=True, default="")
    difference = LineOut(many=True, read_only=True)

    class Meta:
        model = Round
        fields = [
            "id", "project", "stage", "iteration", "number", "state", "title", "comment", "requester", "submitted_at",
            "due_on", "emergency", "feedback_until", "expires_on", "returned_to", "digest", "policy", "closed_at", "lapsed_at", "difference",
        ]  # fmt: skip


class PermitOut(serializers.Serializer[Any]):
    """Whether the caller may do it, and if not why."""

    allowed = serializers.BooleanField()
    code = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class NeedOut(serializers.Serializer[Any]):
    """How far a role of the quorum is."""

    role = serializers.CharField()
    given = serializers.IntegerField()
    need = serializers.IntegerField()


class MySeatOut(serializers.Serializer[Any]):
    """A seat that the caller may take: `holder` is the id for `on_behalf_of`."""

    holder = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field by this name, not the label of this one


class RoundDetailOut(serializers.Serializer[Any]):
    """A round with all that binds it."""

    round = RoundOut()
    manifest = serializers.JSONField()
    since_former_round = LineOut(many=True)
    since_submission = LineOut(many=True)
    decisions = SignedDecisionOut(many=True)
    quorum = serializers.CharField()
    needs = NeedOut(many=True)
    can_be_met = serializers.BooleanField()
    my_seats = MySeatOut(many=True)
    may_decide = PermitOut()
    may_withdraw = PermitOut()


class ReturnOut(serializers.ModelSerializer[StageReturn]):
    """A going back; `cost_so_far` is a decimal as text, null where currencies mix."""

    from_stage = serializers.CharField(source="from_stage.key", read_only=True)
    to_stage = serializers.CharField(source="to_stage.key", read_only=True)
    iteration = serializers.IntegerField(source="to_stage.iteration", read_only=True)
    made_stale = serializers.JSONField(read_only=True)
    by = serializers.CharField(source="by.name", read_only=True)

    class Meta:
        model = StageReturn
        fields = [
            "id", "from_stage", "to_stage", "iteration", "reason", "loop_key", "cost_so_far", "currency", "made_stale",
            "by", "at",
        ]  # fmt: skip
