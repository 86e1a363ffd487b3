"""What the kinds share: how their keys are read, and how long a text in a manifest is."""

from __future__ import annotations

SHORT = 280  # characters of an answer that go into the manifest; its hash covers all


def ids_in(keys: list[str]) -> dict[int, list[str]]:
    """Row ids in keys such as `kpi:4:target`, with the keys that speak of each."""
    found: dict[int, list[str]] = {}
    for key in keys:
        found.setdefault(int(key.split(":")[1]), []).append(key)
    return found
