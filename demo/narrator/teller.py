"""What every part of a story stands on: its texts, its people, its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from demo.series import Simulation
from demo.settle import Settler
from demo.training import Trained
from foundation.people.models import User
from lifecycle.kpis.csv_files import Reading
from lifecycle.kpis.models import Baseline, Kpi, Measurement
from lifecycle.kpis.services import record_measurements
from lifecycle.projects.models import Project

_STORIES = Path(__file__).parent.parent / "stories"


def read_story(name: str, said: Mapping[str, str]) -> dict[str, Any]:
    """A story's texts, with the figures that were measured while its model was trained."""
    text = (_STORIES / f"{name}.yaml").read_text("utf-8")
    for placeholder, figure in said.items():
        text = text.replace("{" + placeholder + "}", figure)
    told: dict[str, Any] = yaml.safe_load(text)
    return told


@dataclass(frozen=True)
class Course:
    """The KPI's course: weekly, `before` weeks of baseline, go-live `live` weeks ago, readings until `until` weeks ago."""

    simulation: Simulation
    before: int
    live: int
    until: int
    ramp: int


class Teller:
    """Texts, people and dates of one project's story."""

    def __init__(self, name: str, trained: Trained, people: dict[str, User], settler: Settler, today: date) -> None:
        self.told = read_story(name, trained.said)
        self.trained = trained
        self.people = people
        self.settler = settler
        self.today = today
        self.project: Project

    def week(self, weeks_ago: int) -> date:
        """The Monday that lies so many weeks back."""
        return self.today - timedelta(days=self.today.weekday(), weeks=weeks_ago)

    def moment(self, weeks_ago: int, days: int = 0) -> datetime:
        """Ten in the morning of a day of that week."""
        day = self.week(weeks_ago) + timedelta(days=2 + days)
        return datetime.combine(day, time(10), tzinfo=timezone.get_default_timezone())

    def freeze_before_go_live(self, baseline_id: int, course: Course) -> None:
        """Told as history: frozen in the week before go-live. The audit trail keeps the real moment."""
        Baseline.objects.filter(pk=baseline_id).update(
            proposed_at=self.moment(course.live, days=-12),
            frozen_at=self.moment(course.live, days=-5),
            retrospective=False,
        )

    def _weeks(self, course: Course) -> Iterator[date]:
        for back in range(course.live + course.before, course.until - 1, -1):
            yield self.week(back)

    def _readings(self, course: Course) -> Iterator[tuple[date, float]]:
        weeks = list(self._weeks(course))
        return zip(weeks, course.simulation.values(len(weeks), course.before), strict=True)

    def _record(self, kpi: Kpi, readings: Any) -> None:
        record_measurements(
            actor=self.people["scientist"],
            kpi=kpi,
            rows=[Reading(week, value) for week, value in readings],
            source=Measurement.Source.DEMO,
        )
