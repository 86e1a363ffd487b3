"""Markdown in PDFs: set as such, and nothing that somebody typed becomes a command of the typesetter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from foundation.web.markdown_parts import DEEPEST, WIDEST, markdown_parts
from foundation.web.pdf import compile, found

TEMPLATE = "lifecycle/acceptance/exit_report.typ"


def paper(text: str, title: str = "Summary") -> dict[str, Any]:
    """A report of one section."""
    section = {"title": title, "level": 1, "internal": False, "words": markdown_parts(text), "not_applicable": ""}
    return {
        "title": title, "version": title, "day": "1 March 2026", "question": title, "notice": title,
        "fingerprint": "none", "sections": [section],
    }  # fmt: skip


def made(text: str, selector: str) -> list[dict[str, Any]]:
    """What the typesetter made of a text."""
    return found(TEMPLATE, paper(text), selector)


def texts(node: Any) -> Iterator[str]:
    """Every word in what was made, in order."""
    if isinstance(node, dict):
        if node.get("func") in ("text", "raw"):
            yield str(node["text"])
        else:
            for name, inner in node.items():
                if name not in ("supplement", "marker"):
                    yield from texts(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from texts(inner)


def words(node: Any) -> str:
    return "".join(texts(node)).replace("\u200b", "")


def test_headings_stand_below_the_section_that_they_belong_to() -> None:
    rows = [
        (row["level"], words(row["body"])) for row in made("# First\n\nx\n\n### *Third*\n\n###### Sixth", "heading")
    ]
    assert rows == [(1, "Summary"), (2, "Summary"), (3, "First"), (5, "Third"), (6, "Sixth")]


def test_lists_nest_and_begin_where_they_were_numbered() -> None:
    (outer, inner) = made("- one\n  - two **bold**\n- three", "list")
    assert [words(item["body"]) for item in outer["children"]] == ["onetwo bold", "three"]
    assert [words(item["body"]) for item in inner["children"]] == ["two bold"]
    (numbered,) = made("3. three\n4. four", "enum")
    assert (numbered["start"], len(numbered["children"])) == (3, 2)


def test_bold_emphasis_code_and_what_was_struck_come_out_as_such() -> None:
    text = "Some **bold *both*** and ~~old~~ and `a#b`.\n\n```py\nx = 1\ny = 2\n```"
    # The notice above the sections is bold as well.
    assert [words(row["body"]) for row in made(text, "strong")] == ["Summary", "bold both"]
    assert [words(row["body"]) for row in made(text, "strike")] == ["old"]
    assert "both" in [words(row["body"]) for row in made(text, "emph")]
    rows = [(row["text"], row["block"]) for row in made(text, "raw")]
    assert rows == [("a#b", False), ("x = 1\ny = 2", True), ("none", False)]


def test_tables_have_a_head_and_keep_their_sides() -> None:
    (table,) = made("| What | How many |\n|---|--:|\n| **Falls** | 3 |\n| Missed |", "table")
    head, *cells = table["children"]
    assert head["func"] == "header"
    assert [words(cell) for cell in head["children"]] == ["What", "How many"]
    assert [words(cell) for cell in cells] == ["Falls", "3", "Missed", ""]
    assert table["align"] == ["left", "right"]


def test_links_lead_to_the_web_and_to_mail_and_nowhere_else() -> None:
    far = "https://example.org/a/very/long/address/that/is/never/broken?and=followed"
    text = (
        f"[far]({far}) <mailto:ann@example.org> [inside](/projects/) [//there](//evil.example/) [s](javascript:x) "
        "[f](file:///etc/passwd) [d](data:text/html,x) [p](ftp://example.org/)"
    )
    assert [(row["dest"], words(row["body"])) for row in made(text, "link")] == [
        (far, "far"), ("mailto:ann@example.org", "mailto:ann@example.org")
    ]  # fmt: skip


def test_lines_are_joined_as_on_pages_or_kept_where_lines_matter() -> None:
    assert markdown_parts("one\ntwo  \nthree")[0]["inside"] == ["one", " ", "two", {"is": "break"}, "three"]
    assert markdown_parts("one\ntwo", keep_lines=True)[0]["inside"] == ["one", {"is": "break"}, "two"]


# What would do harm as markup of the typesetter

COMMANDS = (
    '#panic("no")', '#read("/etc/passwd")', '#import "x.typ": *', '#include "/lifecycle/dossier/round.typ"',
    "#{ while true {} }", "#eval(\"panic()\")", "#set page(width: 1pt)", "#show: it => []", "#let data = none",
    "#sys.inputs.data", '#image("/etc/passwd")', "$ panic() $", "$#panic()$", "@nowhere", "<label>", "\\u{23}panic()",
    "\\", "\\\\#panic()", "]#panic()[", "}#panic(){", "*unclosed", "_unclosed", "/ term: #panic()", "= heading",
    "== heading", "+ #panic()", "// gone", "/* gone", "*/ #panic() /*", "--- --", "...", "'\"", "~", "\ufeff#panic()",
    "# #panic()", "- #panic()", "> #panic()", "`#panic()`", "```typ\n#panic()\n```", "````\n```\n#panic()\n````",
    "    #panic()", "**#panic()**", "[#panic()](https://x.example/#panic\\(\\))", "![#panic()](x)", "~~#panic()~~",
    "| #panic() |\n|---|\n| #panic() |", "#raw(read(\"/etc/passwd\"))", "</style>", "{{ 7*7 }}", "%PDF-1.4",
)  # fmt: skip


@pytest.mark.parametrize("bad", COMMANDS)
def test_nothing_that_was_typed_is_run(bad: str) -> None:
    assert compile(TEMPLATE, paper(f"Before.\n\n{bad}\n\nAfter.", title=bad)).startswith(b"%PDF-")
    # A title is no Markdown: it comes out sign for sign.
    title, section = found(TEMPLATE, paper("Nothing.", title=bad), "heading")
    assert (words(title["body"]), words(section["body"])) == (bad, bad)


def test_signs_of_the_typesetter_are_words_in_every_place() -> None:
    sign = '#read("/etc/passwd") $x$ @a <b> [c] {d}'
    text = (
        f"## {sign}\n\n- {sign}\n\n> {sign}\n\n| {sign} |\n|---|\n| {sign} |\n\n**{sign}** [{sign}](https://x.example/)"
    )
    assert words([row["body"] for row in made(text, "heading") if row["level"] == 4]) == sign
    for selector in ("list", "table", "strong", "link"):
        rows = made(text, selector)
        assert sign in words(rows), selector
        assert "root:" not in json.dumps(rows)
    # None of it became mathematics or a reference.
    assert made(text, "math.equation") == made(text, "ref") == []


@pytest.mark.parametrize(
    "endless",
    [
        "> " * 400 + "deep",
        "\n".join("  " * depth + "- x" for depth in range(200)),
        "*" * 4000 + "a" + "*" * 4000,
        "**a *b " * 500,
        "[" * 4000,
        "`" * 4000,
        "|" + "a|" * 3000 + "\n|" + "-|" * 3000 + "\n|b|",
        "999999999. x",
        "-\n-\n\n#\n\n>\n\n| |\n|-|\n",
        "\x01\u202e\ufeff\u2028x",
        "W" * 20_000,
    ],
    ids=["quotes", "lists", "stars", "frames", "brackets", "ticks", "table", "number", "empty", "controls", "word"],
)
def test_a_text_without_measure_is_set_all_the_same(endless: str) -> None:
    assert compile(TEMPLATE, paper(endless)).startswith(b"%PDF-")


def test_what_lies_too_deep_or_too_wide_keeps_its_words() -> None:
    deep = json.dumps(markdown_parts("> " * (DEEPEST + 4) + "kept"))
    assert (deep.count('"quote"'), "kept" in deep) == (DEEPEST, True)
    columns = WIDEST + 1
    wide = markdown_parts(f"|{'a|' * columns}\n|{'-|' * columns}\n|{'b|' * columns}")
    assert [part["is"] for part in wide] == ["paragraph", "paragraph"]
    assert wide[1]["inside"].count("b") == columns
