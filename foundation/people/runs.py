"""The work of the room's jobs."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from foundation.jobs.claims import Claim
from foundation.people.models import User


def invitation_link(person: User) -> str:
    """Address of the page on which the person sets a first password; holds until one is set, three days at most."""
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)},
    )
    return f"{settings.BASE_URL}{path}"


def send_invitation(claim: Claim) -> None:
    """Mail the link. The token is made here, so that no row of the ledger holds it."""
    person = User.objects.get(pk=claim.job.args["user"])
    if not person.is_active or person.has_usable_password():
        return
    text = render_to_string(
        "foundation/people/invitation.txt",
        {"person": person, "link": invitation_link(person), "by": claim.job.created_by},
    )
    send_mail("[Tollgate] You are invited to Tollgate", text, settings.DEFAULT_FROM_EMAIL, [person.email])
