"""An explanation as evidence: the newest finished one of the model that counts."""

from __future__ import annotations

from explain.attributions import telling
from explain.attributions.models import Explanation
from explain.attributions.selectors import dictionary_of, newest_done
from explain.register.evidence import newest_accepted, shows_models
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import Brief, Item, Summary


def collect(stage: Stage) -> list[Item]:
    """The newest finished explanation of the newest accepted version."""
    version = newest_accepted(stage.project_id) if shows_models(stage) else None
    explanation = newest_done(version) if version is not None else None
    if version is None or explanation is None:
        return []
    summary = explanation.summary
    strongest = [driver["feature"] for driver in summary["drivers"][:5]]
    return [
        Item(
            kind="explanation",
            key=f"explanation:{explanation.pk}",
            label=f"Explanation of {version} on {explanation.data_set}",
            hash=explanation.content_hash,
            facts={
                "model": f"v{version.number}",
                "data": f"{explanation.data_set.name} ({explanation.data_set.number})",
                "rows": explanation.rows,
                "engine": explanation.engine,
                "values": telling.exactness(summary),
                "strongest": ", ".join(strongest),
            },
            link=explanation.get_absolute_url(),
        )
    ]


def recheck(project: Project, keys: list[str]) -> dict[str, str | None]:
    """The present hash of each pinned explanation; None where it is gone."""
    numbers = {key: int(key.partition(":")[2]) for key in keys if key.partition(":")[2].isdigit()}
    hashes = dict(
        Explanation.objects.filter(project=project, pk__in=numbers.values(), state=Explanation.State.DONE).values_list(
            "pk", "content_hash"
        )
    )
    return {key: hashes.get(numbers[key]) if key in numbers else None for key in keys}


def summarise(project: Project, items: list[Item]) -> Summary | None:
    """What the model goes by, for the decision page."""
    numbers = [int(item.key.partition(":")[2]) for item in items if item.key.partition(":")[2].isdigit()]
    explanation = (
        Explanation.objects.filter(project=project, pk__in=numbers, state=Explanation.State.DONE)
        .select_related("project", "model_version", "data_set")
        .defer("samples")
        .order_by("-pk")
        .first()
    )
    if explanation is None:
        return None
    summary, dictionary = explanation.summary, dictionary_of(project)
    outcome = telling.outcome_of(explanation.model_version.purpose, summary)
    lines = telling.driver_lines(summary["drivers"], dictionary, outcome=outcome)
    return Summary(
        template="explain/attributions/evidence.html",
        context={
            "explanation": explanation,
            "outcome": outcome,
            "lines": lines,
            "note": telling.note_of(lines, summary),
        },
        title="What the model goes by",
        note="Full explanation",
        link=explanation.get_absolute_url(),
        brief=tuple(Brief(line.name, line.text, "ask" if line.asks else "") for line in lines),
    )
