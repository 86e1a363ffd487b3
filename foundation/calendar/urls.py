"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from datetime import date

from django.urls import URLPattern, path, register_converter

from foundation.calendar import api, views


class IsoDay:
    """A day in an address, such as 2026-12-24; anything else is not found."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Raises ValueError for a day that does not exist, which is a 404."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


register_converter(IsoDay, "iso_day")

app_name = "calendar"
urlpatterns: list[URLPattern] = [
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/days/", views.add_day, name="add_day"),
    path("calendar/days/<iso_day:day>/remove/", views.remove_day, name="remove_day"),
]
api_urlpatterns: list[URLPattern] = [
    path("calendar/", api.CalendarView.as_view(), name="api-calendar"),
    path("calendar/days/", api.OwnDays.as_view(), name="api-calendar-days"),
    path("calendar/days/<iso_day:day>/", api.OwnDay.as_view(), name="api-calendar-day"),
]
