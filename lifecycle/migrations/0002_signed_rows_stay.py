"""Triggers on what was signed: no UPDATE ever, no DELETE but with a demo project."""

from django.db import migrations

from foundation.audit.triggers import kept_unless

OF_DEMO = "EXISTS (SELECT 1 FROM lifecycle_project p WHERE p.id = OLD.project_id AND p.is_demo)"
ROUND_OF_DEMO = (
    "EXISTS (SELECT 1 FROM lifecycle_round r JOIN lifecycle_project p ON p.id = r.project_id "
    "WHERE r.id = OLD.round_id AND p.is_demo)"
)


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0001_initial")]
    operations = [
        migrations.RunPython(*kept_unless("lifecycle", "Signature", OF_DEMO)),
        migrations.RunPython(*kept_unless("lifecycle", "Decision", ROUND_OF_DEMO)),
    ]
