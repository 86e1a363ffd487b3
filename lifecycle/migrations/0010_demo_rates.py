"""Exchange rates of the demo story go with it: nobody else's can be removed."""

from django.db import migrations, models

from foundation.audit.triggers import bring_back, set_aside
from lifecycle.kpis.claims.triggers import hold_rates, hold_rates_but_demo, release_rates


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0009_kpi_series")]

    operations = [
        migrations.RunPython(release_rates, hold_rates),
        migrations.RunPython(set_aside, bring_back),
        migrations.AddField(
            model_name="exchangerate",
            name="is_demo",
            field=models.BooleanField(
                default=False, help_text="Of the demo story: goes with it when it is taken out"
            ),
        ),
        migrations.RunPython(bring_back, set_aside),
        migrations.RunPython(hold_rates_but_demo, release_rates),
    ]
