"""The page on an annotated corpus: how much calls gain, how many are kept at which threshold, and examples."""

from dataclasses import dataclass
from pathlib import Path

from toolbench.model import JsonObject
from toolbench.report.pages import render
from toolbench.store import write_whole
from toolbench.toolformer.figures import HIGH, LOW, STEP, THRESHOLDS, CorpusFigures, ToolFigures

REASONS = 5
"""Reasons for calls without a result that are listed."""

WIDTH, HEIGHT = 100.0, 60.0
"""Of a distribution, in units of its drawing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a distribution."""

    x: float
    y: float
    width: float
    height: float
    is_kept: bool
    """Whether calls in it gain enough."""
    title: str


def write_report(path: Path, name: str, figures: CorpusFigures, settings: JsonObject, written: int, calls: int) -> None:
    """Write the page, whole or not at all.

    Args:
        path: where to.
        name: what the corpus is called.
        figures: its figures.
        settings: what it was annotated with.
        written: texts that were written.
        calls: calls in them.

    Raises:
        RunError: it cannot be written.
    """
    page = render(
        "toolformer",
        name=name,
        figures=figures,
        settings=settings,
        written=written,
        calls=calls,
        thresholds=THRESHOLDS,
        bars={tool: bars(found) for tool, found in figures.tools.items()},
        marks={tool: 100 * (found.settings.tau_f - LOW) / (HIGH - LOW) for tool, found in figures.tools.items()},
        box=(WIDTH, HEIGHT),
        ends=(LOW, HIGH),
        reasons=REASONS,
    )
    write_whole(path, page.encode())


def bars(found: ToolFigures) -> list[Bar]:
    """Return the bars of a tool's distribution of gains."""
    most = max(found.bars) or 1
    width = WIDTH / len(found.bars)
    made: list[Bar] = []
    for n, count in enumerate(found.bars):
        low = LOW + n * STEP
        height = HEIGHT * count / most
        title = f"{count} calls gain {low:g} to {low + STEP:g} nats"
        made.append(Bar(n * width, HEIGHT - height, width * 0.88, height, low >= found.settings.tau_f, title))
    return made
