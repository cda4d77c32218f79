"""Comparing runs: who did better on the same tasks, by execution or in a judge's opinion, and how strong each is."""

import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import mean

from toolbench.curation.judgements import Judgements, wilson
from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import RunError, WorkError
from toolbench.events import Sink, StageFinished, StageStarted, ignore
from toolbench.judging.ratings import Game, Rating, ratings
from toolbench.judging.tooleval import Preference, ToolEval
from toolbench.model import JsonObject, Task, Trace
from toolbench.pipeline.judges import JudgeChoice, open_judge
from toolbench.pipeline.opinions import Answers, told
from toolbench.store import Run

EXECUTION = "execution"
"""What decides where no judge is named: a run whose trace passes beats one whose trace does not."""

_SHARES = {"first": 1.0, "tie": 0.5, "second": 0.0}


@dataclass(slots=True)
class Pairing:
    """How two runs fare against each other."""

    one: str
    other: str
    wins: int = 0
    """Tasks on which the one did better."""
    ties: int = 0
    losses: int = 0
    unscored: int = 0
    """Tasks of which nobody could tell; they count nowhere."""
    silent: Counter[str] = field(default_factory=Counter[str])
    """Preferences that could not be read, by why."""
    asked: int = 0
    """Preferences that were asked in both orders and read."""
    consistent: int = 0
    """Of these, how many did not go by the order."""

    @property
    def games(self) -> int:
        """Tasks of which somebody could tell."""
        return self.wins + self.ties + self.losses

    def add(self, game: "Decided") -> None:
        """Count a task."""
        self.silent.update(game.silent)
        self.asked += game.asked
        self.consistent += game.consistent
        if game.share is None:
            self.unscored += 1
        else:
            self.wins += game.share > 0.5
            self.ties += game.share == 0.5
            self.losses += game.share < 0.5

    def as_json(self) -> JsonObject:
        """Return all of it."""
        decided = self.wins + self.losses
        return {
            "one": self.one,
            "other": self.other,
            "wins": self.wins,
            "ties": self.ties,
            "losses": self.losses,
            "unscored": self.unscored,
            "win_rate": self.wins / self.games if self.games else None,
            "interval": list(wilson(self.wins, self.games)),
            "share_of_decided": self.wins / decided if decided else None,
            "silent": self.silent,
            "swap_consistency": self.consistent / self.asked if self.asked else None,
        }


@dataclass(slots=True)
class Comparison:
    """What a comparison of runs gives."""

    judge: str
    """Who decided: a judge's name, or `execution`."""
    tasks: int
    """Tasks that all runs share."""
    different: int
    """Tasks of the same id that are not the same task in all runs, and are left out."""
    passed: dict[str, tuple[int, int]]
    """For each run that was executed anew, how many of these tasks pass, of how many."""
    pairings: list[Pairing] = field(default_factory=list[Pairing])
    ratings: list[Rating] = field(default_factory=list[Rating])
    """Bradley-Terry ratings with 95% intervals, the best first."""

    @property
    def games(self) -> int:
        """Games of which somebody could tell."""
        return sum(one.games for one in self.pairings)

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "judge": self.judge,
            "tasks": self.tasks,
            "different": self.different,
            "pairs": [one.as_json() for one in self.pairings],
            "leaderboard": [
                {
                    "run": one.name,
                    "rating": one.elo,
                    "interval": [one.low, one.high],
                    **(
                        {"passed": self.passed[one.name][0], "of": self.passed[one.name][1]} if self._knows(one) else {}
                    ),
                }
                for one in self.ratings
            ],
        }

    def _knows(self, rating: Rating) -> bool:
        return rating.name in self.passed


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of one task between two runs."""

    task: str
    share: float | None
    """What the one won, 0 to 1; None where nobody could tell."""
    silent: tuple[str, ...] = ()
    asked: int = 0
    consistent: int = 0


@dataclass(frozen=True, slots=True)
class Entrant:
    """A run that is compared."""

    name: str
    run: Run
    tasks: Mapping[str, Task]
    traces: Mapping[tuple[str, int], Trace]
    """Traces by task and sample."""
    judgements: Judgements

    def passes(self, trace: Trace) -> bool:
        """Tell whether a trace passes by execution."""
        return self.judgements.fault(trace) is None


def compare(
    paths: Sequence[Path],
    choice: JudgeChoice | None = None,
    *,
    normalised: bool = True,
    seed: int = 0,
    sink: Sink = ignore,
) -> Comparison:
    """Compare runs by pairs, each task with the same task, matched by id.

    A judge is asked in both orders, and what goes by the order is a tie. Its answers are kept in the first run's
    journal. A run without an answer to a task loses it to one that has one.

    Args:
        paths: the runs; at least two.
        choice: who judges; None: execution.
        normalised: whether a better status wins, and the judge chooses among equals only.
        seed: seed of the ratings' intervals.
        sink: where events go.

    Raises:
        RunError: a run is missing or not judged, or they share no task.
        UnreachableError: the judge's endpoint cannot be reached, or refuses us.
        WorkError: nothing could be judged.
    """
    entrants = _entrants(paths)
    shared, different = _shared(entrants)
    if choice is None:
        _require_judged(entrants, shared)
    started = time.monotonic()
    pairs = list(combinations(entrants, 2))
    sink(StageStarted("compare", len(pairs) * len(shared)))
    passed = {
        one.name: (sum(one.passes(one.traces[key]) for key in shared), len(shared))
        for one in entrants
        if _is_judged(one, shared)
    }
    found = Comparison(choice.name if choice else EXECUTION, len(shared), different, passed)
    games = run_loop(_play(found, pairs, shared, choice, entrants[0].run, normalised=normalised))
    sink(StageFinished("compare", time.monotonic() - started))
    if not games:
        silent = sum((one.silent for one in found.pairings), Counter[str]())
        raise WorkError(f"{found.judge} judged none of {len(pairs) * len(shared)} pairs of answers: {told(silent)}")
    found.ratings = ratings(games, [one.name for one in entrants], seed=seed)
    return found


async def _play(
    found: Comparison,
    pairs: Sequence[tuple[Entrant, Entrant]],
    keys: Sequence[tuple[str, int]],
    choice: JudgeChoice | None,
    home: Run,
    *,
    normalised: bool,
) -> list[Game]:
    """Fill in the pairings; return the games."""
    games: list[Game] = []
    results = _asked(pairs, keys, choice, home, normalised) if choice else _executed(pairs, keys)
    pairings = {(one.name, other.name): Pairing(one.name, other.name) for one, other in pairs}
    async for one, other, decided in results:
        pairings[one.name, other.name].add(decided)
        if decided.share is not None:
            games.append(Game(decided.task, one.name, other.name, decided.share))
    found.pairings = list(pairings.values())
    return games


async def _executed(
    pairs: Sequence[tuple[Entrant, Entrant]], keys: Sequence[tuple[str, int]]
) -> AsyncGenerator[tuple[Entrant, Entrant, Decided], None]:
    for one, other in pairs:
        for key in keys:
            left, right = one.passes(one.traces[key]), other.passes(other.traces[key])
            yield one, other, Decided(key[0], 0.5 if left == right else float(left))


async def _asked(
    pairs: Sequence[tuple[Entrant, Entrant]],
    keys: Sequence[tuple[str, int]],
    choice: JudgeChoice,
    home: Run,
    normalised: bool,  # noqa: FBT001
) -> AsyncGenerator[tuple[Entrant, Entrant, Decided], None]:
    async with open_judge(choice, home.journal_path) as judge:
        tooleval = ToolEval(judge)
        answers = {
            entrant.name: Answers(entrant.run) for entrant in {one.name: one for p in pairs for one in p}.values()
        }
        prefer = tooleval.compare if normalised else tooleval.prefer

        async def decide(item: tuple[Entrant, Entrant, tuple[str, int]]) -> tuple[Entrant, Entrant, Decided]:
            one, other, key = item
            left, right = one.traces[key], other.traces[key]
            if left.best is None or right.best is None:
                # Who has an answer beats who has none.
                share = 0.5 if left.best is right.best else float(left.best is not None)
                return one, other, Decided(key[0], share)
            first, second = answers[one.name].of(left, left.best), answers[other.name].of(right, right.best)
            found = [await prefer(first, second, sample) for sample in range(choice.votes)]
            return one, other, _decided(key[0], found)

        items = ((*pair, key) for pair in pairs for key in keys)
        async for result in run_ordered(items, decide, concurrency=choice.concurrency):
            yield result


def _decided(task: str, found: Sequence[Preference]) -> Decided:
    shares = [_SHARES[one.better] for one in found if one.better is not None]
    silent = tuple(one.reason.partition(":")[0] for one in found if one.better is None)
    twice = [one.consistent for one in found if one.consistent is not None]
    return Decided(task, mean(shares) if shares else None, silent, len(twice), sum(twice))


def _entrants(paths: Sequence[Path]) -> list[Entrant]:
    if len(paths) < 2:
        raise RunError("a run cannot be compared with itself", where=str(paths[0]), hint="Name two or more.")
    resolved = [path.resolve() for path in paths]
    if twice := next((path for path in resolved if resolved.count(path) > 1), None):
        raise RunError("the run is named twice", where=str(twice), hint="Name each once.")
    bare = [path.name for path in resolved]
    names = bare if len(set(bare)) == len(bare) else [str(path) for path in paths]
    return [_entrant(name, Run(path)) for name, path in zip(names, paths, strict=True)]


def _entrant(name: str, run: Run) -> Entrant:
    run.require()
    traces = {(trace.task, trace.sample): trace for trace in run.traces}
    if not traces:
        raise RunError("it has no traces", where=str(run.path), hint=f"First run `toolbench generate {run.path}`.")
    return Entrant(name, run, {task.id: task for task in run.tasks}, traces, Judgements(run.verdicts))


def _shared(entrants: Sequence[Entrant]) -> tuple[list[tuple[str, int]], int]:
    """Return the attempts that all runs have at the same tasks, and how many tasks only share their id."""
    first, *rest = entrants
    common = [key for key in first.traces if all(key in other.traces for other in rest)]
    same = [key for key in common if len({_asks(one, key[0]) for one in entrants}) == 1]
    if not same:
        raise RunError(
            "the runs share no task",
            where=", ".join(str(one.run.path) for one in entrants),
            hint="Make them of the same APIs with the same seed.",
        )
    return same, len(common) - len(same)


def _asks(entrant: Entrant, task: str) -> tuple[str, ...] | None:
    """Return what a task asks: ids depend on the seed, so other APIs give other tasks of the same id."""
    known = entrant.tasks.get(task)
    return None if known is None else (*known.apis, *(turn.text for turn in known.turns))


def _require_judged(entrants: Sequence[Entrant], keys: Sequence[tuple[str, int]]) -> None:
    for one in entrants:
        if not _is_judged(one, keys):
            hint = f"First run `toolbench evaluate {one.run.path}`, or name a judge."
            raise RunError("its traces have not been judged", where=str(one.run.path), hint=hint)


def _is_judged(entrant: Entrant, keys: Sequence[tuple[str, int]]) -> bool:
    faults: Iterator[str] = (
        fault.kind for key in keys if (fault := entrant.judgements.fault(entrant.traces[key])) is not None
    )
    return "not_judged" not in faults
