"""What the room does by itself: listening to the trail, looking at KPIs and forgetting unsaved texts once a day, and
reminding of actions in the sweep of sign-off."""

from __future__ import annotations

from datetime import datetime, timedelta

from foundation.audit.services import listen
from foundation.jobs import kinds, periodic
from foundation.jobs.models import Job
from foundation.jobs.services import request_job
from foundation.web.nouns import house_noun
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.services.drafts import forget_unsaved
from lifecycle.postmortems.services.reminding import actions_to_tell, ask_effect, effects_to_ask, tell_action
from lifecycle.postmortems.services.triggering import OPEN, on_entry, tell_given_up
from lifecycle.signoff.services import sweeping

WATCH = "postmortem_kpis"
FORGET = "postmortem_unsaved"
EVERY = timedelta(days=1)


def request_watch(begins_at: datetime) -> None:
    """One job, however many turns were missed: it looks at days, not at turns."""
    request_job(kind=WATCH, args={}, actor=None, dedup_key=WATCH)


def result_of(job: Job) -> kinds.Result | None:
    """The post-mortem that was opened last for the cause; nothing of a restricted one."""
    found = (
        PostMortem.objects.filter(project=job.project_id, cause=job.args.get("cause", ""))
        .exclude(visibility=PostMortem.Visibility.RESTRICTED)
        .exclude(cause="")
        .first()
    )
    return kinds.Result(found.reference, found.get_absolute_url()) if found else None


def join() -> None:
    """Called when the app starts."""
    kinds.register(
        kinds.Kind(OPEN, f"Open {house_noun().a}", task="postmortems.open", on_given_up=tell_given_up, result=result_of)
    )
    kinds.register(kinds.Kind(WATCH, "Look for KPIs that miss their target", task="postmortems.watch_kpis"))
    periodic.register(periodic.Deed(WATCH, EVERY, request_watch))
    periodic.register(periodic.Deed(FORGET, EVERY, forget_unsaved))
    sweeping.add_step(sweeping.Step("postmortem_actions", actions_to_tell, tell_action))
    sweeping.add_step(sweeping.Step("postmortem_effects", effects_to_ask, ask_effect))
    listen(on_entry)
