"""The stream of tasks: each is sampled, executed, put into words and checked before it is handed out."""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from toolbench.errors import ConfigError, WorkError
from toolbench.model import Goal, GoldCall, Task, Turn, digest
from toolbench.model.task import Decision
from toolbench.tasks.checks import check, replay_digest
from toolbench.tasks.choosing import Chooser, Shape
from toolbench.tasks.days import from_today
from toolbench.tasks.draft import Draft, InfeasibleError
from toolbench.tasks.kinds import DEFAULT_MIX, KINDS
from toolbench.tasks.kinds.base import Base, Blueprint
from toolbench.tasks.mix import Mix
from toolbench.tasks.picking import AGAIN
from toolbench.tasks.possible import CERTAIN_ENOUGH
from toolbench.tasks.recipes import Recipes
from toolbench.tasks.references import dependency_graph, neighbourhoods
from toolbench.tasks.similarity import Nearest, shingles
from toolbench.tasks.size import Size, difficulty_of
from toolbench.world.replay import WorldReplayer, replay_in
from toolbench.world.resources import Operation
from toolbench.world.rng import rng, seed_of
from toolbench.world.world import Landscape, World

SIMILARITY = 0.8
"""Jaccard similarity of two tasks' masked texts from which the later one is not made."""

_MOST_ATTEMPTS = 120
_MOST_OF_A_LENGTH = 40
"""Attempts for one shape of a certain length: there are many such shapes."""
_LEAST_ATTEMPTS = 8
_ATTEMPTS_PER_WORLD = 12


@dataclass(frozen=True, slots=True)
class Sampled:
    """A task of the stream, and what it took."""

    task: Task
    attempts: int
    dropped: dict[str, int]
    """Candidates dropped, by reason."""
    wanted: str = ""
    """The kind whose turn it was; the task is of another where no more could be made of it."""


class TaskSampler:
    """Samples tasks over a landscape. The same seed gives the same stream; a longer stream begins with the shorter.

    Args:
        landscape: the APIs.
        seed: the run's seed.
        apis: the APIs whose operations are the tasks' aims; their worlds may hold more.
        granted: security schemes and scopes that the tasks' calls carry; None for all that are asked for.
        mix: shares of the kinds of task.
        size: how long and how hard every task must be.
    """

    def __init__(
        self,
        landscape: Landscape,
        seed: int,
        apis: tuple[str, ...],
        granted: Iterable[str] | None = None,
        mix: Mapping[str, float] = DEFAULT_MIX,
        size: Size = Size(),  # noqa: B008 - frozen
    ) -> None:
        self._size = size
        self._landscape, self._seed, self._apis = landscape, seed, tuple(sorted(apis))
        self._granted = None if granted is None else tuple(sorted(granted))
        self._kinds = tuple(kind for kind, share in mix.items() if share > 0)
        self._mix = Mix(mix)
        self.graph = dependency_graph(landscape)
        self._worlds = neighbourhoods(landscape, self.graph)
        self._chooser = Chooser(landscape, seed, self._apis)
        # Attempts share a world for a while: making its entities is what costs most.
        self._world = lru_cache(maxsize=4)(self._make_world)
        self._patience: Counter[Shape] = Counter()
        self._made: Counter[str] = Counter()
        self._nearest = Nearest(SIMILARITY)

    def stream(self) -> Iterator[Sampled]:
        """Yield tasks without end.

        Raises:
            WorkError: no further task can be made of these APIs.
        """
        if not self._chooser.aims:
            raise WorkError(f"no operation of {', '.join(self._apis)} can be the aim of a task")
        for place in itertools.count():
            yield self._sample(place, self._mix.next())

    def _sample(self, place: int, wanted: str) -> Sampled:
        dropped: Counter[str] = Counter()
        attempts = itertools.count()
        for kind, shape in self._ways(wanted):
            most = _MOST_ATTEMPTS if shape.calls is None else _MOST_OF_A_LENGTH
            tries = max(_LEAST_ATTEMPTS, most >> self._patience[shape])
            for attempt in itertools.islice(attempts, tries):
                operations = self._chooser.choose(place, attempt, shape)
                if not operations:
                    break
                task = self._attempt(place, attempt, operations, kind, shape, dropped)
                if task is not None:
                    self._patience[shape] = 0
                    self._made[kind] += 1
                    return Sampled(task, attempt + 1, dict(sorted(dropped.items())), wanted)
            self._patience[shape] += 1
        reasons = ", ".join(f"{reason} {count}x" for reason, count in dropped.most_common(5))
        reasons = reasons or f"none of their operations comes to {'so many calls' if self._size.calls else 'that'}"
        raise WorkError(f"no further task can be made of {', '.join(self._apis)}: {reasons}")

    def _ways(self, wanted: str) -> Iterator[tuple[str, Shape]]:
        """Yield what to try in turn: what the APIs cannot give is asked for no longer.

        First what is wanted, then it without a chain, then the kind in its other shapes, then the other kinds, those
        first of which least were made. Where a length is asked for, each shape with as many wishes as it may have.
        """
        for kind in (wanted, *sorted(set(self._kinds) - {wanted}, key=lambda one: (self._made[one], one))):
            shapes = KINDS[kind].shapes
            first = self._made[kind] % len(shapes)
            turned = [*shapes[first:], *shapes[:first]]
            if self._size.aimed is not None:
                yield from ((kind, shape) for shape in self._stretched(turned, self._size.aimed, self._made[kind]))
                continue
            simple = [replace(shape, chain=False, parts=1) for shape in turned if shape.parts == 1 or not shape.kind]
            yield from dict.fromkeys((kind, shape) for shape in (turned[0], *simple[:1], *turned[1:], *simple[1:]))

    def _stretched(self, shapes: Sequence[Shape], calls: tuple[int, int], turn: int) -> Iterator[Shape]:
        """Yield shapes for a length, with few and many wishes in turn; at last any, where that is only a hint."""
        # An optional argument may need a look-up more than the operations must have.
        for aimed in (calls, (max(0, calls[0] - 1), calls[1])):
            stretched = [list(shape.stretched(aimed)) for shape in shapes]
            most = max(map(len, stretched))
            for place in range(most):
                at = (place + turn) % most
                yield from dict.fromkeys(options[at] for options in stretched if at < len(options))
        if self._size.calls is None:
            yield from dict.fromkeys(shapes)

    def _attempt(
        self, place: int, attempt: int, operations: list[Operation], kind: str, shape: Shape, dropped: Counter[str]
    ) -> Task | None:
        try:
            task, found = self._candidate(place, attempt, operations, kind, shape)
        except InfeasibleError as reason:
            dropped[str(reason)] += 1
            self._chooser.note(operations, shape, made=False)
            return None
        self._chooser.note(operations, shape, made=True)
        self._nearest.add("", task.id, found)
        return task

    def _candidate(
        self, place: int, attempt: int, operations: list[Operation], kind: str, shape: Shape
    ) -> tuple[Task, frozenset[str]]:
        world = self._world(operations[0].tool.api, place, attempt // _ATTEMPTS_PER_WORLD)
        base = self._base(world, place, attempt, operations, shape)
        _check_shape(base, shape)
        plan = KINDS[kind].make(base)
        if not self._size.fits(len(plan.gold)):
            raise InfeasibleError("too_short" if len(plan.gold) < min(self._size.calls or (0,)) else "too_long")
        task = self._write(place, attempt, kind, base, plan)
        if self._size.difficulty not in (None, task.difficulty):
            raise InfeasibleError(f"{task.difficulty}_instead")
        found = shingles(task)
        if self._nearest.find("", found):
            raise InfeasibleError("duplicate")
        check(task, WorldReplayer(self._landscape))
        return task, found

    def _base(self, world: World, place: int, attempt: int, operations: list[Operation], shape: Shape) -> Base:
        draft = Draft(world)
        r = rng(self._seed, "task", place, attempt)
        recipes = Recipes(world.landscape, draft, r, 1.0 if shape.linked else AGAIN)
        aims = tuple(world.landscape.operations[operation.tool.name] for operation in operations)
        if shape.same:
            parts = tuple(recipes.several(aims[0], len(aims)))
            ends = tuple(range(len(draft.gold) - len(aims) + 1, len(draft.gold) + 1))
        else:
            made = [(recipes.make(aim), len(draft.gold)) for aim in aims]
            parts, ends = tuple(part for part, _ in made), tuple(end for _, end in made)
        return Base(draft, parts, ends, aims, self._landscape, rng(self._seed, "words", place, attempt))

    def _make_world(self, api: str, place: int, turn: int) -> World:
        landscape = self._landscape.part(self._worlds[api])
        return World(landscape, seed_of(self._seed, "world", place, turn) % (1 << 31), granted=self._granted)

    def _write(self, place: int, attempt: int, kind: str, base: Base, plan: Blueprint) -> Task:
        world = base.draft.world
        today, r = world.now.date(), rng(self._seed, "days", place, attempt)
        replay = replay_in(world, [gold.call for gold in plan.gold])
        if not plan.is_testable(world.landscape, replay.changes):
            raise InfeasibleError("not_testable")
        used = {gold.call.tool for gold in plan.gold}
        offered = {name for turn in plan.turns for name in turn.tools}
        last = len(plan.turns) - 1
        special: list[Decision] = [turn.decision for turn in plan.turns if turn.decision != "call"]
        task = Task(
            id="t" + digest([self._seed, list(self._apis), place])[:16],
            kind=kind,
            decision=special[0] if special else "call",
            turns=tuple(
                Turn(
                    text=from_today(turn.text, today, r),
                    tools=turn.tools,
                    decision=turn.decision if last else None,
                    reply="" if at == last else turn.reply,
                )
                for at, turn in enumerate(plan.turns)
            ),
            distractors=tuple(sorted(offered - used)),
            apis=tuple(sorted({*world.landscape.apis, *plan.apis})),
            gold=plan.gold,
            answer=plan.turns[-1].reply,
            goal=Goal(changes=plan.goal(world.landscape, replay.changes), facts=plan.facts),
            replay_digest=replay_digest(replay),
            world_seed=world.seed,
            today=today,
            faults=plan.faults,
            granted=self._granted,
            confidence=base.draft.confidence,
        )
        tools = {name: self._landscape.operations[name].tool for name in offered | used}
        return task.model_copy(update={"difficulty": difficulty_of(task, tools)})


def check_mix(mix: Mapping[str, float]) -> None:
    """Check that a mix can be asked for.

    Raises:
        ConfigError: a kind is unknown, a share is negative, or all are zero.
    """
    unknown = [kind for kind in mix if kind not in KINDS]
    if unknown:
        raise ConfigError(f"mix: there is no kind of task {unknown[0]!r}", hint=f"There are: {', '.join(KINDS)}")
    if any(not 0 <= share < math.inf for share in mix.values()) or not any(mix.values()):
        raise ConfigError("mix: shares are positive numbers", hint="It looks like lookup=0.6,confirm=0.4")


def _check_shape(base: Base, shape: Shape) -> None:
    if base.wrote() and not base.draft.world.changes(base.draft.state):
        raise InfeasibleError("no_effect")
    if shape.chain and not base.draft.observed_values():
        raise InfeasibleError("not_a_chain")
    if shape.fans_in and not _fans_in(base.draft.gold[: base.ends[0]]):
        raise InfeasibleError("no_fan_in")
    if _is_tied_to_order(base):
        raise InfeasibleError("tied_to_order")
    if base.draft.confidence < CERTAIN_ENOUGH:
        raise InfeasibleError("guessed_semantics")


def _fans_in(gold: Sequence[GoldCall]) -> bool:
    """Tell whether the last call takes values of two or more calls of which none leads to another."""
    before = {one.call.id: {origin.call for origin in one.origins if origin.call} for one in gold}
    sources = before[gold[-1].call.id]
    return sum(not any(one in _leading(before, other) for other in sources - {one}) for one in sources) > 1


def _leading(before: Mapping[str, set[str]], call: str) -> set[str]:
    """Return the calls whose values a call takes, directly or not."""
    return before[call].union(*(_leading(before, one) for one in before[call]))


def _is_tied_to_order(base: Base) -> bool:
    """Tell whether a key that the server made is used, and would be another if something else were made before."""
    operations = base.landscape.operations
    before = {one.call.id: {origin.call for origin in one.origins if origin.call} for one in base.draft.gold}
    made = [one.call.id for one in base.draft.gold if operations[one.call.tool].role == "create"]
    used = bool(made) and any(made[0] in sources for sources in before.values())
    return used and any(made[0] not in _leading(before, one) for one in made[1:])
