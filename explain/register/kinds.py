"""What this room makes known when the app starts."""

from __future__ import annotations

from explain.register import evidence
from foundation.jobs import kinds
from lifecycle.signoff.evidence import EvidenceKind, register


def register_kinds() -> None:
    """Its job and its kind of evidence."""
    kinds.register(kinds.Kind("model_inspection", "Look at a model file", task="register.inspect_model"))
    register(
        EvidenceKind(
            name="model",
            label="Model",
            collect=evidence.collect,
            recheck=evidence.recheck,
            watches=("model_version",),
            summarise=evidence.summarise,
            place=40,
        )
    )
