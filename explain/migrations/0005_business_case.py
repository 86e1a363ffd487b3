"""Business cases, scenarios and promises. Versions and promises are written once; they go with a demo project only.

Of a version only that it was put forward may be added.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from foundation.audit.triggers import kept_once_computed, kept_unless

OF_DEMO = "EXISTS (SELECT 1 FROM lifecycle_project p WHERE p.id = OLD.project_id AND p.is_demo)"


class Migration(migrations.Migration):

    dependencies = [
        ('explain', '0004_verified_reports'),
        ('lifecycle', '0006_acceptance_reminders'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.JSONField(default=dict)),
                ('terms', models.JSONField(default=dict)),
                ('content_hash', models.CharField(max_length=64)),
                ('result', models.JSONField(default=dict, help_text='Money as strings')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='what changed')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('put_forward_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='case_versions', to='lifecycle.project')),
                ('put_forward_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['project', '-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='case_version_once'), models.CheckConstraint(condition=models.Q(('content_hash', ''), _negated=True), name='case_version_is_hashed'), models.CheckConstraint(condition=models.Q(models.Q(('put_forward_at__isnull', True), ('put_forward_by__isnull', True)), models.Q(('put_forward_at__isnull', False), ('put_forward_by__isnull', False)), _connector='OR'), name='case_put_forward_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round_digest', models.CharField(max_length=64)),
                ('content', models.JSONField()),
                ('content_hash', models.CharField(max_length=64)),
                ('frozen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='promises', to='lifecycle.project')),
                ('round', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='promise', to='lifecycle.round')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='explain.caseversion')),
            ],
            options={
                'ordering': ['project', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('content_hash', ''), _negated=True), models.Q(('round_digest', ''), _negated=True)), name='promise_is_bound')],
            },
        ),
        migrations.CreateModel(
            name='Scenario',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('base', 'base'), ('optimistic', 'optimistic'), ('pessimistic', 'pessimistic'), ('other', 'other')], default='other', max_length=11)),
                ('levers', models.JSONField(default=dict)),
                ('result', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scenarios', to='explain.caseversion')),
            ],
            options={
                'ordering': ['version', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('version', 'name'), name='scenario_name_once')],
            },
        ),
        migrations.RunPython(
            *kept_once_computed(
                "explain", "CaseVersion", computed="1 = 1", unless=OF_DEMO, free=["put_forward_at", "put_forward_by"]
            )
        ),
        migrations.RunPython(*kept_unless("explain", "Promise", OF_DEMO)),
    ]
