"""Sign-off in depth: seats and stand-ins, conditions, graded feedback, policies by risk tier, exceptions, expiry.

What is signed or frozen is held by triggers. They step aside while SQLite builds a table anew.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from foundation.audit.triggers import install_no_delete, install_no_update, kept_unless, remove_kept

OF_DEMO = "EXISTS (SELECT 1 FROM lifecycle_project p WHERE p.id = OLD.project_id AND p.is_demo)"
ROUND_OF_DEMO = (
    "EXISTS (SELECT 1 FROM lifecycle_round r JOIN lifecycle_project p ON p.id = r.project_id "
    "WHERE r.id = OLD.round_id AND p.is_demo)"
)
CONDITION_OF_DEMO = (
    "EXISTS (SELECT 1 FROM lifecycle_condition c JOIN lifecycle_project p ON p.id = c.project_id "
    "WHERE c.id = OLD.condition_id AND p.is_demo)"
)
# What may still change on a row that is held otherwise.
ROUND_FREE = ("state", "submitted_at", "closed_at", "lapsed_at", "difference", "due_on", "feedback_until", "expires_on", "returned_to")
DECISION_FREE = ("stands", "withdrawal")
FEEDBACK_FREE = ("settled_at", "settled_note")


def _altered(connection, model, free):
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    columns = [field.column for field in model._meta.concrete_fields if field.name not in free]
    return "(" + " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns) + ")"


def step_aside(apps, editor):
    for name in ("Signature", "Decision"):
        remove_kept(editor.connection, apps.get_model("lifecycle", name)._meta.db_table)


def come_back(apps, editor):
    for name, unless in (("Signature", OF_DEMO), ("Decision", ROUND_OF_DEMO)):
        table = apps.get_model("lifecycle", name)._meta.db_table
        install_no_update(editor.connection, table)
        install_no_delete(editor.connection, table, unless)


def name_the_seats(apps, editor):
    """Everybody has answered for themselves so far."""
    apps.get_model("lifecycle", "Decision").objects.update(holder=models.F("decider"))
    if editor.connection.vendor == "postgresql":
        # A table cannot be altered while checks of its rows are still to come.
        with editor.connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def name_the_authors(apps, editor):
    for review in apps.get_model("lifecycle", "Round").objects.exclude(digest="").iterator():
        items = review.manifest.get("items", [])
        review.authors = sorted({item["facts"]["author_id"] for item in items if item["facts"].get("author_id")})
        review.save(update_fields=["authors"])
    if editor.connection.vendor == "postgresql":
        with editor.connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def hold(apps, editor):
    connection = editor.connection
    decision, round_, feedback = (apps.get_model("lifecycle", name) for name in ("Decision", "Round", "Feedback"))
    signature = apps.get_model("lifecycle", "Signature")._meta.db_table
    install_no_update(connection, signature)
    install_no_delete(connection, signature, OF_DEMO)
    # A decision is taken back once, and never stands again.
    install_no_update(
        connection, decision._meta.db_table, f"{_altered(connection, decision, DECISION_FREE)} OR NOT OLD.stands"
    )
    install_no_delete(connection, decision._meta.db_table, ROUND_OF_DEMO)
    install_no_update(
        connection, feedback._meta.db_table, f"{_altered(connection, feedback, FEEDBACK_FREE)} OR OLD.settled_at IS NOT NULL"
    )
    install_no_delete(connection, feedback._meta.db_table, ROUND_OF_DEMO)
    install_no_update(
        connection, round_._meta.db_table, f"OLD.digest <> '' AND {_altered(connection, round_, ROUND_FREE)}"
    )
    install_no_delete(connection, round_._meta.db_table, OF_DEMO)


def let_go(apps, editor):
    for name in ("Signature", "Decision", "Round", "Feedback"):
        remove_kept(editor.connection, apps.get_model("lifecycle", name)._meta.db_table)


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0002_signed_rows_stay'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(step_aside, come_back),
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(help_text='Counted per round')),
                ('text', models.TextField(verbose_name='what must be done')),
                ('severity', models.CharField(choices=[('minor', 'minor'), ('major', 'major')], default='minor', max_length=5)),
                ('due_on', models.DateField()),
                ('grace_days', models.PositiveSmallIntegerField(default=3)),
                ('state', models.CharField(choices=[('open', 'open'), ('claimed', 'to be verified'), ('met', 'met'), ('lapsed', 'overdue, approval revoked'), ('dropped', 'no longer asked')], default='open', max_length=8)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conditions', to='lifecycle.decision')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='lifecycle.project')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='lifecycle.round')),
                ('verifier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['round', 'number'],
                'indexes': [models.Index(fields=['state', 'due_on'], name='condition_by_state')],
                'constraints': [models.UniqueConstraint(fields=('round', 'number'), name='condition_number_once'), models.CheckConstraint(condition=models.Q(('owner', models.F('verifier')), _negated=True), name='condition_verified_by_another'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='condition_says_what')],
            },
        ),
        migrations.CreateModel(
            name='ConditionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('claimed', 'said to be done'), ('returned', 'sent back'), ('met', 'verified'), ('moved', 'given a new day or new people'), ('lapsed', 'lapsed'), ('dropped', 'no longer asked')], max_length=8)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('note', models.TextField(blank=True)),
                ('evidence', models.CharField(blank=True, max_length=500, verbose_name='where it can be seen')),
                ('facts', models.JSONField(default=dict)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('condition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='lifecycle.condition')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Delegation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(blank=True, choices=[('sponsor', 'sponsor'), ('customer', 'customer'), ('lead', 'project lead'), ('contributor', 'contributor'), ('reviewer', 'independent reviewer'), ('risk_officer', 'risk officer'), ('viewer', 'viewer')], help_text='Empty: all', max_length=12)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('reason', models.TextField()),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_given', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(blank=True, help_text='Empty: all', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='delegations', to='lifecycle.project')),
                ('to_person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_received', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['from_person', 'starts_on', 'ends_on'], name='delegation_by_giver')],
                'constraints': [models.CheckConstraint(condition=models.Q(('from_person', models.F('to_person')), _negated=True), name='delegation_to_another'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='delegation_ends_after_start'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='delegation_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(blank=True, max_length=12)),
                ('grade', models.CharField(choices=[('fine', 'fine'), ('minor', 'minor issue'), ('major', 'major issue')], max_length=5)),
                ('text', models.TextField(blank=True)),
                ('given_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_note', models.TextField(blank=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='lifecycle.round')),
            ],
            options={
                'verbose_name_plural': 'feedback',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('grade', 'fine'), models.Q(('text', ''), _negated=True), _connector='OR'), name='feedback_issue_is_said'), models.CheckConstraint(condition=models.Q(('settled_at__isnull', True), models.Q(('settled_note', ''), _negated=True), _connector='OR'), name='feedback_settled_how')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.CharField(choices=[('low', 'low'), ('medium', 'medium'), ('high', 'high')], max_length=6, verbose_name='risk tier')),
                ('number', models.PositiveIntegerField()),
                ('content', models.JSONField()),
                ('reason', models.TextField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['tier', '-number'],
                'constraints': [models.UniqueConstraint(fields=('tier', 'number'), name='policy_version_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='policy_change_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Waiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage_key', models.SlugField(blank=True, help_text='Empty: all stages', max_length=60)),
                ('what', models.CharField(choices=[('role', 'a role need not answer'), ('self_approval', 'a person may decide on their own work')], max_length=13)),
                ('role', models.CharField(blank=True, max_length=12)),
                ('reason', models.TextField()),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('granted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('granted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waivers', to='lifecycle.project')),
                ('signature', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='waiver', to='lifecycle.signature')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', True), ('what', 'role'), models.Q(('role', ''), _negated=True)), models.Q(('person__isnull', False), ('role', ''), ('what', 'self_approval')), _connector='OR'), name='waiver_says_what'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='signoff_waiver_has_reason'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='waiver_ends_after_start'), models.CheckConstraint(condition=models.Q(('person__isnull', True), models.Q(('person', models.F('granted_by')), _negated=True), _connector='OR'), name='waiver_not_for_oneself')],
            },
        ),
        migrations.AlterField(
            model_name='signature',
            name='printed_name',
            field=models.CharField(help_text='B for A where somebody stood in', max_length=250),
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_once_per_person',
        ),
        migrations.AddField(
            model_name='decision',
            name='holder',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(name_the_seats, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='decision',
            name='holder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='decision',
            name='override',
            field=models.TextField(blank=True, verbose_name='why a major issue does not stop it'),
        ),
        migrations.AddField(
            model_name='decision',
            name='stands',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='decision',
            name='withdrawal',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawn_decision', to='lifecycle.signature'),
        ),
        migrations.AddField(
            model_name='project',
            name='escalates_to',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='round',
            name='authors',
            field=models.JSONField(default=list),
        ),
        migrations.RunPython(name_the_authors, migrations.RunPython.noop),
        migrations.AddField(
            model_name='round',
            name='emergency',
            field=models.TextField(blank=True, verbose_name='why it cannot wait'),
        ),
        migrations.AddField(
            model_name='round',
            name='expires_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='round',
            name='feedback_until',
            field=models.DateField(blank=True, help_text='Advice is asked for until then', null=True),
        ),
        migrations.AddField(
            model_name='round',
            name='returned_to',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='round',
            index=models.Index(fields=['state', 'expires_on'], name='round_by_expiry'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(condition=models.Q(('stands', True)), fields=('round', 'decider'), name='decision_once_per_person'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(condition=models.Q(('stands', True)), fields=('round', 'holder'), name='decision_once_per_seat'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stands', True), ('withdrawal__isnull', True)), models.Q(('stands', False), ('withdrawal__isnull', False)), _connector='OR'), name='decision_stands_or_is_withdrawn'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('holder', models.F('decider')), ('on_behalf_of__isnull', True)), ('on_behalf_of', models.F('holder')), _connector='OR'), name='decision_seat_is_named'),
        ),
        migrations.RunPython(*kept_unless("lifecycle", "PolicyVersion", "1 = 0")),
        migrations.RunPython(*kept_unless("lifecycle", "ConditionEvent", CONDITION_OF_DEMO)),
        migrations.RunPython(hold, let_go),
    ]
