"""Seeded randomness addressed by what it is for: the same address gives the same numbers, in any order of asking."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

from toolbench.model import Json

_T = TypeVar("_T")


def seed_of(*address: Json) -> int:
    """Return a 64-bit seed for an address."""
    text = "\x1f".join(repr(part) for part in address)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def rng(*address: Json) -> random.Random:
    """Return a generator for an address."""
    return random.Random(seed_of(*address))


def pick(options: Sequence[_T], r: random.Random) -> _T:
    """Return one of some options: what `Random.choice` does, in a quarter of its time, as most of a world is chosen."""
    return options[int(r.random() * len(options))]
