"""REST of the room."""

from lifecycle.postmortems.api.rows import ONE_ROW_VIEWS, ROW_VIEWS, ActionDeeds
from lifecycle.postmortems.api.rules import ReviewQuestions, TriggerRules
from lifecycle.postmortems.api.tags import Tags
from lifecycle.postmortems.api.views import Export, MyActions, PostMortemDetail, PostMortems, Steps, TaxonomyDetail

__all__ = [
    "ONE_ROW_VIEWS",
    "ROW_VIEWS",
    "ActionDeeds",
    "Export",
    "MyActions",
    "PostMortemDetail",
    "PostMortems",
    "ReviewQuestions",
    "Steps",
    "Tags",
    "TaxonomyDetail",
    "TriggerRules",
]
