"""What a business case holds: its parts as frozen data, and what is sound in them. No database, no HTTP."""

from explain.cases.content.checks import checked_part
from explain.cases.content.parts import PARTS, Column, Part, Rows, part_named

__all__ = ["PARTS", "Column", "Part", "Rows", "checked_part", "part_named"]
