"""The rooms that have work for people. A room with `waiting_for(user)` is named here, once."""

from __future__ import annotations

from collections.abc import Callable

from explain.steering.selectors import waiting_for as steering
from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.acceptance.selectors import waiting_for as acceptance
from lifecycle.kpis.selectors import waiting_for as kpis
from lifecycle.postmortems.waiting import waiting_for as postmortems
from lifecycle.projects.selectors import waiting_for as projects
from lifecycle.signoff.selectors import waiting_for as signoff
from lifecycle.signoff.selectors.conditions import waiting_conditions as conditions

Source = Callable[[User], list[Waiting]]

SOURCES: tuple[Source, ...] = (signoff, conditions, steering, acceptance, kpis, postmortems, projects)
