"""A person who speaks the REST API with a token of their own."""

from __future__ import annotations

import time
from typing import Any

import requests

from demo.cast import DOMAIN, PASSWORD

PATIENCE = 180.0  # seconds for a worker's job


class Unexpected(Exception):  # noqa: N818 - an answer, told as a sentence
    """An answer that the journey did not expect."""


class Person:
    """Signs in with e-mail and password, then calls with the token."""

    def __init__(self, url: str, key: str) -> None:
        self.root = f"{url}/api/v1/"
        self.email = f"{key}@{DOMAIN}"
        self.session = requests.Session()
        made = self.post("tokens/", {"email": self.email, "password": PASSWORD, "name": "journey"})
        self.session.headers["Authorization"] = f"Bearer {made['token']}"

    def get(self, path: str, *, expect: int = 200) -> Any:
        """The JSON of a GET."""
        return self._call("GET", path, expect)

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        files: dict[str, tuple[str, bytes]] | None = None,
        expect: tuple[int, ...] = (200, 201, 202),
    ) -> Any:
        """The JSON of a POST; with `files`, a multipart form."""
        if files is not None:
            return self._call("POST", path, *expect, data=body or {}, files=files)
        return self._call("POST", path, *expect, json=body if body is not None else {})

    def put(self, path: str, body: Any) -> Any:
        """The JSON of a PUT."""
        return self._call("PUT", path, 200, json=body)

    def refused(self, path: str, body: Any = None, *, files: dict[str, tuple[str, bytes]] | None = None) -> str:
        """The stable code of a refusal; anything else is unexpected."""
        answer = self.post(path, body, files=files, expect=(400, 403, 404, 409))
        return str(answer["error"]["code"])

    def wait_for(self, path: str, *, key: str = "state", until: tuple[str, ...] = ("done",)) -> Any:
        """Ask again until the field has one of the values; a refusal or silence is unexpected."""
        deadline = time.monotonic() + PATIENCE
        while True:
            row = self.get(path)
            if row[key] in until:
                return row
            if row[key] in ("refused", "failed", "dead") or time.monotonic() > deadline:
                raise Unexpected(f"{path} is {row[key]!r}, not {' or '.join(until)}: {row.get('refusal', '')}")
            time.sleep(0.3)

    def _call(self, method: str, path: str, *expect: int, **how: Any) -> Any:
        answer = self.session.request(method, self.root + path, timeout=30, **how)
        if answer.status_code not in expect:
            raise Unexpected(f"{method} {path} answered {answer.status_code}: {answer.text[:600]}")
        return answer.json() if answer.content else None
