"""REST of tags."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.postmortems import services
from lifecycle.postmortems.api.asked import TagsAsked
from lifecycle.postmortems.api.shapes import PostMortemFull, found_or_404, given, person, shown
from lifecycle.postmortems.models import Tag


class Tags(GenericAPIView[Tag]):
    """The tags of a post-mortem."""

    serializer_class = TagsAsked
    queryset = Tag.objects.none()

    @extend_schema(operation_id="postmortem_tags_set", request=TagsAsked, responses=PostMortemFull)
    def put(self, request: Request, reference: str) -> Response:
        """Replace all tags; `kind` is data_source, technique, domain or free."""
        found = found_or_404(request, reference)
        asked = given(TagsAsked(data=request.data))
        tags = [(row["kind"], row["text"]) for row in asked["tags"]]
        services.set_tags(actor=person(request), postmortem=found, tags=tags, lock=asked["lock"])
        return Response(shown(request, reference))
