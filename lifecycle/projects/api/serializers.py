"""What goes in and out of the API of projects."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lifecycle.projects.models import (
    Deliverable,
    DeliverableVersion,
    ExitAnswer,
    ExitQuestion,
    Member,
    Project,
    Role,
    Stage,
    StageTask,
)
from lifecycle.projects.selectors import StageLine
from lifecycle.projects.services import CLOSING_LIMIT


class PersonOut(serializers.Serializer[Any]):
    """A person, as others see them."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    email = serializers.EmailField()


class MethodologyRef(serializers.Serializer[Any]):
    """Which version of which methodology."""

    key = serializers.CharField()
    number = serializers.IntegerField()
    name = serializers.CharField()
    hash = serializers.CharField(source="content_hash")


class ProjectOut(serializers.ModelSerializer[Project]):
    """A project. `discount_rate` is a fraction per year."""

    methodology = MethodologyRef()
    escalates_to = PersonOut(allow_null=True)
    closed_by = PersonOut(allow_null=True)

    class Meta:
        model = Project
        fields = (
            "key", "name", "question", "description", "unit", "methodology", "risk", "state", "currency",
            "discount_rate", "horizon_months", "started_on", "stopped_reason", "closing_statement",
            "closed_at", "closed_by", "escalates_to", "created_at", "version",
        )  # fmt: skip


class MethodologyName(serializers.Serializer[Any]):
    """Names a version of a methodology; without a number, the newest that is offered."""

    key = serializers.CharField()
    number = serializers.IntegerField(required=False)


class ProjectIn(serializers.Serializer[Any]):
    """A new project."""

    key = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=120)
    question = serializers.CharField(max_length=300)
    methodology = MethodologyName()
    started_on = serializers.DateField(default=timezone.localdate)
    description = serializers.CharField(required=False, allow_blank=True)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=120)
    risk = serializers.ChoiceField(choices=Project.Risk.choices, required=False)
    currency = serializers.CharField(required=False, max_length=3)
    discount_rate = serializers.DecimalField(required=False, max_digits=12, decimal_places=8, min_value=0, max_value=1)
    horizon_months = serializers.IntegerField(required=False, min_value=1, max_value=120)


class ProjectPatch(serializers.Serializer[Any]):
    """Changes of a project; what is left out stays. `version`: the one that was read, so that no change is lost."""

    name = serializers.CharField(required=False, max_length=120)
    question = serializers.CharField(required=False, max_length=300)
    description = serializers.CharField(required=False, allow_blank=True)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=120)
    risk = serializers.ChoiceField(choices=Project.Risk.choices, required=False)
    currency = serializers.CharField(required=False, max_length=3)
    discount_rate = serializers.DecimalField(required=False, max_digits=12, decimal_places=8, min_value=0, max_value=1)
    horizon_months = serializers.IntegerField(required=False, min_value=1, max_value=120)
    escalates_to = serializers.CharField(
        required=False, allow_blank=True, max_length=254, help_text="E-mail address or name; empty for nobody"
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    version = serializers.IntegerField(required=False, min_value=1)


class WhyIn(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=2000)


class ClosingIn(serializers.Serializer[Any]):
    """What came of a project."""

    statement = serializers.CharField(max_length=CLOSING_LIMIT)


class MemberOut(serializers.ModelSerializer[Member]):
    """A person in a role."""

    person = PersonOut(source="user")

    class Meta:
        model = Member
        fields = ("id", "person", "role", "joined_at")


class MemberIn(serializers.Serializer[Any]):
    """A person by e-mail address or name, and the role."""

    person = serializers.CharField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices)


class TaskOut(serializers.ModelSerializer[StageTask]):
    """A task of a stage."""

    done = serializers.SerializerMethodField()
    done_by = PersonOut(allow_null=True)

    class Meta:
        model = StageTask
        fields = ("id", "key", "name", "description", "done", "done_at", "done_by")

    def get_done(self, task: StageTask) -> bool:
        return task.done_at is not None


class TaskIn(serializers.Serializer[Any]):
    """Whether the task is done."""

    done = serializers.BooleanField()


class DeliverableOut(serializers.ModelSerializer[Deliverable]):
    """A deliverable with the head of its versions. `not_applicable` holds the reason, or nothing."""

    class Meta:
        model = Deliverable
        fields = (
            "id", "key", "name", "description", "need", "sections", "not_applicable", "latest_number", "latest_hash",
        )  # fmt: skip


class AnswerOut(serializers.ModelSerializer[ExitAnswer]):
    """A version of an answer."""

    author = PersonOut()

    class Meta:
        model = ExitAnswer
        fields = ("number", "text", "author", "created_at")


class AnswerIn(serializers.Serializer[Any]):
    """An answer, and the number of the one on which it builds (0: none)."""

    text = serializers.CharField(max_length=20_000)
    expected_number = serializers.IntegerField(min_value=0)


class QuestionOut(serializers.ModelSerializer[ExitQuestion]):
    """An exit question with its newest answer."""

    answer = serializers.SerializerMethodField()

    class Meta:
        model = ExitQuestion
        fields = ("id", "key", "text", "answer")

    @extend_schema_field(AnswerOut(allow_null=True))
    def get_answer(self, question: ExitQuestion) -> Any:
        given = question.given  # type: ignore[attr-defined]  # by prefetch
        return AnswerOut(given[0]).data if given else None


class StageOut(serializers.ModelSerializer[Stage]):
    """One iteration of a stage. `lapsed_at`: since when its approval no longer holds; `rests_on`: the key of an earlier
    stage whose approval has lapsed while this one has begun, or empty."""

    lapsed_at = serializers.DateTimeField(allow_null=True, read_only=True)
    rests_on = serializers.CharField(read_only=True)

    class Meta:
        model = Stage
        fields = (
            "id", "key", "name", "purpose", "order", "iteration", "is_current", "state", "gate", "opened_at",
            "closed_at", "lapsed_at", "rests_on", "due_on",
        )  # fmt: skip


class StageLineOut(serializers.Serializer[StageLine]):
    """A stage with its counts."""

    stage = StageOut()
    required_deliverables = serializers.IntegerField(source="required")
    required_done = serializers.IntegerField()
    deliverables = serializers.IntegerField()
    written = serializers.IntegerField()
    questions = serializers.IntegerField()
    answered = serializers.IntegerField()
    tasks = serializers.IntegerField()
    ticked = serializers.IntegerField()
    round = serializers.IntegerField(source="round_id", allow_null=True)


class DroppedOut(serializers.Serializer[Any]):
    """Something that the present version of the methodology no longer asks for, and that was written."""

    kind = serializers.ChoiceField(choices=["deliverable", "exitquestion", "stagetask"], source="_meta.model_name")
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")
    dropped_at = serializers.DateTimeField()


class StageDetailOut(serializers.Serializer[Any]):
    """A stage with all it holds; `missing` says what keeps it from a decision."""

    stage = StageOut()
    tasks = TaskOut(many=True)
    deliverables = DeliverableOut(many=True)
    questions = QuestionOut(many=True)
    dropped = DroppedOut(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    iterations = serializers.ListField(child=serializers.IntegerField())
    round = serializers.IntegerField(allow_null=True)


class StagePatch(serializers.Serializer[Any]):
    """The day on which a stage should be ready; null takes it away."""

    due_on = serializers.DateField(allow_null=True)


class VersionOut(serializers.ModelSerializer[DeliverableVersion]):
    """A version without its content."""

    author = PersonOut()
    is_file = serializers.SerializerMethodField()

    class Meta:
        model = DeliverableVersion
        fields: tuple[str, ...] = ("number", "is_file", "filename", "size", "sha256", "note", "author", "created_at")

    def get_is_file(self, version: DeliverableVersion) -> bool:
        return bool(version.file)


class VersionTextOut(VersionOut):
    """A version with its text, which is empty for a file."""

    class Meta(VersionOut.Meta):
        fields = (*VersionOut.Meta.fields, "text")


class VersionIn(serializers.Serializer[Any]):
    """A text or a file (multipart), and the number of the version on which it builds (0: none)."""

    text = serializers.CharField(required=False, trim_whitespace=False)
    file = serializers.FileField(required=False, allow_empty_file=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    expected_number = serializers.IntegerField(min_value=0)
