"""Triggers on what was computed: no UPDATE of a result, no DELETE but with a demo project.

Evidence that was decided on points at these rows by their hash. What may still change: which report is the current
one, and pointers to rows that are deleted.
"""

from django.db import migrations

from foundation.audit.triggers import kept_once_computed

DONE = "OLD.state = 'done'"
OF_DEMO = "EXISTS (SELECT 1 FROM lifecycle_project p WHERE p.id = OLD.project_id AND p.is_demo)"


class Migration(migrations.Migration):
    dependencies = [("explain", "0001_initial"), ("lifecycle", "0002_signed_rows_stay")]
    operations = [
        migrations.RunPython(
            *kept_once_computed(
                "explain", "OutcomeReport", computed=DONE, unless=OF_DEMO, free=["is_current"], emptied=["job", "former"]
            )
        ),
        migrations.RunPython(
            *kept_once_computed("explain", "Explanation", computed=DONE, unless=OF_DEMO, emptied=["job"])
        ),
    ]
