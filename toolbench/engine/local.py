"""The local engine: asyncio in one process, results in the order of the items."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import TypeAlias, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Queue: TypeAlias = deque[asyncio.Future[R]]

WINDOW = 4
"""Most items begun and not yet yielded, as a multiple of the concurrency: bounds what piles up behind a slow one."""


def run_loop(main: Coroutine[None, None, R]) -> R:
    """Return what a coroutine returns, run in an event loop of its own: uvloop's, where there is one."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        new_event_loop = None
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


async def run_ordered(
    items: Iterable[T], work: Callable[[T], Awaitable[R]], *, concurrency: int
) -> AsyncGenerator[R, None]:
    """Yield `work(item)` for each item, in the order of the items, whatever the concurrency.

    An item is taken only when its work can begin. When one fails, or `items` itself does, the results before it are
    still yielded, no further item is taken, what is in flight is cancelled and awaited, and its exception is raised.
    Closing the generator early cancels and awaits what is in flight, too.

    Args:
        items: what to work on; may be endless.
        work: called once an item.
        concurrency: most calls of `work` running at once.

    Raises:
        ValueError: `concurrency` is below 1.
    """
    if concurrency < 1:
        raise ValueError("concurrency must be at least 1")
    source = iter(items)
    queue: Queue[R] = deque()
    try:
        while True:
            _fill(queue, source, work, concurrency)
            if not queue:
                return
            if queue[0].done():
                yield queue.popleft().result()
            else:
                await asyncio.wait(_running(queue), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for future in queue:
            future.cancel()
        await asyncio.gather(*queue, return_exceptions=True)


def _fill(queue: Queue[R], source: Iterator[T], work: Callable[[T], Awaitable[R]], concurrency: int) -> None:
    """Begin as many items as there is room for."""
    room = min(concurrency - len(_running(queue)), WINDOW * concurrency - len(queue))
    while room > 0 and not any(_failed(future) for future in queue):
        future = _begin(source, work)
        if future is None:
            return
        queue.append(future)
        room -= 1


def _begin(source: Iterator[T], work: Callable[[T], Awaitable[R]]) -> asyncio.Future[R] | None:
    """Begin the next item; None when there is none. An error of the source takes the place of the item's result."""
    try:
        item = next(source)
    except StopIteration:
        return None
    except Exception as error:  # noqa: BLE001 - raised when its turn comes, so that earlier results are not lost
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        future.set_exception(error)
        return future
    return asyncio.ensure_future(work(item))


def _running(queue: Queue[R]) -> list[asyncio.Future[R]]:
    return [future for future in queue if not future.done()]


def _failed(future: asyncio.Future[R]) -> bool:
    return future.done() and (future.cancelled() or future.exception() is not None)
