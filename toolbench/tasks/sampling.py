"""The stream of tasks: each is sampled, executed, put into words and checked before it is handed out."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from toolbench.errors import WorkError
from toolbench.model import Goal, Task, Turn, digest
from toolbench.tasks.checks import check, replay_digest
from toolbench.tasks.draft import Draft, InfeasibleError
from toolbench.tasks.finding import Finder
from toolbench.tasks.goals import assertions
from toolbench.tasks.phrases import answer, instruction
from toolbench.tasks.recipes import Part, Recipes
from toolbench.tasks.references import dependency_graph, neighbourhoods
from toolbench.world.replay import WorldReplayer
from toolbench.world.resources import Operation, Role
from toolbench.world.rng import rng, seed_of
from toolbench.world.world import Landscape, World

WRITES: tuple[Role, ...] = ("create", "update", "replace", "delete", "action")
READS: tuple[Role, ...] = ("get", "list")
_ATTEMPTS = 120
_DISTRACTORS = 6


@dataclass(frozen=True, slots=True)
class Shape:
    """What the task at some place of the stream should be like."""

    writes: bool
    chain: bool
    """Whether some argument must be found first."""
    parts: int = 1


SHAPES = (
    Shape(writes=True, chain=True),
    Shape(writes=False, chain=True),
    Shape(writes=True, chain=True),
    Shape(writes=False, chain=False),
    Shape(writes=False, chain=True),
    Shape(writes=True, chain=True, parts=2),
    Shape(writes=True, chain=False),
    Shape(writes=False, chain=True),
    Shape(writes=True, chain=True),
    Shape(writes=False, chain=True, parts=2),
)
"""Repeated over the stream, so that any number of tasks has nearly these shares."""


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
    """

    def __init__(self, landscape: Landscape, seed: int, apis: tuple[str, ...]) -> None:
        self._landscape, self._seed, self._apis = landscape, seed, tuple(sorted(apis))
        self.graph = dependency_graph(landscape)
        self._worlds = neighbourhoods(landscape, self.graph)
        self._used: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._texts: set[str] = set()

    def stream(self) -> Iterator[Sampled]:
        """Yield tasks without end.

        Raises:
            WorkError: no further task can be made of these APIs.
        """
        for place in itertools.count():
            yield self._sample(place)

    def _sample(self, place: int) -> Sampled:
        shape = SHAPES[place % len(SHAPES)]
        dropped: Counter[str] = Counter()
        for attempt in range(2 * _ATTEMPTS):
            # What the APIs cannot give is asked for no longer: first the chain, then the kind.
            wanted = shape if attempt < _ATTEMPTS else None
            operations = self._choose(place, attempt, wanted)
            try:
                task = self._candidate(place, attempt, operations, wanted)
            except InfeasibleError as reason:
                dropped[str(reason)] += 1
                self._failed.update(o.tool.name for o in operations)
                continue
            self._used.update(gold.call.tool for gold in task.gold)
            self._texts.add(task.turns[0].text)
            return Sampled(task, attempt + 1, dict(sorted(dropped.items())))
        reasons = ", ".join(f"{reason} {count}x" for reason, count in dropped.most_common(5))
        raise WorkError(f"no task can be made of {', '.join(self._apis)}: {reasons}")

    def _choose(self, place: int, attempt: int, shape: Shape | None) -> list[Operation]:
        r = rng(self._seed, "choice", place, attempt)
        roles = (WRITES if shape.writes else READS) if shape else (*WRITES, *READS)
        operations = [o for o in self._landscape.operations.values() if self._is_aim(o, roles)]
        if not operations:
            roles = (*WRITES, *READS)
            operations = [o for o in self._landscape.operations.values() if self._is_aim(o, roles)]
        if not operations:
            raise WorkError(f"no operation of {', '.join(self._apis)} can be the aim of a task")
        per_api = Counter(dict.fromkeys(self._apis, 0))
        for name, count in self._used.items():
            per_api[self._landscape.operations[name].tool.api] += count
        ranked = sorted(operations, key=lambda o: (self._weariness(o) + r.random() * 2, o.tool.name))
        fewest = sorted({o.tool.api for o in ranked}, key=lambda api: (per_api[api] + r.random() * 6, api))
        first = next(o for o in ranked if o.tool.api == fewest[0])
        if shape is None or shape.parts == 1:
            return [first]
        kin = [o for o in operations if o.tool.api == first.tool.api and o is not first]
        return [first, r.choice(kin)] if kin else [first]

    def _weariness(self, operation: Operation) -> float:
        return self._used[operation.tool.name] * 2 + self._failed[operation.tool.name] * 0.5

    def _is_aim(self, operation: Operation, roles: tuple[Role, ...]) -> bool:
        tool = operation.tool
        return (
            tool.api in self._apis and operation.role in roles and operation.confidence >= 0.5 and not tool.deprecated
        )

    def _candidate(self, place: int, attempt: int, operations: list[Operation], shape: Shape | None) -> Task:
        r = rng(self._seed, "task", place, attempt)
        apis = self._worlds[operations[0].tool.api]
        landscape = self._landscape.part(apis)
        world_seed = seed_of(self._seed, "world", place, attempt) % (1 << 31)
        draft = Draft(World(landscape, world_seed))
        finder = Finder(landscape, draft, r)
        recipes = Recipes(landscape, draft, finder, r)
        parts = [recipes.make(landscape.operations[o.tool.name]) for o in operations]
        self._check_shape(draft, shape)
        task = self._write(place, draft, parts, apis, world_seed)
        check(task, draft.user_values(), draft.observed_values(), WorldReplayer(landscape))
        return task

    def _check_shape(self, draft: Draft, shape: Shape | None) -> None:
        changes = draft.world.changes(draft.state)
        wrote = any(self._landscape.operations[g.call.tool].role in WRITES for g in draft.gold)
        if wrote and not changes:
            raise InfeasibleError("no_effect")
        if shape is not None and shape.writes != wrote:
            raise InfeasibleError("wrong_kind")
        if shape is not None and shape.chain and not draft.observed_values():
            raise InfeasibleError("not_a_chain")
        if draft.confidence < 0.5:
            raise InfeasibleError("guessed_semantics")

    def _write(self, place: int, draft: Draft, parts: list[Part], apis: tuple[str, ...], world_seed: int) -> Task:
        r = rng(self._seed, "words", place)
        intents = [part.intent for part in parts]
        text = instruction(intents, r)
        if text in self._texts:
            raise InfeasibleError("duplicate")
        said = [[(fact.label, fact.value) for fact in part.facts] for part in parts]
        changes = draft.world.changes(draft.state)
        facts = tuple(fact for part in parts for fact in part.facts)
        goal = Goal(changes=assertions(self._landscape, draft.gold, changes), facts=facts)
        distractors = self._distractors(draft, place)
        offered = [*dict.fromkeys(gold.call.tool for gold in draft.gold), *distractors]
        r.shuffle(offered)
        task = Task(
            id="t" + digest([self._seed, list(self._apis), place])[:16],
            kind="change" if goal.changes else "lookup",
            turns=(Turn(text=text, tools=tuple(offered)),),
            distractors=distractors,
            apis=apis,
            gold=tuple(draft.gold),
            answer=answer(intents, said),
            goal=goal,
            world_seed=world_seed,
            confidence=draft.confidence,
        )
        replay = WorldReplayer(draft.world.landscape).replay(task, [gold.call for gold in task.gold])
        return task.model_copy(update={"replay_digest": replay_digest(replay)})

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
