"""What the next task is about: operations come in turn, and what does not work is learnt."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from toolbench.tasks.possible import is_listed_whole, is_possible
from toolbench.tasks.reach import reach
from toolbench.world.resources import Operation, Role
from toolbench.world.rng import rng
from toolbench.world.world import Landscape

READS: tuple[Role, ...] = ("get", "list")
"""Roles of operations that answer questions."""

_HOPELESS = 10
"""Failures after which an operation that never gave a shape is no longer asked for it."""
_LEADERS = 24
"""Operations of an API that are tried as the first aim of a task, where what follows must fit it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the task at some place of the stream should be like."""

    roles: tuple[Role, ...]
    """Roles of the operations that are its aim."""
    chain: bool
    """Whether some argument must be found first."""
    parts: int = 1
    """How many wishes there are, one after the other."""
    kind: str = ""
    """The kind of task it is for, where the kind asks more of it than the shape says."""
    most: int = 1
    """How many wishes there may be, where a task has to be longer."""
    fans_in: bool = False
    """Whether values of two or more look-ups that do not need each other come together in its first aim."""
    linked: bool = False
    """Whether each wish needs what one before it found or made."""
    same: bool = False
    """Whether it is the same wish about several things."""
    idle: bool = False
    """Whether the right answer needs no call, whatever the wish."""
    calls: tuple[int, int] | None = None
    """Fewest and most calls to aim for; None for any number."""

    def stretched(self, calls: tuple[int, int]) -> "Iterator[Shape]":
        """Yield the shape with as many wishes as it may have, for a task of so many calls; nothing where none fits."""
        if self.idle or calls[1] == 0:
            yield from (self,) if self.idle and calls[0] == 0 else ()
            return
        for parts in range(self.parts, max(self.parts, self.most) + 1):
            yield replace(self, parts=parts, calls=calls)


class Chooser:
    """Chooses the operations that are a task's aims, so that all get their turn.

    Args:
        landscape: the APIs.
        seed: the run's seed.
        apis: the APIs whose operations may be aims.
    """

    def __init__(self, landscape: Landscape, seed: int, apis: Sequence[str]) -> None:
        self._landscape, self._seed = landscape, seed
        own = (operation for operation in landscape.operations.values() if operation.tool.api in apis)
        self.aims = [operation for operation in own if is_possible(landscape, operation)]
        self._reach = {operation.tool.name: reach(landscape, operation) for operation in self.aims}
        self._aimed: Counter[str] = Counter()
        self._per_api: Counter[str] = Counter()
        self._made: Counter[tuple[str, Shape]] = Counter()
        self._failed: Counter[tuple[str, Shape]] = Counter()

    def choose(self, place: int, attempt: int, shape: Shape) -> list[Operation]:
        """Return the aims of a task: of the API that had fewest, those that were aims least often; none if none fit."""
        r = rng(self._seed, "choice", place, attempt)
        fitting = [operation for operation in self.aims if operation.role in shape.roles]
        leading = {o.tool.name for o in fitting if self._may_lead(o, shape) and not self._is_hopeless(o, shape)}
        tired = {o.tool.name: self._weariness(o, shape) + r.random() * 2 for o in fitting}
        apis = sorted({o.tool.api for o in fitting if o.tool.name in leading})
        keys = {name: self._per_api[name] + r.random() * 6 for name in apis}
        fitting.sort(key=lambda o: (tired[o.tool.name], o.tool.name))
        for api in sorted(apis, key=lambda name: (keys[name], name)):
            first = [o for o in fitting if o.tool.api == api and o.tool.name in leading]
            others = [o for o in fitting if o.tool.api == api and not self._is_hopeless(o, replace(shape, chain=False))]
            if chosen := self._wishes(first, others, shape):
                return chosen
        return []

    def _may_lead(self, operation: Operation, shape: Shape) -> bool:
        found = self._reach[operation.tool.name]
        if shape.same and operation.role == "get" and is_listed_whole(self._landscape, operation):
            return False
        return (found.fans_in or not shape.fans_in) and (bool(found.found) or not shape.chain)

    def _wishes(self, leading: Sequence[Operation], others: Sequence[Operation], shape: Shape) -> list[Operation]:
        """Return what leads, and what follows it: the first of each, in their order, that make a task of the shape."""
        strict = shape.linked or shape.calls is not None
        for first in leading[:_LEADERS] if strict else leading[:1]:
            chosen = [first] * shape.parts if shape.same else self._with_others(first, others, shape)
            if not strict or (len(chosen) == shape.parts and self._is_long_enough(chosen, shape)):
                return chosen
        return []

    def _with_others(self, first: Operation, others: Sequence[Operation], shape: Shape) -> list[Operation]:
        chosen = [first]
        for operation in others:
            if len(chosen) < shape.parts and operation is not first and self._may_follow(chosen, operation, shape):
                chosen.append(operation)
        return chosen

    def _may_follow(self, chosen: Sequence[Operation], operation: Operation, shape: Shape) -> bool:
        """Tell whether an operation may come next: it has to do with what came before, and the length can be met."""
        found = self._reach[operation.tool.name].found
        if shape.linked and not any(found & self._known_after(one) for one in chosen):
            return False
        if shape.calls is None:
            return True
        rest = shape.parts - len(chosen) - 1
        calls = self._calls([*chosen, operation])
        return calls + rest <= shape.calls[1] and (rest > 0 or calls >= shape.calls[0])

    def _known_after(self, operation: Operation) -> frozenset[str]:
        """Return the ids of the resources of which a call and what leads to it tell keys."""
        made = operation.resource.id if operation.resource is not None and operation.role == "create" else ""
        return self._reach[operation.tool.name].found | {made}

    def _is_long_enough(self, chosen: Sequence[Operation], shape: Shape) -> bool:
        return shape.calls is None or shape.calls[0] <= self._calls(chosen) <= shape.calls[1]

    def _calls(self, chosen: Sequence[Operation]) -> int:
        """Return how many calls wishes come to at least; what several need is mostly looked up once for all of them."""
        found = (self._reach[operation.tool.name].found for operation in chosen)
        return len(chosen) + len(frozenset[str]().union(*found))

    def note(self, operations: Sequence[Operation], shape: Shape, *, made: bool) -> None:
        """Keep what became of a choice."""
        for name, operation in {operation.tool.name: operation for operation in operations}.items():
            (self._made if made else self._failed)[name, shape] += 1
            if made:
                self._aimed[name] += 1
                self._per_api[operation.tool.api] += 1

    def _is_hopeless(self, operation: Operation, shape: Shape) -> bool:
        """Tell whether an operation was tried alone for a shape, or a stricter one, and never gave it."""
        name = operation.tool.name
        single = shape if shape.same else replace(shape, parts=1, calls=shape.calls if shape.parts == 1 else None)
        alone = [replace(single, chain=chain) for chain in ((True,) if shape.chain else (True, False))]
        tried = [(name, one) for one in alone]
        return sum(self._failed[one] for one in tried) >= _HOPELESS and not any(self._made[one] for one in tried)

    def _weariness(self, operation: Operation, shape: Shape) -> float:
        name = operation.tool.name
        return self._aimed[name] * 2 + self._failed[name, shape] * 0.5
