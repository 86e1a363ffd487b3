"""Who built the model is no independent reviewer of it, in whatever role they are asked."""

from __future__ import annotations

import pytest

from foundation.people.models import User
from lifecycle.projects.models import Stage
from lifecycle.signoff.manifest import authors_of, manifest_of
from tests.explain.register.conftest import Released

pytestmark = pytest.mark.django_db


def test_who_registered_the_model_is_an_author_of_the_evidence(released: Released, reviewer: User) -> None:
    stage = Stage.objects.select_related("project__methodology").get(pk=released.deployment.pk)
    assert reviewer.pk not in authors_of(manifest_of(stage)[0])
    released.version.uploaded_by = reviewer
    released.version.metrics = {"author_id": 0.5, "auc": 0.9}
    released.version.save(update_fields=["uploaded_by", "metrics"])
    manifest, _ = manifest_of(stage)
    model = next(item for item in manifest["items"] if item["kind"] == "model")
    assert model["facts"]["auc"]
    # A metric by the name of the fact does not hide the builder.
    assert model["facts"]["author_id"] == reviewer.pk
    assert reviewer.pk in authors_of(manifest)
