"""Plots, as pygal draws them: SVG without style or script of its own, coloured by the page's style."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pygal
from markupsafe import Markup

from toolbench.report.outcomes import FATES, TraceState

WIDTH, HEIGHT = 480, 200
"""Of the drawing, in its own units; it grows and shrinks with its place."""

NAMESPACE = "{http://www.w3.org/2000/svg}"

SPARE = {"background", "tooltip-overlay", "text-overlay", "titles"}
"""Classes of what the page has no use for."""

BINS = 12
"""Most bars of a histogram."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often values fall between bounds, by what became of those that have them."""

    ranges: Mapping[str, str]
    """For each bar the values it holds, by the lowest of them, which stands below it."""
    counts: Mapping[str, tuple[int, ...]]
    """For each series the height of its part of each bar."""


def histogram(values: Mapping[str, Sequence[int]]) -> Histogram:
    """Count whole numbers in at most `BINS` bins of one width, from the lowest value of any series to the highest.

    Args:
        values: the numbers, at least 0, of each series. Not all series are empty.
    """
    every = [value for held in values.values() for value in held]
    low, high = min(every), max(every)
    width = math.ceil((high - low + 1) / BINS)
    number = (high - low) // width + 1
    starts = [low + place * width for place in range(number)]
    ranges = {f"{start:,}": f"{start:,}" if width == 1 else f"{start:,} to {start + width - 1:,}" for start in starts}
    counts: dict[str, tuple[int, ...]] = {}
    for name, held in values.items():
        places = Counter((value - low) // width for value in held)
        counts[name] = tuple(places[place] for place in range(number))
    return Histogram(ranges, counts)


def stacked(drawn: Histogram, title: str, unit: str) -> Markup:
    """Return a histogram as stacked bars.

    Args:
        drawn: what to draw; its series take the style's classes `serie-0`, `serie-1`, … in their order.
        title: what the plot is of, for those who cannot see it.
        unit: what is counted, in the plural.
    """
    # What pygal would write on the page by itself is taken out again: it names no style and no script.
    chart: Any = pygal.StackedBar(
        css=[], js=[], width=WIDTH, height=HEIGHT, margin=4, show_legend=False, no_prefix=True, spacing=4
    )
    chart.x_labels = list(drawn.ranges)
    chart.y_labels = _ticks(max(map(sum, zip(*drawn.counts.values(), strict=True))))
    chart.value_formatter = "{:,.0f}".format
    for name, counts in drawn.counts.items():
        chart.add(name, list(counts))
    # Parsed anew, since the library builds on whichever parser is installed. The text is its own.
    root = ElementTree.fromstring(chart.render())  # noqa: S314
    root.tag = root.tag.removeprefix(NAMESPACE)
    _undress(root)
    _say(root, drawn, unit)
    root.attrib = {"class": "plot", "viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": title}
    # The parser escapes what it writes.
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704


def by_fate(states: Sequence[TraceState], measure: str) -> Markup:
    """Return how a measure of the traces' cost is distributed: `queries`, `calls`, `prompt_tokens`, …"""
    values = {fate: [getattr(one.usage, measure) for one in states if one.fate == fate] for fate in FATES}
    return stacked(histogram(values), f"{measure.replace('_', ' ')} of a trace", "traces")


def _ticks(highest: int) -> list[int]:
    """Return about four round numbers from 0 to at least the highest bar."""
    power = 10 ** int(math.log10(max(highest, 4) / 4))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * 4 >= highest)
    return [step * place for place in range(math.ceil(highest / step) + 1)]


def _undress(parent: ElementTree.Element) -> None:
    """Take out of a drawing all but what is drawn."""
    for element in list(parent):
        element.tag = element.tag.removeprefix(NAMESPACE)
        if element.tag in ("defs", "title") or "style" in element.attrib or _is_spare(element):
            parent.remove(element)
        else:
            _undress(element)


def _is_spare(element: ElementTree.Element) -> bool:
    looks = element.get("class", "").split()
    is_empty = any(one.get("height") == "0.0" for one in element)
    return not SPARE.isdisjoint(looks) or ("bar" in looks and is_empty)


def _say(root: ElementTree.Element, drawn: Histogram, unit: str) -> None:
    """Have each part of a bar tell what it stands for when it is pointed at."""
    for series, name in enumerate(drawn.counts):
        for bar in root.iterfind(f".//g[@class='series serie-{series} color-{series}']//g[@class='bar']"):
            told = {one.get("class"): one.text for one in bar.iterfind("desc")}
            for one in bar.findall("desc"):
                bar.remove(one)
            title = ElementTree.SubElement(bar, "title")
            title.text = f"{drawn.ranges[told['x_label'] or '']}: {told['value']} {unit} {name}"
