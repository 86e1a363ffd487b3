"""The taxonomy: its versions, what may be dropped, what may be chosen."""

from __future__ import annotations

import pytest
import yaml

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.services import (
    FactorValues,
    add_row,
    current_taxonomy,
    load_taxonomy,
    open_postmortem,
)
from lifecycle.postmortems.taxonomy import title
from lifecycle.projects.models import Project
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def test_the_same_taxonomy_is_the_same_version() -> None:
    assert load_taxonomy().pk == load_taxonomy().pk == current_taxonomy().pk
    assert current_taxonomy().version == 1


def test_a_cause_that_is_dropped_from_the_taxonomy_is_refused_and_a_retired_one_is_taken() -> None:
    content = load_taxonomy().content
    cut = {**content, "factor_groups": {**content["factor_groups"], "validation": {"leakage": "x"}}}
    with refused("taxonomy_invalid"):
        load_taxonomy(text=yaml.safe_dump({"taxonomy": cut}))
    cut["factor_groups"]["validation"] = {
        **content["factor_groups"]["validation"],
        "overfitting": {"label": "Fitted to noise", "retired": True},
    }
    assert load_taxonomy(text=yaml.safe_dump({"taxonomy": cut})).version == 2
    assert current_taxonomy().version == 2


def test_a_retired_cause_is_not_chosen_any_more(project: Project, contributor: User) -> None:
    content = load_taxonomy().content
    content["factor_groups"]["validation"]["overfitting"] = {"label": "Fitted to noise", "retired": True}
    load_taxonomy(text=yaml.safe_dump({"taxonomy": content}))
    made = open_postmortem(actor=contributor, project=project, kind="near_miss", title="Close call")
    with refused("node_unknown"):
        add_row(actor=contributor, postmortem=made, values=FactorValues(node="overfitting"))


@pytest.mark.parametrize("text", ["[", "taxonomy: 3", "{}", "taxonomy: {detection: []}"])
def test_a_broken_taxonomy_is_refused_with_its_faults(text: str) -> None:
    with pytest.raises(Refused):
        load_taxonomy(text=text)


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("not_suited_to_ml", "Not suited to ML"),
        ("ml_failure", "ML failure"),
        ("customer_report", "Customer report"),
        ("html_export", "Html export"),
        ("", ""),
    ],
)
def test_a_key_is_written_as_people_write_it(key: str, heading: str) -> None:
    assert title(key) == heading
