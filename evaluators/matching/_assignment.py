"""Which of several calls stands for which accepted call."""

from collections.abc import Callable, Sequence


def in_order(wanted: int, made: int, fits: Callable[[int, int], bool]) -> list[int | None]:
    """Return for each wanted call the made one in the same place, where it fits."""
    return [place if place < made and fits(place, place) else None for place in range(wanted)]


def greedy(wanted: int, made: int, fits: Callable[[int, int], bool]) -> list[int | None]:
    """Return for each wanted call, in turn, the first made one that fits and is not taken."""
    taken: set[int] = set()
    found: list[int | None] = []
    for place in range(wanted):
        one = next((other for other in range(made) if other not in taken and fits(place, other)), None)
        found.append(one)
        taken |= {one} if one is not None else set()
    return found


def optimal(wanted: int, made: int, fits: Callable[[int, int], bool]) -> list[int | None]:
    """Return an assignment that gives as many wanted calls as possible a made one that fits (augmenting paths)."""
    choices = [[other for other in range(made) if fits(place, other)] for place in range(wanted)]
    owner: dict[int, int] = {}
    for place in range(wanted):
        _settle(place, choices, owner, set())
    taken = {place: other for other, place in owner.items()}
    return [taken.get(place) for place in range(wanted)]


def _settle(place: int, choices: Sequence[Sequence[int]], owner: dict[int, int], tried: set[int]) -> bool:
    """Give a wanted call a made one, moving others where that helps; tell whether it could be done."""
    for other in choices[place]:
        if other not in tried:
            tried.add(other)
            if other not in owner or _settle(owner[other], choices, owner, tried):
                owner[other] = place
                return True
    return False
