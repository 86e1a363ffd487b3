"""The people of the demo story, brought into the portal."""

from __future__ import annotations

from demo.cast import DOMAIN, PASSWORD, PEOPLE
from foundation.people.models import User
from foundation.people.selectors import has_second_factor
from foundation.people.services import turn_off_factor_at_the_console


def sign_ins() -> list[tuple[str, str, str]]:
    """(role, e-mail, password) of the demo people who are there, for the sign-in page and the console."""
    there = set(User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True).values_list("email", flat=True))
    return [(person.role, person.email, PASSWORD) for person in PEOPLE if person.email in there]


def bring_people() -> dict[str, User]:
    """All demo people by key; made, or made active again."""
    found: dict[str, User] = {}
    for person in PEOPLE:
        user = User.objects.filter(email=person.email).first()
        if user is None:
            user = User.objects.create_user(
                person.email,
                PASSWORD,
                name=person.name,
                is_manager=person.is_manager,
                is_auditor=person.is_auditor,
                is_administrator=person.is_administrator,
                is_finance=person.is_finance,
                mail_notices=False,
            )
        elif not user.is_active:
            user.is_active = True
            user.set_password(PASSWORD)
            user.save(update_fields=["is_active", "password"])
            if has_second_factor(user):
                # Somebody tried it as this person; the next one could not look around as them.
                turn_off_factor_at_the_console(person=user, reason="The people of the demo story are brought anew.")
        found[person.key] = user
    return found
