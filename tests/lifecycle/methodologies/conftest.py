"""A small methodology, and drafts of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from foundation.people.models import User
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.services import begin_draft, publish_draft

SMALL = """\
# Kept by the methods office.
framework:
  key: small
  name: Small
  long_name: A small one
phases:
  - key: first
    order: 1
    name: First
    tasks:
      - key: think
        name: Think
        outputs: [{key: paper, name: Paper}]
    exit_questions: [{key: q1, text: 'Is it done?'}]
    gate:
      required_outputs: [paper]
  - key: last
    order: 2
    name: Last
    phase_outputs: [{key: report, name: Report}]
    exit_questions: [{key: q1, text: 'Who runs it?'}]
    gate:
      required_outputs: [report]
      closes_project: true
feedback_loops:
  - {key: back, from: last, to: first}
"""

Publish = Callable[[str], Methodology]


@pytest.fixture
def draft(manager: User) -> MethodologyDraft:
    return begin_draft(actor=manager, text=SMALL)


@pytest.fixture
def publish(manager: User) -> Publish:
    """publish(text): the text as the next version of its key."""

    def make(text: str) -> Methodology:
        draft = begin_draft(actor=manager, text=text)
        return publish_draft(actor=manager, draft=draft, expected_version=1)

    return make
