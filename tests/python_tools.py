"""Functions for tests of Python tools."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import BaseModel

sys.stdout.write("noise at import\n")


class Item(BaseModel):
    name: str
    price: float = 1.0


@dataclass
class Point:
    x: int
    y: int = 0


calls = 0


def get_due(start: date, days: int = 7) -> date:
    """Tell when something is due.

    Args:
        start: the first day.
        days: how many days
            it takes.
    """
    return start + timedelta(days)


def get_names(items: list[Item], first: int, /, *, upper: bool = False) -> dict[str, float]:
    """Return prices by name."""
    return {item.name.upper() if upper else item.name: item.price for item in items[first:]}


def get_noise(text: str) -> str:
    sys.stdout.write(f"noise {text}\n")
    os.write(1, b"more noise\n")
    os.system("echo and more")
    return sys.stdin.read() + text


def get_count() -> int:
    global calls
    calls += 1
    return calls


def get_error(text: str) -> None:
    raise ValueError(text)


def get_exit() -> None:
    sys.exit(4)


def get_crash() -> None:
    os._exit(7)


def get_hung(seconds: float) -> str:
    time.sleep(seconds)
    return "woke"


def get_memory(size: int) -> int:
    return len(bytearray(size))


def get_text(size: int) -> str:
    return "x" * size


def get_echo(text: str, before: int = 0) -> list[str]:
    return ["x" * before, text]


def get_value(kind: str) -> object:
    return {"big": 2**80, "nan": float("nan"), "set": {1}, "bytes": b"a", "point": Point(1), "object": object}[kind]


def get_environment(name: str) -> str | None:
    return os.environ.get(name)


async def fetch_later(text: str) -> str:
    await asyncio.sleep(0)
    return text


def delete_item(name: str) -> bool:
    return bool(name)


def store(point: Point, hook: Callable[[int], int] = abs) -> Point:
    return Point(hook(point.x), point.y)


def takes_code(hook: Callable[[int], int]) -> int:
    return hook(1)


def _private() -> None: ...
