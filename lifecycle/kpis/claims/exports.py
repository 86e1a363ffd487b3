"""Claims on a KPI to take away."""

from __future__ import annotations

from foundation.web.workbook import Column, Sheet
from lifecycle.kpis.claims.selectors import ClaimsPage
from lifecycle.kpis.periods import organisation_day

_CLAIMS = (
    Column("Project"), Column("Project key"), Column("Share (%)", "number"), Column("From", "month"),
    Column("Up to and with", "month"), Column("Rule"), Column("Worked out from"), Column("Note"), Column("State"),
    Column("Counts"), Column("Counts this month (%)", "number"), Column("Proposed by"), Column("Proposed on", "date"),
    Column("Agreed for the claimant by"), Column("On", "date"), Column("Agreed for the KPI's project by"),
    Column("On", "date"),
)  # fmt: skip


def claims_sheet(page: ClaimsPage) -> Sheet:
    """Every claim, withdrawn ones too, in the order of their first month."""
    rows = []
    for row in page.rows:
        claim = row.claim
        rows.append(
            [
                claim.project.name,
                claim.project.key,
                100 * claim.share,
                claim.from_month,
                claim.until,
                claim.get_rule_display(),
                claim.basis_words,
                claim.note,
                claim.get_state_display(),
                "yes" if claim.counts else "no",
                None if row.counted is None else 100 * row.counted,
                claim.proposed_by.name,
                organisation_day(claim.proposed_at),
                claim.claimant_by.name if claim.claimant_by else "",
                organisation_day(claim.claimant_at) if claim.claimant_at else None,
                claim.keeper_by.name if claim.keeper_by else "",
                organisation_day(claim.keeper_at) if claim.keeper_at else None,
            ]
        )
    return Sheet("Claims", _CLAIMS, rows, note=f"Claims on {page.kpi.name} of {page.kpi.project.name}")


def months_sheet(page: ClaimsPage) -> Sheet:
    """What each project counts month by month, in per cent, newest first."""
    columns = [Column("Month", "month")]
    columns += [Column(f"{project.name} (%)", "number") for project in page.claimants]
    columns += [Column("Asked for (%)", "number"), Column("Left over (%)", "number"), Column("In dispute")]
    rows = [
        [
            at.month,
            *(None if counted is None else 100 * counted for counted, _ in cells),
            100 * at.asked_sum,
            100 * at.unclaimed,
            "yes" if at.disputed or at.asked_sum > 1 else "no",
        ]
        for at, cells in page.months
    ]
    cut = " The newest months only." if page.is_cut else ""
    return Sheet("Month by month", columns, rows, note=f"Shares that count, cut to the whole.{cut}")
