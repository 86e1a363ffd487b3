"""The ground floor as a Django app."""

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "foundation"
    verbose_name = "Foundation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once Django is set up, so the rooms are joined here.
        from foundation.jobs import periodic
        from foundation.jobs.kinds import Kind, register, when_given_up
        from foundation.notices.digests import DIGEST, DIGESTS
        from foundation.notices.services import MAIL, tell_job_given_up
        from foundation.people.services import INVITATION

        register(Kind(MAIL, "Send a notice by e-mail", task="notices.send_mail", max_attempts=5))
        register(Kind(DIGEST, "Send the notices of a day by e-mail", task="notices.send_digest", max_attempts=5))
        register(Kind(INVITATION, "Send an invitation", task="people.send_invitation", max_attempts=5))
        when_given_up(tell_job_given_up)
        periodic.register(DIGESTS)
