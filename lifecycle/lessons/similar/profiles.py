"""What is compared, read from the database: published cases, and projects with what they have written.

Of a case only what its readers read counts, since what two cases share is told to them: its KPIs are those of the promise
that is frozen in it, its data those of its tags. What else its project holds, such as its data sets, stays in there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import F, Q, QuerySet

from lifecycle.kpis.models import Kpi
from lifecycle.lessons.similar.data_names import data_names_of
from lifecycle.lessons.similar.scoring import Corpus, Profile
from lifecycle.lessons.similar.words import Bag, bag_of
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import PostMortem, Tag
from lifecycle.postmortems.moves import TOLD
from lifecycle.postmortems.promised import goals_in
from lifecycle.projects.models import DeliverableVersion, Project, Stage

READ = 20_000  # characters of one text that are looked at
_PARTS = ("factors", "lessons", "tags")


def bag_of_case(*, title: str, summary: str, background: str = "", others: Iterable[str] = ()) -> Bag:
    """Words of a case: those of the title count twice."""
    return bag_of((title, 2), (summary[:READ], 1), (background[:READ], 1), *((text[:READ], 1) for text in others))


def published() -> QuerySet[PostMortem]:
    """All published and closed cases with what a profile needs: four queries, however many."""
    found: QuerySet[PostMortem] = PostMortem.objects.filter(state__in=TOLD)
    return (
        found.select_related("taxonomy", "project__methodology")
        .prefetch_related(*_PARTS)
        .defer("project__methodology__content", "project__methodology__source")
    )


def open_to_all() -> Q:
    """Cases that everybody with access reads."""
    return Q(state__in=TOLD, visibility=PostMortem.Visibility.ORGANISATION)


def profile_of(case: PostMortem) -> Profile:
    """What is compared of a case; its parts are read already, or are read now."""
    content = case.taxonomy.content
    known = causes.nodes(content)
    factors = list(case.factors.all())
    return Profile(
        key=case.pk,
        bag=bag_of_case(
            title=case.title,
            summary=case.summary,
            background=_without_people(case.background),
            others=[
                *(f"{factor.text} {factor.why_unnoticed}" for factor in factors),
                *(lesson.text for lesson in case.lessons.all()),
                *(tag.text for tag in case.tags.all()),
            ],
        ),
        factors={factor.node: factor.strength for factor in factors},
        groups={factor.node: factor.group for factor in factors},
        trigger=case.trigger,
        phase=case.origin_phase,
        tags=frozenset((tag.kind, tag.text.lower()) for tag in case.tags.all()),
        kpis=_by_stems(goals_in(case.promise)),
        methodology=case.project.methodology.key,
        labels={
            **{node: causes.words(node) for node in known},
            **{key: label[:1].lower() + label[1:] for key, label in content["triggers"].items()},
            case.origin_phase: causes.words(case.origin_phase),
        },
    )


def _without_people(background: str) -> str:
    """The first paragraph that the portal itself writes, who took part by role, says nothing of what happened."""
    return "\n".join(line for line in background.splitlines() if not line.startswith("People by role:"))


def corpus_of(cases: Sequence[PostMortem], profiles: Sequence[Profile]) -> Corpus:
    """How rare words are, counted only in cases that everybody may read."""
    return Corpus(
        profile.bag
        for case, profile in zip(cases, profiles, strict=True)
        if case.visibility == PostMortem.Visibility.ORGANISATION
    )


def profile_of_project(project: Project, stage: Stage | None, known_tags: Iterable[tuple[str, str]]) -> Profile:
    """What is known of a project: its name, question and description, its KPIs, and of a stage what its deliverables say.

    `known_tags`: tags of cases; those whose words stand in the project's texts are taken for its own, and of tags that
    name data also those that stand in the name of a data set.
    """
    texts = [project.question, project.description[:READ]]
    if stage is not None:
        versions = DeliverableVersion.objects.filter(
            deliverable__stage=stage, deliverable__dropped_at__isnull=True, number=F("deliverable__latest_number")
        )
        texts += [text[:READ] for text in versions.order_by("deliverable__order").values_list("text", flat=True)]
    bag = bag_of((project.name, 2), (project.unit, 1), *((text, 1) for text in texts))
    held = [bag_of((name, 1)) for name in data_names_of(project)]
    known = frozenset(known_tags)
    data = {tag for tag in known if tag[0] == Tag.Kind.DATA and any(_is_said(tag[1], name) for name in held)}
    return Profile(
        key=0,
        bag=bag,
        phase=stage.key if stage else "",
        tags=frozenset(tag for tag in known if tag in data or _is_said(tag[1], bag)),
        kpis=_by_stems(Kpi.objects.filter(project=project).values_list("name", flat=True)),
        data=frozenset(text for _, text in data),
        methodology=project.methodology.key,
        labels={stage.key: f"{causes.words(stage.key)}, the stage you are in"} if stage else {},
    )


def _by_stems(names: Iterable[str]) -> dict[str, str]:
    """Names in small letters by the stems of their words, so that `Late deliveries` and `late delivery` are one."""
    return {key: name.lower() for name in names if (key := " ".join(sorted(bag_of((name, 1)).counts)))}


def _is_said(tag: str, bag: Bag) -> bool:
    stems = bag_of((tag, 1)).counts
    return bool(stems) and all(stem in bag.counts for stem in stems)
