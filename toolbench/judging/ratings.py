"""Bradley-Terry ratings of many contestants from their games in pairs, with bootstrap intervals."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolbench.world.rng import rng

PRIOR = 0.5
"""Games, tied, that any two have besides: ratings stay finite where somebody won all, or two never met."""

SCALE = 400 / math.log(10)
"""Elo points for one unit of log strength: 400 points are odds of ten to one."""

ROUNDS = 1_000
"""Most iterations; far fewer are needed."""


@dataclass(frozen=True, slots=True)
class Game:
    """What came of one task between two contestants."""

    task: str
    one: str
    other: str
    share: float
    """1 where the one won, 0 where the other did, 0.5 for a tie."""


@dataclass(frozen=True, slots=True)
class Rating:
    """A contestant's strength."""

    name: str
    elo: float
    """In Elo points; the mean of all contestants is 0."""
    low: float
    """Lower end of the 95% bootstrap interval."""
    high: float
    """Upper end."""


def strengths(games: Sequence[Game], names: Sequence[str]) -> dict[str, float]:
    """Return the logarithms of the strengths at which the games, and the prior, are most likely (MM algorithm).

    A tie is half a win for each. Only differences mean anything: the mean is 0.
    """
    wins = dict.fromkeys(names, PRIOR / 2 * (len(names) - 1))
    met = {one: {other: PRIOR for other in names if other != one} for one in names}
    for game in games:
        wins[game.one] += game.share
        wins[game.other] += 1 - game.share
        met[game.one][game.other] += 1
        met[game.other][game.one] += 1
    worth = dict.fromkeys(names, 0.0)
    for _ in range(ROUNDS if len(names) > 1 else 0):
        fresh = _centred({name: math.log(wins[name] / _weight(worth[name], met[name], worth)) for name in names})
        if all(abs(fresh[name] - worth[name]) < 1e-10 for name in names):
            break
        worth = fresh
    return worth


def _weight(own: float, met: Mapping[str, float], worth: Mapping[str, float]) -> float:
    return sum(count / (math.exp(own) + math.exp(worth[other])) for other, count in met.items())


def _centred(worth: Mapping[str, float]) -> dict[str, float]:
    middle = sum(worth.values()) / len(worth)
    return {name: value - middle for name, value in worth.items()}


def ratings(games: Sequence[Game], names: Sequence[str], *, seed: int, samples: int = 200) -> list[Rating]:
    """Return the ratings, the best first, with 95% intervals by resampling the tasks.

    Args:
        games: the games.
        names: the contestants.
        seed: seed of the resampling.
        samples: how often to resample.
    """
    best = strengths(games, names)
    by_task: dict[str, list[Game]] = defaultdict(list)
    for game in games:
        by_task[game.task].append(game)
    tasks, r = list(by_task), rng(seed, "ratings")
    drawn = [
        strengths([game for task in r.choices(tasks, k=len(tasks)) for game in by_task[task]], names)
        for _ in range(samples if tasks else 0)
    ]
    found = [_rating(name, best[name], sorted(one[name] for one in drawn)) for name in names]
    return sorted(found, key=lambda rating: (-rating.elo, rating.name))


def _rating(name: str, strength: float, drawn: Sequence[float]) -> Rating:
    if not drawn:
        return Rating(name, SCALE * strength, -math.inf, math.inf)
    low, high = drawn[int(0.025 * len(drawn))], drawn[math.ceil(0.975 * len(drawn)) - 1]
    return Rating(name, SCALE * strength, SCALE * low, SCALE * high)
