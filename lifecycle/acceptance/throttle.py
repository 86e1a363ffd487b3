"""How often an address or a link may ask: counted in the cache, which all processes share."""

from __future__ import annotations

import hashlib

from django.core.cache import cache

from foundation.web.refused import Refused
from foundation.web.request_facts import current

# (times, seconds)
LOOKS = (120, 600)
POSTS = (30, 600)
POSTS_OF_LINK = (40, 3600)


def count_look() -> None:
    """A page was asked for, by whatever token: counted by source address. Raises Refused: too_many_requests."""
    _count("look", current.get().source_address, *LOOKS)


def count_post(token_digest: str) -> None:
    """Something was sent: counted by source address and by link. Raises Refused: too_many_requests."""
    _count("post", current.get().source_address, *POSTS)
    _count("link", token_digest, *POSTS_OF_LINK)


def _count(what: str, who: str, times: int, seconds: int) -> None:
    name = hashlib.sha256(f"{what}:{who}".encode()).hexdigest()[:32]
    key = f"signing:{name}"
    if cache.add(key, 1, seconds):
        return
    try:
        seen = cache.incr(key)
    except ValueError:  # it ran out between the two lines
        cache.set(key, 1, seconds)
        return
    if seen > times:
        raise Refused(
            "There were too many requests from here. Wait some minutes and load the page again.",
            code="too_many_requests",
            status=429,
        )
