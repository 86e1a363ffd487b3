"""Dockerfile and Compose file, as text: no engine is needed to see that they fit the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return read


def test_each_service_says_when_it_is_well(compose: dict[str, Any]) -> None:
    lasting = {name: service for name, service in compose["services"].items() if service.get("restart") != "no"}
    assert set(lasting) == {"database", "broker", "web", "worker", "scheduler"}
    assert all("healthcheck" in service for service in lasting.values())


def test_everything_waits_for_the_migrations(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "scheduler"):
        waits = compose["services"][name]["depends_on"]["prepare"]
        assert waits == {"condition": "service_completed_successfully"}


def test_volumes_targets_and_commands_exist(compose: dict[str, Any]) -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE))
    for service in compose["services"].values():
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(compose["volumes"])
        if "build" in service:
            assert service["build"]["target"] in targets
        for words in (service.get("command") or [], (service.get("healthcheck") or {}).get("test") or []):
            if "manage.py" in words:
                assert words[words.index("manage.py") + 1] in get_commands()


def test_the_settings_named_for_containers_are_settings_of_the_portal(compose: dict[str, Any]) -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    named = set(re.findall(r"^(\w+)=", example, flags=re.MULTILINE)) | set(compose["services"]["web"]["environment"])
    of_compose = {"POSTGRES_PASSWORD", "BROKER_PASSWORD", "TOLLGATE_LISTEN"}
    assert named - of_compose <= set(settings.ENVIRONMENT.known)


def test_what_the_image_copies_is_there_and_is_sent_to_the_builder() -> None:
    sent = set((ROOT / ".dockerignore").read_text("utf-8").split())
    copied = re.findall(r"^COPY ([\w.-]+) ", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    assert len(copied) >= 8
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in sent


def test_no_secret_stands_in_the_files() -> None:
    for name in (".env.example", "docker-compose.yml"):
        text = (ROOT / name).read_text("utf-8")
        for value in re.findall(r"(?:PASSWORD|SECRET_KEY)(?:=|: )[ ]*(\S*)", text):
            assert value == "" or value.startswith("${") or value.endswith('"$$BROKER_PASSWORD"')
