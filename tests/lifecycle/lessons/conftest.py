"""Post-mortems in the states that tests of lessons start from."""

from __future__ import annotations

from tests.lifecycle.postmortems.conftest import draft, filled, in_review, published_one

__all__ = ["draft", "filled", "in_review", "published_one"]
