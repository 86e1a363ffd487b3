"""What holds of every definition, new or changed, and how the trail writes it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.text import slugify

from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi

SEASONS = {7: Kpi.Frequency.DAY, 12: Kpi.Frequency.MONTH, 52: Kpi.Frequency.WEEK}


def check_definition(kpi: Kpi) -> None:
    """Refuse what is no definition; the database holds the same line for shares and keys."""

    def refuse(field: str, sentence: str) -> None:
        raise Refused(sentence, code="kpi_invalid", status=400, field=field)

    if not kpi.name or len(kpi.name) > 120:
        refuse("name", "A KPI needs a name of at most 120 characters, such as “Days to first report”.")
    if not kpi.unit or len(kpi.unit) > 40:
        refuse("unit", "A KPI needs a unit of at most 40 characters, such as min, %, EUR, or 1 for a count.")
    if kpi.key == "new" or slugify(kpi.key) != kpi.key or not kpi.key or len(kpi.key) > 60:
        refuse("key", f"{kpi.key!r} cannot be a key. Use small letters, digits and hyphens, such as days-to-report.")
    for field, values in (
        ("direction", Kpi.Direction.values),
        ("kind", Kpi.Kind.values),
        ("frequency", Kpi.Frequency.values),
    ):
        if getattr(kpi, field) not in values:
            refuse(field, f"{getattr(kpi, field)!r} is no {field}. Use one of: {', '.join(values)}.")
    if not isinstance(kpi.cashable, Decimal) or not kpi.cashable.is_finite() or not 0 <= kpi.cashable <= 1:
        refuse("cashable", "A share lies between 0 and 1; 0.5 is a half.")
    for field in ("volume_kpi", "derived_from"):
        other: Kpi | None = getattr(kpi, field)
        if other is None:
            continue
        if other.project_id != kpi.project_id:
            refuse(field, f"{other.name} belongs to another project. Choose a KPI of this one.")
        if other.pk == kpi.pk:
            refuse(field, "A KPI cannot refer to itself. Choose another one, or none.")
    if kpi.volume_kpi is not None and kpi.volume_kpi.frequency != kpi.frequency:
        refuse(
            "volume_kpi",
            f"{kpi.volume_kpi.name} is {kpi.volume_kpi.get_frequency_display()}; its periods have to be those of this KPI.",
        )
    if kpi.counts and kpi.kind != Kpi.Kind.FLOW:
        refuse("counts", "A count adds up over time: choose “sum per period” as what a reading is, or no count.")
    if kpi.season is not None and SEASONS.get(kpi.season) != kpi.frequency:
        refuse("season", "A season is 7 for daily readings, 52 for weekly and 12 for monthly ones, or none.")
    seen, link = {kpi.pk}, kpi.derived_from
    while link is not None:
        if link.pk in seen:
            refuse("derived_from", "The chain of KPIs would lead back to itself. Choose another one, or none.")
        seen.add(link.pk)
        link = link.derived_from


def give_up_primary(kpi: Kpi) -> str:
    """The project has one primary KPI; the former one steps back. Returns its key, for the trail."""
    former = Kpi.objects.filter(project_id=kpi.project_id, is_primary=True).exclude(pk=kpi.pk).first()
    if former is None:
        return ""
    former.is_primary = False
    former.save(update_fields=["is_primary"])
    return former.key


def content_of(kpi: Kpi, attribution: Decimal) -> dict[str, Any]:
    return {
        "key": kpi.key,
        "name": kpi.name,
        "meaning": kpi.meaning,
        "unit": kpi.unit,
        "direction": str(kpi.direction),
        "kind": str(kpi.kind),
        "frequency": str(kpi.frequency),
        "volume_kpi": kpi.volume_kpi.key if kpi.volume_kpi else None,
        "derived_from": kpi.derived_from.key if kpi.derived_from else None,
        "counts": kpi.counts,
        "season": kpi.season,
        "is_primary": kpi.is_primary,
        "attribution": format(attribution.normalize(), "f"),
        "cashable": format(kpi.cashable.normalize(), "f") if isinstance(kpi.cashable, Decimal) else None,
        "version": kpi.version,
    }
