"""Finding what a call is about."""

from __future__ import annotations

from django.http import Http404
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from foundation.people.models import User
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.selectors import draft_of, version_of


def caller(request: Request) -> User:
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def find_version(key: str, number: int) -> Methodology:
    found = version_of(key, number) if number < 2_147_483_648 else None
    if found is None:
        raise Http404
    return found


def find_draft(key: str) -> MethodologyDraft:
    found = draft_of(key)
    if found is None:
        raise Http404
    return found
