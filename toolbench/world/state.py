"""The world's state: an immutable value, shared structurally. Forking is keeping a reference."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rpds import HashTrieMap, HashTrieSet

from toolbench.model import Json, JsonObject, canonical
from toolbench.model.trace import Answerer
from toolbench.world.marks import Mark, marks

Key = tuple[str, ...]
"""An entity's key: the values of its ancestors' path parameters, then its own, as text."""

Address = tuple[str, Key]
"""A resource's id and an entity's key."""

_MODULUS = 1 << 128
_TRAIL = 64
_NO_NUMBERS: "HashTrieMap[str, int]" = HashTrieMap()
_NO_KEYS: "HashTrieSet[Key]" = HashTrieSet()


def spell(key: Key) -> str:
    """Return a key as one text, unambiguously."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in key)


def _weight(address: Address, entity: JsonObject | None) -> int:
    content = b"%s\x1f%s\x1f%s" % (address[0].encode(), spell(address[1]).encode(), canonical(entity))
    return int.from_bytes(hashlib.blake2b(content, digest_size=16).digest())


def _no_entities() -> "HashTrieMap[Address, JsonObject | None]":
    return HashTrieMap()


def _no_counts() -> "HashTrieMap[str, int]":
    return HashTrieMap()


def _none_created() -> "HashTrieMap[Address, HashTrieMap[str, int]]":
    return HashTrieMap()


def _none_found() -> "HashTrieMap[tuple[str, Mark], HashTrieSet[Key]]":
    return HashTrieMap()


class Answered(NamedTuple):
    """A call that was carried out, and its answer."""

    arguments: bytes
    """Canonical JSON."""
    status: int
    body: Json
    source: Answerer


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One change of one entity; no other is equal to it."""

    address: Address


def _no_answers() -> "HashTrieMap[tuple[str, str], Answered]":
    return HashTrieMap()


@dataclass(frozen=True)
class WorldState:
    """What differs from the seeded population, the clock, and a chain over the calls so far."""

    entities: "HashTrieMap[Address, JsonObject | None]" = field(default_factory=_no_entities)
    """Entities as they are now, where they differ; None where deleted."""
    created: "HashTrieMap[Address, HashTrieMap[str, int]]" = field(default_factory=_none_created)
    """Own keys of created entities and their numbers in the order of creation, by resource and ancestors."""
    index: "HashTrieMap[tuple[str, Mark], HashTrieSet[Key]]" = field(default_factory=_none_found)
    """Keys of the entities in `entities`, by resource and what they are found by."""
    serial: int = 0
    """How many entities were ever created."""
    clock: int = 0
    """Calls so far; each takes a virtual second."""
    content: int = 0
    """Sum of the entities' hashes, kept up to date: the digest costs the same in any world."""
    log: str = ""
    """Hash chain over the calls so far."""
    counts: "HashTrieMap[str, int]" = field(default_factory=_no_counts)
    """Calls so far by tool: which of them fail is a matter of their number."""
    answers: "HashTrieMap[tuple[str, str], Answered]" = field(default_factory=_no_answers)
    """Answers to calls that bore an idempotency key, by tool and key."""
    simulated: str = ""
    """Hash chain over the writes answered from outside, and their answers; empty where there was none."""
    trail: tuple[Step, ...] = field(default=(), compare=False, repr=False)
    """The latest changes of entities: what was worked out in an earlier state holds where none concerns it."""

    @property
    def latest(self) -> Step | None:
        """The latest change of an entity; states that have it in common have the same entities. None for none."""
        return self.trail[-1] if self.trail else None

    def changed_since(self, step: Step | None) -> tuple[Address, ...] | None:
        """Return which entities were changed after a step, in order; None where that cannot be told.

        Args:
            step: the `latest` of another state; None stands for the beginning.
        """
        if step is self.latest:
            return ()
        for place in range(len(self.trail) - 1, -1, -1):
            if self.trail[place] is step:
                return tuple(each.address for each in self.trail[place + 1 :])
        whole = step is None and len(self.trail) < _TRAIL
        return tuple(each.address for each in self.trail) if whole else None

    def _with(self, **fields: Any) -> "WorldState":
        """Return the state with other fields: what `dataclasses.replace` does, in a quarter of its time."""
        made = object.__new__(WorldState)
        made.__dict__.update(self.__dict__, **fields)
        return made

    def _trail_to(self, address: Address) -> tuple[Step, ...]:
        return (*self.trail[1 - _TRAIL :], Step(address))

    @property
    def digest(self) -> str:
        """32 hex digits over the entities, the clock and the calls that led here."""
        text = f"{self.content:032x}|{self.serial}|{self.clock}|{self.log}"
        text += f"|{self.simulated}" if self.simulated else ""
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def put(self, address: Address, entity: JsonObject | None) -> "WorldState":
        """Return the state in which an entity is as given; None deletes it."""
        held = self._holding(address, entity)
        return self._with(**held, trail=self._trail_to(address)) if held else self

    def _holding(self, address: Address, entity: JsonObject | None) -> dict[str, Any]:
        """Return the fields in which the state differs where an entity is as given; none where it is so already."""
        before, weight = self.entities.get(address), _weight(address, entity)
        replaced = _weight(address, before) if address in self.entities else 0
        if weight == replaced:
            return {}
        return {
            "entities": self.entities.insert(address, entity),
            "index": self._indexed(address, before, entity),
            "content": (self.content + weight - replaced) % _MODULUS,
        }

    def add(self, address: Address, entity: JsonObject) -> "WorldState":
        """Return the state in which a new entity is there."""
        place, own = (address[0], address[1][:-1]), address[1][-1] if address[1] else ""
        numbers = self.created.get(place, _NO_NUMBERS)
        numbers = numbers if own in numbers else numbers.insert(own, self.serial)
        more = {"created": self.created.insert(place, numbers), "serial": self.serial + 1}
        return self._with(**self._holding(address, entity), **more, trail=self._trail_to(address))

    def born(self, resource: str, ancestors: Key) -> list[str]:
        """Return the own keys of entities created under given ancestors, in the order of creation."""
        numbers = dict(self.created.get((resource, ancestors), _NO_NUMBERS).items())
        return sorted(numbers, key=numbers.__getitem__)

    def found(self, resource: str, mark: Mark) -> Iterable[Key]:
        """Return the keys of the entities that differ from the seeded ones and are found by a mark, in any order."""
        return self.index.get((resource, mark), _NO_KEYS)

    def marked(self, resource: str, mark: Mark) -> list[Key]:
        """Return the keys of created entities that are found by a mark, in the order of creation."""
        numbers: dict[Key, int] = {}
        for key in self.found(resource, mark):
            number = self.created.get((resource, key[:-1]), _NO_NUMBERS).get(key[-1])
            if number is not None:
                numbers[key] = number
        return sorted(numbers, key=numbers.__getitem__)

    def _indexed(
        self, address: Address, before: JsonObject | None, entity: JsonObject | None
    ) -> "HashTrieMap[tuple[str, Mark], HashTrieSet[Key]]":
        resource, key = address
        own = key[-1] if key else ""
        old = set[Mark]() if before is None else marks(own, before)
        new = set[Mark]() if entity is None else marks(own, entity)
        index = self.index
        for mark in old - new:
            left = index[resource, mark].remove(key)
            index = index.insert((resource, mark), left) if len(left) else index.remove((resource, mark))
        for mark in new - old:
            index = index.insert((resource, mark), index.get((resource, mark), _NO_KEYS).insert(key))
        return index

    def keep(self, tool: str, name: str, answered: Answered) -> "WorldState":
        """Return the state that knows the answer to a call of this name."""
        return self._with(answers=self.answers.insert((tool, name), answered))

    def tick(self, tool: str, arguments: Json) -> "WorldState":
        """Return the state one call later."""
        entry = b"%s\x1f%s\x1f%s" % (self.log.encode(), tool.encode(), canonical(arguments))
        log = hashlib.blake2b(entry, digest_size=16).hexdigest()
        counts = self.counts.insert(tool, self.counts.get(tool, 0) + 1)
        return self._with(clock=self.clock + 1, log=log, counts=counts)

    def mark(self, tool: str, arguments: JsonObject, answer: Json) -> "WorldState":
        """Return the state after a write of unknown effect that was answered from outside: that it was made remains."""
        entry = canonical([self.simulated, tool, arguments, answer])
        return self._with(simulated=hashlib.blake2b(entry, digest_size=16).hexdigest())

    def wait(self, seconds: int) -> "WorldState":
        """Return the state some virtual seconds later."""
        return self._with(clock=self.clock + seconds)
