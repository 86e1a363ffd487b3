"""Rows of a draft: adding, changing, taking out. What somebody else wrote meanwhile is never lost."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, models, transaction

from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.postmortems.models import ActionItem, PostMortem, WhyNode
from lifecycle.postmortems.naming import noun_of
from lifecycle.postmortems.permits import may_edit, may_steer
from lifecycle.postmortems.services.rows import MODELS, PARTS, Values, columns_of, part_of
from lifecycle.postmortems.services.together import lock_known, merged_with_meanwhile, remember
from lifecycle.postmortems.services.writing import Saved, hold, lines_of_others, note, refuse_if_edited
from lifecycle.postmortems.whys import in_order, tree


@transaction.atomic
def add_row(*, actor: User, postmortem: PostMortem, values: Values) -> models.Model:
    """Add an event, impact, factor, lesson or proposed action; the type of `values` says which."""
    held = hold(postmortem.pk)
    part = part_of(values)
    _may_write(actor, held, part)
    columns = columns_of(held, values, None)
    try:
        with transaction.atomic():
            row = MODELS[part]._default_manager.create(postmortem=held, **columns)
    except IntegrityError:
        raise _factor_there() from None
    held.lock += 1
    held.save(update_fields=["lock"])
    note(actor, held, f"add_{PARTS[part]}", part=f"{part}:{row.pk}", after={"hash": digest_of(_plain(columns))})
    return row


def edit_row(*, actor: User, postmortem: PostMortem, row_id: int, values: Values, lock: int) -> models.Model:
    """As `save_row`, for who does not ask what others changed."""
    row = save_row(actor=actor, postmortem=postmortem, row_id=row_id, values=values, lock=lock).row
    assert row is not None
    return row


@transaction.atomic
def save_row(*, actor: User, postmortem: PostMortem, row_id: int, values: Values, lock: int) -> Saved:
    """Replace the values of a row; what others changed in it since `lock` is merged in.

    Raises Clashed (`edited_meanwhile`) as `save_text` does, and `edited_meanwhile` when the row was taken out.
    """
    held = hold(postmortem.pk)
    part = part_of(values)
    _may_write(actor, held, part)
    row = _row(held, part, row_id, lock)
    lock_known(held, lock)
    place = f"{part}:{row_id}"
    given = columns_of(held, values, row)
    before = {name: getattr(row, name) for name in given}
    columns, beside = merged_with_meanwhile(
        held,
        place,
        lock,
        now=before,
        wanted=given,
        labels=_row_labels(row),
        details=lines_of_others(held, lock, place),
    )
    changed = {name: value for name, value in columns.items() if before[name] != value}
    if not changed:
        return Saved(held, beside, row)
    for name, value in changed.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=list(changed))
    except IntegrityError:
        raise _factor_there() from None
    held.lock += 1
    held.save(update_fields=["lock"])
    remember(held, place, {name: before[name] for name in changed}, changed)
    note(
        actor,
        held,
        f"edit_{PARTS[part]}",
        part=place,
        before={"hash": digest_of(_plain(before))},
        after={"hash": digest_of(_plain(columns))},
    )
    return Saved(held, beside, row)


@transaction.atomic
def remove_row(*, actor: User, postmortem: PostMortem, part: str, row_id: int, lock: int, with_below: int = 0) -> None:
    """Take a row out of the draft. An accepted action stays: it is cancelled with a reason instead.

    `with_below`: how many whys the person knows to hang under the one that goes; refused (`has_below`) when there are
    others, because they go with it.
    """
    held = hold(postmortem.pk)
    if part not in PARTS:
        raise Refused(f"{part!r} is no part of the {noun_of(held)}.", code="part_unknown", status=400)
    may_edit(actor, held).demand()
    row = _row(held, part, row_id, lock)
    refuse_if_edited(held, lock, f"{part}:{row_id}")
    if isinstance(row, ActionItem) and row.disposition == ActionItem.Disposition.ACCEPTED:
        raise Refused("An accepted action is not removed. Cancel it with a reason.", code="action_accepted")
    below = 0
    if isinstance(row, WhyNode):
        branches = in_order(tree(WhyNode.objects.filter(postmortem=held)))
        below = next(branch.below for branch in branches if branch.why.pk == row.pk)
        if below != with_below:
            raise Refused(
                f"{below} further question{'s hang' if below != 1 else ' hangs'} under this one and would go with it. "
                "Look at them, and confirm that they go too.",
                code="has_below",
                field="with_below",
                rows=[{"below": below}],
            )
    columns = {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}
    row.delete()
    held.lock += 1
    held.save(update_fields=["lock"])
    note(
        actor,
        held,
        f"remove_{PARTS[part]}",
        part=f"{part}:{row_id}",
        before={"hash": digest_of(_plain(columns)), **({"below": below} if below else {})},
    )


def _row_labels(row: models.Model) -> dict[str, str]:
    return {field.attname: str(field.verbose_name) for field in row._meta.concrete_fields} | {
        field.name: str(field.verbose_name) for field in row._meta.concrete_fields
    }


def _may_write(actor: User, postmortem: PostMortem, part: str) -> None:
    # Work goes on after publication: actions may then be proposed by those who steer it.
    if part == "actions" and postmortem.state == PostMortem.State.PUBLISHED:
        may_steer(actor, postmortem).demand()
    else:
        may_edit(actor, postmortem).demand()


def _row(postmortem: PostMortem, part: str, row_id: int, lock: int) -> models.Model:
    row = MODELS[part]._default_manager.filter(postmortem=postmortem, pk=row_id).first()
    if row is None:
        refuse_if_edited(postmortem, lock, f"{part}:{row_id}")
        raise Refused(
            f"This entry is not part of the {noun_of(postmortem)}. Load the page again.", code="row_gone", status=409
        )
    return row


def _factor_there() -> Refused:
    return Refused(
        "This factor is already there. Edit it, or choose another one.", code="factor_there", status=409, field="node"
    )


def _plain(columns: dict[str, Any]) -> dict[str, str]:
    return {name: str(value.pk if isinstance(value, models.Model) else value) for name, value in columns.items()}
