"""Where in a text a call is tried."""

import math
from collections.abc import Sequence

from toolbench.model import Tokens


def places(tokens: Tokens, opening: str) -> list[bool]:
    """Return, for each token, whether a call may stand before it.

    It may not inside a character, nor where the text itself goes on as a call begins.
    """
    found: list[bool] = []
    rest = b"".join(tokens.pieces)
    mark, at = opening.encode(), 0
    for piece in tokens.pieces:
        is_whole = not 0x80 <= rest[at] < 0xC0 if piece else True
        found.append(is_whole and not rest.startswith(mark, at))
        at += len(piece)
    return found


def best(chances: Sequence[float], allowed: Sequence[bool], tau_s: float, k: int) -> list[tuple[int, float]]:
    """Return up to `k` places at which a call is more likely than `tau_s`, in the order of the text, with how likely.

    Args:
        chances: log-probability of a call's beginning before each token.
        allowed: whether a call may stand there.
        tau_s: the threshold.
        k: most places; the likeliest are taken, of equal ones the first.
    """
    likely = [(math.exp(chance), n) for n, chance in enumerate(chances) if allowed[n] and math.exp(chance) > tau_s]
    chosen = sorted(likely, key=lambda pair: (-pair[0], pair[1]))[:k]
    return sorted((n, chance) for chance, n in chosen)
