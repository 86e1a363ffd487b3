"""The post-mortem, reviewed and published."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from demo.narrator.teller import Teller
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    ActionValues,
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    accept_action,
    add_row,
    edit_postmortem,
    open_postmortem,
    publish,
    set_tags,
    submit_for_review,
)


class LooksBack(Teller):
    """The post-mortem."""

    def look_back(self) -> PostMortem:
        """The post-mortem, reviewed and published by somebody else than its owner."""
        told, lead = self.told["postmortem"], self.people["lead"]
        # What happened to the project may have opened it already.
        postmortem = PostMortem.objects.filter(project=self.project).first() or open_postmortem(
            actor=lead,
            project=self.project,
            kind=told["kind"],
            title=told["title"],
            severity=PostMortem.Severity.MEDIUM,
        )
        edit_postmortem(
            actor=lead,
            postmortem=postmortem,
            lock=postmortem.lock,
            changes={name: told[name] for name in ("title", "kind", "summary", "trigger", "detection")},
        )
        for event in told["timeline"]:
            add_row(
                actor=lead,
                postmortem=postmortem,
                values=EventValues(
                    moment=self.moment(event["weeks_ago"]),
                    text=event["text"],
                    marker=event["marker"],
                    role=event["role"],
                ),
            )
        impact = told["impact"]
        add_row(
            actor=lead,
            postmortem=postmortem,
            values=ImpactValues(
                dimension=impact["dimension"],
                text=impact["text"],
                amount=Decimal(impact["amount"]),
                unit=impact["unit"],
                is_estimate=impact["is_estimate"],
            ),
        )
        for factor in (told["factor"], told.get("second_factor")):
            if factor:
                add_row(
                    actor=lead,
                    postmortem=postmortem,
                    values=FactorValues(node=factor["node"], text=factor["text"], strength=factor["strength"]),
                )
        for lesson in told["lessons"]:
            add_row(
                actor=lead,
                postmortem=postmortem,
                values=LessonValues(kind=lesson["kind"], text=lesson["text"], as_check=lesson.get("as_check", False)),
            )
        action = told["action"]
        owner = self.people[action["owner"]]
        row = add_row(
            actor=lead,
            postmortem=postmortem,
            values=ActionValues(
                title=action["title"],
                kind=action["kind"],
                owner=owner,
                due_on=self.today + timedelta(days=action["days"]),
                test_for_done=action["test_for_done"],
            ),
        )
        accept_action(actor=lead, action_id=row.pk)
        postmortem.refresh_from_db()
        if tags := told.get("tags"):
            set_tags(
                actor=lead, postmortem=postmortem, tags=[(kind, text) for kind, text in tags], lock=postmortem.lock
            )
            postmortem.refresh_from_db()
        submit_for_review(actor=lead, postmortem=postmortem)
        postmortem.refresh_from_db()
        return publish(actor=self.people["reviewer"], postmortem=postmortem, answers=fine())
