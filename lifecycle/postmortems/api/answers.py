"""Answers of the REST that are files."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class AnyAnswer(BaseContentNegotiation):
    """A file is a file, whatever the caller says it accepts."""

    def select_parser(self, request: Request, parsers: list[object]) -> object:  # type: ignore[override]
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""
