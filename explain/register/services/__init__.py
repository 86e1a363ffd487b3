"""Deeds of the register."""

from explain.register.services.dictionary import import_features, set_features
from explain.register.services.uploads import upload_data, upload_model

__all__ = ["import_features", "set_features", "upload_data", "upload_model"]
