"""Forms of the room: the text, and the rows."""

from lifecycle.postmortems.forms.rows import ROW_FORMS, ChangeActionForm, EffectForm, RowForm, row_initial
from lifecycle.postmortems.forms.text import PROMPTS, SECTIONS, NewForm, TextForm

__all__ = [
    "PROMPTS",
    "ROW_FORMS",
    "SECTIONS",
    "ChangeActionForm",
    "EffectForm",
    "NewForm",
    "RowForm",
    "TextForm",
    "row_initial",
]
