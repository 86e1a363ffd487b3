"""The people of the demo story, whatever somebody tried as one of them."""

from __future__ import annotations

import pytest

from demo.cast import PASSWORD
from demo.people import bring_people
from foundation.people.models import User
from foundation.people.selectors import has_second_factor
from tests.factors import set_up

pytestmark = pytest.mark.django_db


def test_who_is_brought_anew_signs_in_with_the_password_of_the_story_alone() -> None:
    person = next(iter(bring_people().values()))
    set_up(person, PASSWORD)
    bring_people()
    assert has_second_factor(person)  # somebody works as this person: nothing is taken from them
    User.objects.filter(pk=person.pk).update(is_active=False)
    bring_people()
    person.refresh_from_db()
    assert person.is_active
    assert person.check_password(PASSWORD)
    assert not has_second_factor(person)
