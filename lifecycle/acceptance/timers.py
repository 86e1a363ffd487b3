"""The room's part in what time does: it joins the sweep of sign-off, with its job, its scheduler and its command."""

from __future__ import annotations

from lifecycle.acceptance.services.link_timers import links_to_tell, tell_link
from lifecycle.acceptance.services.reminding import conditions_to_tell, tell_condition
from lifecycle.signoff.services import sweeping


def join() -> None:
    """Called when the app starts."""
    sweeping.add_step(sweeping.Step("acceptance_conditions", conditions_to_tell, tell_condition))
    sweeping.add_step(sweeping.Step("signing_links", links_to_tell, tell_link))
