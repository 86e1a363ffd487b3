"""Narrow rows for the portfolio, filled from the current reports that are there."""

import django.db.models.deletion
from django.db import migrations, models

from explain.outcomes.compute.portfolio.head import head_of


def fill(apps, editor):
    """One row for each current report, some at a time: a result is large."""
    reports = apps.get_model("explain", "OutcomeReport").objects.using(editor.connection.alias)
    head = apps.get_model("explain", "PortfolioHead")
    known = {field.name for field in head._meta.concrete_fields}
    rows = []
    for report in reports.filter(is_current=True).defer("inputs").order_by("pk").iterator(chunk_size=50):
        # Columns that a later version of the portfolio adds are none of this migration's.
        columns = {name: value for name, value in head_of(report.result).items() if name in known}
        shared = ("project_id", "number", "as_of", "currency", "grade", "formula_version", "chance_positive")
        rows.append(head(report=report, **{name: getattr(report, name) for name in shared}, **columns))
        if len(rows) == 100:
            head.objects.using(editor.connection.alias).bulk_create(rows)
            rows = []
    head.objects.using(editor.connection.alias).bulk_create(rows)


class Migration(migrations.Migration):

    dependencies = [
        ('explain', '0005_business_case'),
        ('lifecycle', '0006_acceptance_reminders'),
    ]

    operations = [
        migrations.CreateModel(
            name='PortfolioHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('as_of', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('grade', models.CharField(blank=True, choices=[('', 'no outcome measured'), ('assumed', 'assumed'), ('not_enough_data', 'not enough data'), ('indicative', 'indicative'), ('measured', 'measured'), ('verified', 'verified')], default='', max_length=16)),
                ('formula_version', models.CharField(blank=True, max_length=40)),
                ('costs_minor', models.BigIntegerField(null=True)),
                ('benefits_minor', models.BigIntegerField(null=True)),
                ('net_minor', models.BigIntegerField(help_text='Benefits less costs to date; costs alone without a benefit', null=True)),
                ('planned_net_minor', models.BigIntegerField(null=True)),
                ('planned_benefits_minor', models.BigIntegerField(null=True)),
                ('shortfall_minor', models.BigIntegerField(help_text='Planned less realised net to date, not below zero', null=True)),
                ('promised_net_minor', models.BigIntegerField(help_text='Net of the whole plan', null=True)),
                ('promised_npv_minor', models.BigIntegerField(null=True)),
                ('npv_minor', models.BigIntegerField(help_text='Over the horizon, forecast included', null=True)),
                ('below', models.FloatField(default=0.0)),
                ('above', models.FloatField(default=0.0)),
                ('chance_positive', models.FloatField(null=True)),
                ('delay_minor', models.BigIntegerField(help_text='What a month of waiting costs', null=True)),
                ('delay_why', models.CharField(blank=True, max_length=20, verbose_name='why waiting has no price')),
                ('reason', models.CharField(blank=True, max_length=120, verbose_name='largest part of the shortfall')),
                ('reason_minor', models.BigIntegerField(null=True)),
                ('changed', models.JSONField(help_text='Effect on the primary KPI', null=True)),
                ('first_month', models.IntegerField(help_text='Year x 12 + month - 1 of the first of the series', null=True)),
                ('months', models.PositiveSmallIntegerField(default=0)),
                ('months_to_date', models.PositiveSmallIntegerField(default=0)),
                ('series', models.BinaryField(help_text='Planned and realised net and benefits by month, packed')),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='portfolio_head', to='lifecycle.project')),
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='head', to='explain.outcomereport')),
            ],
            options={
                'ordering': ['project'],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
