"""KPIs with their baselines and targets as evidence."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from foundation.web.digest import digest_of
from foundation.web.formats import day_text, number_text, plain_text
from lifecycle.kpis.charts import unit_words
from lifecycle.kpis.models import Baseline, Kpi, Measurement, Target
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.briefs import brief_kpis
from lifecycle.signoff.evidence import EvidenceKind, Figure, Item, Summary
from lifecycle.signoff.kinds.keys import ids_in
from lifecycle.signoff.manifest import said_by_name


def _kpis(project: Project) -> Any:
    """KPIs with their frozen baseline, newest target and last reading, in one query."""
    frozen = Baseline.objects.filter(kpi=OuterRef("pk"), state=Baseline.State.FROZEN)
    target = Target.objects.filter(kpi=OuterRef("pk")).order_by("-pk")
    last = Measurement.objects.filter(kpi=OuterRef("pk")).order_by("-period", "-revision")
    return project.kpis.annotate(
        baseline_hash=Subquery(frozen.values("values_hash")[:1]),
        baseline_mean=Subquery(frozen.values("mean")[:1]),
        baseline_start=Subquery(frozen.values("starts_on")[:1]),
        baseline_end=Subquery(frozen.values("ends_on")[:1]),
        target_value=Subquery(target.values("value")[:1]),
        target_due=Subquery(target.values("due_on")[:1]),
        last_value=Subquery(last.values("value")[:1]),
        last_period=Subquery(last.values("period")[:1]),
    )


def _kpi_items(kpi: Any) -> list[Item]:
    """The definition, and the frozen baseline and the target where there are any.

    They are items of their own: a first baseline adds to what was approved, another baseline changes it.
    Readings stand in the facts as submitted and are no part of a hash.
    """
    definition = {
        "version": kpi.version,
        "direction": kpi.direction,
        "unit": kpi.unit,
        "counted": kpi.kind,
        "every": kpi.frequency,
    }
    reading = {
        "last_value": None if kpi.last_value is None else repr(kpi.last_value),
        "last_period": None if kpi.last_period is None else kpi.last_period.isoformat(),
    }
    link = kpi.get_absolute_url()
    items = [
        Item(
            "kpi",
            f"kpi:{kpi.pk}",
            kpi.name,
            digest_of({**definition, "meaning": kpi.meaning}),
            {**definition, "primary": "yes" if kpi.is_primary else "", **reading},
            link,
        )
    ]
    if kpi.baseline_hash:
        window = {"from": kpi.baseline_start.isoformat(), "to": kpi.baseline_end.isoformat()}
        facts = {"mean": None if kpi.baseline_mean is None else repr(kpi.baseline_mean), **window}
        content = digest_of({"baseline": kpi.baseline_hash, **window})
        items.append(Item("kpi", f"kpi:{kpi.pk}:baseline", f"{kpi.name}: baseline", content, facts, link))
    if kpi.target_value is not None:
        aim = {"value": repr(kpi.target_value), "due": kpi.target_due.isoformat()}
        items.append(Item("kpi", f"kpi:{kpi.pk}:target", f"{kpi.name}: target", digest_of(aim), aim, link))
    return items


def collect_kpis(stage: Stage) -> list[Item]:
    """All KPIs of the project. One query."""
    return [item for kpi in _kpis(stage.project).select_related("project") for item in _kpi_items(kpi)]


def recheck_kpis(project: Project, keys: list[str]) -> dict[str, str | None]:
    """Present hashes. One query."""
    rows = _kpis(project).filter(pk__in=list(ids_in(keys))).select_related("project")
    present = {item.key: item.hash for kpi in rows for item in _kpi_items(kpi)}
    return {key: present.get(key) for key in keys}


def summarise_kpis(project: Project, items: list[Item]) -> Summary | None:
    """Baseline, last reading and target of each KPI as they were submitted. No query."""
    facts = {item.key: item.facts for item in items}
    rows: list[dict[str, Any]] = []
    for item in items:
        if item.key.count(":") == 1:
            baseline, target = facts.get(f"{item.key}:baseline", {}), facts.get(f"{item.key}:target", {})
            rows.append(
                {
                    "name": item.label,
                    "link": item.link,
                    "unit": unit_words(item.facts["unit"]),
                    "wish": str(Kpi.Direction(item.facts["direction"]).label),
                    "primary": item.facts["primary"] == "yes",
                    "baseline": _number(baseline.get("mean")),
                    "baseline_from": _day(baseline.get("from")),
                    "baseline_to": _day(baseline.get("to")),
                    "last": _number(item.facts["last_value"]),
                    "last_period": _day(item.facts["last_period"]),
                    "target": _number(target.get("value")),
                    "target_due": _day(target.get("due")),
                }
            )
    rows.sort(key=lambda row: (not row["primary"], str(row["name"])))
    if not rows:
        return None
    return Summary(
        "lifecycle/signoff/evidence_kpis.html",
        {"rows": rows},
        note="baselines are frozen, readings as submitted",
        figures=_kpi_figures(rows[0]),
        brief=brief_kpis(rows),
    )


def _kpi_figures(row: dict[str, Any]) -> tuple[Figure, ...]:
    """Target, last reading and baseline of the KPI that counts most, as far as there are any."""
    whose = "primary KPI" if row["primary"] else row["name"]
    unit = "" if row["unit"] == unit_words("1") else f" {row['unit']}"
    dated = (
        ("Target", row["target"], f"by {day_text(row['target_due'])}", 40),
        ("Last reading", row["last"], day_text(row["last_period"]), 45),
        ("Baseline", row["baseline"], f"mean until {day_text(row['baseline_to'])}", 46),
    )
    return tuple(
        Figure(f"{label}, {whose}", f"{number_text(value)}{unit}", note, rank=rank)
        for label, value, note, rank in dated
        if value is not None
    )


def say_kpi(name: str, value: Any) -> str:
    """A fact of a KPI, of its baseline or of its target in words."""
    match name:
        case "direction":
            return str(Kpi.Direction(value).label)
        case "unit":
            return f"unit {unit_words(value)}"
        case "counted":
            return str(Kpi.Kind(value).label)
        case "every":
            return f"read {Kpi.Frequency(value).label}"
        case "primary":
            return "primary KPI"
        case "value":
            return number_text(float(value))
        case "mean":
            return f"mean {number_text(float(value))}"
        case "due":
            return f"by {plain_text(value)}"
    return said_by_name(name, value)


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


KPIS = EvidenceKind(
    "kpi",
    "KPIs",
    collect_kpis,
    recheck_kpis,
    watches=("kpi", "baseline", "target"),
    summarise=summarise_kpis,
    place=10,
    say=say_kpi,
)
