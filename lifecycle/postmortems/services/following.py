"""Being told of what others publish: lessons travel to those who asked for them, by notice, mail or daily digest."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.nouns import house_noun
from lifecycle.postmortems.models import Follower, PostMortem
from lifecycle.postmortems.naming import noun_of

SHOWN = 400  # characters of the summary


@transaction.atomic
def follow(*, actor: User, is_on: bool) -> bool:
    """Be told of new ones, or no longer; said again, nothing changes. Everybody decides it for themselves."""
    if is_on:
        Follower.objects.get_or_create(person=actor)
    else:
        Follower.objects.filter(person=actor).delete()
    return is_on


def follows(user: User) -> bool:
    """Whether the person is told of new ones."""
    return Follower.objects.filter(person=user).exists()


def tell_followers(actor: User, postmortem: PostMortem, told: Collection[User]) -> None:
    """Of a first publication that everybody may read, and those only who were not `told` as members of the project."""
    if postmortem.number > 1 or postmortem.visibility != PostMortem.Visibility.ORGANISATION:
        return
    text = " ".join(postmortem.summary.split())
    tell(
        people=User.objects.filter(pk__in=Follower.objects.values("person")).exclude(pk__in=[one.pk for one in told]),
        kind="postmortem_published",
        subject=f"New {noun_of(postmortem)} {postmortem.reference}: {postmortem.title}",
        body=text if len(text) <= SHOWN else f"{text[:SHOWN].rsplit(' ', 1)[0]} …",
        link=postmortem.get_absolute_url(),
        actor=actor,
        event_key=f"postmortem_published:{postmortem.pk}",
        why=f"You asked to be told of new {house_noun().many}.",
    )
