"""REST of the room."""

from lifecycle.postmortems.api.actions import ActionDeeds
from lifecycle.postmortems.api.files import Files, OneFile
from lifecycle.postmortems.api.following import Following
from lifecycle.postmortems.api.rows import ONE_ROW_VIEWS, ROW_VIEWS
from lifecycle.postmortems.api.rules import ReviewQuestions, TriggerRules
from lifecycle.postmortems.api.tags import Tags
from lifecycle.postmortems.api.taking import Differences, ExportAs, Outward
from lifecycle.postmortems.api.unsaved import OneUnsaved, Unsaved
from lifecycle.postmortems.api.views import (
    Export,
    MyActions,
    PostMortemDetail,
    PostMortems,
    Steps,
    TaxonomyDetail,
    Templates,
)

__all__ = [
    "ONE_ROW_VIEWS",
    "ROW_VIEWS",
    "ActionDeeds",
    "Differences",
    "Export",
    "ExportAs",
    "Files",
    "Following",
    "MyActions",
    "OneFile",
    "OneUnsaved",
    "Outward",
    "PostMortemDetail",
    "PostMortems",
    "ReviewQuestions",
    "Steps",
    "Tags",
    "TaxonomyDetail",
    "Templates",
    "TriggerRules",
    "Unsaved",
]
