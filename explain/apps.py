"""The floor of evidence as a Django app."""

from django.apps import AppConfig


class ExplainConfig(AppConfig):
    name = "explain"
    verbose_name = "Explain"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once Django is set up, so the rooms are joined here.
        from explain.attributions.dossier import register_parts as tell_attributions
        from explain.attributions.kinds import register_kinds as join_attributions
        from explain.cases.kinds import register_kinds as join_cases
        from explain.outcomes.calculators.kinds import register_kinds as join_calculators
        from explain.outcomes.dossier import register_parts as tell_outcomes
        from explain.outcomes.kinds import register_kinds as join_outcomes
        from explain.outcomes.links.kinds import register_kinds as join_links
        from explain.register.dossier import register_parts as tell_register
        from explain.register.kinds import register_kinds as join_register
        from explain.steering.kinds import register_kinds as join_steering

        join_register()
        join_attributions()
        join_outcomes()
        join_calculators()
        tell_register()
        tell_attributions()
        tell_outcomes()
        join_cases()
        join_steering()
        join_links()
