"""Model versions may be LightGBM text files."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('explain', '0009_calculations'),
    ]

    operations = [
        migrations.AlterField(
            model_name='modelversion',
            name='format',
            field=models.CharField(choices=[('xgboost-json', 'XGBoost JSON'), ('lightgbm-text', 'LightGBM text'), ('skops', 'skops (scikit-learn)')], max_length=14),
        ),
    ]
