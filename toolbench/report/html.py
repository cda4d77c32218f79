"""The report as one self-contained page: no network, everything from a trace escaped."""

from collections.abc import Iterable
from pathlib import Path

from toolbench.curation.judgements import UNVERIFIED
from toolbench.report.asked import REASONS
from toolbench.report.dependencies import BOX, picture
from toolbench.report.outcomes import Outcomes, TraceState
from toolbench.report.pages import render
from toolbench.report.plots import by_fate
from toolbench.report.shown import LARGEST_TREE, Shower, ShownTrace
from toolbench.report.statistics import Statistics
from toolbench.store import Run, write_whole

TREES, CONVERSATIONS = 4, 6
"""How many are shown of passing traces that had to backtrack, and of others that pass."""

EASY_TREE = 30
"""Nodes of the largest tree that is easy to look at."""

SQUARES = 2_000
"""Traces shown as squares."""

NAMES, LINKS = 200, 60
"""Operations that are named, of those not used for a reason, and edges that are listed."""

TITLES = ("Passed after backtracking", "Passed", "Fell", "Not judged yet")
"""What is shown, in this order."""


def write_html(run: Run, statistics: Statistics, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        RunError: it cannot be written.
    """
    write_whole(path, page(run, statistics).encode())


def page(run: Run, statistics: Statistics, *, home: str = "", traces_at: str = "", trace_at: str = "#trace-") -> str:
    """Return the page.

    Args:
        run: the run.
        statistics: its figures.
        home: address of the list of runs, where the page is served beside others.
        traces_at: address of the list of the run's traces, likewise.
        trace_at: what the address of a trace begins with; its id follows.
    """
    picked = _picked(statistics)
    shown = _shown(run, [state.id for states in picked for state in states])
    groups = [
        (title, [shown[state.id] for state in states]) for title, states in zip(TITLES, picked, strict=True) if states
    ]
    found = statistics.asked.dependencies
    return render(
        "report",
        statistics=statistics,
        picture=picture(found) if found else None,
        reasons=REASONS,
        limits={"names": NAMES, "links": LINKS},
        box_width=BOX,
        squares=statistics.traces[:SQUARES],
        plots=[(title, by_fate(statistics.traces, measure)) for measure, title in _measures(statistics)],
        shown=groups,
        first_title=groups[0][0] if groups else "",
        unverified=UNVERIFIED,
        home=home,
        traces_at=traces_at,
        trace_at=trace_at,
    )


def _measures(statistics: Statistics) -> list[tuple[str, str]]:
    """Return what the cost of the traces is plotted by, with titles."""
    titles = {
        "queries": "Queries a trace",
        "calls": "Tool calls a trace",
        "prompt_tokens": "Tokens read for a trace",
        "completion_tokens": "Tokens written for a trace",
    }
    usage = statistics.usage
    return [(measure, title) for measure, title in titles.items() if getattr(usage, measure)]


def _picked(statistics: Statistics) -> list[list[TraceState]]:
    """Return the traces to show, in the order of `TITLES`. Examples of failures are among them."""
    states = {state.id: state for state in statistics.traces}
    good = [state for state in statistics.traces if state.passes]
    trees = _trees(good)
    others = _varied(state for state in good if state not in trees)
    bad = [states[example.trace] for failure in statistics.failures for example in failure.examples]
    unjudged = [state for state in statistics.traces if state.fate == "unjudged"][:CONVERSATIONS]
    return [trees, others, bad, unjudged]


def _trees(states: Iterable[TraceState]) -> list[TraceState]:
    """Return trees worth looking at: those that had to backtrack most, the easy ones first."""
    grown = [state for state in states if state.backtracks and state.nodes <= LARGEST_TREE]
    return sorted(grown, key=lambda state: (state.nodes > EASY_TREE, -state.backtracks, -state.nodes, state.id))[:TREES]


def _varied(states: Iterable[TraceState]) -> list[TraceState]:
    """Return traces of each kind of task, one with a recovery and one without, then others."""
    first: dict[tuple[str, bool], TraceState] = {}
    rest: list[TraceState] = []
    for state in states:
        if (state.kind, state.recovered) in first:
            rest.append(state)
        first.setdefault((state.kind, state.recovered), state)
    return [*sorted(first.values(), key=lambda state: (not state.recovered, state.kind)), *rest][:CONVERSATIONS]


def _shown(run: Run, wanted: Iterable[str]) -> dict[str, ShownTrace]:
    """Return traces made ready, by id; all are read in one pass."""
    names = set(wanted)
    shower = Shower(Outcomes(run), run.tools)
    return {trace.id: shower.show(trace) for trace in run.traces if trace.id in names}
