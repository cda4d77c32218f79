"""The report as plain text, for a terminal or a log."""

from collections.abc import Iterator, Mapping

import orjson

from toolbench.curation.judgements import UNVERIFIED
from toolbench.model import JsonObject, Step, Task, Trace
from toolbench.report.asked import REASONS, Asked
from toolbench.report.comparison import Comparison
from toolbench.report.conversation import body_text
from toolbench.report.opinions import figures
from toolbench.report.statistics import GUESSES, Rate, Stage, Statistics
from toolbench.store import Run
from toolbench.tasks.diversity import Diversity

BAR = 28
"""Characters of a full bar."""

LONGEST = 110
"""Characters of a line of a conversation."""

TITLES = {
    "kind": "By kind of task",
    "calls": "By calls in the solution",
    "difficulty": "By difficulty",
    "searcher": "By searcher",
    "api": "By API",
}
"""Titles of pass rates, by what they are told by."""

_EIGHTHS = " ▏▎▍▌▋▊▉"


def as_text(statistics: Statistics) -> str:
    """Return the figures as text; every line ends in a line break."""
    blocks = [
        _head(statistics),
        _funnel(statistics.funnel, max(statistics.tasks, len(statistics.traces))),
        _asked(statistics.asked),
        *(_rates(title, statistics.rates[group]) for group, title in TITLES.items() if statistics.judged),
        _judges(statistics),
        _failures(statistics),
        _trees(statistics),
    ]
    return "\n".join("".join(f"{line}\n" for line in block) for block in map(list, blocks) if block)


def bar(share: float) -> str:
    """Return a bar that fills a share of `BAR` characters, exact to an eighth of one."""
    eighths = round(share * BAR * 8)
    tail = _EIGHTHS[eighths % 8] if eighths % 8 else ""
    return ("█" * (eighths // 8) + tail).ljust(BAR)


def _head(statistics: Statistics) -> list[str]:
    teachers = ", ".join(statistics.teachers)
    lines = [f"{statistics.name}: {len(statistics.traces)} traces of {statistics.tasks} tasks by {teachers}"]
    if statistics.judged:
        lines.append(
            f"Pass rate {_rate(statistics.overall)}; {statistics.recovered} recovered from an error on the way"
        )
        if statistics.unverified:
            lines.append(f"Unverified are {statistics.unverified} of those that pass: {UNVERIFIED}")
    else:
        lines.append("Not judged yet: toolbench evaluate")
    if not statistics.curated:
        lines.append("Not curated yet: toolbench curate")
    usage = statistics.usage
    cost = f", ${usage.cost:.2f}" if usage.cost else ""
    lines.append(f"{usage.queries:,} model queries, {usage.calls:,} tool calls{cost}")
    if statistics.guessed.passed:
        told = ", ".join(f"{statistics.answers[one]:,} {one.replace('_', ' ')}" for one in GUESSES)
        lines.append(f"{statistics.guessed.value:.1%} of the answers to calls rest on guesses: {told}")
    return lines


def _rate(rate: Rate) -> str:
    return f"{rate.value:.1%} ({rate.passed} of {rate.total}; 95% interval {rate.low:.1%} to {rate.high:.1%})"


def _funnel(stages: list[Stage], total: int) -> Iterator[str]:
    for stage in stages:
        yield f"{stage.name:<20} {bar(stage.count / total)} {stage.count:>7,}"
        for reason, count in stage.lost.most_common():
            yield f"{'':<20} {'':<{BAR}} {f'-{count:,}':>7} {reason.replace('_', ' ')}"
        if stage.unscored:
            yield f"{'':<20} {'':<{BAR}} {f'{stage.unscored:,}':>7} of them not scored: unverified"


def _asked(asked: Asked) -> Iterator[str]:
    yield "What is asked"
    for name, held in asked.sorts().items():
        yield f"  {f'by {name}':<18} " + ", ".join(f"{key.replace('_', ' ')} {count:,}" for key, count in held.items())
    found = asked.diversity
    shortest, median, longest = found.words
    yield f"  {'words':<18} {shortest} to {longest}, half of the texts at most {median:g}"
    yield f"  {'diversity':<18} {found.openings:,} openings in {found.texts:,} texts; " + _diversity(found)
    if asked.dependencies:
        yield f"  {'coverage':<18} " + _coverage(asked.dependencies.coverage)
        for reason, names in asked.dependencies.unused.items():
            yield f"  {'':<18} {len(names):,} unused: {REASONS[reason][0].lower()}{REASONS[reason][1:]}"


def _diversity(found: Diversity) -> str:
    one, two, three = found.distinct
    return f"distinct 1-, 2-, 3-grams {one:.1%}, {two:.1%}, {three:.1%}; likeness of two texts {found.likeness:.1%}"


def _coverage(coverage: JsonObject) -> str:
    return "{operations:,} of {of_operations:,} operations, {edges:,} of {of_edges:,} edges".format(**coverage)


def _rates(title: str, rates: Mapping[str, Rate]) -> Iterator[str]:
    if rates:
        yield title
    for name, rate in rates.items():
        yield f"  {name:<18} {bar(rate.value)} {rate.value:>7.1%}  {rate.low:.0%} to {rate.high:.0%} of {rate.total}"


def _judges(statistics: Statistics) -> Iterator[str]:
    if statistics.judges:
        yield "Opinions, apart from the verdicts above"
    for judge in statistics.judges:
        known = ", ".join(f"{name} {value:.2f}" for name, _, value in figures(judge.calibration))
        yield f"  {judge.name}: {_rate(judge.passed)}, {judge.unscored:,} not scored; {known or 'never calibrated'}"
    if statistics.problem:
        yield f"  {statistics.problem}"


def _failures(statistics: Statistics) -> Iterator[str]:
    if statistics.failures:
        yield "Failures, each with its first example"
    for failure in statistics.failures:
        first = failure.examples[0]
        yield f"  {failure.count:>5,} {failure.kind.replace('_', ' ')}: {first.detail} ({first.trace})"


def _trees(statistics: Statistics) -> Iterator[str]:
    shapes = {name: statistics.shape(name) for name in ("nodes", "depth", "backtracks")}
    yield "Trees: " + ", ".join(f"{name} {mean:.1f} (at most {top})" for name, (mean, top) in shapes.items())


def sample_conversation(run: Run, statistics: Statistics) -> str:
    """Return a kept path of the run as a conversation, one that recovered from an error if there is any, or nothing."""
    kept = [state for state in statistics.traces if state.fate == "kept"]
    chosen = next((state for state in kept if state.recovered), kept[0] if kept else None)
    if chosen is None:
        return ""
    trace = next(trace for trace in run.traces if trace.id == chosen.id)
    task = next(task for task in run.tasks if task.id == chosen.task)
    return "".join(f"{line}\n" for line in ["A conversation", *_conversation(task, trace)])


def _conversation(task: Task, trace: Trace) -> Iterator[str]:
    yield f"  user       {task.turns[0].text}"
    for node in trace.path(trace.best or 0):
        if node.step is not None:
            yield from _said(node.step)


def _said(step: Step) -> Iterator[str]:
    for call, seen in zip(step.calls, step.observations, strict=False):
        yield _cut(f"  call       {call.tool} {orjson.dumps(call.arguments).decode()}")
        status = f"{seen.status.replace('_', ' ')}{f' ({seen.http_status})' if seen.http_status else ''}"
        yield _cut(f"  {status:<10} {' '.join(body_text(seen.body).split())}")
    if step.kind != "call":
        yield f"  {'user' if step.kind == 'user' else 'assistant':<10} {step.text}"


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def comparison_as_text(comparison: Comparison) -> str:
    """Return the figures of runs side by side as text; every line ends in a line break."""
    rows = [("", list(comparison.names)), *comparison.figures]
    wide = [max(len(values[place]) for _, values in rows) for place in range(len(comparison.names))]
    lines = [
        f"{name:<24}" + "  ".join(value.rjust(width) for value, width in zip(values, wide, strict=True))
        for name, values in rows
    ]
    for name, pairing in zip(comparison.names[1:], comparison.pairings, strict=True):
        low, high = (100 * end for end in pairing.interval)
        lines.append(
            f"{name} against {comparison.names[0]}: {100 * pairing.difference:+.1f} points, 95% interval {low:+.1f} to "
            f"{high:+.1f}, on {pairing.pairs:,} shared attempts; {len(pairing.gained):,} gained, "
            f"{len(pairing.lost):,} lost"
        )
    return "".join(f"{line.rstrip()}\n" for line in lines)
