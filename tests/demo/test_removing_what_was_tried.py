"""Whatever people try on a project of the demo, it can be taken out again."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Delegation, Project
from lifecycle.projects.services.delegating import delegate
from lifecycle.signoff.models import Condition, Feedback, Waiver
from lifecycle.signoff.services.feedback import give_feedback
from lifecycle.signoff.services.waivers import grant_waiver
from tests.portal.matrix.building import PASSWORD, build_place

pytestmark = pytest.mark.django_db


def test_a_project_of_the_demo_goes_with_its_conditions_exceptions_advice_and_covers(
    crisp_dm: Methodology, django_capture_on_commit_callbacks: Any
) -> None:
    place = build_place("own", crisp_dm)
    Project.objects.filter(pk=place.project.pk).update(is_demo=True)
    today, team = timezone.localdate(), place.team
    grant_waiver(
        actor=team["sponsor"],
        project=place.project,
        what="role",
        role="reviewer",
        reason="Nobody is there.",
        starts_on=today,
        ends_on=today + timedelta(days=5),
        password=PASSWORD,
    )
    give_feedback(actor=team["reviewer"], round_id=place.round.pk, grade="minor", text="Say more of the costs.")
    delegate(
        actor=team["sponsor"],
        from_person=team["sponsor"],
        to_person=place.newcomer,
        project=place.project,
        role="",
        starts_on=today,
        ends_on=today,
        reason="On leave.",
    )
    told = StringIO()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("remove_demo", stdout=told)
    assert told.getvalue() == "Removed: own.\n"
    for model in (Project, Condition, Waiver, Feedback, Delegation):
        assert not model.objects.exists(), model
