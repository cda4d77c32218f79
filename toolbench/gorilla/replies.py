"""Replies of a model that are held to checks, and asked for again with what was wrong."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from toolbench.llm.asking import Silence, ask
from toolbench.model import Chat, ChatModel, ChatRequest
from toolbench.world.rng import seed_of

TRIES = 3
"""Replies asked for until one passes the checks."""

TEMPERATURE = 0.8

_SEED_BITS = 2**31

T = TypeVar("T")


async def checked_reply(
    model: ChatModel,
    prompt: Callable[[Sequence[str]], str],
    read: Callable[[str], T],
    problems: Callable[[T], Sequence[str]],
    *,
    address: Sequence[str | int],
    ordinal: int,
) -> tuple[T | None, Sequence[str]]:
    """Return the first reply that passes, or None with what is wrong with the last one.

    Args:
        model: who is asked.
        prompt: makes the question, of what was wrong with the reply before.
        read: reads a reply; raises ValueError, with a reason, where it cannot.
        problems: what is wrong with a reply; nothing where it passes.
        address: what the seeds of the requests are made of; the attempt is added.
        ordinal: which of several equal questions.

    Raises:
        UnreachableError: the endpoint cannot be reached, or refuses us.
    """
    wrong: Sequence[str] = []
    for attempt in range(TRIES):
        request = ChatRequest(
            chat=Chat([{"role": "user", "content": prompt(wrong)}]),
            temperature=TEMPERATURE,
            seed=seed_of(*address, attempt) % _SEED_BITS,
            sample=ordinal,
        )
        heard = await ask(model, request, read)
        if isinstance(heard, Silence):
            wrong = [heard.reason]
            continue
        wrong = problems(heard)
        if not wrong:
            return heard, []
    return None, wrong
