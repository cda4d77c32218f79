"""The world's state: an immutable value, shared structurally. Forking is keeping a reference."""

import hashlib
from dataclasses import dataclass, field, replace

from rpds import HashTrieMap

from toolbench.model import Json, JsonObject, canonical

Key = tuple[str, ...]
"""An entity's key: the values of its ancestors' path parameters, then its own, as text."""

Address = tuple[str, Key]
"""A resource's id and an entity's key."""

_MODULUS = 1 << 128


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


def _none_created() -> "HashTrieMap[Address, tuple[str, ...]]":
    return HashTrieMap()


@dataclass(frozen=True)
class WorldState:
    """What differs from the seeded population, the clock, and a chain over the calls so far."""

    entities: "HashTrieMap[Address, JsonObject | None]" = field(default_factory=_no_entities)
    """Entities as they are now, where they differ; None where deleted."""
    created: "HashTrieMap[Address, tuple[str, ...]]" = field(default_factory=_none_created)
    """Own keys of created entities, by resource and ancestors, in the order of creation."""
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

    @property
    def digest(self) -> str:
        """32 hex digits over the entities, the clock and the calls that led here."""
        text = f"{self.content:032x}|{self.serial}|{self.clock}|{self.log}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def put(self, address: Address, entity: JsonObject | None) -> "WorldState":
        """Return the state in which an entity is as given; None deletes it."""
        content = self.content + _weight(address, entity)
        if address in self.entities:
            content -= _weight(address, self.entities[address])
        return replace(self, entities=self.entities.insert(address, entity), content=content % _MODULUS)

    def add(self, address: Address, entity: JsonObject) -> "WorldState":
        """Return the state in which a new entity is there."""
        place = (address[0], address[1][:-1])
        before, own = self.created.get(place, ()), address[1][-1] if address[1] else ""
        keys = before if own in before else (*before, own)
        return replace(self.put(address, entity), created=self.created.insert(place, keys), serial=self.serial + 1)

    def tick(self, tool: str, arguments: Json) -> "WorldState":
        """Return the state one call later."""
        entry = b"%s\x1f%s\x1f%s" % (self.log.encode(), tool.encode(), canonical(arguments))
        log = hashlib.blake2b(entry, digest_size=16).hexdigest()
        counts = self.counts.insert(tool, self.counts.get(tool, 0) + 1)
        return WorldState(self.entities, self.created, self.serial, self.clock + 1, self.content, log, counts)

    def wait(self, seconds: int) -> "WorldState":
        """Return the state some virtual seconds later."""
        return replace(self, clock=self.clock + seconds)
