"""Full-text search over post-mortems: FTS5 with triggers on SQLite, a generated tsvector with its index on PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

TABLE, FTS = "lifecycle_searchtext", "lifecycle_search"
COLUMNS = "title, summary, body"
OLD, NEW = "OLD.title, OLD.summary, OLD.body", "NEW.title, NEW.summary, NEW.body"

SQLITE = (
    f"CREATE VIRTUAL TABLE {FTS} USING fts5({COLUMNS}, content='{TABLE}', content_rowid='postmortem_id', "
    "tokenize='porter unicode61 remove_diacritics 2', prefix='2 3')",
    f"CREATE TRIGGER {TABLE}_found AFTER INSERT ON {TABLE} BEGIN "  # nosec B608 - constants of this file
    f"INSERT INTO {FTS}(rowid, {COLUMNS}) VALUES (NEW.postmortem_id, {NEW}); END",
    f"CREATE TRIGGER {TABLE}_lost AFTER DELETE ON {TABLE} BEGIN "  # nosec B608 - constants of this file
    f"INSERT INTO {FTS}({FTS}, rowid, {COLUMNS}) VALUES ('delete', OLD.postmortem_id, {OLD}); END",
    f"CREATE TRIGGER {TABLE}_changed AFTER UPDATE ON {TABLE} BEGIN "  # nosec B608 - constants of this file
    f"INSERT INTO {FTS}({FTS}, rowid, {COLUMNS}) VALUES ('delete', OLD.postmortem_id, {OLD}); "
    f"INSERT INTO {FTS}(rowid, {COLUMNS}) VALUES (NEW.postmortem_id, {NEW}); END",
)
SQLITE_BACK = (
    *(f"DROP TRIGGER IF EXISTS {TABLE}_{name}" for name in ("found", "lost", "changed")),
    f"DROP TABLE IF EXISTS {FTS}",
)


def _weighed(column: str, letter: str) -> str:
    # Signs between words go: PostgreSQL would read PM-2026-0007 as a word and two negative numbers, and would leave out
    # what looks like a tag. A tsvector holds at most a megabyte, so of a very long text the first 400,000 signs are found.
    spaced = rf"regexp_replace(left({column}, 400000), '[!-/:-@\[-`{{-~]+', ' ', 'g')"
    return f"setweight(to_tsvector('english', {spaced}), '{letter}')"


POSTGRES = (
    f"ALTER TABLE {TABLE} ADD COLUMN document tsvector GENERATED ALWAYS AS "
    f"({_weighed('title', 'A')} || {_weighed('summary', 'B')} || {_weighed('body', 'D')}) STORED",
    f"CREATE INDEX {TABLE}_document ON {TABLE} USING gin (document)",
)
POSTGRES_BACK = (f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS document",)


def install(apps: Any, editor: Any) -> None:
    """What the database needs to find words."""
    for statement in POSTGRES if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def remove(apps: Any, editor: Any) -> None:
    """Back to plain rows."""
    for statement in POSTGRES_BACK if editor.connection.vendor == "postgresql" else SQLITE_BACK:
        editor.execute(statement)


def write_texts(apps: Any, editor: Any) -> None:
    """Words of the post-mortems that are there; each is written anew, and in full, at its next deed."""
    postmortems, texts = (apps.get_model("lifecycle", name) for name in ("PostMortem", "SearchText"))
    texts.objects.all().delete()
    for case in postmortems.objects.iterator():
        parts = [case.reference, case.background, case.outward_summary, case.no_action_reason]
        for name, fields in (
            ("ContributingFactor", ("node", "text", "why_unnoticed")),
            ("Lesson", ("text",)),
            ("ActionItem", ("title", "test_for_done", "disposition_reason")),
            ("Impact", ("text",)),
            ("TimelineEvent", ("text",)),
        ):
            for row in apps.get_model("lifecycle", name).objects.filter(postmortem_id=case.pk).values_list(*fields):
                parts += [value.replace("_", " ") if name == "ContributingFactor" else value for value in row]
        body = "\n".join(part for part in parts if part)
        texts.objects.create(postmortem=case, title=case.title, summary=case.summary, body=body)


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0013_texts_for_merging")]

    operations = [
        migrations.AddField("searchtext", "summary", models.TextField(blank=True, default="")),
        migrations.RunPython(write_texts, migrations.RunPython.noop),
        migrations.RunPython(install, remove),
    ]
