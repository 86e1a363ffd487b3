"""The script in the dossier, run as a stranger runs it: all holds, and any change is found and named."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lifecycle.projects.models import Project
from tests.lifecycle.dossier.conftest import Unpack

pytestmark = pytest.mark.django_db


def test_all_holds_and_every_record_has_its_line(accepted: Project, unpack: Unpack) -> None:
    dossier = unpack(accepted)
    found = dossier.verify()
    assert (found.returncode, found.stderr) == (0, ""), found.stdout[-2000:]
    print(found.stdout)
