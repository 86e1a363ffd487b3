"""Links from metrics of models to KPIs: written once, ended once, kept but with a demo project."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from explain.outcomes.links.triggers import hold_links, let_links_go


class Migration(migrations.Migration):

    dependencies = [
        ('explain', '0007_proposals'),
        ('lifecycle', '0009_kpi_series'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MetricLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kpi_version', models.PositiveIntegerField()),
                ('model_name', models.CharField(max_length=120)),
                ('metric', models.CharField(help_text='As the versions of the model state it', max_length=80)),
                ('better', models.CharField(choices=[('higher', 'higher is better'), ('lower', 'lower is better')], default='higher', max_length=6)),
                ('point', models.FloatField(default=0.01, help_text="Size of a point, in the metric's own unit")),
                ('expected', models.FloatField(help_text='Change of the KPI, in its unit, for each point more of the metric')),
                ('against', models.BooleanField(default=False)),
                ('hypothesis', models.TextField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, max_length=300)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kpi', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='metric_links', to='lifecycle.kpi')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='metric_links', to='lifecycle.project')),
            ],
            options={
                'ordering': ['project', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('kpi', 'model_name', 'metric'), name='metric_link_once'), models.CheckConstraint(condition=models.Q(('point__gt', 0)), name='metric_link_point'), models.CheckConstraint(condition=models.Q(('expected', 0), _negated=True), name='metric_link_expects_a_change'), models.CheckConstraint(condition=models.Q(('hypothesis', ''), _negated=True), name='metric_link_has_hypothesis'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='metric_link_ended_by_somebody')],
            },
        ),
        migrations.RunPython(hold_links, let_links_go),
    ]
