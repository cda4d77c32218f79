"""Runs side by side: their figures, and the difference on the tasks that they share."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from toolbench.model import JsonObject
from toolbench.report.outcomes import TraceState
from toolbench.report.pages import dollars, percent, render
from toolbench.report.statistics import GROUPS, Rate, Statistics

_Z = 1.959964
_HALVINGS = 40

SHOWN = 12
"""Traces that are listed of those that only one of two runs solves."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """One run held against another, on the attempts at tasks that both have."""

    pairs: int
    gained: Sequence[tuple[TraceState, TraceState]]
    """Pairs of which only the second passes."""
    lost: Sequence[tuple[TraceState, TraceState]]
    """Pairs of which only the first passes."""

    @property
    def difference(self) -> float:
        """The second's pass rate less the first's; 0 where they share nothing."""
        return (len(self.gained) - len(self.lost)) / self.pairs if self.pairs else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% score interval of the difference (Tango 1998); all of [-1, 1] where they share nothing."""
        if not self.pairs:
            return -1.0, 1.0
        # The score falls as the difference that is supposed grows.
        return self._where_score_is(_Z, -1.0, self.difference), self._where_score_is(-_Z, self.difference, 1.0)

    def _where_score_is(self, wanted: float, low: float, high: float) -> float:
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._score(middle) > wanted else (low, middle)
        return (low + high) / 2

    def _score(self, supposed: float) -> float:
        """Return how many standard errors the pairs lie above a supposed difference."""
        gained, lost, total = len(self.gained), len(self.lost), self.pairs
        linear = (2 * total - gained + lost) * supposed - gained - lost
        root = math.sqrt(linear**2 + 8 * total * lost * supposed * (1 - supposed))
        # The likeliest share of pairs that only the first passes, if the difference is as supposed.
        rate = (root - linear) / (4 * total)
        spread = math.sqrt(max(0.0, total * (2 * rate + supposed * (1 - supposed))))
        distance = gained - lost - total * supposed
        return distance / spread if spread else math.copysign(math.inf, distance)

    @property
    def chance(self) -> float:
        """How often chance alone parts two equal runs at least so far: McNemar's exact test, two-sided."""
        fewer, parted = min(len(self.gained), len(self.lost)), len(self.gained) + len(self.lost)
        return min(1.0, 2 * sum(math.comb(parted, count) for count in range(fewer + 1)) / 2**parted)

    @property
    def verdict(self) -> str:
        """What the interval says, in words."""
        low, high = self.interval
        if not self.pairs:
            return "They share no task: nothing can be said of a difference."
        return "better" if low > 0 else "worse" if high < 0 else "no difference that chance would not make"

    def as_json(self) -> JsonObject:
        """Return all of it, with ids of traces."""
        return {
            "pairs": self.pairs,
            "difference": self.difference,
            "interval": list(self.interval),
            "p": self.chance,
            "gained": [[first.id, second.id] for first, second in self.gained],
            "lost": [[first.id, second.id] for first, second in self.lost],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs side by side; the first is what the others are held against."""

    runs: Sequence[Statistics]
    names: Sequence[str]
    """What tells them apart, in the order of the runs."""
    pairings: Sequence[Pairing]
    """One for each run after the first."""

    @property
    def scale(self) -> float:
        """The end of the scale that holds all intervals of the differences."""
        ends = [abs(end) for pairing in self.pairings if pairing.pairs for end in pairing.interval]
        return next(scale for scale in (0.1, 0.2, 0.5, 1.0) if scale >= max(ends, default=0.0))

    @property
    def figures(self) -> list[tuple[str, list[str]]]:
        """Names of figures, and the values for each run, in words."""
        return [(name, [told(run) for run in self.runs]) for name, told in _FIGURES.items()]

    def groups(self, group: str) -> dict[str, list[Rate | None]]:
        """Return the pass rates of a group of `GROUPS` for each run; None where a run has none of it."""
        names = dict.fromkeys(name for run in self.runs for name in run.rates[group])
        return {name: [run.rates[group].get(name) for run in self.runs] for name in names}

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "runs": [{"name": name, **run.as_json()} for name, run in zip(self.names, self.runs, strict=True)],
            "against_first": [
                {"name": name, **pairing.as_json()} for name, pairing in zip(self.names[1:], self.pairings, strict=True)
            ],
        }


def compare(runs: Sequence[Statistics], names: Sequence[str]) -> Comparison:
    """Return runs side by side.

    Args:
        runs: at least one.
        names: what tells them apart.
    """
    return Comparison(runs, names, [_pairing(runs[0], other) for other in runs[1:]])


def page(comparison: Comparison, *, home: str = "") -> str:
    """Return the page.

    Args:
        comparison: what it shows.
        home: address of the list of runs, where the page is served.
    """
    groups = {name: comparison.groups(name) for name in GROUPS}
    return render("comparison", comparison=comparison, groups=groups, limit=SHOWN, home=home)


def _pairing(first: Statistics, second: Statistics) -> Pairing:
    known = {(state.task, state.sample): state for state in first.traces}
    pairs = [(known[state.task, state.sample], state) for state in second.traces if (state.task, state.sample) in known]
    return Pairing(
        len(pairs),
        [pair for pair in pairs if pair[1].passes and not pair[0].passes],
        [pair for pair in pairs if pair[0].passes and not pair[1].passes],
    )


def _mean(run: Statistics, total: float) -> str:
    return f"{total / len(run.traces):,.1f}"


_FIGURES: dict[str, Callable[[Statistics], str]] = {
    "traces": lambda run: f"{len(run.traces):,}",
    "searcher": lambda run: ", ".join(run.searchers),
    "teacher": lambda run: ", ".join(run.teachers),
    "pass rate": lambda run: percent(run.overall.value) if run.judged else "not judged",
    "95% interval": lambda run: (
        f"{percent(run.overall.low)} to {percent(run.overall.high)}" if run.judged else "unknown"
    ),
    "kept for training": lambda run: f"{run.kept:,}" if run.curated else "not curated",
    "recovered from an error": lambda run: f"{run.recovered:,}",
    "queries a trace": lambda run: _mean(run, run.usage.queries),
    "tool calls a trace": lambda run: _mean(run, run.usage.calls),
    "tokens a trace": lambda run: _mean(run, run.usage.prompt_tokens + run.usage.completion_tokens),
    "dollars, in all": lambda run: dollars(run.usage.cost),
    "nodes of a tree": lambda run: f"{run.shape('nodes')[0]:.1f}",
    "backtracks of a tree": lambda run: f"{run.shape('backtracks')[0]:.2f}",
}
