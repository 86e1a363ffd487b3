"""From YAML text to a checked methodology: each fault with its line and column. No database, no HTTP."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import yaml

from lifecycle.methodologies.pieces import Fault, Path
from lifecycle.methodologies.schema import faults_in

LIMIT = 120_000  # characters of one methodology; the shipped ones have about 22,000
DEEPEST = 20  # blocks inside each other
SHOWN = 100  # faults that are told at once
# The compiled reader is ten times faster; what it refuses is read again by the other, whose words say where and why.
_READERS = (getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader)
_PLAIN = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
Place = tuple[int, int]


@dataclass(frozen=True)
class LocatedFault:
    """A fault and where it stands: line and column counted from 1, and the path of keys."""

    line: int
    column: int
    path: str
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.path}: {self.reason}"


@dataclass(frozen=True)
class Reading:
    """What a text holds: its content when it has no fault, else all faults in the order of the text."""

    content: dict[str, Any] | None
    faults: list[LocatedFault]


@dataclass
class _Tree:
    """Plain data out of YAML nodes, with the place of each."""

    faults: list[tuple[Place, Fault]] = field(default_factory=list)
    places: dict[Path, Place] = field(default_factory=dict)

    def plain(self, node: yaml.Node, path: Path) -> Any:
        self.places.setdefault(path, _place(node.start_mark))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(each, (*path, number)) for number, each in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            where = _place(key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != "tag:yaml.org,2002:str":
                self.say(where, path, "a name of an entry must be a plain word; put it in quotes.")
                continue
            key = key_node.value
            if key in found:
                first = self.places[*path, key][0]
                self.say(where, (*path, key), f"“{key}” stands here a second time; it is at line {first} already.")
                continue
            # An entry stands where its name stands: that is where a person looks for it.
            self.places[*path, key] = where
            found[key] = self.plain(value_node, (*path, key))
        return found

    def scalar(self, node: yaml.Node, path: Path) -> Any:
        where = _place(node.start_mark)
        if node.tag not in _PLAIN:
            self.say(where, path, "must be a text, a number, or true or false; put dates and the like in quotes.")
            return ""
        try:
            value = yaml.constructor.SafeConstructor().construct_object(node)
        except (ValueError, yaml.YAMLError):
            self.say(where, path, f"{str(node.value)[:40]!r} cannot be read; put it in quotes.")
            return ""
        if isinstance(value, float) and not math.isfinite(value):
            self.say(where, path, "is no number that can be counted with.")
            return 0
        if isinstance(value, str) and ("\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value)):
            self.say(where, path, "holds a sign that is no text.")
            return ""
        return value

    def say(self, where: Place, path: Path, reason: str) -> None:
        self.faults.append((where, Fault(path, reason)))

    def place_of(self, path: Path) -> Place:
        """Where the path stands, or the nearest block around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read_methodology(text: str, *, key: str = "") -> Reading:
    """The content of a methodology's YAML text, or all its faults. `key`: the one that it must have, if any."""
    node = nodes_of(text)
    if isinstance(node, LocatedFault):
        return Reading(None, [node])
    tree = _Tree()
    content = tree.plain(node, ())
    unread = {fault.path for _, fault in tree.faults}
    further = [fault for fault in faults_in(content) if fault.path not in unread]
    framework = content.get("framework") if isinstance(content, dict) else None
    if key and isinstance(framework, dict) and framework.get("key", key) != key:
        further.append(Fault(("framework", "key"), f"must be {key!r}, the key under which it is kept here."))
    placed = [*tree.faults, *((tree.place_of(fault.path), fault) for fault in further)]
    placed.sort(key=lambda each: each[0])
    faults = [LocatedFault(line, column, fault.place, fault.reason) for (line, column), fault in placed]
    return Reading(None, faults[:SHOWN]) if faults else Reading(content, [])


def nodes_of(text: str) -> yaml.Node | LocatedFault:
    """The YAML nodes of a text, or the fault for which it cannot be read at all."""
    if not text.strip():
        return _unread(1, 1, "is empty. Begin with framework and phases.")
    if len(text) > LIMIT:
        return _unread(1, 1, f"has {len(text)} characters; the limit is {LIMIT}.")
    quick, exact = _READERS
    try:
        try:
            node = _compose(text, quick)
        except (yaml.YAMLError, UnicodeError):
            node = _compose(text, exact)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        return _unread(line, column, "holds a sign that is no text. Paste it again as plain text.")
    except yaml.MarkedYAMLError as error:
        return _syntax_fault(error)
    return _unread(1, 1, "is empty. Begin with framework and phases.") if node is None else node


def _compose(text: str, reader: Any) -> yaml.Node | LocatedFault | None:
    return _fault_in_events(text, reader) or yaml.compose(text, Loader=reader)


def _fault_in_events(text: str, reader: Any) -> LocatedFault | None:
    """What YAML can do and a methodology must not: references, own types, several documents, endless nesting.

    Found before anything is built, since a small text of references can stand for a huge one.
    """
    depth, documents = 0, 0
    for event in yaml.parse(text, Loader=reader):
        line, column = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            return LocatedFault(line, column, f"*{event.anchor}", "references are not used here; write it out.")
        tag = getattr(event, "tag", None)
        if tag and tag not in _PLAIN and not tag.endswith((":map", ":seq")):
            return LocatedFault(
                line, column, tag.rpartition(":")[2], "types of one's own are not used here; leave it out."
            )
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                return LocatedFault(
                    line, column, "---", "a file holds one methodology; put the second in its own file."
                )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return LocatedFault(line, column, "the file", f"more than {DEEPEST} blocks stand inside each other.")
    return None


# How the reader's own words begin, and what a person can do about it.
_SYNTAX = (
    ("mapping values are not allowed", "a colon stands where none can be. Put a text that holds a colon in quotes."),
    ("could not find expected ':'", "a colon is missing behind the name of an entry."),
    ("found character '\\t'", "a tab stands here. Indent with spaces."),
    ("found unexpected end of stream", "a quote is opened and never closed."),
    (
        "expected <block end>, but found '-'",
        "a list begins where an entry is expected. Look at the indent of this line.",
    ),
    ("expected <block end>, but found '<block mapping", "the indent of this line fits no line above it."),
    ("expected <block end>", "a text goes on behind its end. Put the whole text in quotes."),
    ("expected ',' or ']', but got '<stream end>'", "a list is opened with “[” and never closed."),
    ("expected ',' or '}', but got '<stream end>'", "a block is opened with “{” and never closed."),
    ("expected ',' or", "a comma or a closing bracket is missing, or a text with such signs is not in quotes."),
    ("expected the node content", "the text ends or breaks off where a value is expected."),
    ("found unknown escape", "a backslash in double quotes means something here. Use single quotes."),
)


def _syntax_fault(error: yaml.MarkedYAMLError) -> LocatedFault:
    mark = error.problem_mark or error.context_mark
    line, column = _place(mark) if mark else (1, 1)
    problem = str(error.problem or "it cannot be read")
    said = next(
        (words for start, words in _SYNTAX if problem.startswith(start)),
        f"this is no valid YAML ({problem}). Look at this line and the one above it.",
    )
    opened = error.context_mark
    if opened is not None and mark is not None and opened.line != mark.line:
        said += f" What it belongs to begins at line {opened.line + 1}."
    return LocatedFault(line, column, "the text", said)


def _unread(line: int, column: int, reason: str) -> LocatedFault:
    return LocatedFault(line, column, "the file", reason)


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1
