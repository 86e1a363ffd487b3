"""People, projects and the broker's absence: what most tests stand on."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright

from foundation.audit import triggers
from foundation.people.models import User
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.services import bringing, load_shipped
from lifecycle.projects.models import Project, Role
from lifecycle.projects.services import add_member, start_project
from tests.environment import DATA

# A busy machine is slow now and then, and how long something takes decides no test.
hypothesis_settings.register_profile("tollgate", deadline=None)
hypothesis_settings.load_profile("tollgate")

PASSWORD = "correct horse battery staple"
WRITTEN_ONCE = ["foundation_entry"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what this machine has no service for."""
    absent = {
        "postgres": not os.environ.get("TEST_DATABASE_URL", "").startswith("postgres")
        and "needs PostgreSQL: set TEST_POSTGRES_URL",
        "redis": not os.environ.get("TEST_REDIS_URL") and "needs a Redis server: set TEST_REDIS_URL",
        "browser": not CHROMIUM and "needs Chromium: install your system's chromium package",
        "shared": not SHARED.is_dir() and "needs the folder ../shared with public series",
    }
    for item in items:
        for name, reason in absent.items():
            if reason and item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=str(reason)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many tests were skipped for which reason."""
    skipped: Counter[str] = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []))
    for reason, count in skipped.most_common():
        terminalreporter.write_line(f"{count} skipped: {reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Tidy up; where nothing may be skipped, a skip fails the run."""
    shutil.rmtree(DATA, ignore_errors=True)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("TOLLGATE_NOTHING_SKIPPED") == "1" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file of the process's own, as the portal has it. In memory a live server's threads share one connection,
    and what a browser test writes itself comes through a second one, before which reading fails instead of waiting."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(DATA) / "test.sqlite3")


@pytest.fixture(autouse=True)
def _quick_and_quiet(settings: Any) -> None:
    """A fast hash for passwords, and no broker: rows are the truth, publishing fails at once and is logged."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        # Tests write rows without deeds, and a trail that is rolled back begins with the same numbers.
        "answers": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    }
    # The thread that renews a lease cannot see a row of the test's own transaction and would call the job lost. So it
    # never comes to that, however slow the machine; real processes renew short leases in the tests of jobs and faults.
    settings.JOB_LEASE_SECONDS = 3600


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[tuple[str, list[Any]]]:
    """(task, args) that were handed to the broker; a test marked `worker` or `redis` uses the real one."""
    sent: list[tuple[str, list[Any]]] = []
    if not (request.node.get_closest_marker("worker") or request.node.get_closest_marker("redis")):

        def send_task(name: str, args: list[Any] | None = None, **_: Any) -> None:
            sent.append((name, list(args or [])))

        monkeypatch.setattr("foundation.jobs.services.current_app.send_task", send_task)
    return sent


@pytest.fixture(autouse=True, scope="session")
def _methodologies_are_read_once() -> Iterator[None]:
    """Most tests begin with the shipped ones, and reading these is half of it. Each gets a copy of its own."""
    read = cache(bringing.read_methodology)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bringing, "read_methodology", lambda *text, **named: deepcopy(read(*text, **named)))
        yield


@pytest.fixture(autouse=True, scope="session")
def _emptying_passes_the_triggers() -> Iterator[None]:
    """Emptying the database after a transactional test is not a deed; the triggers step aside for it.

    For the whole session: the database is emptied when the fixtures of a single test are gone already.
    """
    flush = type(connection.ops).execute_sql_flush

    def flush_without_triggers(self: Any, sql_list: Any) -> None:
        own = self.connection
        if own.vendor == "sqlite":
            with own.cursor() as cursor:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                found = cursor.fetchall()
                for name, _ in found:
                    cursor.execute(f'DROP TRIGGER "{name}"')
            flush(self, sql_list)
            with own.cursor() as cursor:
                # The index of words follows by triggers, so it is emptied by hand.
                cursor.execute("INSERT INTO lifecycle_search(lifecycle_search) VALUES ('rebuild')")
                for _, sql in found:
                    cursor.execute(sql)
            return
        tables = [table for table in WRITTEN_ONCE if table in own.introspection.table_names()]
        for table in tables:
            triggers.remove(own, table)
        flush(self, sql_list)
        for table in tables:
            triggers.install(own, table)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "execute_sql_flush", flush_without_triggers)
        yield


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django would take for an asynchronous caller.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """Chromium without what an earlier test left open."""
    yield chromium
    for context in chromium.contexts:
        context.close()


MakePerson = Callable[..., User]


@pytest.fixture
def make_person(db: None) -> MakePerson:
    """make_person("Ada Sponsor", is_manager=True): a person with the test password."""

    def make(name: str, **roles: bool) -> User:
        email = name.lower().replace(" ", ".") + "@example.org"
        return User.objects.create_user(email, PASSWORD, name=name, mail_notices=False, **roles)

    return make


@pytest.fixture
def lead(make_person: MakePerson) -> User:
    return make_person("Lea Lead")


@pytest.fixture
def sponsor(make_person: MakePerson) -> User:
    return make_person("Sam Sponsor")


@pytest.fixture
def customer(make_person: MakePerson) -> User:
    return make_person("Cem Customer")


@pytest.fixture
def contributor(make_person: MakePerson) -> User:
    return make_person("Cora Contributor")


@pytest.fixture
def reviewer(make_person: MakePerson) -> User:
    return make_person("Rui Reviewer")


@pytest.fixture
def viewer(make_person: MakePerson) -> User:
    return make_person("Vera Viewer")


@pytest.fixture
def manager(make_person: MakePerson) -> User:
    return make_person("Mia Manager", is_manager=True)


@pytest.fixture
def administrator(make_person: MakePerson) -> User:
    return make_person("Ada Administrator", is_administrator=True)


@pytest.fixture
def outsider(make_person: MakePerson) -> User:
    return make_person("Olu Outsider")


@pytest.fixture
def crisp_dm(db: None) -> Methodology:
    return load_shipped()[0]


@pytest.fixture
def tdsp(db: None) -> Methodology:
    return load_shipped()[1]


@pytest.fixture
def project(
    crisp_dm: Methodology, lead: User, sponsor: User, customer: User, contributor: User, reviewer: User, viewer: User
) -> Project:
    """A project of low risk (a sponsor decides) under CRISP-DM, a person in each role; its first stage is open."""
    made = start_project(
        actor=lead,
        key="triage",
        name="Tumour triage",
        question="Which samples does a pathologist look at first?",
        methodology=crisp_dm,
        started_on=date(2026, 1, 5),
        risk=Project.Risk.LOW,
    )
    for person, role in (
        (sponsor, Role.SPONSOR),
        (customer, Role.CUSTOMER),
        (contributor, Role.CONTRIBUTOR),
        (reviewer, Role.REVIEWER),
        (viewer, Role.VIEWER),
    ):
        add_member(actor=lead, project=made, user=person, role=role)
    return made


SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    """sign_in(person): a browser session of that person."""

    def make(person: User) -> Client:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def api() -> Callable[[User], Any]:
    """api(person): a DRF client that is signed in as that person."""
    from rest_framework.test import APIClient

    def make(person: User) -> Any:
        client = APIClient()
        client.force_authenticate(person)
        return client

    return make
