"""The checks that a gate asks for, as evidence: what was required, what was found, and whether it held."""

from __future__ import annotations

from foundation.web.digest import digest_of
from lifecycle.projects.gate_checks import WATCHED, Finding, findings_at
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import Brief, EvidenceKind, Item, Summary
from lifecycle.signoff.kinds.keys import ids_in


def _hash(finding: Finding) -> str:
    """The verdict and what it was held against; figures may move as long as it stays met."""
    return digest_of({"check": finding.name, "required": finding.required, "met": finding.judged.met})


def collect_checks(stage: Stage) -> list[Item]:
    """One item for each check of the gate."""
    return [
        Item(
            kind="check",
            key=f"check:{stage.pk}:{finding.name}",
            label=finding.required[:1].upper() + finding.required[1:],
            hash=_hash(finding),
            facts={"verdict": "met" if finding.judged.met else "not met", "text": finding.judged.found},
            link=finding.judged.link,
        )
        for finding in findings_at(stage)
    ]


def recheck_checks(project: Project, keys: list[str]) -> dict[str, str | None]:
    """Present verdicts; None for a check that the gate no longer asks for."""
    present: dict[str, str | None] = dict.fromkeys(keys)
    for stage in Stage.objects.filter(project=project, pk__in=list(ids_in(keys))).select_related("project"):
        present |= {item.key: item.hash for item in collect_checks(stage) if item.key in present}
    return present


def summarise_checks(project: Project, items: list[Item]) -> Summary | None:
    """Each check with its verdict, as it was put forward. No query."""
    if not items:
        return None
    return Summary(
        "lifecycle/signoff/evidence_checks.html",
        {"items": items},
        brief=tuple(
            Brief(item.label, item.facts["text"], "" if item.facts["verdict"] == "met" else "not met") for item in items
        ),
    )


CHECKS = EvidenceKind(
    "check",
    "What the gate checks",
    collect_checks,
    recheck_checks,
    watches=WATCHED,
    summarise=summarise_checks,
    place=8,
)
