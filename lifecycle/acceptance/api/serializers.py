"""What the API of criteria and acceptances takes and gives."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.web.digest import digest_of
from lifecycle.acceptance.models import (
    Acceptance,
    AcceptanceCondition,
    AcceptanceReminder,
    Criterion,
    CriterionChange,
    CriterionResult,
)
from lifecycle.acceptance.selectors import verdict_state
from lifecycle.acceptance.services.deciding import VERDICTS
from lifecycle.kpis.models import Kpi
from lifecycle.signoff.api.serializers import SignatureOut, second_factor_code
from lifecycle.signoff.signing import signature_json, signature_state


class CriterionRow(serializers.ModelSerializer[Criterion]):
    """A criterion in force."""

    kpi = serializers.SlugRelatedField[Kpi](slug_field="key", read_only=True)
    author = serializers.CharField(source="author.name", read_only=True)

    class Meta:
        model = Criterion
        fields = [
            "key", "version", "measure", "baseline", "threshold", "how_measured", "judge", "kpi", "withdrawn",
            "author", "created_at",
        ]  # fmt: skip


class CriterionAsked(serializers.Serializer[Criterion]):
    """A criterion to set; with the `key` of one that is there: its next version."""

    measure = serializers.CharField(max_length=200)
    threshold = serializers.CharField(max_length=200)
    baseline = serializers.CharField(max_length=120, default="", allow_blank=True)
    how_measured = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    judge = serializers.CharField(max_length=120, default="", allow_blank=True)
    kpi = serializers.SlugField(default="", allow_blank=True)
    key = serializers.SlugField(max_length=60, default="", allow_blank=True)
    version = serializers.IntegerField(required=False, min_value=1)


class CriterionChangeAsked(CriterionAsked):
    """A change that a sponsor has to consent to; with `withdraw`, the criterion of this key is to be taken out."""

    measure = serializers.CharField(max_length=200, default="", allow_blank=True)
    threshold = serializers.CharField(max_length=200, default="", allow_blank=True)
    reason = serializers.CharField(max_length=20_000)
    withdraw = serializers.BooleanField(default=False)


class CriterionChangeOut(serializers.ModelSerializer[CriterionChange]):
    """A proposed change, with the answer."""

    author = serializers.CharField(source="author.name", read_only=True)
    decided_by = serializers.CharField(source="decided_by.name", read_only=True, default="")
    former_version = serializers.IntegerField(source="former.version", read_only=True, default=None)
    made_version = serializers.IntegerField(source="made.version", read_only=True, default=None)
    kpi = serializers.SlugRelatedField[Kpi](slug_field="key", read_only=True)

    class Meta:
        model = CriterionChange
        fields = [
            "id", "kind", "key", "measure", "baseline", "threshold", "how_measured", "judge", "kpi", "reason", "author",
            "created_at", "state", "decided_by", "decided_at", "answer", "former_version", "made_version",
        ]  # fmt: skip


class ChangeAnswerAsked(serializers.Serializer[Any]):
    """The sponsor's answer; a refusal needs a reason."""

    answer = serializers.ChoiceField(["consent", "refuse", "take_back"])
    reason = serializers.CharField(max_length=20_000, default="", allow_blank=True)


class AcceptanceReasonAsked(serializers.Serializer[Any]):
    """A reason."""

    reason = serializers.CharField(max_length=20_000)


class PieceOut(serializers.Serializer[Any]):
    """A piece of evidence as it was chosen."""

    kind = serializers.CharField()
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer's own label
    hash = serializers.CharField()
    link = serializers.CharField(allow_blank=True)


class ResultRow(serializers.ModelSerializer[CriterionResult]):
    """Expected and observed."""

    criterion = serializers.CharField(source="criterion.key", read_only=True)
    criterion_version = serializers.IntegerField(source="criterion.version", read_only=True)
    measure = serializers.CharField(source="criterion.measure", read_only=True)
    threshold = serializers.CharField(source="criterion.threshold", read_only=True)
    tester = serializers.CharField(source="tester.name", read_only=True, default="")
    pieces = PieceOut(many=True, read_only=True)

    class Meta:
        model = CriterionResult
        fields = [
            "id", "criterion", "criterion_version", "measure", "threshold", "observed", "evidence", "pieces", "verdict",
            "reason", "tester", "judged_at",
        ]  # fmt: skip


class AcceptanceReminderOut(serializers.ModelSerializer[AcceptanceReminder]):
    """What was told of a condition, on which day and to whom."""

    told = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = AcceptanceReminder
        fields = ["phase", "turn", "on_day", "told"]


class AcceptanceConditionOut(serializers.ModelSerializer[AcceptanceCondition]):
    """A condition with its proof."""

    owner = serializers.CharField(source="owner_name", read_only=True)
    closed_by = serializers.CharField(source="closed_by.name", read_only=True, default="")
    verified_by = serializers.CharField(source="verified_by.name", read_only=True, default="")
    is_overdue = serializers.BooleanField(read_only=True)
    reminders = AcceptanceReminderOut(many=True, read_only=True)

    class Meta:
        model = AcceptanceCondition
        fields = [
            "id", "number", "text", "owner", "due_on", "is_overdue", "state", "proof", "proof_link", "closed_by",
            "closed_at", "verified_by", "verified_at", "sent_back", "reminders",
        ]  # fmt: skip


class AcceptanceRow(serializers.ModelSerializer[Acceptance]):
    """An acceptance with results and signature."""

    project = serializers.CharField(source="project.key", read_only=True)
    stage = serializers.CharField(source="stage.key", read_only=True)
    results = ResultRow(many=True, read_only=True)
    offered_by = serializers.CharField(source="offered_by.name", read_only=True, default="")
    conditions = AcceptanceConditionOut(many=True, read_only=True)
    signature = serializers.SerializerMethodField()
    withdrawal = serializers.SerializerMethodField()

    class Meta:
        model = Acceptance
        fields = [
            "id", "project", "number", "stage", "state", "approved_use", "limits", "digest", "manifest", "comment",
            "conditions", "results", "offered_by", "offered_at", "decided_at", "signature", "withdrawal", "created_at",
        ]  # fmt: skip

    @extend_schema_field(SignatureOut(allow_null=True))
    def get_signature(self, acceptance: Acceptance) -> dict[str, Any] | None:
        """The signature block. With `changed` and `newest` in the context: whether it still fits what is there."""
        if acceptance.signature is None:
            return None
        changed, newest = self.context.get("changed", frozenset()), self.context.get("newest", acceptance.number)
        return dict(signature_json(acceptance.signature, verdict_state(acceptance, changed, newest)))

    @extend_schema_field(SignatureOut(allow_null=True))
    def get_withdrawal(self, acceptance: Acceptance) -> dict[str, Any] | None:
        """The signature by which the verdict was taken back."""
        if acceptance.withdrawal is None:
            return None
        state = signature_state(acceptance.withdrawal, digest_of(acceptance.manifest))
        return dict(signature_json(acceptance.withdrawal, state))


class JudgementAsked(serializers.Serializer[CriterionResult]):
    """A judgement of one criterion."""

    criterion = serializers.SlugField(max_length=60)
    verdict = serializers.ChoiceField([choice for choice in CriterionResult.Verdict.values if choice])
    observed = serializers.CharField(max_length=300, default="", allow_blank=True)
    evidence = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    pieces = serializers.ListField(child=serializers.CharField(max_length=120), max_length=20, required=False)
    reason = serializers.CharField(max_length=20_000, default="", allow_blank=True)


class OfferAsked(serializers.Serializer[Acceptance]):
    """What is offered; `models`: plain facts of model versions."""

    approved_use = serializers.CharField(max_length=20_000)
    limits = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    models = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField(max_length=300)), max_length=50, required=False
    )


class ConditionAsked(serializers.Serializer[Any]):
    """A condition. `owner`: a member by name or e-mail address, or a name from outside; empty: who offered."""

    text = serializers.CharField(max_length=500)
    due_on = serializers.DateField()
    owner = serializers.CharField(max_length=120, default="", allow_blank=True)


class DecisionAsked(serializers.Serializer[Acceptance]):
    """The customer's verdict; `digest` is the one that was read."""

    verdict = serializers.ChoiceField(list(VERDICTS))
    password = serializers.CharField(trim_whitespace=False, write_only=True)
    code = second_factor_code()
    digest = serializers.CharField(max_length=64)
    comment = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    conditions = ConditionAsked(many=True, required=False)


class VerdictWithdrawalAsked(serializers.Serializer[Any]):
    """Taking a verdict back, with the password of who signed it."""

    password = serializers.CharField(trim_whitespace=False, write_only=True)
    code = second_factor_code()
    reason = serializers.CharField(max_length=20_000)


class ProofAsked(serializers.Serializer[Any]):
    """The proof that a condition is met."""

    proof = serializers.CharField(max_length=20_000)
    link = serializers.CharField(max_length=300, default="", allow_blank=True)


class ProofAnswerAsked(serializers.Serializer[Any]):
    """Whether the proof is enough; if not, why."""

    enough = serializers.BooleanField()
    reason = serializers.CharField(max_length=20_000, default="", allow_blank=True)


class EvidenceChoiceOut(serializers.Serializer[Any]):
    """One piece that may be chosen."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer's own label
    hash = serializers.CharField()
    link = serializers.CharField(allow_blank=True)


class ShelfOut(serializers.Serializer[Any]):
    """Pieces of one kind that may be chosen as evidence for a result."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer's own label
    items = EvidenceChoiceOut(many=True)
