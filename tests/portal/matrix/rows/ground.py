"""People, tokens, jobs, notices, the calendar, the trail, methodologies, and the frame of the portal itself."""

from __future__ import annotations

from datetime import date

from allauth.mfa.totp.internal.auth import TOTP

from foundation.calendar.models import Calendar, OwnDay
from foundation.jobs.models import Job
from foundation.people.models import User
from tests.factors import App, set_up
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import PASSWORD, Place

ROWS = """
#                                            nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    account_login                         R R RRRRRRR RRR / R
POST   account_login                         D D DDDDDDD DDD / D
PUT    account_login                         D D DDDDDDD DDD / D
GET    account_logout                        L R RRRRRRR RRR / R
POST   account_logout                        L L LLLLLLL LLL / L
GET    account_inactive                      R R RRRRRRR RRR / R
GET    account_signup                        R R RRRRRRR RRR / R
POST   account_signup                        D D DDDDDDD DDD / D
PUT    account_signup                        D D DDDDDDD DDD / D
GET    account_reauthenticate                L R RRRRRRR RRR / R
POST   account_reauthenticate                L D DDDDDDD DDD / D
PUT    account_reauthenticate                L D DDDDDDD DDD / D
GET    account_change_password               L R RRRRRRR RRR / R
POST   account_change_password               L D DDDDDDD DDD / D
PUT    account_change_password               L D DDDDDDD DDD / D
GET    account_set_password                  L R RRRRRRR RRR / R
POST   account_set_password                  L D DDDDDDD DDD / D
PUT    account_set_password                  L D DDDDDDD DDD / D
GET    account_reset_password                R R RRRRRRR RRR / R
POST   account_reset_password                D D DDDDDDD DDD / D
PUT    account_reset_password                D D DDDDDDD DDD / D
GET    account_reset_password_from_key_done  R R RRRRRRR RRR / R
GET    account_reset_password_from_key       R R RRRRRRR RRR / R
POST   account_reset_password_from_key       D D DDDDDDD DDD / D
PUT    account_reset_password_from_key       D D DDDDDDD DDD / D
GET    account_reset_password_done           R R RRRRRRR RRR / R
GET    mfa_authenticate                      L R RRRRRRR RRR / R
POST   mfa_authenticate                      L D DDDDDDD DDD / D
GET    healthz                               R R RRRRRRR RRR / R
POST   healthz                               D D DDDDDDD DDD / D
GET    /favicon.ico                          R R RRRRRRR RRR / R
POST   /favicon.ico                          D D DDDDDDD DDD / D
GET    api:root                              L R RRRRRRR RRR / R
GET    api:schema                            L R RRRRRRR RRR / R
GET    api:docs                              L R RRRRRRR RRR / R
GET    api:api-tokens                        L R RRRRRRR RRR / R
POST   api:api-tokens                        D D DDDDDDD DDD / D
DELETE api:api-token                         L N NNDNNNN NNN
GET    api:api-audit                         L F FFFFFFF RRR / F
GET    api:api-job                           L N RRRRRRR RRR
POST   api:api-job-retry                     L N FDDFFFF DFD
POST   api:api-job-cancel                    L N FDDFFFF DFD
GET    api:api-notices                       L R RRRRRRR RRR / R
POST   api:api-notice-read                   L N NNDNNNN NNN
GET    api:api-deliveries                    L R RRRRRRR RRR / R
GET    api:api-mail-wish                     L R RRRRRRR RRR / R
PUT    api:api-mail-wish                     L D DDDDDDD DDD / D
GET    api:api-calendar                      L R RRRRRRR RRR / R
PUT    api:api-calendar                      L F FFFFFFF FFD / F
POST   api:api-calendar-days                 L F FFFFFFF FFD / F
DELETE api:api-calendar-day                  L F FFFFFFF FFD / F
GET    api:api-methodologies                 L R RRRRRRR RRR / R
GET    api:api-methodology                   L R RRRRRRR RRR / R
GET    people:profile                        L R RRRRRRR RRR / R
POST   people:profile                        L D DDDDDDD DDD / D
POST   people:make_token                     L D DDDDDDD DDD / D
POST   people:revoke_token                   L N NNDNNNN NNN
GET    people:second_factor                  L R RRRRRRR RRR / R
POST   people:second_factor                  L d ddddddd ddd / d
POST   people:renew_codes                    L D DDDDDDD DDD / D
POST   people:turn_off_factor                L D DDDDDDD DDD / D
GET    people:people                         L F FFFFFFF FFR / F
POST   people:people                         L F FFFFFFF FFD / F
GET    people:person                         L F FFFFFFF FFR / F
POST   people:person                         L F FFFFFFF FFD / F
POST   people:turn_off_lost_factor           L F FFFFFFF FFD / F
POST   people:access                         L F FFFFFFF FFD / F
GET    audit:trail                           L F FFFFFFF RRR / F
POST   audit:trail                           L F FFFFFFF DDD / F
GET    jobs:trouble                          L R RRRRRRR RRR / R
GET    jobs:job                              L N RRRRRRR RRR
POST   jobs:retry                            L N FDDFFFF DFD
POST   jobs:cancel                           L N FDDFFFF DFD
GET    notices:notices                       L R RRRRRRR RRR / R
POST   notices:read_all                      L D DDDDDDD DDD / D
POST   notices:open                          L N NNDNNNN NNN
GET    notices:mail                          L R RRRRRRR RRR / R
GET    calendar:calendar                     L R RRRRRRR RRR / R
POST   calendar:calendar                     L F FFFFFFF FFD / F
POST   calendar:add_day                      L F FFFFFFF FFD / F
POST   calendar:remove_day                   L F FFFFFFF FFD / F
GET    methodologies:list                    L R RRRRRRR RRR / R
POST   methodologies:list                    L D DDDDDDD DDD / D
GET    methodologies:methodology             L R RRRRRRR RRR / R
POST   methodologies:methodology             L D DDDDDDD DDD / D
GET    home:inbox                            L R RRRRRRR RRR / R
GET    home:waiting_count                    L R RRRRRRR RRR / R
GET    home:search                           L R RRRRRRR RRR / R
GET    home:components                       L R RRRRRRR RRR / R
GET    home:project                          L N RRRRRRR RRR
GET    home:trail                            L N RRRRRRR RRR
"""


def _waiting(at: Place) -> None:
    Job.objects.filter(pk=at.job.pk).update(state="queued")


def _all_with_the_same_app(at: Place) -> None:
    for person in User.objects.all():
        app = TOTP.activate(person, _SECRET).instance
        app.data["step"] = 0
        app.save()


def _with_an_app(at: Place) -> None:
    set_up(at.newcomer)


_DAY = "2026-12-24"
_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def _closed(at: Place) -> None:
    kept = Calendar.objects.get_or_create()[0]
    OwnDay.objects.create(calendar=kept, day=date.fromisoformat(_DAY), name="Christmas Eve", added_by=at.newcomer)


def _password_and_code(at: Place) -> dict[str, str]:
    return {"password": PASSWORD, "code": App(_SECRET).code()}


_closing = Send(before=_closed)
_by_code = Send(_password_and_code, before=_all_with_the_same_app)
FILL = {
    "account_reset_password_from_key": lambda at: {"uidb36": "1", "key": "set-password"},
    **dict.fromkeys(("calendar:remove_day", "api:api-calendar-day"), lambda at: {"day": _DAY}),
    "people:access": lambda at: {"deed": "deactivate"},
    **dict.fromkeys(
        ("methodologies:methodology", "api:api-methodology"), lambda at: {"key": at.project.methodology.key}
    ),
}
SEND = {
    "POST jobs:cancel": Send(before=_waiting),
    "POST api:api-job-cancel": Send(before=_waiting),
    "POST api:api-tokens": Send(lambda at: {"email": at.newcomer.email, "password": PASSWORD}),
    "POST people:profile": Send(lambda at: {"name": "A new name", "time_zone": "Europe/Berlin"}),
    "POST people:make_token": Send(lambda at: {"token-name": "Nightly", "token-days": "30"}),
    # Nobody can be set up whose page has not shown a secret yet; tests of the room do it.
    "POST people:second_factor": Send(_password_and_code),
    "POST people:renew_codes": _by_code,
    "POST people:turn_off_factor": _by_code,
    "POST people:turn_off_lost_factor": Send(lambda at: {"reason": "Lost", "password": PASSWORD}, before=_with_an_app),
    "POST people:people": Send(lambda at: {"email": "fresh@example.org", "name": "Fresh"}),
    "PUT api:api-mail-wish": Send(lambda at: {"mail_wish": "none"}),
    "PUT api:api-calendar": Send(lambda at: {"weekend": ["friday"], "country": "", "subdivision": ""}),
    "POST calendar:add_day": Send(lambda at: {"day": _DAY, "name": "Christmas Eve", "works": "closed"}),
    "POST api:api-calendar-days": Send(lambda at: {"day": _DAY, "name": "Christmas Eve"}),
    "POST calendar:remove_day": _closing,
    "DELETE api:api-calendar-day": _closing,
    "POST people:person": Send(lambda at: {"is_auditor": "on"}),
}
