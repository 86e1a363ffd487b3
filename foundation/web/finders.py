"""Static files straight out of installed packages: no copies in the tree, no CDN."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

# URL under static/vendor/ -> (package, file inside it)
FILES = {
    "vendor/bootstrap.min.css": ("bootstrap", "css/bootstrap.min.css"),
    # Named by the sheet itself: without it, hashed names cannot be made for the production image.
    "vendor/bootstrap.min.css.map": ("bootstrap", "css/bootstrap.min.css.map"),
    "vendor/bootstrap.bundle.min.js": ("bootstrap", "js/bootstrap.bundle.min.js"),
    "vendor/bootstrap.bundle.min.js.map": ("bootstrap", "js/bootstrap.bundle.min.js.map"),
    "vendor/plotly.min.js": ("plotly", "package_data/plotly.min.js"),
}


@cache
def location(name: str) -> Path | None:
    """Where the file lies on disk, or None."""
    if name not in FILES:
        return None
    package, inside = FILES[name]
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None


class _OneFile(FileSystemStorage):
    """A storage whose only file has another name on disk."""

    def path(self, name: str) -> str:
        found = location(name.replace("\\", "/"))
        if found is None:
            raise FileNotFoundError(name)
        return str(found)


class PackageFinder(BaseFinder):
    """Finds the files in `FILES`."""

    storage = _OneFile(location="/")

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = location(path)
        if found is None:
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        for name in FILES:
            if location(name):
                yield name, self.storage
