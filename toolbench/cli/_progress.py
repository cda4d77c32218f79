"""A progress bar that consumes events: how far, how fast, how many passed, at what cost."""

from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from toolbench.events import (
    Event,
    ItemDone,
    RouteChosen,
    StageFinished,
    StageStarted,
    TaskSampled,
    TraceFinished,
    TraceJudged,
)


class ProgressBar:
    """Shows the stages of a command on stderr; on a terminal only."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<9}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._bar: TaskID | None = None
        self._done = self._passed = 0
        self._cost = 0.0

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case StageStarted(stage=stage, total=total, done=done):
                self._done = self._passed = 0
                self._cost = 0.0
                self._bar = self._progress.add_task(stage, total=total, completed=done, note="")
            case TaskSampled():
                self._advance("")
            case TraceFinished(solved=solved, usage=usage):
                self._passed += solved
                self._cost += usage.cost
                self._advance(f"{self._passed}/{self._done + 1} solved, ${self._cost:.2f}")
            case TraceJudged(passed=passed):
                self._passed += passed
                self._advance(f"{self._passed} passed")
            case ItemDone(note=note):
                self._advance(note)
            case RouteChosen() | StageFinished():
                self._progress.refresh()

    def _advance(self, note: str) -> None:
        if self._bar is None:
            return
        self._done += 1
        speed = self._progress.tasks[self._bar].speed
        rate = f"{speed:.1f}/s" if speed else ""
        self._progress.update(self._bar, advance=1, note="  ".join(part for part in (rate, note) if part))

    @contextmanager
    def paused(self) -> Generator[None]:
        """Leave the terminal to something else while the block runs."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()
