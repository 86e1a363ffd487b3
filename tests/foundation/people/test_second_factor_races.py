"""Two who bring the same code at the same instant: it counts for one of them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from foundation.people.models import User
from foundation.people.services import confirm_code, new_secret, set_up_second_factor
from foundation.web.refused import Refused
from tests.conftest import PASSWORD
from tests.factors import App, set_up


def _together(times: int, deed: Callable[[], object]) -> Counter[str]:
    start, said = threading.Barrier(times), []

    def run() -> None:
        try:
            start.wait(timeout=20)
            deed()
            said.append("done")
        except Refused as refused:
            said.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return Counter(said)


def _one_of_three_signs(lead: User) -> None:
    app = set_up(lead)
    code = app.code()
    assert _together(3, lambda: confirm_code(actor=lead, code=code)) == {"done": 1, "code_used": 2}
    paper = app.recovery[0]
    assert _together(3, lambda: confirm_code(actor=lead, code=paper)) == {"done": 1, "code_wrong": 2}


def _one_of_two_is_set_up(lead: User) -> None:
    app = App(new_secret())
    code = app.code()
    said = _together(2, lambda: set_up_second_factor(actor=lead, password=PASSWORD, secret=app.secret, code=code))
    assert said == {"done": 1, "factor_exists": 1}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestOnPostgres:
    def test_one_of_three_signs(self, lead: User) -> None:
        _one_of_three_signs(lead)

    def test_of_two_set_ups_at_once_one_counts(self, lead: User) -> None:
        _one_of_two_is_set_up(lead)
