"""The model as evidence: the newest accepted version, bound by the hash of its file."""

from __future__ import annotations

from explain.register.models import ModelVersion
from foundation.web.formats import number_text
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import Item, Summary

# Facts that say what the model is; the others are its metrics.
_ABOUT = frozenset({"version", "predicts", "format", "family", "features", "author", "author_id"})


def newest_accepted(project_id: int) -> ModelVersion | None:
    """The version that counts: the accepted one with the highest number."""
    return (
        ModelVersion.objects.filter(project_id=project_id, state=ModelVersion.State.ACCEPTED)
        .select_related("project", "uploaded_by")
        .order_by("-number")
        .first()
    )


def shows_models(stage: Stage) -> bool:
    """Whether the stage comes no earlier than the one in which the project's first accepted model appeared."""
    first = (
        ModelVersion.objects.filter(project_id=stage.project_id, state=ModelVersion.State.ACCEPTED)
        .order_by("uploaded_at", "pk")
        .values_list("uploaded_at", flat=True)
        .first()
    )
    if first is None:
        return False
    began = (
        Stage.objects.filter(project_id=stage.project_id, opened_at__lte=first)
        .order_by("-opened_at", "-order")
        .values_list("order", flat=True)
        .first()
    )
    return began is None or stage.order >= began


def collect(stage: Stage) -> list[Item]:
    """The newest accepted version, for a stage that can have one."""
    version = newest_accepted(stage.project_id) if shows_models(stage) else None
    if version is None:
        return []
    facts = {
        "version": f"{version.name} v{version.number}",
        "predicts": version.purpose,
        "format": version.get_format_display(),
        "family": str(version.facts.get("family", "")),
        "features": int(version.facts.get("feature_count", 0)),
        # Who built the model is no independent reviewer of it.
        "author": version.uploaded_by.name,
        "author_id": version.uploaded_by_id,
    }
    # A metric that the team calls by the name of such a fact does not take its place.
    facts = {**facts, **{name: number_text(value, 4) for name, value in version.metrics.items()}, **facts}
    return [
        Item(
            kind="model",
            key=f"model:{version.project_id}",
            label=f"Model {version}",
            hash=version.sha256,
            facts=facts,
            link=version.get_absolute_url(),
        )
    ]


def summarise(project: Project, items: list[Item]) -> Summary | None:
    """What the model is, and its file's fingerprint, as they were put forward. No query."""
    rows = [
        {
            "item": item,
            "name": item.facts.get("version", item.label),
            "kind": ", ".join(filter(None, (item.facts.get("family", ""), item.facts.get("format", "")))),
            "features": item.facts.get("features", 0),
            "metrics": [(name, shown) for name, shown in item.facts.items() if name not in _ABOUT],
        }
        for item in items
    ]
    return Summary("explain/register/evidence.html", {"rows": rows}) if rows else None


def recheck(project: Project, keys: list[str]) -> dict[str, str | None]:
    """The hash of the version that counts now, so that a newer one makes an approval stale."""
    version = newest_accepted(project.pk)
    own = f"model:{project.pk}"
    return {key: version.sha256 if version is not None and key == own else None for key in keys}
