"""What is counted and what it costs; the model and the reports that workers compute."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.core.files.base import ContentFile

from demo.narrator.teller import Course, Teller
from demo.series import Simulation
from explain.attributions.services import request_explanation
from explain.outcomes.links.services import tie_metric
from explain.outcomes.services import request_report
from explain.register.services import set_features, upload_data, upload_model
from lifecycle.kpis.models import CashLine, Kpi
from lifecycle.kpis.services import (
    add_cash_line,
    approve_baseline,
    define_kpi,
    propose_baseline,
    record_go_live,
    set_target,
    set_unit_value,
)


class TellsFigures(Teller):
    """KPI, money, model, reports."""

    def count(self, course: Course, *, kind: str, volume: Simulation | None = None) -> Kpi:
        """The KPI with its baseline frozen before go-live, its target, and readings of the baseline only."""
        facts, lead = self.told["kpi"], self.people["lead"]
        volume_kpi = None
        if volume is not None:
            volume_kpi = define_kpi(
                actor=lead,
                project=self.project,
                name="Malignant samples",
                unit="1",
                direction=Kpi.Direction.INCREASE,
                kind=Kpi.Kind.FLOW,
                frequency=Kpi.Frequency.WEEK,
                meaning="Samples of the week that turned out malignant; counts the cases behind the waiting time.",
                simulated=volume.label("samples"),
            )
            weeks = list(self._weeks(course))
            self._record(volume_kpi, zip(weeks, volume.values(len(weeks), len(weeks)), strict=True))
        kpi = define_kpi(
            actor=lead,
            project=self.project,
            name=facts["name"],
            unit=facts["unit"],
            meaning=facts["meaning"],
            direction=Kpi.Direction.DECREASE,
            kind=kind,
            frequency=Kpi.Frequency.WEEK,
            volume_kpi=volume_kpi,
            is_primary=True,
            simulated=course.simulation.label(facts["unit"] if facts["unit"] != "1" else "a week"),
        )
        before = list(self._readings(course))[: course.before]
        self._record(kpi, before)
        baseline = propose_baseline(
            actor=lead, kpi=kpi, starts_on=before[0][0], ends_on=before[-1][0] + timedelta(days=6)
        )
        approve_baseline(actor=self.people["sponsor"], baseline_id=baseline.pk)
        self.freeze_before_go_live(baseline.pk, course)
        due = self.week(course.live) + timedelta(weeks=course.ramp + 13)
        set_target(actor=lead, kpi=kpi, value=float(facts["target"]), due_on=due, note="from the charter")
        return kpi

    def price(self, kpi: Kpi, amount: str, low: str, high: str, valid_from: date, evidence: str) -> None:
        """What one unit of the KPI is worth."""
        set_unit_value(
            actor=self.people["lead"],
            kpi=kpi,
            amount=Decimal(amount),
            low=Decimal(low),
            high=Decimal(high),
            currency=self.project.currency,
            valid_from=valid_from,
            evidence=evidence,
        )

    def go_live(self, kpi: Kpi, course: Course, note: str) -> None:
        """Go-live, and the readings since."""
        on = self.week(course.live)
        record_go_live(
            actor=self.people["lead"],
            project=self.project,
            on=on,
            ramp_until=on + timedelta(weeks=course.ramp) if course.ramp else None,
            note=note,
        )
        self._record(kpi, list(self._readings(course))[course.before :])

    def cash(
        self,
        side: str,
        basis: str,
        category: str,
        month: date,
        amount: str,
        until: date | None,
        note: str,
        currency: str = "",
    ) -> None:
        """One planned or actual line, of one month or of each month up to `until`, in the project's currency or another."""
        add_cash_line(
            actor=self.people["lead"],
            project=self.project,
            side=side,
            basis=basis,
            category=category,
            month=month,
            until=until,
            amount=Decimal(amount),
            currency=currency or self.project.currency,
            note=note,
            kpi=Kpi.objects.filter(project=self.project, is_primary=True).first()
            if side == CashLine.Side.BENEFIT
            else None,
        )

    def model(self, name: str, purpose: str) -> None:
        """Upload model, data and dictionary; have the model inspected and explained."""
        scientist = self.people["scientist"]
        version = upload_model(
            actor=scientist,
            project=self.project,
            file=ContentFile(self.trained.model, self.trained.model_name),
            filename=self.trained.model_name,
            name=name,
            purpose=purpose,
            format=self.trained.model_format,
            metrics=self.trained.metrics,
        )
        data = upload_data(
            actor=scientist,
            project=self.project,
            file=ContentFile(self.trained.data, self.trained.data_name),
            filename=self.trained.data_name,
            name=self.trained.data_name,
            origin=self.trained.origin,
            target_column=self.trained.target,
        )
        set_features(actor=scientist, project=self.project, rows=self.told["features"])
        self.settler.settle(version.job)
        version.refresh_from_db()
        explanation = request_explanation(
            actor=scientist, project=self.project, model_version=version, data_set=data, seed=0
        )
        self.settler.settle(explanation.job)

    def tie(self, kpi: Kpi, model_name: str, metric: str, expected: float, hypothesis: str) -> None:
        """What the KPI is expected to do for each hundredth more of a metric of the model."""
        tie_metric(
            actor=self.people["scientist"],
            project=self.project,
            kpi=kpi,
            model_name=model_name,
            metric=metric,
            expected=expected,
            hypothesis=hypothesis,
        )

    def report(self) -> None:
        """Have the outcome report computed."""
        self.settler.settle(request_report(actor=self.people["lead"], project=self.project).job)
