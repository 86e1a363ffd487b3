"""What goes in and out of the API of methodologies."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.reading import read_methodology
from lifecycle.methodologies.wording import source_of


class MethodologyOut(serializers.ModelSerializer[Methodology]):
    """A version, without its content."""

    hash = serializers.CharField(source="content_hash")
    used = serializers.IntegerField(help_text="Number of projects that use this version")

    class Meta:
        model = Methodology
        fields: tuple[str, ...] = (
            "key", "number", "name", "long_name", "source_version", "description", "phase_label", "hash", "note",
            "created_at", "frozen_at", "retired_at", "retired_reason", "used",
        )  # fmt: skip


class MethodologyContentOut(MethodologyOut):
    """A version with its content: phases, tasks, deliverables, questions, gates, feedback loops; and its YAML."""

    content = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField(help_text="The YAML as it was written")

    class Meta(MethodologyOut.Meta):
        fields = (*MethodologyOut.Meta.fields, "content", "text")

    @extend_schema_field(serializers.DictField())
    def get_content(self, methodology: Methodology) -> Any:
        return methodology.content

    def get_text(self, methodology: Methodology) -> str:
        return source_of(methodology)


class MethodologyTextIn(serializers.Serializer[Any]):
    """YAML to be checked."""

    text = serializers.CharField(trim_whitespace=False, allow_blank=True)
    key = serializers.CharField(required=False, default="", allow_blank=True, help_text="The key that it must have")


class MethodologyFaultOut(serializers.Serializer[Any]):
    """One thing that is wrong. Line and column count from 1."""

    line = serializers.IntegerField()
    column = serializers.IntegerField()
    path = serializers.CharField(help_text="Such as phases[2].gate.required_outputs[1]")
    reason = serializers.CharField()


class MethodologyCheckOut(serializers.Serializer[Any]):
    """Whether a text can be published, and all its faults in the order of the text."""

    sound = serializers.BooleanField()
    faults = MethodologyFaultOut(many=True)


class MethodologyChangeOut(serializers.Serializer[Any]):
    """One line of a difference. `binds`: it alters what the gate of the stage judges."""

    kind = serializers.ChoiceField(choices=["added", "gone", "changed"])
    what = serializers.CharField()
    stage = serializers.CharField(allow_blank=True)
    key = serializers.CharField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # a field by this name, not the label of this one
    was = serializers.CharField(allow_blank=True)
    now = serializers.CharField(allow_blank=True)
    binds = serializers.BooleanField()
    sentence = serializers.CharField()


class MethodologyDraftOut(serializers.ModelSerializer[MethodologyDraft]):
    """A draft with its faults. Send `version` back when you change it."""

    based_on = serializers.SerializerMethodField()
    edited_by = serializers.CharField(source="edited_by.name")
    faults = serializers.SerializerMethodField()

    class Meta:
        model = MethodologyDraft
        fields = ("key", "name", "text", "version", "based_on", "created_at", "edited_at", "edited_by", "faults")

    def get_based_on(self, draft: MethodologyDraft) -> str:
        return str(draft.based_on or "")

    @extend_schema_field(MethodologyFaultOut(many=True))
    def get_faults(self, draft: MethodologyDraft) -> Any:
        return MethodologyFaultOut(read_methodology(draft.text, key=draft.key).faults, many=True).data


class MethodologyDraftLineOut(serializers.ModelSerializer[MethodologyDraft]):
    """A draft in the list, without its text."""

    edited_by = serializers.CharField(source="edited_by.name")

    class Meta:
        model = MethodologyDraft
        fields = ("key", "name", "version", "created_at", "edited_at", "edited_by")


class MethodologyVersionRef(serializers.Serializer[Any]):
    """Names a version of a methodology."""

    key = serializers.CharField()
    number = serializers.IntegerField(min_value=1, max_value=2_147_483_647)


class MethodologyDraftIn(serializers.Serializer[Any]):
    """A new draft: from a text, as a copy of a version, or small. With a text, key and name are taken out of it."""

    key = serializers.CharField(required=False, default="", allow_blank=True, max_length=60)
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)
    based_on = MethodologyVersionRef(required=False)
    text = serializers.CharField(required=False, trim_whitespace=False)


class MethodologyDraftPatch(serializers.Serializer[Any]):
    """Another text for a draft. `version`: the one that was read, so that no other's change is lost."""

    text = serializers.CharField(trim_whitespace=False)
    version = serializers.IntegerField()


class MethodologyPublishIn(serializers.Serializer[Any]):
    """Publishing. `note`: one sentence on what changed."""

    version = serializers.IntegerField()
    note = serializers.CharField(required=False, default="", allow_blank=True)


class MethodologyRetireIn(serializers.Serializer[Any]):
    """Why a version is no longer offered."""

    reason = serializers.CharField()
