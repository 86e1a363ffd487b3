"""Calculations that wait for a worker, where the web holds no statistics library."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('explain', '0008_metric_links'),
        ('foundation', '0006_finance'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Calculation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('calculator', models.CharField(max_length=20)),
                ('request', models.TextField(blank=True)),
                ('request_hash', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('waiting', 'waiting for a worker'), ('done', 'done'), ('refused', 'refused')], default='waiting', max_length=8)),
                ('answer', models.JSONField(default=dict, help_text='Money as strings')),
                ('refusal_code', models.CharField(blank=True, max_length=60)),
                ('refusal', models.TextField(blank=True)),
                ('refusal_field', models.CharField(blank=True, max_length=200)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('asker', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.job')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['asked_at'], name='calculation_by_age')],
                'constraints': [models.UniqueConstraint(fields=('asker', 'calculator', 'request_hash'), name='calculation_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), models.Q(('refusal_code', ''), _negated=True)), models.Q(models.Q(('state', 'refused'), _negated=True), ('refusal_code', '')), _connector='OR'), name='calculation_refused_with_a_reason')],
            },
        ),
    ]
