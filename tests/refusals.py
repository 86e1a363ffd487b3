"""Deeds that are refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from foundation.web.refused import Refused


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """What is done inside is refused with this code; what was said stands in `.value` afterwards."""
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.code == code
