"""What the next task is about: operations come in turn, and what does not work is learnt."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from toolbench.tasks.finding import is_said
from toolbench.tasks.possible import is_possible
from toolbench.tasks.references import references
from toolbench.world.resources import Operation, Role
from toolbench.world.rng import rng
from toolbench.world.world import Landscape

READS: tuple[Role, ...] = ("get", "list")
"""Roles of operations that answer questions."""

_HOPELESS = 10
"""Failures after which an operation that never gave a shape is no longer asked for it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the task at some place of the stream should be like."""

    roles: tuple[Role, ...]
    """Roles of the operations that are its aim."""
    chain: bool
    """Whether some argument must be found first."""
    parts: int = 1
    kind: str = ""
    """The kind of task it is for, where the kind asks more of it than the shape says."""


class Chooser:
    """Chooses the operations that are a task's aims, so that all get their turn.

    Args:
        landscape: the APIs.
        seed: the run's seed.
        apis: the APIs whose operations may be aims.
    """

    def __init__(self, landscape: Landscape, seed: int, apis: Sequence[str]) -> None:
        self._seed = seed
        own = (operation for operation in landscape.operations.values() if operation.tool.api in apis)
        self.aims = [operation for operation in own if is_possible(landscape, operation)]
        self._chains = {operation.tool.name for operation in self.aims if _is_chain(landscape, operation)}
        self._aimed: Counter[str] = Counter()
        self._per_api: Counter[str] = Counter()
        self._made: Counter[tuple[str, Shape]] = Counter()
        self._failed: Counter[tuple[str, Shape]] = Counter()

    def choose(self, place: int, attempt: int, shape: Shape) -> list[Operation]:
        """Return the aims of a task: of the API that had fewest, those that were aims least often; none if none fit."""
        r = rng(self._seed, "choice", place, attempt)
        fitting = [operation for operation in self.aims if operation.role in shape.roles]
        leading = [o for o in fitting if not shape.chain or o.tool.name in self._chains]
        leading = [operation for operation in leading if not self._is_hopeless(operation, shape)]
        if not leading:
            return []
        tired = {o.tool.name: self._weariness(o, shape) + r.random() * 2 for o in fitting}
        api = min(sorted({o.tool.api for o in leading}), key=lambda name: (self._per_api[name] + r.random() * 6, name))
        first = min((o for o in leading if o.tool.api == api), key=lambda o: (tired[o.tool.name], o.tool.name))
        others = [o for o in fitting if o.tool.api == api and not self._is_hopeless(o, replace(shape, chain=False))]
        others.sort(key=lambda o: (tired[o.tool.name], o.tool.name))
        return [first, *(operation for operation in others if operation is not first)][: shape.parts]

    def note(self, operations: Sequence[Operation], shape: Shape, *, made: bool) -> None:
        """Keep what became of a choice."""
        for operation in operations:
            name = operation.tool.name
            (self._made if made else self._failed)[name, shape] += 1
            if made:
                self._aimed[name] += 1
                self._per_api[operation.tool.api] += 1

    def _is_hopeless(self, operation: Operation, shape: Shape) -> bool:
        """Tell whether an operation was tried alone for a shape, or a stricter one, and never gave it."""
        name = operation.tool.name
        alone = [replace(shape, chain=chain, parts=1) for chain in ((True,) if shape.chain else (True, False))]
        tried = [(name, one) for one in alone]
        return sum(self._failed[one] for one in tried) >= _HOPELESS and not any(self._made[one] for one in tried)

    def _weariness(self, operation: Operation, shape: Shape) -> float:
        name = operation.tool.name
        return self._aimed[name] * 2 + self._failed[name, shape] * 0.5


def _is_chain(landscape: Landscape, operation: Operation) -> bool:
    """Tell whether an operation needs the key of something that people do not say."""
    needed = (reference.resource for reference in references(landscape, operation) if reference.required)
    return any(not is_said(resource) for resource in needed)
