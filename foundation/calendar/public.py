"""Public holidays of a country, out of the `holidays` package. No database; the language of the machine plays no part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType

import holidays
from holidays.registry import COUNTRIES

ENGLISH = "en_US"
_SMALL = {"and", "of", "the", "da"}
_NAMED = {"dr_congo": "DR Congo", "guinea_bissau": "Guinea-Bissau", "timor_leste": "Timor-Leste"}


@dataclass(frozen=True)
class PublicYear:
    """One year of a country or one of its regions: names of its holidays, and days off that are worked by law."""

    names: Mapping[date, str] = field(default_factory=dict)
    worked: frozenset[date] = frozenset()


@cache
def countries() -> Mapping[str, str]:
    """Code (ISO 3166-1 alpha-2) and English name of each country, by name."""
    named = {entry[1]: _NAMED.get(key) or _title(key) for key, entry in COUNTRIES.items()}
    return MappingProxyType(dict(sorted(named.items(), key=lambda pair: pair[1])))


@cache
def subdivisions(country: str) -> Mapping[str, str]:
    """Code and name of each region of the country that has holidays of its own, by name; empty where there are none."""
    if country not in countries():
        return MappingProxyType({})
    described = getattr(holidays, country)
    names: dict[str, str] = {}
    for name, code in getattr(described, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    found = {code: names.get(code, code) for code in described.subdivisions}
    return MappingProxyType(dict(sorted(found.items(), key=lambda pair: pair[1])))


@lru_cache(maxsize=256)
def public_year(country: str, subdivision: str, year: int) -> PublicYear:
    """Holidays of one year; nothing where no country is set.

    Names are English where the package has them, else in the country's own language: without a language the package
    would ask the environment, and web and worker could disagree. A region that the package no longer knows counts as
    its country: dates must be counted whatever was installed.
    """
    if country not in countries():
        return PublicYear()
    described = getattr(holidays, country)
    language = ENGLISH if ENGLISH in described.supported_languages else described.default_language
    region = subdivision if subdivision in subdivisions(country) else None
    found = holidays.country_holidays(country, subdiv=region, years=[year], expand=False, language=language)
    names = {day: name for day, name in sorted(found.items()) if day.year == year}
    return PublicYear(MappingProxyType(names), frozenset(day for day in found.weekend_workdays if day.year == year))


def _title(key: str) -> str:
    words = key.split("_")
    return " ".join(word if word in _SMALL and number else word.capitalize() for number, word in enumerate(words))
