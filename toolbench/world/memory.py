"""What was worked out once, kept while it is likely to be asked for again."""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from toolbench.model import Json
from toolbench.world.state import Address, Step, WorldState

T = TypeVar("T")

_MOST_ANSWERS, _MOST_SHOWN = 5_000, 20_000


class Basis(NamedTuple):
    """Which entities something depends on."""

    addresses: frozenset[Address] = frozenset()
    """Single ones, whether they are there or not."""
    resources: frozenset[str] = frozenset()
    """Ids of resources on all of whose entities it depends."""

    def among(self, changed: tuple[Address, ...]) -> tuple[Address, ...]:
        """Return those of some changed entities that it depends on."""
        return tuple(each for each in changed if each in self.addresses or each[0] in self.resources)


class Latest:
    """Keeps what follows from a state's entities, for as long as no call changes any that it depends on.

    Where a call did, what is kept may be amended. Of branches, the one asked about last is remembered.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Step | None, Basis, Any]] = {}

    def of(
        self,
        state: WorldState,
        question: Hashable,
        make: Callable[[], T],
        basis: Callable[[], Basis],
        amend: Callable[[T, tuple[Address, ...]], T | None] | None = None,
    ) -> T:
        """Return the answer to a question about a state's entities; never change what it holds.

        Args:
            state: the state.
            question: tells questions apart.
            make: works the answer out from the state's entities alone.
            basis: tells which entities that depends on.
            amend: returns a new answer for an old one and the entities changed since; None where it cannot.
        """
        known = self._known.get(question)
        if known is None:
            return self._keep(state, question, basis(), make())
        step, depends, answer = known
        if step is state.latest:
            return answer
        changed = state.changed_since(step)
        touched = None if changed is None else depends.among(changed)
        if touched == ():
            return self._keep(state, question, depends, answer)
        if touched and amend and (again := amend(answer, touched)) is not None:
            return self._keep(state, question, depends, again)
        return self._keep(state, question, depends, make())

    def _keep(self, state: WorldState, question: Hashable, basis: Basis, answer: T) -> T:
        if len(self._known) >= _MOST_ANSWERS and question not in self._known:
            self._known.clear()
        self._known[question] = (state.latest, basis, answer)
        return answer


class Made:
    """Keeps what was made of values that are never changed, found again by their identity."""

    def __init__(self) -> None:
        # The values are kept beside what was made of them, so that their ids are not given to others.
        self._known: dict[Hashable, tuple[Json, Json, Json]] = {}

    def of(self, value: Json, schema: Json, place: Hashable, make: Callable[[], Json]) -> Json:
        """Return what is made of a value for a schema; never change what it holds.

        Args:
            value: the value.
            schema: the schema.
            place: what else it depends on.
            make: makes it.
        """
        question = (id(value), id(schema), place)
        known = self._known.get(question)
        if known is None:
            if len(self._known) > _MOST_SHOWN:
                self._known.clear()
            known = self._known[question] = (value, schema, make())
        return known[2]
