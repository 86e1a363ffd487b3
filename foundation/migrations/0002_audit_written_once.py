"""Triggers on the audit trail; the table for throttles."""

from django.core.management import call_command
from django.db import migrations

from foundation.audit.triggers import written_once

forward, backward = written_once("foundation", "Entry")


def make_cache_table(apps, editor):
    call_command("createcachetable", database=editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]
    operations = [
        migrations.RunPython(forward, backward),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
