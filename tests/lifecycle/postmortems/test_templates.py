"""Templates: how much a post-mortem asks, own ones from a copy, and what the thing is called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.models import PostMortem, Template
from lifecycle.postmortems.naming import Noun, noun_of
from lifecycle.postmortems.needs import missing_for_review
from lifecycle.postmortems.services import (
    FactorValues,
    LessonValues,
    add_row,
    change_template,
    copy_template,
    edit_postmortem,
    open_postmortem,
    retire_template,
    submit_for_review,
    template_of,
    templates_on_offer,
)
from lifecycle.postmortems.templates import needed_in_words
from lifecycle.projects.models import Project

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
HARM = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def manager(db: None) -> User:
    return User.objects.create_user("manager@example.org", name="Mara Manager", is_manager=True)


def light_case(project: Project, actor: User, template: Template | None = None) -> PostMortem:
    return open_postmortem(
        actor=actor, project=project, kind="project_closure", title="Done", template=template or template_of("light")
    )


def test_built_in_templates_come_when_they_are_asked_for() -> None:
    assert not Template.objects.exists()
    assert [one.key for one in templates_on_offer()] == ["full", "light"]
    assert template_of("light").pk == template_of("light").pk
    with pytest.raises(Refused):
        template_of("none")


def test_a_light_one_asks_a_reviewer_s_three_things_and_a_full_one_its_five(
    project: Project, contributor: User
) -> None:
    made = light_case(project, contributor)
    assert missing_for_review(made) == ["a summary is missing", "a factor is missing", "a lesson is missing"]
    edit_postmortem(actor=contributor, postmortem=made, lock=1, changes={"summary": "It ended as planned."})
    add_row(actor=contributor, postmortem=made, values=FactorValues(node="label_error"))
    add_row(actor=contributor, postmortem=made, values=LessonValues(kind="went_well", text="Small steps."))
    assert submit_for_review(actor=contributor, postmortem=made).state == "in_review"
    full = open_postmortem(actor=contributor, project=project, kind="near_miss", title="x")
    assert full.template == template_of("full")
    assert len(missing_for_review(full)) == 5 - (full.timeline.count() >= 3)
    assert needed_in_words(None) == "a summary, an impact, 3 moments, a factor, a lesson"


def test_an_own_template_has_its_help_its_first_words_and_its_name(
    project: Project, contributor: User, manager: User, sign_in: SignIn
) -> None:
    sections = [
        {"key": "summary", "help": f"Three sentences. {HARM}", "starter": "We wanted … and got …", "needed": 1},
        {"key": "lessons", "help": "", "starter": "Next time:", "needed": 2},
    ]
    own = copy_template(
        actor=manager,
        template=template_of("light"),
        values={"name": f"Retro {HARM}", "noun": f"retrospective {HARM}"[:40], "sections": sections},
    )
    assert own.owner == manager
    made = light_case(project, contributor, own)
    assert made.summary == "We wanted … and got …"
    assert "0 of at least 2 lessons are there" in missing_for_review(made)
    client, base = sign_in(contributor), made.get_absolute_url()
    for path in (base, f"{base}?edit=story", f"{base}?add=lessons", "/post-mortems/templates/",
                 f"/post-mortems/templates/{own.key}/", f"/projects/{project.key}/post-mortems/new/"):  # fmt: skip
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "Next time:</textarea>" in client.get(f"{base}?add=lessons").content.decode()
    assert "Three sentences." in client.get(f"{base}?edit=story").content.decode()
    # What the template leaves out can be added all the same.
    assert 'href="?add=impacts#impacts"' in client.get(base).content.decode()


def test_who_writes_templates_and_what_is_refused(contributor: User, manager: User) -> None:
    full = template_of("full")
    with pytest.raises(Refused, match="Only managers"):
        copy_template(actor=contributor, template=full, values={"name": "Mine"})
    with pytest.raises(Refused) as caught:
        change_template(actor=manager, template=full, version=1, values={"name": "Mine"})
    assert caught.value.code == "template_built_in"
    for values, code in (
        ({"name": full.name}, "name_taken"), ({"name": " "}, "name_invalid"), ({"noun": "x" * 41}, "noun_invalid"),
        ({"name": "a", "sections": [{"key": "summary", "needed": 1}]}, "sections_invalid"),
        ({"name": "a", "sections": [{"key": "nonsense"}]}, "sections_invalid"),
        ({"name": "a", "sections": [{"key": "timeline", "needed": 21}]}, "sections_invalid"),
        ({"name": "a", "review_by": "soon"}, "review_by_invalid"), ({"name": "a", "owner": "me"}, "owner_invalid"),
    ):  # fmt: skip
        with pytest.raises(Refused) as caught:
            copy_template(actor=manager, template=full, values=values)
        assert caught.value.code == code
    own = copy_template(actor=manager, template=full, values={"name": "Own", "review_by": date(2027, 1, 1)})
    changed = change_template(actor=manager, template=own, version=1, values={"purpose": "For trials."})
    assert (changed.version, changed.purpose) == (2, "For trials.")
    with pytest.raises(Refused) as caught:
        change_template(actor=manager, template=own, version=1, values={"purpose": "For others."})
    assert caught.value.code == "edited_meanwhile"
    assert copy_template(actor=manager, template=own, values={"name": "New"}).key == "new-2"


def test_a_retired_template_is_not_offered_and_old_cases_keep_it(
    project: Project, contributor: User, manager: User
) -> None:
    own = copy_template(actor=manager, template=template_of("light"), values={"name": "Own"})
    made = light_case(project, contributor, own)
    retired = retire_template(actor=manager, template=own)
    assert retired not in templates_on_offer()
    with pytest.raises(Refused):
        light_case(project, contributor, retired)
    assert PostMortem.objects.get(pk=made.pk).template == own
    assert retire_template(actor=manager, template=own) in templates_on_offer()


def test_templates_are_written_through_their_pages(
    project: Project, manager: User, contributor: User, sign_in: SignIn, api: Callable[[User], Any]
) -> None:
    client = sign_in(manager)
    page = client.get("/post-mortems/templates/new/?from=light")
    form = {
        name: value for name, value in page.context["form"].initial.items() if value is not None and value is not False
    }
    form |= {"name": "Retrospective", "noun": "retrospective", "owner": manager.pk, "whys_in": "on"}
    assert client.post("/post-mortems/templates/new/?from=light", form).status_code == 302
    own = Template.objects.get(name="Retrospective")
    assert [section["key"] for section in own.sections] == ["summary", "factors", "whys", "lessons", "actions"]
    client.post(f"/post-mortems/templates/{own.key}/", {**form, "purpose": "After each quarter.", "version": 1})
    assert Template.objects.get(pk=own.pk).purpose == "After each quarter."
    assert client.post(f"/post-mortems/templates/{own.key}/retire/").status_code == 302
    assert sign_in(contributor).get("/post-mortems/templates/new/").status_code == 403
    client.post(f"/post-mortems/templates/{own.key}/retire/")
    assert "Retrospective" in sign_in(contributor).get(f"/projects/{project.key}/post-mortems/new/").content.decode()
    rest = api(contributor)
    assert [one["key"] for one in rest.get("/api/v1/post-mortem-templates/").json()] == ["full", "light", own.key]
    made = rest.post(
        "/api/v1/post-mortems/", {"project": project.key, "kind": "near_miss", "title": "x", "template": own.key}
    ).json()
    assert made["template"] == own.key
    assert (
        f"Retrospective {made['reference']}"
        in sign_in(contributor).get(f"/post-mortems/{made['reference']}/").content.decode()
    )


def test_it_is_called_what_the_organisation_calls_it(
    draft: PostMortem, sign_in: SignIn, contributor: User, settings: Any
) -> None:
    settings.POSTMORTEM_NAME = "inquiry"
    assert noun_of(draft).one == "inquiry"
    page = sign_in(contributor).get(f"/post-mortems/?project={draft.project.key}").content.decode()
    assert "<span>Inquiries</span>" in page
    assert "Open an inquiry" in page
    assert "Post-mortem" not in page
    assert [Noun(word).many for word in ("post-mortem", "loss", "review", "survey")] == [
        "post-mortems", "losses", "reviews", "surveys",
    ]  # fmt: skip
