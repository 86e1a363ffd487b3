"""Who is who in the demo: plain data, no Django."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "tollgate demo story"  # nosec B105 - printed on purpose: a demo that anybody may enter
DOMAIN = "demo.tollgate.example"


@dataclass(frozen=True)
class Person:
    """Somebody of the story."""

    key: str
    name: str
    role: str
    is_manager: bool = False
    is_auditor: bool = False
    is_administrator: bool = False
    is_finance: bool = False

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


PEOPLE = (
    Person("sponsor", "Susanne Okafor", "sponsor"),
    Person("lead", "Lars Brandt", "project lead"),
    Person("scientist", "Dana Silva", "contributor"),
    Person("reviewer", "Ravi Menon", "independent reviewer"),
    Person("risk", "Rosa Lindqvist", "risk officer"),
    Person("customer", "Clara Weiss", "customer"),
    Person("manager", "Marta Jensen", "manager", is_manager=True),
    Person("finance", "Farid Haddad", "finance", is_finance=True),
    Person("auditor", "Ali Demir", "auditor", is_auditor=True),
    Person("admin", "Ada Novak", "administrator", is_administrator=True),
)
