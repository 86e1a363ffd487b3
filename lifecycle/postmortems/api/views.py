"""REST of post-mortems: list, open, read, change, steps, export."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.refused import Refused
from lifecycle.postmortems import beside, library, selectors, services
from lifecycle.postmortems.api.answers import AnyAnswer
from lifecycle.postmortems.api.asked import PostMortemAsked, PostMortemChanges, StepAsked
from lifecycle.postmortems.api.shapes import (
    BesideRow,
    MyActionRow,
    PostMortemFound,
    PostMortemFull,
    PostMortemSaved,
    TaxonomyFull,
    TemplateFull,
    found_or_404,
    given,
    person,
    shown,
)
from lifecycle.postmortems.models import ActionItem, PostMortem, Taxonomy, Template
from lifecycle.postmortems.views.reading import markdown_file
from lifecycle.projects.models import Project, Stage

_TEXT = OpenApiTypes.STR
_FILTERS = (
    "q", "project", "kind", "state", "severity", "factor", "trigger", "detection", "tag", "since", "until", "own", "sort",
)  # fmt: skip


class PostMortems(GenericAPIView[PostMortem]):
    """Post-mortems that the person may see."""

    serializer_class = PostMortemFound
    queryset = PostMortem.objects.none()

    @extend_schema(
        operation_id="postmortems_list",
        parameters=[OpenApiParameter(name, _TEXT) for name in _FILTERS],
        responses=PostMortemFound(many=True),
    )
    def get(self, request: Request) -> Response:
        """Newest first, or the best match where `q` has words: all of them, "phrases", the last word as a beginning.

        `factor` is a cause or a group; `since` and `until` are days on which it was noticed, or opened where nobody
        wrote that; own=1; sort=newest or match.
        """
        shelf = library.Shelf(person(request), library.asked(request.query_params))
        rows: list[PostMortem] = self.paginate_queryset(cast(Any, shelf)) or []  # read like a list, page by page
        snippets = shelf.snippets(rows)
        return self.get_paginated_response(PostMortemFound(rows, many=True, context={"snippets": snippets}).data)

    @extend_schema(operation_id="postmortems_open", request=PostMortemAsked, responses={201: PostMortemFull})
    def post(self, request: Request) -> Response:
        """Open one for a project that the person may see."""
        asked = given(PostMortemAsked(data=request.data))
        project = Project.objects.visible_to(person(request)).filter(key=asked["project"]).first()
        if project is None:
            raise Http404
        stage = None
        if asked["stage"]:
            stage = Stage.objects.filter(project=project, key=asked["stage"], is_current=True).first()
            if stage is None:
                raise Refused(
                    "The project has no stage with this key.", code="stage_elsewhere", status=400, field="stage"
                )
        made = services.open_postmortem(
            actor=person(request),
            project=project,
            kind=asked["kind"],
            title=asked["title"],
            stage=stage,
            severity=asked["severity"],
            visibility=asked["visibility"],
            template=services.template_of(asked["template"]),
        )
        return Response(shown(request, made.reference), status=status.HTTP_201_CREATED)


class PostMortemDetail(GenericAPIView[PostMortem]):
    """One post-mortem."""

    serializer_class = PostMortemFull
    queryset = PostMortem.objects.none()

    @extend_schema(operation_id="postmortems_read", responses=PostMortemFull)
    def get(self, request: Request, reference: str) -> Response:
        """With timeline, impact, factors, lessons, actions and revisions."""
        beside.opened(person(request), found_or_404(request, reference))
        return Response(shown(request, reference))

    @extend_schema(operation_id="postmortems_change", request=PostMortemChanges, responses=PostMortemSaved)
    def patch(self, request: Request, reference: str) -> Response:
        """Change fields of the draft; `lock` is the number that was read.

        What others changed since is merged in and told in `merged`. Where both changed the same lines nothing is
        written: 409 `edited_meanwhile`, whose `rows` hold both texts, both in one, and the lock to build on.
        """
        found = found_or_404(request, reference)
        changes = dict(given(PostMortemChanges(data=request.data)))
        lock = changes.pop("lock")
        saved = services.save_text(actor=person(request), postmortem=found, lock=lock, changes=changes)
        return Response({**shown(request, reference), "merged": BesideRow(saved.beside, many=True).data})


class Steps(GenericAPIView[PostMortem]):
    """A step of the workflow."""

    serializer_class = StepAsked
    queryset = PostMortem.objects.none()
    step = "submit"

    @extend_schema(request=StepAsked, responses=PostMortemFull)
    def post(self, request: Request, reference: str) -> Response:
        """Take the step; return, revise and reopen need a reason, publish an answer to each question of the review."""
        found, actor = found_or_404(request, reference), person(request)
        asked = given(StepAsked(data=request.data))
        match self.step:
            case "submit":
                services.submit_for_review(actor=actor, postmortem=found)
            case "return":
                services.return_to_draft(
                    actor=actor, postmortem=found, reason=asked["reason"], answers=asked.get("answers")
                )
            case "publish":
                services.publish(
                    actor=actor,
                    postmortem=found,
                    lock=asked.get("lock"),
                    answers=asked.get("answers"),
                    comment=asked["reason"],
                )
            case "revise":
                services.start_new_version(actor=actor, postmortem=found, reason=asked["reason"])
            case "close":
                services.close(actor=actor, postmortem=found)
            case _:
                services.reopen(actor=actor, postmortem=found, reason=asked["reason"])
        return Response(shown(request, reference))


class Export(APIView):
    """The post-mortem as a Markdown file."""

    content_negotiation_class = AnyAnswer

    @extend_schema(operation_id="postmortems_export", responses={(200, "text/markdown"): _TEXT})
    def get(self, request: Request, reference: str) -> HttpResponse:
        """As it is now."""
        return markdown_file(found_or_404(request, reference))


class MyActions(GenericAPIView[ActionItem]):
    """Own accepted actions that are not done."""

    serializer_class = MyActionRow
    queryset = ActionItem.objects.none()

    @extend_schema(operation_id="postmortem_actions_mine", responses=MyActionRow(many=True))
    def get(self, request: Request) -> Response:
        """Those due first come first."""
        rows = self.paginate_queryset(selectors.my_actions(person(request)))
        return self.get_paginated_response(MyActionRow(rows or [], many=True).data)


class Templates(GenericAPIView[Template]):
    """Templates on offer."""

    serializer_class = TemplateFull
    queryset = Template.objects.none()
    pagination_class = None

    @extend_schema(operation_id="postmortem_templates", responses=TemplateFull(many=True))
    def get(self, request: Request) -> Response:
        """Those that a new post-mortem may use, with their sections and what a reviewer needs of each."""
        return Response(TemplateFull(services.templates_on_offer(), many=True).data)


class TaxonomyDetail(GenericAPIView[Taxonomy]):
    """The taxonomy in force."""

    serializer_class = TaxonomyFull
    queryset = Taxonomy.objects.none()

    @extend_schema(operation_id="postmortem_taxonomy", responses=TaxonomyFull)
    def get(self, request: Request) -> Response:
        """Triggers, ways of detection, factors by group, and the other lists."""
        return Response(TaxonomyFull(services.current_taxonomy()).data)
