"""How much each token after a call counts in its loss."""

from collections.abc import Sequence

_FALL = 0.2
"""What a token weighs less than the one before it."""

_BARE = tuple(max(0.0, 1 - _FALL * t) for t in range(round(1 / _FALL)))

WEIGHTS: tuple[float, ...] = tuple(weight / sum(_BARE) for weight in _BARE)
"""`max(0, 1 - 0.2 t)` of the token at a distance of `t` from the call, normalised. Later tokens weigh nothing."""


def window(pieces: Sequence[bytes], position: int, *, skip_space: bool = False) -> range:
    """Return the places of the tokens that count for a call at a position.

    Args:
        pieces: the text's tokens.
        position: the place of the token before which the call stands.
        skip_space: whether to begin with the first token that is more than white space; no token before it counts.
    """
    start = position
    while skip_space and start < len(pieces) and not pieces[start].strip():
        start += 1
    return range(start, min(start + len(WEIGHTS), len(pieces)))


def weighted(logprobs: Sequence[float]) -> float:
    """Return the loss, in nats: the weighted sum of the tokens' negative log-probabilities, the nearest first.

    Where the text ends early, the tokens that are not there cost nothing.
    """
    return -sum(weight * logprob for weight, logprob in zip(WEIGHTS, logprobs, strict=False))
