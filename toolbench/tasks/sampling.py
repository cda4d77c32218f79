"""The stream of tasks: each is sampled, executed, put into words and checked before it is handed out."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from toolbench.errors import WorkError
from toolbench.model import Goal, Task, Turn, digest
from toolbench.tasks.checks import check, replay_digest
from toolbench.tasks.choosing import ANY, SHAPES, Chooser, Shape
from toolbench.tasks.draft import WRITES, Draft, InfeasibleError
from toolbench.tasks.goals import assertions, is_testable
from toolbench.tasks.instructions import answer, instruction
from toolbench.tasks.phrases import Part
from toolbench.tasks.possible import CERTAIN_ENOUGH
from toolbench.tasks.recipes import Recipes
from toolbench.tasks.references import dependency_graph, neighbourhoods
from toolbench.world.replay import WorldReplayer
from toolbench.world.resources import Operation
from toolbench.world.rng import rng, seed_of
from toolbench.world.world import Landscape, World

_MOST_ATTEMPTS = 120
_LEAST_ATTEMPTS = 8
_ATTEMPTS_PER_WORLD = 12
_DISTRACTORS = 6


@dataclass(frozen=True, slots=True)
class Sampled:
    """A task of the stream, and what it took."""

    task: Task
    attempts: int
    dropped: dict[str, int]
    """Candidates dropped, by reason."""


class TaskSampler:
    """Samples tasks over a landscape. The same seed gives the same stream; a longer stream begins with the shorter.

    Args:
        landscape: the APIs.
        seed: the run's seed.
        apis: the APIs whose operations are the tasks' aims; their worlds may hold more.
        granted: security schemes and scopes that the tasks' calls carry; None for all that are asked for.
    """

    def __init__(
        self, landscape: Landscape, seed: int, apis: tuple[str, ...], granted: Iterable[str] | None = None
    ) -> None:
        self._landscape, self._seed, self._apis = landscape, seed, tuple(sorted(apis))
        self._granted = None if granted is None else tuple(sorted(granted))
        self.graph = dependency_graph(landscape)
        self._worlds = neighbourhoods(landscape, self.graph)
        self._chooser = Chooser(landscape, seed, self._apis)
        # Attempts share a world for a while: making its entities is what costs most.
        self._world = lru_cache(maxsize=4)(self._make_world)
        self._patience: Counter[Shape] = Counter()
        self._texts: set[str] = set()

    def stream(self) -> Iterator[Sampled]:
        """Yield tasks without end.

        Raises:
            WorkError: no further task can be made of these APIs.
        """
        if not self._chooser.aims:
            raise WorkError(f"no operation of {', '.join(self._apis)} can be the aim of a task")
        for place in itertools.count():
            yield self._sample(place)

    def _sample(self, place: int) -> Sampled:
        dropped: Counter[str] = Counter()
        attempts = itertools.count()
        wanted = SHAPES[place % len(SHAPES)]
        # What the APIs cannot give is asked for no longer: first the chain, then the kind.
        for shape in dict.fromkeys((wanted, replace(wanted, chain=False, parts=1), ANY)):
            tries = _MOST_ATTEMPTS if shape is ANY else max(_LEAST_ATTEMPTS, _MOST_ATTEMPTS >> self._patience[shape])
            for attempt in itertools.islice(attempts, tries):
                operations = self._chooser.choose(place, attempt, shape)
                if not operations:
                    break
                task = self._attempt(place, attempt, operations, shape, dropped)
                if task is not None:
                    self._patience[shape] = 0
                    return Sampled(task, attempt + 1, dict(sorted(dropped.items())))
            self._patience[shape] += 1
        reasons = ", ".join(f"{reason} {count}x" for reason, count in dropped.most_common(5))
        raise WorkError(f"no further task can be made of {', '.join(self._apis)}: {reasons}")

    def _attempt(
        self, place: int, attempt: int, operations: list[Operation], shape: Shape, dropped: Counter[str]
    ) -> Task | None:
        try:
            task = self._candidate(place, attempt, operations, shape)
        except InfeasibleError as reason:
            dropped[str(reason)] += 1
            self._chooser.note(operations, shape, made=False)
            return None
        self._chooser.note(operations, shape, made=True)
        self._texts.add(task.turns[0].text)
        return task

    def _candidate(self, place: int, attempt: int, operations: list[Operation], shape: Shape) -> Task:
        world = self._world(operations[0].tool.api, place, attempt // _ATTEMPTS_PER_WORLD)
        landscape, draft = world.landscape, Draft(world)
        recipes = Recipes(landscape, draft, rng(self._seed, "task", place, attempt))
        parts = [recipes.make(landscape.operations[operation.tool.name]) for operation in operations]
        self._check_shape(draft, shape)
        task = self._write(place, attempt, draft, parts)
        check(task, draft.user_values(), draft.observed_values(), WorldReplayer(landscape))
        return task

    def _make_world(self, api: str, place: int, turn: int) -> World:
        landscape = self._landscape.part(self._worlds[api])
        return World(landscape, seed_of(self._seed, "world", place, turn) % (1 << 31), granted=self._granted)

    def _check_shape(self, draft: Draft, shape: Shape) -> None:
        wrote = any(self._landscape.operations[gold.call.tool].role in WRITES for gold in draft.gold)
        if wrote and not draft.world.changes(draft.state):
            raise InfeasibleError("no_effect")
        if shape.chain and not draft.observed_values():
            raise InfeasibleError("not_a_chain")
        if draft.confidence < CERTAIN_ENOUGH:
            raise InfeasibleError("guessed_semantics")

    def _write(self, place: int, attempt: int, draft: Draft, parts: list[Part]) -> Task:
        r = rng(self._seed, "words", place, attempt)
        intents = [part.intent for part in parts]
        text = instruction(intents, r)
        if text in self._texts:
            raise InfeasibleError("duplicate")
        replay = draft.replay()
        goal = assertions(self._landscape, draft.gold, replay.changes)
        if not is_testable(self._landscape, draft.gold, replay.changes, goal):
            raise InfeasibleError("not_testable")
        distractors = self._distractors(draft, place)
        offered = [*dict.fromkeys(gold.call.tool for gold in draft.gold), *distractors]
        r.shuffle(offered)
        return Task(
            id="t" + digest([self._seed, list(self._apis), place])[:16],
            kind="change" if goal else "lookup",
            turns=(Turn(text=text, tools=tuple(offered)),),
            distractors=distractors,
            apis=tuple(draft.world.landscape.apis),
            gold=tuple(draft.gold),
            answer=answer(intents, [[fact.value for fact in part.facts] for part in parts], r),
            goal=Goal(changes=goal, facts=tuple(fact for part in parts for fact in part.facts)),
            replay_digest=replay_digest(replay),
            world_seed=draft.world.seed,
            granted=self._granted,
            confidence=draft.confidence,
        )

    def _distractors(self, draft: Draft, place: int) -> tuple[str, ...]:
        """Return tools the gold does not use: first those that work on the same things, then others of its APIs."""
        r = rng(self._seed, "distractors", place)
        used = {gold.call.tool for gold in draft.gold}
        about = {o.resource.id for name in used if (o := self._landscape.operations[name]).resource is not None}
        homes = {self._landscape.operations[name].tool.api for name in used}
        pool = [o for o in self._landscape.operations.values() if o.tool.api in homes and o.tool.name not in used]
        r.shuffle(pool)
        near = [o for o in pool if o.resource is not None and o.resource.id in about]
        chosen = dict.fromkeys(o.tool.name for o in [*near[: _DISTRACTORS // 2], *pool])
        return tuple(sorted(list(chosen)[:_DISTRACTORS]))
