"""REST of the room."""

from lifecycle.postmortems.api.rows import ONE_ROW_VIEWS, ROW_VIEWS, ActionDeeds
from lifecycle.postmortems.api.taking import Differences, ExportAs, Outward
from lifecycle.postmortems.api.views import Export, MyActions, PostMortemDetail, PostMortems, Steps, TaxonomyDetail

__all__ = [
    "ONE_ROW_VIEWS",
    "ROW_VIEWS",
    "ActionDeeds",
    "Differences",
    "Export",
    "ExportAs",
    "MyActions",
    "Outward",
    "PostMortemDetail",
    "PostMortems",
    "Steps",
    "TaxonomyDetail",
]
