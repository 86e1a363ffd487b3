"""The floor of judgement as a Django app."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "lifecycle"
    verbose_name = "Lifecycle"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once Django is set up, so the rooms are joined here.
        from foundation.audit.services import listen
        from lifecycle.acceptance import timers as acceptance_timers
        from lifecycle.acceptance.closing import unanswered_offer
        from lifecycle.acceptance.job_kinds import register_kinds as join_acceptance
        from lifecycle.dossier.own_parts import register_parts
        from lifecycle.lessons import joining as lessons
        from lifecycle.lessons.search import texts as search_texts
        from lifecycle.lessons.search.index import FullText
        from lifecycle.postmortems import finding
        from lifecycle.postmortems import timers as postmortem_timers
        from lifecycle.postmortems.closing import missing_postmortem
        from lifecycle.projects import closing, job_rules
        from lifecycle.signoff import timers
        from lifecycle.signoff.kinds import register_kinds
        from lifecycle.signoff.services import on_entry
        from lifecycle.signoff.services.moved import on_move

        register_kinds()
        listen(on_entry)
        listen(on_move)
        listen(search_texts.on_entry)
        finding.join(FullText())
        job_rules.join()
        closing.register(unanswered_offer)
        closing.register(missing_postmortem)
        register_parts()
        timers.join()
        join_acceptance()
        acceptance_timers.join()
        postmortem_timers.join()
        lessons.join()
