"""The paper's method once more, as plainly as can be: every loss reckoned from its definition, nothing shared."""

import math
import re
from collections.abc import Callable

from ngram import BEGIN, likely, samples

PREFIX = "T"


def split(text: str) -> list[int]:
    return list(text.encode())


def logprob(known: list[int], token: int) -> float:
    return likely(known, token)


def loss(before: list[int], text: list[int], i: int, start: int) -> float:
    """Return the sum over j >= start of w(j - start) times -log p(x_j | before, x_1 … x_(j-1))."""
    total = 0.0
    norm = sum(max(0, 1 - 0.2 * t) for t in range(100))
    for j in range(start, len(text)):
        weight = max(0, 1 - 0.2 * (j - start)) / norm
        total -= weight * logprob(before + text[:j], text[j])
    assert start >= i
    return total


def loss_in_place(given: list[int], text: list[int], i: int, start: int) -> float:
    total = 0.0
    norm = sum(max(0, 1 - 0.2 * t) for t in range(100))
    for j in range(start, len(text)):
        weight = max(0, 1 - 0.2 * (j - start)) / norm
        total -= weight * logprob([BEGIN, *text[:i], *given, *text[i:j]], text[j])
    return total


def positions(prompt: list[int], text: list[int], tau_s: float, k: int) -> list[int]:
    found: list[tuple[float, int]] = []
    for i in range(len(text)):
        if 0x80 <= text[i] < 0xC0 or bytes(text[i:]).startswith(b" ["):
            continue
        known = [BEGIN, *prompt, *text[:i]]
        p = math.exp(logprob(known, ord(" ")) + logprob([*known, ord(" ")], ord("[")))
        if p > tau_s:
            found.append((p, i))
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return sorted(i for _, i in found[:k])


def calls(prompt: list[int], text: list[int], i: int, m: int) -> list[str]:
    found: list[str] = []
    for written in samples([BEGIN, *prompt, *text[:i], *split(" [")], m):
        if written is None:
            continue
        read = re.match(r"^ *T *\((.*)\) *$", written)
        if read and f"T({read[1].strip()})" not in found:
            found.append(f"T({read[1].strip()})")
    return found


def first_weighted(text: list[int], i: int, skip_space: bool) -> int:
    while skip_space and i < len(text) and chr(text[i]).isspace() and text[i] < 128:
        i += 1
    return i


def candidates(
    prompt: str,
    shown: str,
    answer: Callable[[str], str | None],
    *,
    tau_s: float,
    tau_f: float,
    k: int,
    m: int,
    skip_space: bool = False,
    result_only: bool = False,
):
    """Yield (position, call, result, L(nothing), L(call), L+, in place, gain, kept)."""
    head, text = split(prompt), split(shown)
    for i in positions(head, text, tau_s, k):
        start = first_weighted(text, i, skip_space)
        for call in calls(head, text, i, m):
            result = answer(call[2:-1])
            if result is None:
                yield i, call, None, None, None, None, None, None, False
                continue
            with_call, with_result = f"[{call}] ", f"[{call} -> {result}] "
            plain = loss([BEGIN], text, i, start)
            l_call = loss([BEGIN, *split(with_call)], text, i, start)
            l_result = loss([BEGIN, *split(with_result)], text, i, start)
            place = (
                loss_in_place([], text, i, start),
                loss_in_place(split(f" [{call}]"), text, i, start),
                loss_in_place(split(f" [{call} -> {result}]"), text, i, start),
            )
            gain = (l_call if result_only else min(plain, l_call)) - l_result
            yield i, call, result, plain, l_call, l_result, place, gain, gain >= tau_f
