"""Every route of the portal with every method that it takes, read from the URLconf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One method of one route. `name` is that of the URLconf with its namespace, or the path where it has none."""

    name: str
    method: str
    arguments: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api:")

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def all_routes() -> list[Route]:
    """The routes in the order of the URLconf. Raises AssertionError where two share a name and a method."""
    return routes_of(get_resolver().url_patterns)


def routes_of(patterns: list[Any]) -> list[Route]:
    """Those of some patterns."""
    found = [
        Route(name, method, tuple(pattern.pattern.regex.groupindex))
        for name, pattern in _patterns(patterns, "")
        for method in methods_of(pattern.callback)
    ]
    names = [str(route) for route in found]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"Two routes share a name, so no row can speak of one of them: {sorted(twice)}"
    return found


def _patterns(patterns: list[Any], space: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _patterns(pattern.url_patterns, inner)
        else:
            yield (f"{space}{pattern.name}" if pattern.name else f"/{pattern.pattern}"), pattern


def methods_of(view: Callable[..., Any]) -> list[str]:
    """What a view answers: the handlers of a class, or what its decorators let through; HEAD and OPTIONS follow GET."""
    made_of = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if made_of is not None:
        return [method for method in METHODS if hasattr(made_of, method.lower())]
    allowed = set(METHODS)
    limited = False
    layer: Callable[..., Any] | None = view
    while layer is not None:
        cells = dict(zip(layer.__code__.co_freevars, layer.__closure__ or (), strict=True))
        if "request_method_list" in cells:
            allowed &= set(cells["request_method_list"].cell_contents)
            limited = True
        layer = getattr(layer, "__wrapped__", None)
    # A view that limits nothing is asked as a browser would.
    return [method for method in METHODS if method in allowed] if limited else ["GET", "POST"]
