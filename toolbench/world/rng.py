"""Seeded randomness addressed by what it is for: the same address gives the same numbers, in any order of asking."""

import hashlib
import random

from toolbench.model import Json


def seed_of(*address: Json) -> int:
    """Return a 64-bit seed for an address."""
    text = "\x1f".join(repr(part) for part in address)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def rng(*address: Json) -> random.Random:
    """Return a generator for an address."""
    return random.Random(seed_of(*address))
