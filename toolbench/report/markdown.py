"""The report as Markdown, short enough for a pull request."""

import re
from collections.abc import Iterator, Sequence

from toolbench.curation.judgements import UNVERIFIED
from toolbench.report.comparison import Comparison
from toolbench.report.kinds import explain
from toolbench.report.opinions import figures
from toolbench.report.pages import dollars, percent, sentence, shortened, words
from toolbench.report.statistics import Rate, Statistics

GROUPS = {"kind": "Kind of task", "difficulty": "Difficulty", "api": "API"}
"""What pass rates are told by."""


def as_markdown(statistics: Statistics) -> str:
    """Return a run's summary. What users and models said is escaped: it makes no markup, and mentions nobody."""
    blocks = [
        _head(statistics),
        _table(("stage", "left", "why the rest fell"), _funnel(statistics)),
        _rates(statistics),
        _opinions(statistics),
        _failures(statistics),
    ]
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block) + "\n"


def comparison_as_markdown(comparison: Comparison) -> str:
    """Return the summary of runs side by side."""
    names = [escaped(name) for name in comparison.names]
    figures = ((name, *map(escaped, values)) for name, values in comparison.figures)
    blocks = [[f"### {' against '.join(names)}"], [*_table(("", *names), figures)], [*_pairings(comparison)]]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    held = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    held = re.sub(r"([\\`*_{}\[\]()#+!|~-])", r"\\\1", held)
    # A name after @ would call somebody, and a bare address would become a link.
    return held.replace("@", "@\u200b").replace("://", ":\u200b//").replace("www.", "www\u200b.")


def _head(statistics: Statistics) -> Iterator[str]:
    yield f"### {escaped(statistics.name)}"
    yield ""
    number = len(statistics.traces)
    if statistics.judged:
        rate = statistics.overall
        yield f"**{percent(rate.value)}** of {number:,} traces pass (95% interval {_interval(rate)})."
    else:
        yield f"{number:,} traces, not judged yet."
    if statistics.unverified:
        yield f"Unverified are {statistics.unverified:,} of those that pass: {UNVERIFIED}."
    if "planner" in statistics.teachers:
        yield "The teacher `planner` knows the solution: its pass rate is a setting."
    usage = statistics.usage
    yield f"{usage.queries:,} queries, {usage.calls:,} tool calls, {dollars(usage.cost)}."


def _funnel(statistics: Statistics) -> Iterator[tuple[str, ...]]:
    for stage in statistics.funnel:
        lost = ", ".join(f"{count:,} {escaped(explain(kind)[0].lower())}" for kind, count in stage.lost.most_common())
        unscored = f"{stage.unscored:,} of these not scored" if stage.unscored else ""
        yield escaped(stage.name), f"{stage.count:,}", "; ".join(filter(None, (lost, unscored)))


def _rates(statistics: Statistics) -> Iterator[str]:
    rows = [
        (title, escaped(words(name)), percent(rate.value), _interval(rate), f"{rate.total:,}")
        for group, title in GROUPS.items()
        for name, rate in statistics.rates[group].items()
    ]
    if statistics.judged:
        yield "<details><summary>Where it passes</summary>"
        yield ""
        yield from _table(("", "", "pass rate", "95% interval", "traces"), rows)
        yield ""
        yield "</details>"


def _opinions(statistics: Statistics) -> Iterator[str]:
    for judge in statistics.judges:
        known = ", ".join(f"{name} {value:.2f}" for name, _, value in figures(judge.calibration))
        told = f"{percent(judge.passed.value)} of {judge.passed.total:,} pass, {judge.unscored:,} not scored"
        yield f"- Opinion of {escaped(judge.name)}: {told} ({known or 'never calibrated'})."


def _failures(statistics: Statistics) -> Iterator[str]:
    for failure in statistics.failures:
        first = failure.examples[0]
        said = f"“{escaped(shortened(first.said))}” {escaped(sentence(first.detail))} (`{first.trace}`)"
        yield f"- **{failure.count:,} times {escaped(failure.title.lower())}**: {said}"


def _pairings(comparison: Comparison) -> Iterator[str]:
    for name, pairing in zip(comparison.names[1:], comparison.pairings, strict=True):
        low, high = pairing.interval
        yield (
            f"- {escaped(name)} against {escaped(comparison.names[0])}: {100 * pairing.difference:+.1f} points "
            f"({100 * low:+.1f} to {100 * high:+.1f}; p = {pairing.chance:.2g}) on {pairing.pairs:,} shared attempts, "
            f"{len(pairing.gained):,} gained, {len(pairing.lost):,} lost."
        )


def _interval(rate: Rate) -> str:
    return f"{percent(rate.low)} to {percent(rate.high)}"


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
