"""Deeds of the register."""

from explain.register.services.dictionary import import_features, set_features
from explain.register.services.gate import ask_gate
from explain.register.services.uploads import upload_data, upload_model

__all__ = ["ask_gate", "import_features", "set_features", "upload_data", "upload_model"]
