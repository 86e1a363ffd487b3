"""Forms of the room: the text, and the rows."""

from lifecycle.postmortems.forms.rows import ROW_FORMS, ChangeActionForm, RowForm, row_initial
from lifecycle.postmortems.forms.text import PROMPTS, SECTIONS, NewForm, TextForm

__all__ = ["PROMPTS", "ROW_FORMS", "SECTIONS", "ChangeActionForm", "NewForm", "RowForm", "TextForm", "row_initial"]
