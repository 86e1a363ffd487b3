"""Two people recording the same periods at once: every reading is kept, and the sums are those of the newest."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.audit.models import Entry
from foundation.people.models import User
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.selectors import series_of
from lifecycle.kpis.selectors.months import month_differences
from lifecycle.kpis.selectors.previews import preview_of
from lifecycle.kpis.services import edit_kpi, record_measurement, record_measurements, record_previewed
from tests.lifecycle.kpis.weeks import BEFORE, FIRST, weeks
from tests.lifecycle.signoff.test_signoff_races import together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("turn", range(3))
def test_two_values_for_one_period_become_two_revisions(turn: int, kpi: Kpi, lead: User, contributor: User) -> None:
    def value(person: User, number: float) -> int:
        return record_measurement(actor=person, kpi=kpi, day=FIRST, value=number).revision

    assert sorted(together(lambda: value(lead, 11.0), lambda: value(contributor, 12.0))) == [1, 2]
    assert [point.revision for point in series_of(kpi)] == [2]
    assert list(month_differences([kpi])) == []


@pytest.mark.parametrize("turn", range(3))
def test_of_two_previews_of_the_same_periods_one_is_recorded(
    turn: int, kpi: Kpi, lead: User, contributor: User
) -> None:
    mine, theirs = weeks(BEFORE), weeks([value + 1 for value in BEFORE])
    digests = [preview_of(kpi, rows).digest for rows in (mine, theirs)]
    results = together(
        lambda: record_previewed(actor=lead, kpi=kpi, rows=mine, digest=digests[0], source="form").recorded,
        lambda: record_previewed(actor=contributor, kpi=kpi, rows=theirs, digest=digests[1], source="form").recorded,
    )
    assert sorted(map(str, results)) == ["12", "preview_outdated"]
    assert (Measurement.objects.count(), Entry.objects.filter(verb="record_measurements").count()) == (12, 1)
    assert list(month_differences([kpi])) == []


@pytest.mark.parametrize("turn", range(3))
def test_lists_that_overlap_and_a_new_definition_beside_them_keep_the_sums(
    turn: int, kpi: Kpi, lead: User, contributor: User
) -> None:
    together(
        lambda: record_measurements(actor=lead, kpi=kpi, rows=weeks(BEFORE), source="api").recorded,
        lambda: (
            record_measurements(
                actor=contributor, kpi=kpi, rows=weeks([1.0, 2.0, 3.0], date(2026, 2, 2)), source="api"
            ).recorded
        ),
        lambda: edit_kpi(actor=lead, kpi=kpi, unit="h").version,
    )
    assert Measurement.objects.count() == len(BEFORE) + 3
    assert list(month_differences([Kpi.objects.get(pk=kpi.pk)])) == []
