"""A project is closed with what came of it, by whom and when."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from foundation.audit.triggers import bring_back, set_aside


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0015_saved_forms'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(set_aside, bring_back),
        migrations.AddField(
            model_name='project',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='closed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='project',
            name='closing_statement',
            field=models.TextField(blank=True, verbose_name='what came of it'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(models.Q(('closing_statement', ''), _negated=True), ('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='project_close_has_statement'),
        ),
        migrations.RunPython(bring_back, set_aside),
    ]
