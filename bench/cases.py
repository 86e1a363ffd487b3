"""Ten thousand post-mortems with texts from lists of words, factors, actions and tags, put into the database at once."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bench.surroundings import database
from foundation.people.models import User
from lifecycle.lessons.search.texts import rebuild
from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import (
    ActionItem,
    ContributingFactor,
    Lesson,
    PostMortem,
    Tag,
    Taxonomy,
    TimelineEvent,
)
from lifecycle.postmortems.services import current_taxonomy
from lifecycle.projects.models import Member, Project, Role

CASES, PROJECTS, TODAY = 10_000, 200, date(2026, 6, 30)
SUBJECTS: Final = (
    "supplier", "forecast", "claims", "triage", "turbine", "invoice", "loan", "depot", "call centre", "churn", "pump",
    "scanner", "harvest", "parcel", "meter", "booking", "warehouse", "ticket", "valve", "route", "shelf", "tender",
    "premium", "sample", "battery", "bearing", "visitor", "donor", "bed", "shift",
)  # fmt: skip
THINGS: Final = (
    "labels", "codes", "readings", "prices", "dates", "units", "addresses", "thresholds", "features", "timestamps",
    "categories", "images", "sensors", "records", "identifiers", "splits", "weights", "targets", "alerts", "versions",
)  # fmt: skip
EVENTS: Final = (
    "changed without notice", "were entered twice", "arrived after the cut-off", "lost their meaning", "were read in the wrong unit",
    "came from one region only", "leaked into the test set", "were never reviewed", "drifted over the winter",
    "were served from an old version", "were rounded by an export", "matched the wrong customer",
)  # fmt: skip
SENTENCES: Final = (
    "The team expected the {thing} of the {subject} to stay as they were, and no contract said otherwise.",
    "A check of the {subject} had been planned and was put off when the release moved forward.",
    "Nobody who knew the {subject} took part in the review of the {thing}.",
    "Monitoring watched the volume of {thing} and not their content, so the {subject} looked well.",
    "The {thing} {event}, which the {subject} did not tell anybody.",
    "A nurse, a driver and two clerks had noticed odd {thing} before and had nowhere to say so.",
    "When the {subject} was retrained, the {thing} of the last quarter were left out by a filter.",
    "It looked right at the time because the {thing} had been stable for three years.",
)
LESSONS: Final = (
    "Agree with the owner of the {subject} who tells whom before {thing} change.",
    "Look at ten {thing} by hand before each release.",
    "Keep a way back for the {subject}, and try it once a quarter.",
    "Test on the {thing} of a month that nobody has seen.",
)
ACTIONS: Final = ("Watch the {thing} daily", "Agree on {thing} with the {subject}", "Teach how {thing} are entered")
TAGS: Final = (
    ("technique", "gradient boosting"), ("technique", "random forest"), ("technique", "time series"),
    ("data_source", "sensor"), ("data_source", "ERP export"), ("domain", "health"), ("domain", "logistics"), ("domain", "energy"),
)  # fmt: skip


@dataclass(frozen=True)
class Cases:
    """`manager` sees the cases of all projects; `member` those of one project, and what the organisation may see."""

    manager: User
    member: User
    count: int


@functools.cache
def cases() -> Cases:
    """Build them at the first call."""
    database()
    manager = User.objects.create_user("cases@example.org", name="Mara Manager", is_manager=True, mail_notices=False)
    member = User.objects.create_user("member@example.org", name="Mel Member", mail_notices=False)
    draw = random.Random(11)  # nosec B311 - cases of a measurement, not secrets
    projects = _projects(manager, member)
    taxonomy = current_taxonomy()
    for first in range(0, CASES, 1_000):
        _add(range(first, first + 1_000), draw, projects, manager, taxonomy)
    rebuild(PostMortem.objects.all())
    return Cases(manager, member, CASES)


def questions(count: int) -> list[str]:
    """What people type: a word, two or three of them, a phrase, a beginning."""
    draw = random.Random(5)  # nosec B311
    found = []
    for number in range(count):
        subject, thing, event = draw.choice(SUBJECTS), draw.choice(THINGS), draw.choice(EVENTS)
        found.append(
            (subject, f"{subject} {thing}", f'"{event}"', f"{subject} {thing} {event[:6]}", f"{thing[:4]}", "the team")[
                number % 6
            ]
        )
    return found


def _projects(manager: User, member: User) -> list[Project]:
    methods = list(Methodology.objects.filter(retired_at__isnull=True).order_by("key"))
    made = Project.objects.bulk_create(
        Project(
            key=f"lesson-{number}", name=f"Lesson {number}", question="What did we learn?", unit=f"Unit {number % 9}",
            methodology=methods[number % len(methods)], risk=("low", "medium", "high")[number % 3],
            started_on=TODAY - timedelta(days=900), created_by=manager,
        )
        for number in range(PROJECTS)
    )  # fmt: skip
    Member.objects.create(project=made[0], user=member, role=Role.CONTRIBUTOR)
    return made


def _add(numbers: range, draw: random.Random, projects: list[Project], owner: User, taxonomy: Taxonomy) -> None:
    nodes = list(causes.nodes(taxonomy.content).values())
    weights = [1 / (place + 1) ** 0.6 for place in range(len(nodes))]
    triggers, detections = list(taxonomy.content["triggers"]), list(taxonomy.content["detection"])
    phases = {
        method.pk: [phase["key"] for phase in method.phases] for method in {project.methodology for project in projects}
    }

    def told(pattern: str, subject: str) -> str:
        return pattern.format(subject=subject, thing=draw.choice(THINGS), event=draw.choice(EVENTS))

    made = []
    for number in numbers:
        project, subject = draw.choice(projects), draw.choice(SUBJECTS)
        noticed = TODAY - timedelta(days=draw.randrange(1_200))
        at = datetime(noticed.year, noticed.month, noticed.day, tzinfo=UTC)
        published = number % 5 > 0
        made.append(
            PostMortem(
                reference=f"PM-2026-{number:05}", project=project, taxonomy=taxonomy, kind="production_incident",
                title=f"The {draw.choice(THINGS)} of the {subject} {draw.choice(EVENTS)}", owner=owner,
                state="published" if published else "draft", number=int(published), created_at=at,
                published_at=at + timedelta(days=20) if published else None,
                visibility=("organisation", "organisation", "team", "restricted")[number % 4],
                severity=draw.choice(("low", "medium", "high")), trigger=draw.choice(triggers),
                detection=draw.choice(detections), origin_phase=draw.choice(phases[project.methodology_id]),
                started_on=noticed - timedelta(days=draw.randrange(90)), detected_on=noticed,
                summary=" ".join(told(draw.choice(SENTENCES), subject) for _ in range(4)),
                background=" ".join(told(draw.choice(SENTENCES), subject) for _ in range(12)),
            )
        )  # fmt: skip
    rows = PostMortem.objects.bulk_create(made)
    factors, lessons, tags, events = [], [], [], []
    for case in rows:
        subject = draw.choice(SUBJECTS)
        for node in {node.key: node for node in draw.choices(nodes, weights, k=draw.randint(1, 4))}.values():
            factors.append(
                ContributingFactor(
                    postmortem=case, group=node.group, node=node.key, text=told(draw.choice(SENTENCES), subject)
                )
            )
        lessons += [Lesson(postmortem=case, kind="went_wrong", text=told(text, subject)) for text in LESSONS[:2]]
        kind, word = draw.choice(TAGS)
        tags.append(Tag(postmortem=case, kind=kind, text=word))
        events += [
            TimelineEvent(postmortem=case, moment=case.created_at, text=told(SENTENCES[4], subject)) for _ in range(4)
        ]
    written = ContributingFactor.objects.bulk_create(factors)
    Lesson.objects.bulk_create(lessons)
    Tag.objects.bulk_create(tags)
    TimelineEvent.objects.bulk_create(events)
    ActionItem.objects.bulk_create(_action(draw, factor, owner) for factor in written if draw.random() < 0.6)


def _action(draw: random.Random, factor: ContributingFactor, owner: User) -> ActionItem:
    at = factor.postmortem.created_at + timedelta(days=draw.randrange(10, 90))
    state = draw.choice(("open", "in_progress", "done", "verified", "verified"))
    return ActionItem(
        postmortem=factor.postmortem, factor=factor, kind=draw.choice(("prevent", "detect", "repair", "process")),
        title=draw.choice(ACTIONS).format(subject=draw.choice(SUBJECTS), thing=draw.choice(THINGS)),
        disposition="accepted", status=state, due_on=at.date() + timedelta(days=draw.randrange(-10, 60)),
        done_at=at if state in ("done", "verified") else None, verified_at=at if state == "verified" else None,
        verified_by=owner if state == "verified" else None,
    )  # fmt: skip
