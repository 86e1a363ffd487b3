"""A KPI that two projects change one after the other, and a cost in another currency."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from demo.narrator.teller import Course, Teller
from demo.series import month_back
from explain.outcomes.services import request_report
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.services import consent_to_claim, propose_claim, withdraw_claim
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.rates.lookup import MONTH, SPOT
from lifecycle.kpis.rates.rows import checked
from lifecycle.kpis.rates.services import record_rates
from lifecycle.kpis.services import approve_baseline, define_kpi, propose_baseline

SOURCE = "Simulated for the demo, no bank's rate"


class Shares(Teller):
    """Claims, and what they stand on."""

    def count_shared(self, course: Course) -> Kpi:
        """A second KPI with its frozen baseline, all of its readings, and its worth."""
        facts, lead = self.told["shared_kpi"], self.people["lead"]
        kpi = define_kpi(
            actor=lead,
            project=self.project,
            name=facts["name"],
            unit="1",
            meaning=facts["meaning"],
            direction=Kpi.Direction.DECREASE,
            kind=Kpi.Kind.FLOW,
            frequency=Kpi.Frequency.WEEK,
            simulated=course.simulation.label("a week"),
        )
        readings = list(self._readings(course))
        self._record(kpi, readings)
        baseline = propose_baseline(
            actor=lead, kpi=kpi, starts_on=readings[0][0], ends_on=readings[course.before - 1][0] + timedelta(days=6)
        )
        approve_baseline(actor=self.people["sponsor"], baseline_id=baseline.pk)
        self.freeze_before_go_live(baseline.pk, course)
        return kpi

    def claim(self, kpi: Kpi, share: str, first: date, note: str) -> None:
        """Count a part of another project's KPI by this one's own step; the other project keeps the rest the same way."""
        lead, sponsor, owner = self.people["lead"], self.people["sponsor"], kpi.project
        for former in KpiClaim.objects.filter(kpi=kpi, project=owner, state=KpiClaim.State.AGREED):
            withdraw_claim(actor=lead, claim_id=former.pk, reason="Shared from now on.")
        rule, rest = KpiClaim.Rule.STAGGERED, 1 - Decimal(share)
        own_from = owner.started_on
        propose_claim(
            actor=lead, kpi=kpi, project=owner, share=Decimal(1), from_month=own_from,
            until=month_back(first, 1), rule=rule, note="Alone until the second go-live.",
        )  # fmt: skip
        propose_claim(
            actor=lead, kpi=kpi, project=owner, share=rest, from_month=first, rule=rule, note="With two at work."
        )
        made = propose_claim(
            actor=lead, kpi=kpi, project=self.project, share=Decimal(share), from_month=first, rule=rule, note=note
        )
        consent_to_claim(actor=sponsor, claim_id=made.pk, note="We see it in the calls.")
        self.settler.settle(request_report(actor=lead, project=owner).job)

    def record_rates(self) -> None:
        """What a dollar was worth in euro: the mean of each of the last thirty months, and today's rate."""
        rows = [
            checked("USD", "EUR", month_back(self.today, back), _dollar(back), MONTH, SOURCE)
            for back in range(30, 0, -1)
        ]
        rows.append(checked("USD", "EUR", self.today, _dollar(0), SPOT, SOURCE))
        record_rates(actor=self.people["manager"], rows=rows, is_demo=True)


def _dollar(months_ago: int) -> Decimal:
    """A course that falls slowly from 0.95 to 0.89, with a swing of a cent every half a year."""
    swing = (0, 5, 9, 5, 0, -5)[months_ago % 6]
    return Decimal(8900 + 20 * months_ago + 10 * swing) / 10_000
