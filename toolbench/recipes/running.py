"""Running a recipe: step by step, stopping at the first that fails, going on there the next time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson
from pydantic import ValidationError

from toolbench.errors import RunError
from toolbench.model import Part
from toolbench.recipes.recipe import Line
from toolbench.store import write_whole

STATE = "recipe.json"
"""The file in the recipe's folder that says which steps are done."""


class State(Part):
    """How far a recipe has come."""

    recipe: str
    """Its name."""
    done: tuple[tuple[str, ...], ...] = ()
    """The command lines that ended well, in order."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What happens to a step."""

    number: int
    """Which step, from 1."""
    line: Line
    """Its command."""
    status: Literal["kept", "begun", "done", "failed"]
    """`kept`: it was done before."""
    code: int = 0
    """The exit code of one that failed."""


def run(
    name: str, lines: Sequence[Line], out: Path, command: Callable[[Sequence[str]], int], *, restart: bool = False
) -> Iterator[Progress]:
    """Run command lines in order, and yield what happens. It ends after the first that fails.

    Steps that ended well before are passed over, up to the first that was not done, or was another command line.

    Args:
        name: the recipe's name.
        lines: its command lines.
        out: its folder, where the state is kept.
        command: runs a command line, and returns its exit code.
        restart: whether to begin anew.

    Raises:
        RunError: the folder holds another recipe, or cannot be written.
    """
    state = State(recipe=name) if restart else _read(out, name)
    kept = _kept(state, lines)
    done = [line.words for line in lines[:kept]]
    for number, line in enumerate(lines, 1):
        if number <= kept:
            yield Progress(number, line, "kept")
            continue
        yield Progress(number, line, "begun")
        code = command(line.words)
        if code:
            yield Progress(number, line, "failed", code)
            return
        done.append(line.words)
        _write(out, State(recipe=name, done=tuple(done)))
        yield Progress(number, line, "done")


def _kept(state: State, lines: Sequence[Line]) -> int:
    count = 0
    for before, line in zip(state.done, lines, strict=False):
        if before != line.words:
            break
        count += 1
    return count


def _read(out: Path, name: str) -> State:
    path = out / STATE
    try:
        state = State.model_validate_json(path.read_bytes()) if path.is_file() else State(recipe=name)
    except ValidationError as error:
        hint = "Remove it, or choose another folder."
        raise RunError(f"not a recipe's state: {error.errors()[0]['msg']}", where=str(path), hint=hint) from error
    if state.recipe != name:
        raise RunError(f"the recipe {state.recipe} is here", where=str(out), hint="Choose another folder.")
    return state


def _write(out: Path, state: State) -> None:
    write_whole(out / STATE, orjson.dumps(state.model_dump(mode="json"), option=orjson.OPT_INDENT_2) + b"\n")
