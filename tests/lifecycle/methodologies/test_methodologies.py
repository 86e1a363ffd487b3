"""Methodologies: what is shipped, what is refused, what the pages show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

import lifecycle.methodologies
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.selectors import offered
from lifecycle.methodologies.services import add_methodology, load_shipped, read_yaml
from lifecycle.methodologies.shape import loops_of, phases_of, shape_of
from lifecycle.projects.models import Project

pytestmark = pytest.mark.django_db
SHIPPED = Path(lifecycle.methodologies.__file__).parent
SMALL = """
framework: {key: small, name: Small, long_name: A small one}
phases:
  - key: only
    order: 1
    name: Only
    phase_outputs: [{key: paper, name: Paper}]
    exit_questions: [{key: q1, text: Is it done}]
    gate: {required_outputs: [paper]}
"""


def test_loading_again_adds_nothing() -> None:
    first = load_shipped()
    assert load_shipped() == first
    assert Methodology.objects.count() == 2


def test_the_layouts_are_those_of_the_sources(crisp_dm: Methodology, tdsp: Methodology) -> None:
    shapes = [shape_of(methodology) for methodology in (crisp_dm, tdsp)]
    # 42 of the reference model, and two parts of the business case that it has no deliverable for.
    assert (shapes[0].phases, shapes[0].tasks, shapes[0].deliverables) == (6, 24, 44)
    assert shapes[0].names == (
        "Business understanding", "Data understanding", "Data preparation", "Modeling", "Evaluation", "Deployment",
    )  # fmt: skip
    assert shapes[1].names == (
        "Business understanding", "Data acquisition and understanding", "Modeling", "Deployment", "Customer acceptance",
    )  # fmt: skip
    for methodology in (crisp_dm, tdsp):
        for phase in phases_of(methodology):
            assert phase.questions, phase.key
            assert any(output.need == "required" for output in phase.outputs), phase.key
        assert loops_of(methodology)
        assert [phase.closes_project for phase in phases_of(methodology)][-1] is True


def test_a_changed_file_becomes_the_next_version_and_is_what_new_projects_get() -> None:
    first = add_methodology(actor=None, text=SMALL)
    second = add_methodology(actor=None, text=SMALL.replace("Is it done", "Is it good"))
    assert (first.number, second.number) == (1, 2)
    assert list(offered()) == [second]
    Methodology.objects.filter(pk=second.pk).update(retired_at=second.created_at)
    assert list(offered()) == [first]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("order: 1", "order: 2"), "order"),
        (("[paper]", "[nothing]"), "is no deliverable"),
        (("key: only", "key: Not a key"), "small letters"),
        (("gate: {required_outputs: [paper]}", ""), "gate"),
        (("name: Small, ", ""), "framework.name"),
    ],
)
def test_a_faulty_file_is_refused_with_the_place(change: tuple[str, str], word: str) -> None:
    with pytest.raises(Refused) as caught:
        read_yaml(SMALL.replace(*change))
    assert any(word in line for line in caught.value.details)
    assert caught.value.status == 400


def test_yaml_that_makes_objects_or_is_broken_is_refused() -> None:
    for text in ("a: [", "!!python/object/apply:os.system ['true']", "- just\n- a list"):
        with pytest.raises(Refused):
            read_yaml(text)


def test_everybody_reads_the_methodologies(project: Project, outsider: User, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(outsider)
    listed = client.get("/methodologies/").content.decode()
    assert "CRISP-DM" in listed
    assert "TDSP" in listed
    page = client.get("/methodologies/crisp_dm/1/").content.decode()
    for text in ("Data preparation", "may be not applicable", "Which decision or process will change", "Ways back"):
        assert text in page
    assert client.get("/methodologies/crisp_dm/9/").status_code == 404
