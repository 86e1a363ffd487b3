"""Reads of the home page, the overview of a project, and search."""

from portal.home.selectors.finding import search
from portal.home.selectors.first_page import DRIVERS_SHOWN, Driver, Overview, overview, project_head
from portal.home.selectors.waiting import UNREAD_SHOWN, Brought, Inbox, brought_by_mine, inbox, unread

__all__ = [
    "DRIVERS_SHOWN",
    "UNREAD_SHOWN",
    "Brought",
    "Driver",
    "Inbox",
    "Overview",
    "brought_by_mine",
    "inbox",
    "overview",
    "project_head",
    "search",
    "unread",
]
