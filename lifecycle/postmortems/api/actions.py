"""REST of deeds on the actions of a post-mortem."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.postmortems import services
from lifecycle.postmortems.api.asked import ActionDeedAsked
from lifecycle.postmortems.api.shapes import ActionRow, found_or_404, given, person
from lifecycle.postmortems.models import PostMortem


class ActionDeeds(GenericAPIView[Any]):
    """Deeds on an action."""

    serializer_class = ActionRow
    queryset = PostMortem.objects.none()

    @extend_schema(operation_id="postmortems_actions_deed", request=ActionDeedAsked, responses=ActionRow)
    def post(self, request: Request, reference: str, row_id: int, deed: str) -> Response:
        """accept, decline, change, start, finish, verify, return, cancel, effect or plan_effect."""
        found, actor = found_or_404(request, reference), person(request)
        if not found.actions.filter(pk=row_id).exists():
            raise Http404
        asked = given(ActionDeedAsked(data=request.data))
        owner, due_on, reason = asked.get("owner"), asked.get("due_on"), asked["reason"]
        match deed:
            case "accept":
                action = services.accept_action(actor=actor, action_id=row_id, owner=owner, due_on=due_on)
            case "decline":
                action = services.decline_action(actor=actor, action_id=row_id, reason=reason)
            case "change":
                action = services.change_action(
                    actor=actor, action_id=row_id, owner=owner, due_on=due_on, reason=reason
                )
            case "start":
                action = services.start_action(actor=actor, action_id=row_id)
            case "finish":
                action = services.finish_action(actor=actor, action_id=row_id, comment=reason)
            case "verify":
                action = services.verify_action(actor=actor, action_id=row_id, comment=reason)
            case "return":
                action = services.return_action(actor=actor, action_id=row_id, reason=reason)
            case "cancel":
                action = services.cancel_action(actor=actor, action_id=row_id, reason=reason)
            case "effect":
                action = services.record_effect(actor=actor, action_id=row_id, effect=asked["effect"], note=reason)
            case "plan_effect":
                action = services.plan_effect(actor=actor, action_id=row_id, on=due_on, reason=reason)
            case _:
                raise Http404
        return Response(ActionRow(action).data)
