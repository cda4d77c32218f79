"""What was worked out once, kept while it is likely to be asked for again."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from toolbench.model import Json
from toolbench.world.state import WorldState

T = TypeVar("T")

_MOST = 20_000


class Latest:
    """Keeps what follows from a state's entities, until it is asked about a state with others.

    Calls that only read leave the entities as they are, whatever they do to the clock.
    """

    def __init__(self) -> None:
        self._basis: tuple[Any, Any] = (None, None)
        self._known: dict[Hashable, Any] = {}

    def of(self, state: WorldState, question: Hashable, make: Callable[[], T]) -> T:
        """Return the answer to a question about a state's entities; never change what it holds.

        Args:
            state: the state.
            question: tells questions apart.
            make: works the answer out from the state's entities alone.
        """
        entities, created = self._basis
        if entities is not state.entities or created is not state.created or len(self._known) > _MOST:
            self._basis = (state.entities, state.created)
            self._known = {}
        if question not in self._known:
            self._known[question] = make()
        return self._known[question]


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
            if len(self._known) > _MOST:
                self._known.clear()
            known = self._known[question] = (value, schema, make())
        return known[2]
