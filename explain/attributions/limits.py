"""Bounds on what a model or a data file may cost. Checked before a library sees the file, and by the
kernel."""

from __future__ import annotations

from dataclasses import asdict, dataclass

MB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """All the bounds of one explanation; sizes in bytes, times in seconds; `batch_rows`: the most
    rows that an engine computes at once."""

    model_bytes: int = 200 * MB
    data_bytes: int = 500 * MB
    json_depth: int = 40
    trees: int = 20_000
    nodes: int = 5_000_000
    tree_depth: int = 200
    categories: int = 65_536
    zip_entries: int = 60_000
    zip_unpacked_bytes: int = 1024 * MB
    zip_ratio: int = 200
    array_bytes: int = 512 * MB
    rows: int = 1_000_000
    columns: int = 5_000
    cells: int = 50_000_000
    classes: int = 100
    result_cells: int = 200_000_000
    evaluations: int = 4_000_000
    batch_rows: int = 32_768
    threads: int = 2
    memory_bytes: int = 6 * 1024 * MB
    cpu_seconds: int = 3600
    wall_seconds: float = 3600.0
    file_bytes: int = 4 * 1024 * MB
    unprivileged: bool = True

    def as_dict(self) -> dict[str, int | float | bool]:
        """The bounds as plain data, for the request file of the sandbox."""
        return asdict(self)
