"""The mix of a run: how many tasks there are of each kind, in any number of tasks."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction


class Mix:
    """The order in which kinds take their turns.

    After any number of tasks each kind's count is less than one from its share of them, so a longer stream begins with
    the shorter one, and where all shares of a number are whole they are met exactly. It is Tijdeman's solution of the
    chairman assignment problem: of the kinds that may take a turn without getting ahead, the one that must first.

    Args:
        shares: shares by kind, of any sum; kinds of equal urgency come in the order of their names.
    """

    def __init__(self, shares: Mapping[str, float]) -> None:
        total = sum(Fraction(str(share)) for share in shares.values())
        self._shares = {kind: Fraction(str(share)) / total for kind, share in sorted(shares.items()) if share > 0}
        self._counts = dict.fromkeys(self._shares, 0)
        self._slack = Fraction(1, max(1, 2 * len(self._shares) - 2))
        self._place = 0

    def next(self) -> str:
        """Return the kind of the next task."""
        self._place += 1
        owed = {kind: share * self._place - self._counts[kind] for kind, share in self._shares.items()}
        able = [kind for kind in owed if owed[kind] >= self._slack]
        chosen = min(able, key=lambda kind: (1 - self._slack - owed[kind]) / self._shares[kind])
        self._counts[chosen] += 1
        return chosen

    def kinds(self, count: int) -> Iterator[str]:
        """Yield the kinds of the next so many tasks."""
        for _ in range(count):
            yield self.next()


def missing(shares: Mapping[str, float], made: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the kinds of which fewer tasks were made than a mix asks for: how many were, and how many should be.

    Args:
        shares: the mix.
        made: the kinds of the tasks made.
    """
    counts, wanted = Counter(made), Counter(Mix(shares).kinds(len(made)))
    return {kind: (counts[kind], count) for kind, count in wanted.items() if counts[kind] < count}
