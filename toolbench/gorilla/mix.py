"""Which condition each row is in: shares met exactly, by the largest remainder, in an order that the seed decides."""

import math
from collections.abc import Mapping
from fractions import Fraction

from toolbench.errors import ConfigError
from toolbench.gorilla.rows import CONDITIONS, Condition
from toolbench.world.rng import rng

DEFAULT: Mapping[Condition, float] = {
    "none": 1, "oracle": 3, "top1": 2, "topk": 4, "distractors": 2, "changed": 4, "near_identical": 2, "missing": 1,
    "deprecated": 1,
}  # fmt: skip
"""Shares where none are asked for."""


def counts(mix: Mapping[Condition, float], total: int) -> dict[Condition, int]:
    """Return how many of a number of rows are in each condition: the shares rounded so that the sum is right, those
    with the largest remainders up; of equal ones the first.

    Raises:
        ConfigError: a share is negative, or all are zero.
    """
    if not all(math.isfinite(share) and share >= 0 for share in mix.values()) or not any(mix.values()):
        raise ConfigError("shares of the mix must be positive", hint="Give for instance `oracle=2,topk=1`.")
    shares: list[tuple[Condition, Fraction]] = [(name, Fraction(repr(share))) for name, share in mix.items()]
    whole = sum((share for _, share in shares), Fraction())
    exact: list[tuple[Condition, Fraction]] = [(name, share * total / whole) for name, share in shares]
    left = total - sum(int(value) for _, value in exact)
    # A stable sort: of equal remainders the first.
    up = {name for name, _ in sorted(exact, key=lambda one: int(one[1]) - one[1])[:left]}
    found: dict[Condition, int] = {}
    for name, value in exact:
        found[name] = int(value) + (name in up)
    return found


def schedule(mix: Mapping[Condition, float], total: int, seed: int) -> list[Condition]:
    """Return the condition of each row."""
    order: list[Condition] = [name for name, count in counts(mix, total).items() for _ in range(count)]
    rng(seed, "gorilla", "mix").shuffle(order)
    return order


def parsed(text: str) -> dict[Condition, float]:
    """Return a mix as it is written: `oracle=2,topk=1`, or names alone for equal shares.

    Raises:
        ConfigError: it names no condition, or a share is no number.
    """
    found: dict[Condition, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, share = part.partition("=")
        known: list[Condition] = [one for one in CONDITIONS if one == name.strip()]
        if not known:
            raise ConfigError(f"there is no condition {name!r}", hint=f"There are: {', '.join(CONDITIONS)}.")
        try:
            found[known[0]] = float(share or 1)
        except ValueError as error:
            raise ConfigError(f"{share!r} is no share", hint="Give a number, as in `oracle=2`.") from error
    if not found:
        raise ConfigError("the mix is empty", hint=f"Name some of: {', '.join(CONDITIONS)}.")
    return found
