"""The report as one self-contained page: no script, no network, everything from a trace escaped."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import orjson
from jinja2 import Environment, StrictUndefined, Template

from toolbench._version import __version__
from toolbench.curation.judgements import UNVERIFIED, Judgements, judged_leaf
from toolbench.curation.rows import RowBuilder
from toolbench.model import Message, Row, Task, Trace
from toolbench.report.asked import REASONS
from toolbench.report.dependencies import BOX, picture
from toolbench.report.statistics import Statistics, TraceState
from toolbench.report.trees import Branch, CallText, Drawing, draw, outline
from toolbench.store import Run, write_whole

TREES, CONVERSATIONS = 6, 4
"""How many of each are shown."""

EASY_TREE, LARGEST_TREE = 30, 80
"""Nodes of the largest tree that is easy to look at, and of the largest that is drawn."""

SQUARES = 2_000
"""Traces shown as squares."""

NAMES, LINKS = 200, 60
"""Operations that are named, of those not used for a reason, and edges that are listed."""

LONGEST_RESULT = 1_600
"""Characters of a tool's result that are shown in a conversation."""


@dataclass(frozen=True, slots=True)
class ShownTree:
    """A tree on the page."""

    state: TraceState
    detail: str
    """Why it fell, in a sentence; empty when it passed."""
    drawing: Drawing
    branches: list[Branch]


@dataclass(frozen=True, slots=True)
class Speech:
    """A message on the page; the results of its calls stand with them."""

    role: str
    text: str
    reasoning: str
    train: bool
    reason: str
    calls: tuple[CallText, ...]


@dataclass(frozen=True, slots=True)
class ShownConversation:
    """A conversation on the page."""

    state: TraceState
    speeches: list[Speech]


def write_html(run: Run, statistics: Statistics, path: Path) -> None:
    """Write the page, whole or not at all."""
    trees, conversations = _pick_trees(statistics.traces), _pick_conversations(statistics.traces)
    shown = _Shown(run, {state.id: state for state in (*trees, *conversations)})
    found = statistics.asked.dependencies
    page = _template().render(
        statistics=statistics,
        picture=picture(found) if found else None,
        reasons=REASONS,
        limits={"names": NAMES, "links": LINKS},
        box_width=BOX,
        squares=statistics.traces[:SQUARES],
        trees=[shown.tree(state) for state in trees],
        conversations=[shown.conversation(state) for state in conversations],
        unverified=UNVERIFIED,
        version=__version__,
    )
    write_whole(path, page.encode())


def _pick_trees(states: Iterable[TraceState]) -> list[TraceState]:
    """Return trees worth looking at: good ones that had to backtrack, then failures; the easy ones first."""
    drawable = [state for state in states if 1 < state.nodes <= LARGEST_TREE]
    ordered = sorted(drawable, key=lambda state: (state.nodes > EASY_TREE, -state.backtracks, -state.nodes, state.id))
    good = [state for state in ordered if state.fate in ("kept", "passed", "unjudged")]
    bad = [state for state in ordered if state.fate in ("failed", "lost")]
    return [*good[: TREES - min(len(bad), TREES // 3)], *bad[: TREES // 3]]


def _pick_conversations(states: Iterable[TraceState]) -> list[TraceState]:
    """Return passing conversations: of each kind of task one with a recovery and one without, then others."""
    good = [state for state in states if state.fate in ("kept", "passed")]
    first: dict[tuple[str, bool], TraceState] = {}
    for state in good:
        first.setdefault((state.kind, state.recovered), state)
    picked = sorted(first.values(), key=lambda state: (not state.recovered, state.kind))
    others = [state for state in good if state not in picked]
    return [*picked, *others][:CONVERSATIONS]


class _Shown:
    """The traces that are shown, read in one pass."""

    def __init__(self, run: Run, wanted: dict[str, TraceState]) -> None:
        self._traces = {trace.id: trace for trace in run.traces if trace.id in wanted}
        names = {state.task for state in wanted.values()}
        self._tasks: dict[str, Task] = {task.id: task for task in run.tasks if task.id in names}
        self._judgements = Judgements(verdict for verdict in run.verdicts if verdict.trace in wanted)
        self._builder = RowBuilder({tool.name: tool for tool in run.tools})

    def tree(self, state: TraceState) -> ShownTree:
        """Return a trace's tree."""
        trace = self._traces[state.id]
        fault = self._judgements.fault(trace) if state.fate in ("failed", "lost") else None
        drawing = draw(trace, self._tasks[state.task].apis)
        return ShownTree(state, fault.detail if fault else "", drawing, outline(trace))

    def conversation(self, state: TraceState) -> ShownConversation:
        """Return a trace's best path as the conversation that is trained on."""
        return ShownConversation(state, list(_speeches(self._row(self._traces[state.id], self._tasks[state.task]))))

    def _row(self, trace: Trace, task: Task) -> Row:
        leaf = judged_leaf(trace)
        return self._builder.build(trace, leaf, task, self._judgements.marks(trace.id, leaf))


def _speeches(row: Row) -> Iterator[Speech]:
    results = {message.call: message.content or "" for message in row.messages if message.role == "tool"}
    for message in row.messages:
        if message.role != "tool":
            calls = tuple(_call_texts(message, results))
            yield Speech(message.role, message.content or "", message.reasoning, message.train, message.reason, calls)


def _call_texts(message: Message, results: dict[str, str]) -> Iterator[CallText]:
    for call in message.calls:
        arguments = orjson.dumps(call.arguments).decode()
        yield CallText(call.tool, arguments, "", ok=message.train, body=_indented(results.get(call.id, "")))


def _indented(text: str) -> str:
    shown = orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode() if text else ""
    more = len(shown) - LONGEST_RESULT
    return shown if more <= 0 else f"{shown[:LONGEST_RESULT]}\n… and {more} more characters"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}".removesuffix(".0") + " %"


def _words(name: str) -> str:
    return name.replace("_", " ")


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["percent"] = _percent
    environment.filters["words"] = _words
    source = resources.files("toolbench.report").joinpath("report.html.j2").read_text("utf-8")
    return environment.from_string(source)
