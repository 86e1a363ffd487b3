"""The business case as evidence: put in front of those who decide the first stage, and pinned as it was then."""

from __future__ import annotations

from explain.cases.charts import brief_tornado
from explain.cases.content.parts import STAKEHOLDERS
from explain.cases.figures import headline_of
from explain.cases.models import CaseVersion
from explain.cases.services.writing import KIND
from foundation.web.digest import digest_of
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import EvidenceKind, Figure, Item, Summary


def collect(stage: Stage) -> list[Item]:
    """The version that was put forward last, for the first stage only. Two queries."""
    if stage.order != 1:
        return []
    versions = CaseVersion.objects.filter(project_id=stage.project_id)
    version = (
        versions.filter(put_forward_at__isnull=False).select_related("project", "author").order_by("-number").first()
    )
    if version is None:
        return []
    headline = headline_of(version.result, version.terms["currency"])
    wrote = set(versions.filter(number__lte=version.number).order_by().values_list("author_id", flat=True))
    return [
        Item(
            kind=KIND,
            key=f"{KIND}:{version.pk}",
            label="Business case",
            hash=version.content_hash,
            facts={
                "version": version.number,
                "net present value": headline.npv_said if headline else "",
                "range": headline.range_said if headline else "",
                "chance": headline.chance_said if headline else "",
                "payback": headline.payback_said if headline else "",
                "stakeholders": len(version.content[STAKEHOLDERS]["stakeholders"]),
                "author": version.author.name,
                "author_id": version.author_id,
                "author_ids": sorted(wrote | {version.put_forward_by_id or version.author_id}),
            },
            link=version.get_absolute_url(),
        )
    ]


def recheck(project: Project, keys: list[str]) -> dict[str, str | None]:
    """The hash of each pinned version, worked out anew from what is stored; None where it is gone. One query.

    A later version leaves a decision as it is: the promise is what was approved, and the plan may move on.
    """
    ids = {key: key.rpartition(":")[2] for key in keys}
    numbers = [int(text) for text in ids.values() if text.isdigit()]
    found = {row.pk: digest_of(row.bound) for row in CaseVersion.objects.filter(project=project, pk__in=numbers)}
    return {key: found.get(int(text)) if text.isdigit() else None for key, text in ids.items()}


def summarise(project: Project, items: list[Item]) -> Summary | None:
    """Value with its range, payback, chance, the largest driver and who is touched. Two queries."""
    numbers = [int(text) for item in items if (text := item.key.rpartition(":")[2]).isdigit()]
    version = CaseVersion.objects.filter(project=project, pk__in=numbers).select_related("project").first()
    if version is None:
        return None
    headline = headline_of(version.result, version.terms["currency"])
    if headline is None:
        return None
    people = version.content[STAKEHOLDERS]["stakeholders"]
    newer = CaseVersion.objects.filter(project=project, number__gt=version.number).exists()
    return Summary(
        "explain/cases/evidence.html",
        {
            "version": version,
            "headline": headline,
            "chart": brief_tornado(version.result, version.terms["currency"]),
            "key_people": [row for row in people if row["influence"] >= 4],
            "people": len(people),
            "criteria": sorted(version.content["feasibility"]["criteria"], key=lambda row: row["rating"])[:1],
            "newer": newer,
        },
        title="What is promised?",
        note="The whole business case",
        link=version.get_absolute_url(),
        figures=(
            Figure(
                f"Net present value, {headline.months} months", headline.npv_said, headline.range_said, "assumed", 15
            ),
            Figure("Chance that it pays", headline.chance_said, f"pays back: {headline.payback_said}", "assumed", 25),
        ),
    )


BUSINESS_CASE = EvidenceKind(
    name=KIND,
    label="Business case",
    collect=collect,
    recheck=recheck,
    watches=(KIND,),
    summarise=summarise,
    place=5,
)
