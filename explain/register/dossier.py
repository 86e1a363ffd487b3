"""What this room tells in the dossier of a project: facts and fingerprints of models and data, not the files."""

from __future__ import annotations

from explain.register.models import DataSet, Feature, GateAsk, ModelVersion
from lifecycle.dossier.parts import Part, register


def register_parts() -> None:
    """Called when the app starts."""
    register(Part("model-versions", "model version", ModelVersion, "project", left_out=("job",)))
    register(Part("data-sets", "data set", DataSet, "project"))
    register(Part("features", "feature", Feature, "project"))
    register(Part("gate-asks", "answer to a pipeline", GateAsk, "project"))
