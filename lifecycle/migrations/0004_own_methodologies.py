"""Own methodologies: drafts, what a version keeps, and what a newer one no longer asks for.

A published version is written once. What may still change: that a project uses it, and whether it is offered.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from foundation.audit.triggers import kept_once_computed


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0003_signoff_depth'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='deliverable',
            name='dropped_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='exitquestion',
            name='dropped_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='methodology',
            name='note',
            field=models.CharField(blank=True, max_length=300, verbose_name='what changed'),
        ),
        migrations.AddField(
            model_name='methodology',
            name='published_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='methodology',
            name='retired_reason',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='methodology',
            name='source',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='stagetask',
            name='dropped_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='MethodologyDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('text', models.TextField(verbose_name='YAML')),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('edited_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.methodology')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name', 'key'],
            },
        ),
        migrations.RunPython(
            *kept_once_computed(
                "lifecycle",
                "Methodology",
                computed="1 = 1",
                unless="1 = 0",
                free=["frozen_at", "retired_at", "retired_reason"],
            )
        ),
    ]
