"""A model and its rows are uploaded; a worker explains it, and the page draws and words what it found."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.walk.base import AT, SECOND, Base

PATIENCE = 90_000  # milliseconds until a worker's result must be on the page
PICKLE = b"\x80\x04\x95\x17\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."


def upload(walk: Base) -> None:
    """A pickle is refused with the way out; a good file is looked at by a worker, and rows are uploaded."""
    walk.api.pass_stage(SECOND)
    scientist = walk.seat("scientist")
    scientist.go(f"{AT}models/")
    scientist.look("models-empty")
    form = scientist.sheet("Upload a version")
    model = {"name": "model.pkl", "mimeType": "application/octet-stream", "buffer": PICKLE}
    scientist.enter({"Name of the model": "Triage", "What it predicts": "chance that a sample is malignant"}, form)
    scientist.field("Model file", form).set_input_files(model)
    scientist.expects("400")
    scientist.press("Upload", form)
    expect(scientist.page.get_by_role("alert")).to_contain_text("skops.io.dump")
    expect(scientist.field("Name of the model", form)).to_have_value("Triage")
    scientist.look("model-pickle-refused", again=False)

    trained = walk.trained
    scientist.field("Model file", form).set_input_files(
        {"name": trained.model_name, "mimeType": "application/octet-stream", "buffer": trained.model}
    )
    scientist.field("Metrics on unseen rows", form).fill(
        "\n".join(f"{name}: {value}" for name, value in trained.metrics.items())
    )
    scientist.press("Upload", form)
    expect(scientist.page.locator(".head").get_by_text("accepted")).to_be_visible(timeout=PATIENCE)
    scientist.look("model")

    scientist.go(f"{AT}data/")
    form = scientist.sheet("Upload a data set")
    scientist.enter(
        {"Name of the data set": "Samples", "Where the rows come from": trained.origin, "Column of the outcome": trained.target},
        form,
    )  # fmt: skip
    scientist.field("Data file", form).set_input_files(
        {"name": trained.data_name, "mimeType": "text/csv", "buffer": trained.data}
    )
    scientist.press("Upload", form)
    scientist.look("data")


def explain(walk: Base) -> None:
    """The page follows the worker, then draws importance, swarm and one row, and says it in words."""
    scientist = walk.seat("scientist")
    scientist.go(f"{AT}data/")
    scientist.follow("Explain on these rows")
    scientist.look("explanation-new")
    scientist.press("Explain")
    expect(scientist.page.get_by_role("heading", name="In short")).to_be_visible(timeout=PATIENCE)
    for chart in ("importance-chart", "swarm-chart", "row-chart"):
        expect(scientist.page.locator(f"#{chart} .main-svg").first).to_be_visible()
    assert scientist.page.locator("#swarm-chart .scatterlayer .point").count() > 100
    expect(scientist.page.locator("#importance-chart .barlayer .point").first).to_be_attached()
    expect(
        scientist.page.locator("#row-chart .barlayer .point, #row-chart .waterfalllayer .point").first
    ).to_be_attached()
    assert scientist.sheet("In words").locator("li").count() > 2
    scientist.sees("malignant")
    scientist.look("explanation")
    scientist.follow("Highest answer")
    expect(scientist.page.locator("#row-chart .main-svg").first).to_be_visible()
    walk.explanation = scientist.page.url.removeprefix(scientist.url).partition("?")[0]
    walk.api.pass_stage("modeling", evidence="explanation")
    scientist.go(f"{AT}models/")
    scientist.look("models")


def ask_what_if(walk: Base) -> None:
    """One value of a row is changed, a worker asks the model, and the page says what of the answer changed."""
    scientist = walk.seat("scientist")
    scientist.go(walk.explanation)
    scientist.follow("What if it were different?")
    scientist.look("what-if-ask")
    field = scientist.page.locator(".what-if-fields input").first
    stood = float(field.input_value())
    field.fill(str(round(stood * 0.5, 2)))
    scientist.press("Ask the model")
    expect(scientist.page.get_by_role("heading", name="In short")).to_be_visible(timeout=PATIENCE)
    expect(scientist.page.locator("#what-if-chart .main-svg").first).to_be_visible()
    assert scientist.sheet("What was changed").locator("tbody tr").count() == 1
    scientist.look("what-if-answer")
    walk.seat("sponsor").go(scientist.page.url.removeprefix(scientist.url))
    walk.seat("sponsor").sees("In short", "What to be careful about")
