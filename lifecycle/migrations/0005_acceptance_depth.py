"""Acceptance to its full depth: consent, outside signatories, hand-off, exit report; conditions become rows."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def conditions_as_rows(apps, editor):
    """Each condition that stood in JSON becomes a row; without an owner it is with who offered the acceptance."""
    acceptances = apps.get_model("lifecycle", "Acceptance").objects.exclude(former_conditions=[])
    condition = apps.get_model("lifecycle", "AcceptanceCondition")
    for acceptance in acceptances.select_related("offered_by", "created_by"):
        lead = acceptance.offered_by or acceptance.created_by
        for number, former in enumerate(acceptance.former_conditions, start=1):
            name = former.get("owner", "")
            condition.objects.create(
                acceptance=acceptance,
                number=number,
                text=former["text"],
                owner=None if name else lead,
                owner_name=name or lead.name,
                due_on=former["due_on"],
            )
    _settle(editor)


def rows_as_conditions(apps, editor):
    """The way back: words, owner and day; proofs have no place in the former shape."""
    condition = apps.get_model("lifecycle", "AcceptanceCondition")
    for acceptance in apps.get_model("lifecycle", "Acceptance").objects.all():
        rows = condition.objects.filter(acceptance=acceptance.pk).order_by("number")
        acceptance.former_conditions = [
            {"text": row.text, "owner": row.owner_name, "due_on": row.due_on.isoformat()} for row in rows
        ]
        acceptance.save(update_fields=["former_conditions"])
    _settle(editor)


def _settle(editor):
    """PostgreSQL alters no table on which checks of foreign keys still wait."""
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0004_own_methodologies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AcceptanceCondition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('text', models.CharField(max_length=500)),
                ('owner_name', models.CharField(max_length=120, verbose_name='owner')),
                ('due_on', models.DateField()),
                ('state', models.CharField(choices=[('open', 'open'), ('closed', 'proof given'), ('verified', 'verified')], default='open', max_length=8)),
                ('proof', models.TextField(blank=True)),
                ('proof_link', models.CharField(blank=True, max_length=300)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('sent_back', models.TextField(blank=True)),
                ('acceptance', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='lifecycle.acceptance')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['acceptance', 'number'],
                'indexes': [models.Index(fields=['state', 'due_on'], name='acceptance_condition_due')],
                'constraints': [models.UniqueConstraint(fields=('acceptance', 'number'), name='acceptance_condition_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('owner_name', ''), _negated=True)), name='acceptance_condition_is_said'), models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(models.Q(('proof', ''), _negated=True), ('closed_by__isnull', False)), _connector='OR'), name='acceptance_condition_closed_has_proof'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'verified'), _negated=True), models.Q(('verified_by__isnull', False), models.Q(('verified_by', models.F('closed_by')), _negated=True), models.Q(('owner__isnull', True), models.Q(('verified_by', models.F('owner')), _negated=True), _connector='OR')), _connector='OR'), name='acceptance_condition_four_eyes')],
            },
        ),
        migrations.CreateModel(
            name='CriterionChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('set', 'new words'), ('withdraw', 'withdrawal')], max_length=8)),
                ('key', models.SlugField(blank=True, max_length=60)),
                ('measure', models.CharField(max_length=200, verbose_name='what is judged')),
                ('baseline', models.CharField(blank=True, max_length=120, verbose_name='today')),
                ('threshold', models.CharField(max_length=200, verbose_name='accepted when')),
                ('how_measured', models.TextField(blank=True, verbose_name='how and when it is measured')),
                ('judge', models.CharField(blank=True, max_length=120, verbose_name='who judges')),
                ('reason', models.TextField(verbose_name='why it changes')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('waiting', 'waits for consent'), ('consented', 'consented'), ('refused', 'refused'), ('taken_back', 'taken back')], default='waiting', max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True, verbose_name='words of the answer')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('former', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.criterion')),
                ('kpi', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='lifecycle.kpi')),
                ('made', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='change', to='lifecycle.criterion')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criterion_changes', to='lifecycle.project')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting'), models.Q(('key', ''), _negated=True)), fields=('project', 'key'), name='criterion_change_one_waits'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='criterion_change_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['consented', 'refused']), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('author')), _negated=True)), _connector='OR'), name='criterion_change_four_eyes'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='criterion_refusal_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'consented'), _negated=True), ('made__isnull', False), _connector='OR'), name='criterion_consent_made_version')],
            },
        ),
        migrations.CreateModel(
            name='ExitReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'draft'), ('issued', 'issued')], default='draft', max_length=6)),
                ('name', models.CharField(max_length=120)),
                ('sections', models.JSONField(default=list)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('customer_digest', models.CharField(blank=True, help_text='Of the version without internal parts', max_length=64)),
                ('edits', models.PositiveIntegerField(default=0)),
                ('edited_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('issued_at', models.DateTimeField(blank=True, null=True)),
                ('edited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issued_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exit_reports', to='lifecycle.project')),
            ],
            options={
                'ordering': ['project', '-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='exit_report_number_once'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('project',), name='exit_report_one_draft'), models.CheckConstraint(condition=models.Q(('state', 'draft'), models.Q(models.Q(('digest', ''), _negated=True), ('issued_by__isnull', False)), _connector='OR'), name='exit_report_issued_is_frozen')],
            },
        ),
        migrations.CreateModel(
            name='HandOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'draft'), ('handed', 'waits for the receiver'), ('received', 'received'), ('sent_back', 'sent back'), ('superseded', 'former version')], default='draft', max_length=10)),
                ('receiving_party', models.CharField(max_length=200)),
                ('handed_on', models.DateField(verbose_name='day of the hand-off')),
                ('items', models.JSONField(default=list)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('sent_back', models.TextField(blank=True, verbose_name='why it was sent back')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('edits', models.PositiveIntegerField(default=0)),
                ('author_signature', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handoff', to='lifecycle.signature')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='handoffs', to='lifecycle.project')),
                ('receiver_signature', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='received_handoff', to='lifecycle.signature')),
            ],
            options={
                'ordering': ['project', '-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='handoff_number_once'), models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'handed'])), fields=('project',), name='handoff_one_open'), models.CheckConstraint(condition=models.Q(('state', 'draft'), models.Q(('author_signature__isnull', False), models.Q(('digest', ''), _negated=True)), _connector='OR'), name='handoff_handed_is_signed'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'received'), _negated=True), ('receiver_signature__isnull', False), _connector='OR'), name='handoff_received_is_signed'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent_back'), _negated=True), models.Q(('sent_back', ''), _negated=True), _connector='OR'), name='handoff_return_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('verdict', 'verdict on the acceptance'), ('withdrawal', 'withdrawal of the verdict'), ('receipt', 'receipt of the hand-off')], max_length=10)),
                ('name', models.CharField(max_length=120)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('organisation', models.CharField(max_length=120)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why this person signs')),
                ('language', models.CharField(default='English', max_length=40, verbose_name='language of their words')),
                ('token_digest', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ('days', models.PositiveSmallIntegerField(default=14)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('acceptance', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='lifecycle.acceptance')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handoff', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='lifecycle.handoff')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatory_invitations', to='lifecycle.project')),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signature', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to='lifecycle.signature')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('purpose', 'receipt'), ('handoff__isnull', False), ('acceptance__isnull', True)), models.Q(models.Q(('purpose', 'receipt'), _negated=True), ('acceptance__isnull', False), ('handoff__isnull', True)), _connector='OR'), name='invitation_asks_for_one_thing'), models.CheckConstraint(condition=models.Q(('used_at__isnull', True), ('signature__isnull', False), _connector='OR'), name='invitation_used_is_signed'), models.CheckConstraint(condition=models.Q(('used_at__isnull', True), ('revoked_at__isnull', True), _connector='OR'), name='invitation_used_or_revoked'), models.CheckConstraint(condition=models.Q(('mailed_at__isnull', True), ('expires_at__isnull', False), _connector='OR'), name='invitation_expires')],
            },
        ),
        migrations.CreateModel(
            name='SignatoryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='lifecycle.invitation')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['invitation', 'asked_at'], name='signatory_code_asked')],
            },
        ),
        migrations.RenameField(
            model_name='acceptance',
            old_name='conditions',
            new_name='former_conditions',
        ),
        migrations.AddField(
            model_name='acceptance',
            name='withdrawal',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawn_acceptance', to='lifecycle.signature'),
        ),
        migrations.AddField(
            model_name='criterionresult',
            name='pieces',
            field=models.JSONField(default=list),
        ),
        migrations.AddConstraint(
            model_name='acceptance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('signature__isnull', True), ('withdrawal__isnull', False), _connector='OR'), name='acceptance_signed_is_withdrawn_signed'),
        ),
        migrations.RunPython(conditions_as_rows, rows_as_conditions),
        migrations.RemoveField(
            model_name='acceptance',
            name='former_conditions',
        ),
    ]
