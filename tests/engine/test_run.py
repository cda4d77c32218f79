"""A coroutine in an event loop of its own."""

import asyncio

import pytest

from toolbench.engine.local import run_loop


async def answer(value: int) -> int:
    await asyncio.sleep(0)
    if value < 0:
        raise ValueError("below zero")
    return value


def test_what_a_coroutine_returns_or_raises_comes_back():
    assert run_loop(answer(3)) == 3
    with pytest.raises(ValueError, match="below zero"):
        run_loop(answer(-1))
