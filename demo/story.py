"""The demo story: a project that pays, one that was stopped, and one that learnt from it and waits for a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db import transaction

from demo.cast import PASSWORD
from demo.narrator import Course, Narrator
from demo.people import bring_people
from demo.series import Simulation, month_back
from demo.settle import Settler
from demo.training import train_letters, train_outpatients, train_triage
from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.jobs.models import Job
from foundation.people.models import User
from lifecycle.acceptance.services import decide_acceptance, judge_criterion, offer_acceptance, open_acceptance
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import organisation_today
from lifecycle.lessons.offers.services import OFFER
from lifecycle.lessons.similar.services import COMPARE
from lifecycle.methodologies.services import load_shipped
from lifecycle.postmortems.services import load_taxonomy
from lifecycle.postmortems.services.triggering import OPEN as POSTMORTEM_OPENS
from lifecycle.projects.models import Project
from lifecycle.projects.services import stop_project

Say = Callable[[str], None]
PILOT = Course(
    Simulation(level=84, sd=7, rho=0.35, effect=-17, ramp=0, seed=23, digits=0), before=60, live=26, until=1, ramp=0
)


def is_complete() -> bool:
    """Whether the story was loaded to its end, and not taken out since."""
    last = Entry.objects.filter(thing_kind="demo").order_by("-seq").first()
    return last is not None and last.verb == "load_demo"


def tell(*, compute: bool, say: Say) -> list[Project]:
    """Load the whole story; a worker computes, or this process with `compute`."""
    load_shipped()
    load_taxonomy()
    people = bring_people()
    settler = Settler(compute=compute)
    today = organisation_today()
    stories = {}
    for name, chapter in (("Tumour triage", triage), ("Outpatient demand", outpatients), ("Diabetes letters", letters)):
        say(f"{name}: training its model and telling its story")
        stories[chapter] = chapter(people, settler, today)
    at_the_gate(stories[outpatients])
    projects = [story.project for story in stories.values()]
    for job in Job.objects.filter(kind__in=(COMPARE, OFFER)).order_by("pk"):
        settler.settle(job)
    with transaction.atomic():
        record(
            actor=people["admin"],
            verb="load_demo",
            thing=people["admin"],
            kind="demo",
            name="The demo story",
            after={"projects": [project.key for project in projects]},
        )
    return projects


def triage(people: dict[str, User], settler: Settler, today: date) -> Narrator:
    """Under CRISP-DM from charter to acceptance; in use for thirteen months, and paying."""
    story = Narrator("triage", train_triage(), people, settler, today)
    project = story.begin(month_back(today, 24))
    course = Course(
        Simulation(level=9.6, sd=0.7, rho=0.4, effect=-1.9, ramp=4, seed=11), before=60, live=56, until=1, ramp=4
    )
    first_cost = month_back(today, 19)
    end = month_back(today, 19 - project.horizon_months + 1)

    story.fill("business_understanding")
    kpi = story.count(
        course, kind=Kpi.Kind.LEVEL, volume=Simulation(level=40, sd=4, rho=0.2, effect=0, ramp=0, seed=12, digits=0)
    )
    story.price(kpi, "26", "20", "33", first_cost, "Hospital finance: bed-days and calls avoided per day of waiting")
    story.propose(kpi, end)
    story.approve(
        "business_understanding", weeks_ago=100, reason="The question is worth it. Keep the limit on waiting."
    )
    story.keep_as_plan()
    for key, weeks_ago in (("data_understanding", 92), ("data_preparation", 84)):
        story.fill(key)
        story.approve(key, weeks_ago=weeks_ago)
    story.fill("modeling")
    story.model("Triage", "Chance that a sample is malignant")
    story.tie(
        kpi,
        "Triage",
        "AUC",
        -0.3,
        "A better order puts malignant samples further ahead in the queue, so that they wait less.",
    )
    story.approve("modeling", weeks_ago=70, reason="The drivers are those a pathologist names.")
    story.fill("evaluation")
    story.approve("evaluation", weeks_ago=60, reason="Go live at one laboratory.")

    story.fill("deployment")
    story.cash("cost", "actual", "build", first_cost, "10200", month_back(today, 14), "Build, invoices")
    story.cash("cost", "actual", "run", month_back(today, 13), "2050", month_back(today, 1), "Run, invoices")
    story.go_live(kpi, course, "Half of the samples in the first four weeks")
    # From the 31st week on the planning of clinics takes away more of the calls: both projects claim them.
    calls = Simulation(
        level=120, sd=8, rho=0.2, effect=-18, ramp=4, seed=41, digits=0, other_effect=-11, other_after=30
    )
    shared = story.count_shared(Course(calls, before=60, live=56, until=1, ramp=4))
    story.price(shared, "4", "3", "6", first_cost, "Laboratory: ten minutes of an assistant for each call")
    story.report()
    accept(story)
    story.approve("deployment", weeks_ago=2, reason="It holds what it promised.")
    story.look_back()
    story.report()
    return story


def accept(story: Narrator) -> None:
    """Criteria judged by the reviewer, offered by the lead, accepted by the customer."""
    lead, reviewer, customer = (story.people[key] for key in ("lead", "reviewer", "customer"))
    acceptance = open_acceptance(actor=lead, project=story.project)
    told = {result["key"]: result for result in story.told["results"]}
    for result in acceptance.results.select_related("criterion"):
        judged = told[result.criterion.key]
        judge_criterion(
            actor=reviewer,
            result_id=result.pk,
            observed=judged["observed"],
            evidence=judged["evidence"],
            verdict=judged["verdict"],
        )
    words = story.told["acceptance"]
    offered = offer_acceptance(
        actor=lead, acceptance_id=acceptance.pk, approved_use=words["approved_use"], limits=words["limits"]
    )
    decide_acceptance(
        actor=customer,
        acceptance_id=offered.pk,
        verdict="accepted",
        comment=words["comment"],
        password=PASSWORD,
        digest=offered.digest,
    )


def outpatients(people: dict[str, User], settler: Settler, today: date) -> Narrator:
    """Under a TDSP of the house, up to a pilot of 26 weeks; `at_the_gate` goes on."""
    story = Narrator("outpatients", train_outpatients(), people, settler, today)
    project = story.begin(month_back(today, 13), story.own_way())
    first_cost = month_back(today, 11)
    end = month_back(today, 11 - project.horizon_months + 1)

    story.fill("business_understanding")
    kpi = story.count(PILOT, kind=Kpi.Kind.FLOW)
    story.price(kpi, "46", "38", "55", first_cost, "Head of clinics: pay and rent of an appointment nobody used")
    story.cash("cost", "planned", "build", first_cost, "8000", month_back(today, 7), "Build, five months")
    story.cash("cost", "planned", "run", month_back(today, 6), "900", end, "Run")
    story.record_rates()
    story.cash(
        "cost", "planned", "licence", month_back(today, 6), "160", end, "Planning software, billed in dollars", "USD"
    )
    story.cash("benefit", "planned", "benefit", month_back(today, 6), "4000", end, "Pilot clinics only")
    story.approve("business_understanding", weeks_ago=50)
    story.fill("data_acquisition_and_understanding")
    story.approve("data_acquisition_and_understanding", weeks_ago=42)
    story.fill("modeling")
    story.model("Outpatient visits", "Outpatient visits of a person in a year")
    story.approve("modeling", weeks_ago=29, reason="For sums over clinics. Not for single persons.")
    story.look_for_cases()
    return story


def letters(people: dict[str, User], settler: Settler, today: date) -> Narrator:
    """Under CRISP-DM; stopped in modeling at the line that was drawn in the first stage."""
    story = Narrator("letters", train_letters(), people, settler, today)
    story.begin(month_back(today, 14))
    course = Course(
        Simulation(level=9.5, sd=1.6, rho=0.3, effect=0, ramp=0, seed=37, digits=0),
        before=40,
        live=24,
        until=1,
        ramp=0,
    )
    first_cost = month_back(today, 13)

    story.fill("business_understanding")
    kpi = story.count(course, kind=Kpi.Kind.FLOW)
    story.price(kpi, "55", "40", "70", first_cost, "Prevention: an hour of practice time that stays empty")
    story.cash("cost", "planned", "build", first_cost, "7000", month_back(today, 9), "Build, five months")
    story.cash("cost", "planned", "run", month_back(today, 5), "900", month_back(today, -10), "Letters")
    story.cash("benefit", "planned", "benefit", month_back(today, 5), "600", month_back(today, -10), "As hoped")
    story.approve("business_understanding", weeks_ago=54, reason="Only if the threshold holds.")
    for key, weeks_ago in (("data_understanding", 47), ("data_preparation", 42)):
        story.fill(key)
        story.approve(key, weeks_ago=weeks_ago)
    story.model("Progression", "Disease progression after one year")
    story.cash("cost", "actual", "build", first_cost, "7000", month_back(today, 9), "Build, invoices")
    story.cash("cost", "actual", "run", month_back(today, 5), "900", month_back(today, 1), "Letters, invoices")
    story.go_live(kpi, course, "Trial of letters in two practices")
    story.report()
    stop_project(actor=people["sponsor"], project=story.project, reason=story.told["stop"]["reason"])
    # It opens the post-mortem by itself.
    settler.settle(Job.objects.get(kind=POSTMORTEM_OPENS, project_id=story.project.pk))
    story.look_back()
    return story


def at_the_gate(story: Narrator) -> None:
    """The pilot, and a deployment gate that asks what the stopped project taught and waits for the sponsor."""
    today, first_cost = story.today, month_back(story.today, 11)
    kpi = Kpi.objects.select_related("project").get(project=story.project, is_primary=True)

    story.fill("deployment")
    story.cash("cost", "actual", "build", first_cost, "8600", month_back(today, 7), "Build, invoices")
    story.cash("cost", "actual", "run", month_back(today, 6), "870", month_back(today, 1), "Run, invoices")
    story.cash(
        "cost",
        "actual",
        "licence",
        month_back(today, 6),
        "160",
        month_back(today, 1),
        "Planning software, invoices",
        "USD",
    )
    story.go_live(kpi, PILOT, "Pilot in three clinics")
    calls = Kpi.objects.select_related("project").get(project__key="tumour-triage", name="Repeat calls about results")
    story.claim(calls, "0.38", month_back(story.week(PILOT.live), 0), "Planned clinics send fewer samples at once.")
    story.report()
    story.learn()
    story.answer_offers()
    story.submit("deployment")
