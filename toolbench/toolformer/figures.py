"""What became of the candidates of a corpus, counted as they go by."""

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from toolbench.model import JsonObject
from toolbench.toolformer.base import Annotation, Candidate, Settings

THRESHOLDS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)
"""Values of tau_f that kept calls are counted at; the paper's table has 0.5, 1 and 2."""

STEP, LOW, HIGH = 0.25, -3.0, 4.0
"""Width of a bar of the distribution of gains, in nats, and where it begins and ends; what lies outside is in the
outermost bars."""

BARS = round((HIGH - LOW) / STEP)

EXAMPLES = 5
"""Calls that are shown of each sort."""

AROUND = 60
"""Characters of the text that are shown on either side of a call."""


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """A call to show."""

    rank: float
    """By which the greatest are shown."""
    number: int
    """Tells equals apart."""
    before: str = field(compare=False)
    after: str = field(compare=False)
    candidate: Candidate = field(compare=False)


@dataclass(slots=True)
class ToolFigures:
    """Figures of one tool."""

    settings: Settings
    pieces: int = 0
    """Pieces of text that were tried."""
    positions: int = 0
    """Positions at which calls were sampled."""
    discarded: int = 0
    """Samples that were not closed, or no call of the tool."""
    candidates: int = 0
    """Different calls by position."""
    failed: int = 0
    """Calls without a result."""
    kept: int = 0
    """Calls whose result lowers the loss enough."""
    at: Counter[float] = field(default_factory=Counter[float])
    """Calls that would be kept, by threshold."""
    bars: list[int] = field(default_factory=lambda: [0] * BARS)
    """Calls by gain."""
    in_place: int = 0
    """Calls that would be kept by the losses with the call in its place."""
    failures: Counter[str] = field(default_factory=Counter[str])
    best: list[Example] = field(default_factory=list[Example])
    """The kept calls that gain most."""
    nearly: list[Example] = field(default_factory=list[Example])
    """The rejected calls that gain most."""

    def as_json(self) -> JsonObject:
        """Return the figures."""
        return {
            "settings": self.settings.model_dump(),
            "pieces": self.pieces,
            "positions": self.positions,
            "discarded": self.discarded,
            "candidates": self.candidates,
            "failed": self.failed,
            "kept": self.kept,
            "kept_at": {f"{threshold:g}": self.at[threshold] for threshold in THRESHOLDS},
            "kept_in_place": self.in_place,
        }


class CorpusFigures:
    """Figures of a corpus.

    Args:
        settings: the tools' thresholds.
    """

    def __init__(self, settings: Mapping[str, Settings]) -> None:
        self.tools = {name: ToolFigures(used) for name, used in settings.items()}
        self.documents = self.with_calls = self.failed = self.characters = 0
        self.failures: Counter[str] = Counter()

    def add(self, annotation: Annotation) -> None:
        """Count a document."""
        self.documents += 1
        self.characters += len(annotation.text)
        self.with_calls += any(one.kept for one in annotation.candidates)
        if annotation.failure:
            self.failed += 1
            self.failures[annotation.failure] += 1
        for name, found in self.tools.items():
            found.pieces += annotation.concerned.get(name, 0)
            found.positions += annotation.positions.get(name, 0)
            found.discarded += annotation.discarded.get(name, 0)
        for one in annotation.candidates:
            self._count(self.tools[one.tool], one, annotation.text)

    def _count(self, found: ToolFigures, one: Candidate, text: str) -> None:
        found.candidates += 1
        if one.gain is None:
            found.failed += 1
            found.failures[one.failure] += 1
            return
        found.kept += one.kept
        found.at.update(threshold for threshold in THRESHOLDS if one.gain >= threshold)
        found.bars[min(BARS - 1, max(0, int((one.gain - LOW) // STEP)))] += 1
        if one.in_place:
            found.in_place += one.in_place.gain("both") >= found.settings.tau_f
        example = Example(
            one.gain,
            -found.candidates,
            text[max(0, one.offset - AROUND) : one.offset],
            text[one.offset : one.offset + AROUND],
            one,
        )
        _keep(found.best if one.kept else found.nearly, example)

    def as_json(self) -> JsonObject:
        """Return the figures."""
        tools: dict[str, Any] = {name: found.as_json() for name, found in self.tools.items()}
        return {
            "documents": self.documents,
            "with_calls": self.with_calls,
            "failed": self.failed,
            "characters": self.characters,
            "tools": tools,
        }


def _keep(examples: list[Example], example: Example) -> None:
    heapq.heappush(examples, example)
    if len(examples) > EXAMPLES:
        heapq.heappop(examples)
