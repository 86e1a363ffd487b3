import django.db.models.deletion
import django.utils.timezone
import explain.register.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('foundation', '0003_pulse_and_slot'),
        ('foundation', '__first__'),
        ('lifecycle', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DataSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('origin', models.CharField(blank=True, max_length=300)),
                ('format', models.CharField(choices=[('csv', 'CSV'), ('parquet', 'Parquet')], max_length=8)),
                ('file', models.FileField(max_length=200, upload_to=explain.register.models.data_path)),
                ('filename', models.CharField(max_length=200)),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('target_column', models.CharField(blank=True, max_length=120)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='data_sets', to='lifecycle.project')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['project', '-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='data_number_once')],
            },
        ),
        migrations.CreateModel(
            name='Feature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='column')),
                ('label', models.CharField(max_length=120)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('meaning', models.CharField(blank=True, max_length=300)),
                ('expected', models.CharField(blank=True, choices=[('', 'no expectation'), ('up', 'more of it raises the result'), ('down', 'more of it lowers the result')], default='', max_length=4)),
                ('sensitive', models.BooleanField(default=False)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='features', to='lifecycle.project')),
            ],
            options={
                'ordering': ['project', 'name'],
                'constraints': [models.UniqueConstraint(fields=('project', 'name'), name='feature_name_once')],
            },
        ),
        migrations.CreateModel(
            name='ModelVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('purpose', models.CharField(blank=True, max_length=200, verbose_name='what it predicts')),
                ('format', models.CharField(choices=[('xgboost-json', 'XGBoost JSON'), ('skops', 'skops (scikit-learn)')], max_length=14)),
                ('file', models.FileField(max_length=200, upload_to=explain.register.models.model_path)),
                ('filename', models.CharField(max_length=200)),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('inspecting', 'being inspected'), ('accepted', 'accepted'), ('refused', 'refused')], default='inspecting', max_length=10)),
                ('refusal_code', models.CharField(blank=True, max_length=40)),
                ('refusal', models.TextField(blank=True)),
                ('facts', models.JSONField(default=dict)),
                ('metrics', models.JSONField(default=dict)),
                ('note', models.TextField(blank=True)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.job')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='model_versions', to='lifecycle.project')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['project', '-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='model_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('refusal', ''), _negated=True), _connector='OR'), name='model_refusal_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='OutcomeReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'waiting for a worker'), ('done', 'done'), ('refused', 'refused')], default='waiting', max_length=8)),
                ('as_of', models.DateField()),
                ('refusal_code', models.CharField(blank=True, max_length=40)),
                ('refusal', models.TextField(blank=True)),
                ('formula_version', models.CharField(blank=True, max_length=40)),
                ('seed', models.PositiveIntegerField(default=0)),
                ('inputs', models.JSONField(default=dict)),
                ('inputs_hash', models.CharField(blank=True, max_length=64)),
                ('result', models.JSONField(default=dict, help_text='Everything that is shown; money as strings')),
                ('content_hash', models.CharField(blank=True, max_length=64)),
                ('is_current', models.BooleanField(default=False)),
                ('currency', models.CharField(max_length=3)),
                ('grade', models.CharField(blank=True, choices=[('', 'no outcome measured'), ('assumed', 'assumed'), ('not_enough_data', 'not enough data'), ('indicative', 'indicative'), ('measured', 'measured'), ('verified', 'verified')], default='', max_length=16)),
                ('costs_to_date', models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True)),
                ('benefits_to_date', models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True)),
                ('planned_net_to_date', models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True)),
                ('npv', models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True)),
                ('roi_percent', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True)),
                ('payback_months', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True)),
                ('chance_positive', models.FloatField(blank=True, null=True)),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('former', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='explain.outcomereport')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.job')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcome_reports', to='lifecycle.project')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['project', '-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='outcome_number_once'), models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('project',), name='outcome_one_current'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(models.Q(('content_hash', ''), _negated=True), models.Q(('inputs_hash', ''), _negated=True)), _connector='OR'), name='outcome_done_is_hashed')],
            },
        ),
        migrations.CreateModel(
            name='Explanation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(choices=[('shap', 'SHAP')], default='shap', max_length=8)),
                ('seed', models.PositiveIntegerField(default=0)),
                ('rows_limit', models.PositiveIntegerField(blank=True, null=True)),
                ('state', models.CharField(choices=[('waiting', 'waiting for a worker'), ('done', 'done'), ('refused', 'refused')], default='waiting', max_length=8)),
                ('refusal_code', models.CharField(blank=True, max_length=40)),
                ('refusal', models.TextField(blank=True)),
                ('engine', models.CharField(blank=True, max_length=80)),
                ('rows', models.PositiveBigIntegerField(default=0)),
                ('summary', models.JSONField(default=dict)),
                ('samples', models.JSONField(default=dict)),
                ('values_file', models.CharField(blank=True, max_length=200)),
                ('content_hash', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('data_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='explanations', to='explain.dataset')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='foundation.job')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='explanations', to='lifecycle.project')),
                ('model_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='explanations', to='explain.modelversion')),
            ],
            options={
                'ordering': ['project', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('content_hash', ''), _negated=True), _connector='OR'), name='explanation_done_is_hashed'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('refusal', ''), _negated=True), _connector='OR'), name='explanation_refusal_has_reason')],
            },
        ),
    ]
