"""Errors of the API: one shape for all, `{"error": {"code", "message", "field", "details"}}`, with `rows` for bad rows."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from foundation.web.refused import Refused


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn refusals and DRF's own errors into the one shape; anything else stays a 500."""
    if isinstance(error, Refused):
        # Deeds open their own transactions, so by now theirs is rolled back already.
        refusal = _shape(error.status, error.code, error.message, error.field, error.details)
        if error.rows:
            refusal.data["error"]["rows"] = error.rows
        return refusal
    if isinstance(error, Http404):
        return _shape(404, "not_found", "There is nothing here, or nothing that you may see.")
    if isinstance(error, PermissionDenied):
        return _shape(403, "not_permitted", "You may not do this.")
    if isinstance(error, exceptions.ValidationError):
        field, message, details = _first(error.detail)
        return _shape(400, "invalid", message, field, details)
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.APIException):
        code = error.get_codes()
        response.data = {
            "error": {
                "code": code if isinstance(code, str) else "invalid",
                "message": str(error.detail),
                "field": "",
                "details": [],
            }
        }
    return response


def _first(detail: Any, field: str = "") -> tuple[str, str, list[str]]:
    """The first field at fault, its message, and one line for each fault."""
    lines: list[tuple[str, str]] = []

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, path if key == "non_field_errors" else f"{path}.{key}" if path else str(key))
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                walk(inner, f"{path}[{number}]" if isinstance(inner, dict) else path)
        else:
            lines.append((path, str(value)))

    walk(detail, field)
    if not lines:
        return "", "The input could not be read.", []
    name, message = lines[0]
    return (
        name,
        f"{name}: {message}" if name else message,
        [f"{path}: {text}" if path else text for path, text in lines],
    )


def _shape(status: int, code: str, message: str, field: str = "", details: list[str] | None = None) -> Response:
    return Response(
        {"error": {"code": code, "message": message, "field": field, "details": details or []}}, status=status
    )
