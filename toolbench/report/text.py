"""The report as plain text, for a terminal or a log."""

from collections.abc import Iterator, Mapping

from toolbench.report.statistics import Rate, Stage, Statistics

BAR = 28
"""Characters of a full bar."""

_EIGHTHS = " ▏▎▍▌▋▊▉"


def as_text(statistics: Statistics) -> str:
    """Return the figures as text; every line ends in a line break."""
    blocks = [
        _head(statistics),
        _funnel(statistics.funnel, max(statistics.tasks, len(statistics.traces))),
        _rates("By kind of task", statistics.by_kind) if statistics.judged else [],
        _rates("By calls in the solution", statistics.by_calls) if statistics.judged else [],
        _rates("By API", statistics.by_api) if statistics.judged else [],
        _failures(statistics),
        _trees(statistics),
    ]
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks if block)


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
    else:
        lines.append("Not judged yet: toolbench evaluate")
    if not statistics.curated:
        lines.append("Not curated yet: toolbench curate")
    usage = statistics.usage
    cost = f", ${usage.cost:.2f}" if usage.cost else ""
    return [*lines, f"{usage.queries:,} model queries, {usage.calls:,} tool calls{cost}"]


def _rate(rate: Rate) -> str:
    return f"{rate.value:.1%} ({rate.passed} of {rate.total}; 95% interval {rate.low:.1%} to {rate.high:.1%})"


def _funnel(stages: list[Stage], total: int) -> Iterator[str]:
    for stage in stages:
        yield f"{stage.name:<20} {bar(stage.count / total)} {stage.count:>7,}"
        for reason, count in stage.lost.most_common():
            yield f"{'':<20} {'':<{BAR}} {f'-{count:,}':>7} {reason.replace('_', ' ')}"


def _rates(title: str, rates: Mapping[str, Rate]) -> Iterator[str]:
    yield title
    for name, rate in rates.items():
        yield f"  {name:<18} {bar(rate.value)} {rate.value:>7.1%}  {rate.low:.0%} to {rate.high:.0%} of {rate.total}"


def _failures(statistics: Statistics) -> Iterator[str]:
    if statistics.failures:
        yield "Failures, each with its first example"
    for failure in statistics.failures:
        yield f"  {failure.count:>5,} {failure.kind.replace('_', ' ')}: {failure.detail} ({failure.trace})"


def _trees(statistics: Statistics) -> Iterator[str]:
    shapes = {name: statistics.shape(name) for name in ("nodes", "depth", "backtracks")}
    yield "Trees: " + ", ".join(f"{name} {mean:.1f} (at most {top})" for name, (mean, top) in shapes.items())
