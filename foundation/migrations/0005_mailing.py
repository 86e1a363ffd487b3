"""How a person wants notices by e-mail, the e-mail of a day, and a row for each attempt to send one."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def keep_the_wish(apps, editor):
    apps.get_model("foundation", "User").objects.filter(mail_notices=False).update(mail_wish="none")


def bring_back_the_wish(apps, editor):
    apps.get_model("foundation", "User").objects.filter(mail_wish="none").update(mail_notices=False)


class Migration(migrations.Migration):

    dependencies = [
        ('foundation', '0004_calendar'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='mail_wish',
            field=models.CharField(choices=[('at_once', 'at once, one e-mail for each notice'), ('daily', 'once a day, one e-mail at 07:00 with what is unread'), ('none', 'not at all')], default='at_once', max_length=10, verbose_name='notices by e-mail'),
        ),
        migrations.RunPython(keep_the_wish, bring_back_the_wish),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('until', models.DateTimeField()),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='digests', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'day'), name='digest_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254)),
                ('subject', models.CharField(max_length=250)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.CharField(choices=[('sending', 'being sent'), ('sent', 'sent'), ('failed', 'not sent'), ('unknown', 'not known')], default='sending', max_length=10)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('notice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='foundation.notice')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to=settings.AUTH_USER_MODEL)),
                ('digest', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='foundation.digest')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['user', '-id'], name='delivery_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('digest__isnull', False), ('notice__isnull', True)), models.Q(('digest__isnull', True), ('notice__isnull', False)), _connector='OR'), name='delivery_of_one_thing'), models.UniqueConstraint(condition=models.Q(models.Q(('result', 'failed'), _negated=True), ('notice__isnull', False)), fields=('notice',), name='notice_mailed_once'), models.UniqueConstraint(condition=models.Q(models.Q(('result', 'failed'), _negated=True), ('digest__isnull', False)), fields=('digest',), name='digest_mailed_once')],
            },
        ),
        migrations.RemoveField(
            model_name='user',
            name='mail_notices',
        ),
        migrations.AddField(
            model_name='notice',
            name='comment',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='comment_by',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='notice',
            name='for_digest',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='notice',
            name='why',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('for_digest', True), ('mailed_at__isnull', True), ('read_at__isnull', True)), fields=['user', 'created_at'], name='notice_waits_for_digest'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('mail_wish__in', ['at_once', 'daily', 'none'])), name='person_mail_wish_known'),
        ),
    ]
