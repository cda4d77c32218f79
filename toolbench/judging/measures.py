"""How well opinions agree: with the truth, with each other."""

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from statistics import mean

from toolbench.model import Vote


def auc(sound: Sequence[float], defective: Sequence[float]) -> float | None:
    """Return how likely a sound one scores higher than a defective one, ties as half; None where one side is empty."""
    if not sound or not defective:
        return None
    return mean(1.0 if high > low else 0.5 if high == low else 0.0 for high, low in product(sound, defective))


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Return Cohen's kappa of pairs of verdicts; None where there are none, or chance alone explains all agreement."""
    if not pairs:
        return None
    agreed = mean(one == other for one, other in pairs)
    first, second = mean(one for one, _ in pairs), mean(other for _, other in pairs)
    chance = first * second + (1 - first) * (1 - second)
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def vote_agreement(answers: Iterable[Sequence[Vote]]) -> float | None:
    """Return the share of pairs of readable votes on the same answer whose labels are the same."""
    same = [
        one.label == other.label
        for votes in answers
        for one, other in combinations([vote for vote in votes if vote.ruling], 2)
    ]
    return mean(same) if same else None
