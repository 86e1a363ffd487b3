"""Sums of readings by month, filled from the readings that are there."""

import django.db.models.deletion
from django.db import migrations, models

from lifecycle.kpis.months import definitions, edits_of, sums_by_definition


def fill(apps, schema_editor):
    """Sums of the readings that are there, under each definition that their KPI had."""
    Kpi, Measurement, KpiMonth = (apps.get_model("lifecycle", name) for name in ("Kpi", "Measurement", "KpiMonth"))
    Entry = apps.get_model("foundation", "Entry")
    for kpi in Kpi.objects.iterator(chunk_size=500):
        told = Entry.objects.filter(verb="edit_kpi", thing_kind="kpi", thing_id=str(kpi.pk)).order_by("seq")
        edits = edits_of(told.values_list("at", "before", "after")) if kpi.defined_at else []
        spans = definitions(edits, version=kpi.version, frequency=kpi.frequency, defined_at=kpi.defined_at)
        rows = Measurement.objects.filter(kpi=kpi).order_by("period", "revision")
        months = sums_by_definition(spans, rows.values_list("period", "value", "recorded_at").iterator(chunk_size=5000))
        KpiMonth.objects.bulk_create(
            (
                KpiMonth(kpi=kpi, kpi_version=version, month=month, **vars(sums))
                for (version, month), sums in months.items()
            ),
            batch_size=500,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0006_acceptance_reminders'),
    ]

    operations = [
        migrations.CreateModel(
            name='KpiMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kpi_version', models.PositiveIntegerField()),
                ('month', models.DateField(help_text='First day of the month')),
                ('count', models.PositiveIntegerField()),
                ('total', models.FloatField()),
                ('squares', models.FloatField()),
                ('pairs', models.PositiveIntegerField()),
                ('pair_total', models.FloatField()),
                ('pair_product', models.FloatField()),
                ('first_on', models.DateField()),
                ('first_value', models.FloatField()),
                ('last_on', models.DateField()),
                ('last_value', models.FloatField()),
                ('kpi', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='months', to='lifecycle.kpi')),
            ],
            options={
                'ordering': ['kpi', 'kpi_version', 'month'],
                'constraints': [models.UniqueConstraint(fields=('kpi', 'kpi_version', 'month'), name='kpi_month_once'), models.CheckConstraint(condition=models.Q(('count__gte', 1), ('pairs__lt', models.F('count'))), name='kpi_month_counts')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
