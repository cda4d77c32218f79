"""What a run came to, in figures. One pass over its traces; no trace is kept in memory."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field

from toolbench.curation.judgements import wilson
from toolbench.errors import WorkError
from toolbench.model import JsonObject, Usage
from toolbench.model.calibration import JudgeFigures
from toolbench.model.trace import Answerer
from toolbench.report.asked import Asked, look_at
from toolbench.report.kinds import explain
from toolbench.report.outcomes import STAGES, TITLES, Outcomes, TraceState
from toolbench.store import Run

GUESSES: tuple[Answerer, ...] = ("made_up", "simulated")
"""Sources of answers that do not follow from what an API's description says."""

EXAMPLES = 2
"""Traces that stand for a kind of failure."""

GROUPS: Mapping[str, Callable[[TraceState], Iterable[str]]] = {
    "searcher": lambda state: (state.searcher,),
    "kind": lambda state: (state.kind,),
    "api": lambda state: state.apis,
    "difficulty": lambda state: (state.difficulty,) if state.difficulty else (),
    "calls": lambda state: () if state.solution_calls is None else (str(state.solution_calls),),
}
"""What pass rates are told by, and the groups that a trace belongs to. `calls`: those of the known solution."""

_DIFFICULTIES = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True)
class Rate:
    """A share, with its 95% Wilson interval."""

    passed: int
    total: int

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return self.passed / self.total if self.total else 0.0

    @property
    def low(self) -> float:
        """The interval's lower end."""
        return wilson(self.passed, self.total)[0]

    @property
    def high(self) -> float:
        """The interval's upper end."""
        return wilson(self.passed, self.total)[1]

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {"passed": self.passed, "total": self.total, "rate": self.value, "interval": [self.low, self.high]}


@dataclass(slots=True)
class Stage:
    """A stage of the funnel."""

    name: str
    count: int = 0
    """What is left after it."""
    lost: Counter[str] = field(default_factory=Counter[str])
    """What fell at it, by reason."""
    unscored: int = 0
    """How many of those left it could not judge: real APIs answered, or no solution is known."""
    unit: str = "traces"
    """What is counted."""

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "name": self.name,
            "count": self.count,
            "unit": self.unit,
            "lost": dict(self.lost),
            "unscored": self.unscored,
        }


@dataclass(frozen=True, slots=True)
class Example:
    """A trace that stands for a way to fail."""

    trace: str
    task: str
    said: str
    """What the user said first."""
    detail: str
    """Why it failed, in a sentence."""


@dataclass(slots=True)
class Failure:
    """A way to fail."""

    kind: str
    """Short name."""
    count: int = 0
    examples: list[Example] = field(default_factory=list[Example])
    """The first of different tasks, at most `EXAMPLES`."""

    @property
    def title(self) -> str:
        """The kind, in words."""
        return explain(self.kind)[0]

    @property
    def meaning(self) -> str:
        """What it means, in a sentence."""
        return explain(self.kind)[1]

    def add(self, state: TraceState) -> None:
        """Count a trace that failed so."""
        self.count += 1
        if len(self.examples) < EXAMPLES and state.task not in {example.task for example in self.examples}:
            self.examples.append(Example(state.id, state.task, state.said, state.detail))

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {"title": self.title, "meaning": self.meaning, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Judge:
    """What a judge thinks of the paths handed out: opinion, not fact."""

    name: str
    passed: Rate
    """Of those that it could judge."""
    unscored: int
    """Paths that it could not judge."""
    agrees: Rate
    """Of those that execution has judged as well, how often both say the same."""
    votes: float | None
    """Mean share of its votes that say what most of them say; None without votes."""
    calibration: JudgeFigures | None
    """How good it is known to be; None where nobody has measured it."""

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "name": self.name,
            "passed": self.passed.as_json(),
            "unscored": self.unscored,
            "agrees_with_execution": self.agrees.as_json(),
            "vote_agreement": self.votes,
            "calibration": self.calibration.model_dump() if self.calibration else None,
        }


@dataclass(slots=True)
class Statistics:
    """A run in figures."""

    name: str
    config: JsonObject
    tasks: int = 0
    asked: Asked = field(default_factory=Asked)
    """What the tasks are."""
    traces: list[TraceState] = field(default_factory=list[TraceState])
    judged: bool = False
    """Whether there are verdicts."""
    curated: bool = False
    """Whether there is a curation."""
    rows: Mapping[str, int] = field(default_factory=dict[str, int])
    """Rows of each data set that was saved."""
    funnel: list[Stage] = field(default_factory=list[Stage])
    rates: dict[str, dict[str, Rate]] = field(default_factory=dict[str, dict[str, Rate]])
    """Pass rates by `GROUPS`."""
    checks: dict[str, tuple[Rate, int]] = field(default_factory=dict[str, tuple[Rate, int]])
    """By evaluator that executes and compares: the paths that pass of those it judged, and how many it could not."""
    judges: list[Judge] = field(default_factory=list[Judge])
    """Those who hold opinions."""
    problem: str = ""
    """What is wrong with the judges' calibrations, in words."""
    failures: list[Failure] = field(default_factory=list[Failure])
    """The most frequent first."""

    @property
    def overall(self) -> Rate:
        """The pass rate."""
        return Rate(sum(state.passes for state in self.traces), len(self.traces))

    @property
    def unverified(self) -> int:
        """Passing traces that no execution could confirm: real APIs answered, or no gold is known."""
        return sum(state.passes and state.unverified for state in self.traces)

    @property
    def teachers(self) -> Counter[str]:
        """Traces by teacher."""
        return Counter(state.teacher for state in self.traces)

    @property
    def searchers(self) -> Counter[str]:
        """Traces by searcher."""
        return Counter(state.searcher for state in self.traces)

    @property
    def usage(self) -> Usage:
        """What all of it cost."""
        return sum((state.usage for state in self.traces), start=Usage())

    @property
    def answers(self) -> Counter[str]:
        """Answers to calls, in all trees, by who gave them."""
        return sum((Counter(state.answers) for state in self.traces), start=Counter[str]())

    @property
    def guessed(self) -> Rate:
        """The share of answers that rest on a guess: made up, or simulated by a language model."""
        answers = self.answers
        return Rate(sum(answers[source] for source in GUESSES), answers.total())

    @property
    def kept(self) -> int:
        """Traces that the curation keeps."""
        return sum(state.fate == "kept" for state in self.traces)

    @property
    def recovered(self) -> int:
        """Passing traces whose path went through a failed call."""
        return sum(state.recovered and state.passes for state in self.traces)

    def shape(self, measure: str) -> tuple[float, int]:
        """Return the mean and the largest of a measure of the trees: `nodes`, `depth` or `backtracks`."""
        values: list[int] = [getattr(state, measure) for state in self.traces]
        return sum(values) / len(values), max(values)

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "config": self.config,
            "tasks": self.tasks,
            "asked": self.asked.as_json(),
            "judged": self.judged,
            "curated": self.curated,
            "kept": self.kept,
            "rows": self.rows,
            "recovered": self.recovered,
            "funnel": [stage.as_json() for stage in self.funnel],
            "pass_rate": self.overall.as_json(),
            "unverified": self.unverified,
            **{f"by_{name}": {key: rate.as_json() for key, rate in held.items()} for name, held in self.rates.items()},
            "checks": {name: {**rate.as_json(), "unscored": more} for name, (rate, more) in self.checks.items()},
            "opinions": [judge.as_json() for judge in self.judges],
            "failures": [failure.as_json() for failure in self.failures],
            "usage": self.usage.model_dump(),
            "teachers": self.teachers,
            "searchers": self.searchers,
            "answers": self.answers,
            "guessed": self.guessed.as_json(),
            "trees": {
                name: dict(zip(("mean", "max"), self.shape(name), strict=True))
                for name in ("nodes", "depth", "backtracks")
            },
            "traces": [state_as_json(state) for state in self.traces],
        }


def state_as_json(state: TraceState) -> JsonObject:
    """Return what became of a trace."""
    return {**asdict(state), "usage": state.usage.model_dump(), "verified": state.verified}


def measure(run: Run) -> Statistics:
    """Return a run in figures. What is not there yet (verdicts, a curation) is left out.

    Raises:
        RunError: there is no run, or it does not hold together.
        WorkError: it has no traces.
    """
    outcomes = Outcomes(run)
    found = summarise(run, outcomes, list(outcomes))
    found.asked = look_at(run, list(outcomes.tasks.values()))
    return found


def summarise(run: Run, outcomes: Outcomes, states: list[TraceState]) -> Statistics:
    """Return a run in figures, but for what is asked.

    Args:
        run: the run.
        outcomes: what its records say.
        states: what became of its traces.

    Raises:
        WorkError: there are no traces.
    """
    if not states:
        raise WorkError(f"{run.path}: no traces to report on. Make some with `toolbench generate {run.path}`.")
    found = Statistics(
        name=run.path.resolve().name,
        config=run.read_config() or {},
        tasks=len(outcomes.tasks),
        traces=states,
        judged=outcomes.judged,
        curated=outcomes.curated,
        rows=_rows(run),
    )
    found.funnel = _funnel(found)
    found.rates = {name: _rates(states, name) for name in GROUPS}
    found.checks = _checks(states)
    found.judges = [
        _judge(name, outcomes, states) for name in sorted({one for each in states for one in each.opinions})
    ]
    found.problem = outcomes.opinions.problem
    found.failures = _failures(found)
    return found


def _rows(run: Run) -> dict[str, int]:
    files = sorted((run.path / "datasets").glob("*/train.jsonl"))
    counts: Counter[str] = Counter()
    for file in files:
        with file.open("rb") as lines:
            counts[file.parent.name] += sum(1 for _ in lines)
    return dict(counts)


def _funnel(found: Statistics) -> list[Stage]:
    stages = [Stage("Tasks", found.tasks, unit="tasks"), Stage("Traces", len(found.traces)), Stage("Answered")]
    left: list[TraceState] = []
    for state in found.traces:
        if state.fate == "lost":
            stages[-1].lost[state.reason] += 1
        else:
            left.append(state)
    stages[-1].count = len(left)
    judging = {name for state in found.traces for name in (*state.checks, state.evaluator)}
    for evaluator, name in STAGES.items() if found.judged else ():
        if evaluator not in judging:
            continue
        stage, left = _stage(name, evaluator, left)
        stages.append(stage)
    if found.curated:
        fallen = Counter(state.reason for state in found.traces if state.fate == "passed")
        stages.append(Stage("Kept", found.kept, fallen))
    return [*stages, *(Stage(f"Rows: {name}", count, unit="rows") for name, count in found.rows.items())]


def _stage(name: str, evaluator: str, states: list[TraceState]) -> tuple[Stage, list[TraceState]]:
    """Return an evaluator's stage, and what is left after it."""
    lost = Counter(state.reason for state in states if state.evaluator == evaluator)
    left = [state for state in states if state.evaluator != evaluator]
    unscored = sum(state.checks.get(evaluator) == "unscored" for state in left)
    return Stage(name, len(left), lost, unscored), left


def _rates(states: list[TraceState], group: str) -> dict[str, Rate]:
    passed: dict[str, list[bool]] = defaultdict(list)
    for state in states:
        for name in GROUPS[group](state):
            passed[name].append(state.passes)
    return {name: Rate(sum(passed[name]), len(passed[name])) for name in sorted(passed, key=_place)}


def _place(name: str) -> tuple[int, str]:
    """Return where a group stands: numbers and difficulties in their order, all else by name."""
    return int(name) if name.isdecimal() else _DIFFICULTIES.index(name) if name in _DIFFICULTIES else 0, name


def _checks(states: list[TraceState]) -> dict[str, tuple[Rate, int]]:
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for state in states:
        for name, label in state.checks.items() if state.fate != "lost" else ():
            labels[name][label] += 1
    order = [*(name for name in TITLES if name in labels), *sorted(labels.keys() - TITLES)]
    return {name: (_rate(labels[name]), labels[name]["unscored"]) for name in order}


def _rate(labels: Counter[str]) -> Rate:
    return Rate(labels["pass"], labels["pass"] + labels["fail"])


def _judge(name: str, outcomes: Outcomes, states: list[TraceState]) -> Judge:
    held = [(state, state.opinions[name]) for state in states if name in state.opinions]
    labels = Counter[str](label for _, label in held)
    compared = [
        (label == "pass") == state.passes
        for state, label in held
        if label != "unscored" and state.fate != "unjudged" and not state.unverified
    ]
    return Judge(
        name=name,
        passed=_rate(labels),
        unscored=labels["unscored"],
        agrees=Rate(sum(compared), len(compared)),
        votes=outcomes.opinions.mean_agreement(name),
        calibration=outcomes.opinions.calibration(name),
    )


def _failures(found: Statistics) -> list[Failure]:
    kinds: dict[str, Failure] = {}
    for state in _failing(found):
        kinds.setdefault(state.reason, Failure(state.reason)).add(state)
    return sorted(kinds.values(), key=lambda failure: (-failure.count, failure.kind))


def _failing(found: Statistics) -> Iterator[TraceState]:
    """Yield the traces that fall; before anything is judged those without an answer."""
    return (state for state in found.traces if state.fate in ("lost", "failed"))
