"""Questions at the gate, each with its answer. Written once; deleted only with a demo project."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from foundation.audit.triggers import kept_unless

OF_DEMO = "EXISTS (SELECT 1 FROM lifecycle_project p WHERE p.id = OLD.project_id AND p.is_demo)"


class Migration(migrations.Migration):

    dependencies = [
        ('explain', '0002_computed_rows_stay'),
        ('lifecycle', '0002_signed_rows_stay'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GateAsk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64)),
                ('environment', models.CharField(choices=[('test', 'test'), ('staging', 'staging'), ('production', 'production')], max_length=10)),
                ('allowed', models.BooleanField()),
                ('reasons', models.JSONField(default=list)),
                ('approvals', models.JSONField(default=list)),
                ('asked_with', models.CharField(blank=True, max_length=80, verbose_name='token')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('model_version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gate_asks', to='explain.modelversion')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gate_asks', to='lifecycle.project')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('allowed', True), ('reasons', [])), models.Q(('allowed', False), models.Q(('reasons', []), _negated=True)), _connector='OR'), name='gate_denial_has_reasons')],
            },
        ),
        migrations.RunPython(*kept_unless("explain", "GateAsk", OF_DEMO)),
    ]
