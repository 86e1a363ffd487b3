"""An organisation that calls it a retrospective reads "retrospective", wherever the portal speaks."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from foundation.audit import selectors as trail
from foundation.audit.models import Entry
from foundation.audit.words import phrase_of
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.nouns import Noun
from foundation.web.refused import Refused
from lifecycle.dossier.permits import may_export
from lifecycle.postmortems import permits, services
from lifecycle.postmortems.models import ActionItem, PostMortem, Template
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import reminding
from lifecycle.projects.models import Project
from tests.conftest import SignIn
from tests.lifecycle.postmortems.conftest import fill

NAME = "retrospective"
USUAL = re.compile(r"post-?mortem", re.IGNORECASE)
HOUSE = Path(__file__).parents[3]
# The word for people; with a slash, a dot, a hyphen or more letters beside it, it is an address or a key.
SAID = re.compile(r"(?<![\w/.-])post-?mortems?(?![\w/-])", re.IGNORECASE)
ALLOWED = {
    "portal/settings.py": "the word itself, what the setting does, and the title of the API's schema",
    "foundation/web/nouns.py": "the word itself, for those who set none",
    "lifecycle/postmortems/models/cases.py": "names of tables, which migrations keep and nobody reads",
}


@pytest.fixture
def _renamed(settings: Any) -> None:
    settings.POSTMORTEM_NAME = NAME


@pytest.mark.parametrize(
    ("one", "a", "a_first", "many"),
    [
        ("retrospective", "a retrospective", "A retrospective", "retrospectives"),
        ("inquiry", "an inquiry", "An inquiry", "inquiries"),
        ("after-action review", "an after-action review", "An after-action review", "after-action reviews"),
        ("KPI loss", "a KPI loss", "A KPI loss", "KPI losses"),
        ("unit review", "a unit review", "A unit review", "unit reviews"),
        ("uninvited review", "an uninvited review", "An uninvited review", "uninvited reviews"),
        ("hour of truth", "an hour of truth", "An hour of truth", "hour of truths"),
    ],
)
def test_a_noun_takes_its_article_and_its_plural(one: str, a: str, a_first: str, many: str) -> None:
    noun = Noun(one)
    assert (noun.a, noun.a_first, noun.many) == (a, a_first, many)


def _refusals(project: Project, draft: PostMortem, people: dict[str, User]) -> Iterator[str]:
    """What a typical story can be refused, in words."""
    author, outsider, viewer = people["contributor"], people["outsider"], people["viewer"]
    yield str(permits.may_open(outsider, project))
    yield str(permits.may_rule(author))
    yield str(may_export(viewer, project))
    yield from draft_refusals(draft, author, outsider)
    for deed in (
        lambda: services.keep_unsaved(actor=author, postmortem=draft, place="No such form", fields={}, lock=1),
        lambda: services.remove_file(actor=author, postmortem=draft, file_id=99),
        lambda: services.remove_row(actor=author, postmortem=draft, part="poems", row_id=1, lock=draft.lock),
        lambda: services.remove_row(actor=author, postmortem=draft, part="whys", row_id=99, lock=draft.lock),
        lambda: services.save_text(actor=author, postmortem=draft, lock=99, changes={}),
        lambda: services.add_row(actor=author, postmortem=draft, values=services.WhyValues(question="?", factor_id=9)),
        lambda: services.add_row(actor=author, postmortem=draft, values=services.WhyValues(question="?", parent_id=9)),
        lambda: services.add_row(
            actor=author,
            postmortem=draft,
            values=services.ActionValues(title="Watch it", kind="detect", owner=outsider),
        ),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        yield refused.value.message


def draft_refusals(draft: PostMortem, author: User, outsider: User) -> Iterator[str]:
    """What permits say of a case in review, and of a restricted one."""
    standing = permits.Standing(frozenset(), is_owner=True, is_facilitator=False)
    reviewed = PostMortem(project=draft.project, template=draft.template, state="in_review", owner=author)
    yield str(permits.may(author, "publish", reviewed, standing))
    hidden = PostMortem(project=draft.project, template=draft.template, visibility="restricted", owner=author)
    yield str(permits.may_take_part(outsider, hidden))
    nobody = permits.Standing(frozenset({"contributor"}), is_owner=False, is_facilitator=False)
    yield str(permits.may_steer(outsider, draft, nobody))
    accepted = ActionItem(postmortem=draft, disposition="accepted", status="open", owner=author)
    yield str(permits.may_act(outsider, "cancel", accepted, draft, nobody))
    yield str(permits.may_look_at_effect(outsider, accepted, draft, nobody))


@pytest.mark.django_db
@pytest.mark.usefixtures("_renamed")
def test_refusals_say_the_own_word(
    project: Project, draft: PostMortem, contributor: User, outsider: User, viewer: User
) -> None:
    people = {"contributor": contributor, "outsider": outsider, "viewer": viewer}
    said = list(_refusals(project, draft, people))
    assert len(said) == 16
    for sentence in said:
        assert not USUAL.search(sentence), sentence
        assert NAME in sentence, sentence


@pytest.mark.django_db
@pytest.mark.usefixtures("_renamed")
def test_a_case_says_the_word_of_its_template(draft: PostMortem, manager: User, contributor: User) -> None:
    own = services.copy_template(
        actor=manager, template=services.template_of("light"), values={"name": "Short inquiry", "noun": "inquiry"}
    )
    PostMortem.objects.filter(pk=draft.pk).update(template=own)
    with pytest.raises(Refused, match="not part of the inquiry"):
        services.remove_file(actor=contributor, postmortem=draft, file_id=99)


@pytest.mark.django_db
@pytest.mark.usefixtures("_renamed")
def test_shipped_templates_follow_the_own_word(manager: User) -> None:
    assert [one.title for one in services.templates_on_offer()] == ["Full retrospective", "Light retrospective"]
    own = services.copy_template(
        actor=manager, template=services.template_of("light"), values={"name": "Ours", "noun": "Retrospective"}
    )
    assert (Template.objects.get(pk=own.pk).noun, own.called) == ("post-mortem", NAME), "it follows the organisation"


@pytest.mark.django_db
@pytest.mark.usefixtures("_renamed")
def test_notices_and_the_trail_say_the_own_word(
    draft: PostMortem, contributor: User, reviewer: User, lead: User, administrator: User
) -> None:
    """From the draft to the day on which somebody asks whether an action worked; one of two is restricted."""
    filled = fill(draft, contributor)
    with pytest.raises(Refused) as refused:
        services.remove_row(actor=contributor, postmortem=draft, part="lessons", row_id=filled.lessons.get().pk, lock=1)
    assert f"added a lesson to {draft.reference}." in refused.value.details[0]
    assert not USUAL.search(" ".join(refused.value.details))
    services.save_text(actor=contributor, postmortem=filled, lock=filled.lock, changes={"visibility": "restricted"})
    services.save_text(
        actor=contributor, postmortem=filled, lock=filled.lock + 1, changes={"visibility": "organisation"}
    )
    services.submit_for_review(actor=contributor, postmortem=filled)
    services.publish(actor=reviewer, postmortem=filled, answers=fine())
    action = filled.actions.get()
    late = timezone.localdate() + timedelta(days=100)
    assert reminding.tell_action(action.pk, late)
    services.start_action(actor=contributor, action_id=action.pk)
    services.finish_action(actor=contributor, action_id=action.pk)
    services.verify_action(actor=lead, action_id=action.pk)
    assert reminding.ask_effect(action.pk, timezone.localdate() + timedelta(days=200))
    services.close(actor=lead, postmortem=filled)
    services.change_rule(actor=administrator, cause="drift", is_on=False, severity="high", template="light")

    told = [f"{one.subject} {one.body} {one.why}" for one in Notice.objects.all()]
    assert len(told) > 5
    entries = trail.lines(list(Entry.objects.all()))
    said = [line.sentence for line in entries] + [name for line in entries for name, _, _ in line.changes]
    for sentence in [*told, *said]:
        assert not USUAL.search(sentence), sentence
    assert any("the retrospective PM-" in sentence for sentence in said)
    assert any("a restricted retrospective" in sentence for sentence in said)
    assert any("changed what opens a retrospective:" in sentence for sentence in said)
    assert any("you own the retrospective" in sentence for sentence in told)
    assert phrase_of("compare_postmortems") == "said whether they are alike:"


@pytest.mark.django_db
@pytest.mark.usefixtures("_renamed")
def test_pages_say_the_own_word(
    published_one: PostMortem, sign_in: SignIn, manager: User, contributor: User, api: Callable[[User], Any]
) -> None:
    base = published_one.get_absolute_url()
    for path in (
        base, "/post-mortems/", "/post-mortems/triggers/", "/post-mortems/templates/", "/post-mortems/templates/full/",
        "/post-mortems/templates/new/?from=light", "/post-mortems/themes/", "/post-mortems/checks/", f"{base}differences/",
        f"/projects/{published_one.project.key}/post-mortems/new/", f"{base}export.html",
    ):  # fmt: skip
        client = sign_in(contributor if path.endswith("/post-mortems/new/") else manager)
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert not USUAL.search(_text_of(answer.content.decode())), path
    rows = api(manager).get("/api/v1/post-mortem-templates/").json()
    assert [(row["name"], row["noun"]) for row in rows] == [
        ("Full retrospective", NAME), ("Light retrospective", NAME),
    ]  # fmt: skip


def _text_of(html: str) -> str:
    """What people read of a page: no templates' tags, no markup, no scripts."""
    without = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL)
    return re.sub(r"\S*/post-mortems/\S*", " ", without)


def _literals(path: Path) -> Iterator[tuple[int, str]]:
    """Strings of a module that are no docstrings."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


def _says_the_usual_word(text: str) -> bool:
    """Whether it stands in a sentence, or alone; not in an address, a key or a name in code."""
    is_name = " " not in text.strip() and "-" not in text
    return bool(SAID.search(text)) and not is_name


def test_no_sentence_of_the_source_says_the_usual_word() -> None:
    said = [
        f"{path.relative_to(HOUSE)}:{line}: {text}"
        for floor in ("portal", "explain", "lifecycle", "foundation")
        for path in sorted((HOUSE / floor).rglob("*.py"))
        if "migrations" not in path.parts and str(path.relative_to(HOUSE)) not in ALLOWED
        if USUAL.search(path.read_text())
        for line, text in _literals(path)
        if _says_the_usual_word(text)
    ]
    assert said == [], "say noun_of(case), or house_noun() of foundation.web.nouns"


def test_the_search_for_sentences_would_find_one() -> None:
    for text in (
        "post-mortem",
        "A post-mortem should follow.",
        "Postmortem of it",
        "two post-mortems",
        " post-mortem: ",
    ):
        assert _says_the_usual_word(text), text
    for text in (
        "/post-mortems/new/?kind=x", "post-mortems/<str:reference>/", "tollgate.post-mortem/1", "postmortem_opened",
        "PostMortem", "postmortem", "SELECT postmortem_id FROM", "api-postmortem-tags", "postmortem-impacts",
        "the word is /post-mortems/ here",
    ):  # fmt: skip
        assert not _says_the_usual_word(text), text


def test_no_page_says_the_usual_word() -> None:
    said = [
        str(path.relative_to(HOUSE))
        for path in sorted((HOUSE / "templates").rglob("*"))
        if path.suffix in (".html", ".txt", ".typ") and USUAL.search(_text_of(path.read_text()))
    ]
    assert said == []
