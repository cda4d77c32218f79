"""How many rows are asked of each part of a source, so that as many come out as are wanted."""

from collections.abc import Sequence
from itertools import pairwise

MOST_AT_ONCE = 25
"""Rows asked for in one question, at most."""


def spread(wanted: int, parts: int) -> list[int]:
    """Return how many rows each of some parts gives: as even as can be, and `wanted` in all.

    Where there are more parts than rows, those that give one lie evenly among the others.
    """
    edges = [part * wanted // parts for part in range(parts + 1)] if parts else []
    return [end - begin for begin, end in pairwise(edges)]


def spread_again(missing: int, short: Sequence[int], asked: Sequence[int]) -> list[int]:
    """Return how many rows each part is asked for after a round that brought too few.

    A part that fell short when it was first asked is asked for what it owes; what is missing besides is spread over
    all parts, those asked least first.

    Args:
        missing: rows that are missing.
        short: for each part, by how many rows it fell short in the round before.
        asked: for each part, in how many rounds it was asked.
    """
    order = sorted(range(len(short)), key=lambda part: (asked[part], part))
    shares = [0] * len(short)
    rest = missing
    for part in order:
        if asked[part] == 1:
            shares[part] = min(short[part], rest)
            rest -= shares[part]
    for part, more in zip(order, _even(rest, len(order)), strict=True):
        shares[part] += more
    return shares


def batches(wanted: int) -> list[int]:
    """Return the sizes of the questions by which some rows are asked for, as even as can be."""
    return _even(wanted, -(-wanted // MOST_AT_ONCE))


def _even(count: int, parts: int) -> list[int]:
    return [count // parts + (place < count % parts) for place in range(parts)]
