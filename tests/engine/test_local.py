import asyncio
import itertools
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.engine.local import WINDOW, run_ordered


class Gauge:
    """Work that takes a number of turns of the loop, and counts what runs."""

    def __init__(self, turns, fails=frozenset()):
        self.turns, self.fails = turns, fails
        self.begun, self.ended, self.running, self.most, self.cancelled = [], [], 0, 0, 0

    async def __call__(self, item):
        self.begun.append(item)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for _ in range(self.turns[item % len(self.turns)]):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
            self.ended.append(item)
        if item in self.fails:
            raise LookupError(item)
        return item * 10


async def collected(items, work, concurrency):
    got = []
    try:
        async for result in run_ordered(items, work, concurrency=concurrency):
            got.append(result)  # noqa: PERF401 - what came before the failure counts
    except LookupError as error:
        return got, error.args[0]
    return got, None


TURNS = st.lists(st.integers(0, 6), min_size=1, max_size=12)


@given(count=st.integers(0, 40), turns=TURNS, concurrency=st.integers(1, 9))
def test_results_come_in_order(count, turns, concurrency):
    work = Gauge(turns)
    assert asyncio.run(collected(range(count), work, concurrency)) == ([item * 10 for item in range(count)], None)
    assert work.begun == list(range(count))
    assert work.most <= concurrency
    assert work.most == min(concurrency, count) or 0 in turns or count < 2


@given(fails=st.sets(st.integers(0, 25), min_size=1), turns=TURNS, concurrency=st.integers(1, 9))
def test_the_first_failure_ends_it_after_the_results_before_it(fails, turns, concurrency):
    work = Gauge(turns, fails)
    got, failed = asyncio.run(collected(itertools.count(), work, concurrency))
    assert failed == min(fails)
    assert got == [item * 10 for item in range(failed)]
    assert work.running == 0
    assert sorted(work.begun) == sorted(work.ended)
    assert len(work.begun) <= failed + 1 + WINDOW * concurrency


@given(breaks=st.integers(0, 20), turns=TURNS, concurrency=st.integers(1, 9))
def test_a_failing_source_loses_no_result(breaks, turns, concurrency):
    def source():
        yield from range(breaks)
        raise LookupError("source")

    work = Gauge(turns)
    assert asyncio.run(collected(source(), work, concurrency)) == ([item * 10 for item in range(breaks)], "source")
    assert work.running == 0


@given(taken=st.integers(1, 15), turns=TURNS, concurrency=st.integers(1, 9))
def test_closing_early_cancels_what_is_in_flight(taken, turns, concurrency):
    async def main():
        work = Gauge(turns)
        async with aclosing(run_ordered(itertools.count(), work, concurrency=concurrency)) as results:
            got = [await anext(results) for _ in range(taken)]
        assert work.running == 0
        assert len(work.begun) == len(work.ended)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return got

    assert asyncio.run(main()) == [item * 10 for item in range(taken)]


async def test_cancelling_the_consumer_cancels_the_work():
    work, got = Gauge([10_000]), []

    async def consume():
        got.extend([result async for result in run_ordered(range(50), work, concurrency=4)])

    consumer = asyncio.create_task(consume())
    for _ in range(20):
        await asyncio.sleep(0)
    consumer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await consumer
    assert (work.running, work.cancelled, got) == (0, 4, [])


async def test_items_are_taken_lazily_and_a_slow_one_does_not_pile_up_results():
    taken, gate = [], asyncio.Event()

    def source():
        for item in itertools.count():
            taken.append(item)
            yield item

    async def work(item):
        if item == 0:
            await gate.wait()
        return item

    results = run_ordered(source(), work, concurrency=3)
    assert taken == []
    first = asyncio.ensure_future(anext(results))
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(taken) == 3 * WINDOW
    gate.set()
    assert [await first, *[await anext(results) for _ in range(20)]] == list(range(21))
    await results.aclose()


async def test_a_finite_source_is_asked_no_more_than_needed():
    results = [result async for result in run_ordered(iter([3]), Gauge([1]), concurrency=5)]
    assert results == [30]


async def test_bad_concurrency():
    with pytest.raises(ValueError, match="at least 1"):
        await anext(run_ordered([1], Gauge([0]), concurrency=0))
