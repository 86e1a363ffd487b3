"""A report to take away: as a spreadsheet and as a PDF. Both show the stored result and compute nothing."""

from explain.outcomes.papers.pdf import pdf_of
from explain.outcomes.papers.spreadsheet import spreadsheet_of

__all__ = ["pdf_of", "spreadsheet_of"]
