"""What a recipe is, and how its steps become command lines."""

import difflib
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

import yaml
from pydantic import Field, ValidationError

from toolbench.errors import ConfigError
from toolbench.model import Json, Part

SUFFIX = ".yaml"

Value: TypeAlias = str | int | float | bool | tuple[str, ...] | None

OUT = "out"
"""The parameter that every recipe has: the folder for all that it writes."""

_FIELD = re.compile(r"\{(\w+)\}")


class Parameter(Part):
    """Something that a recipe can be told."""

    help: str
    """What it is."""
    default: str | int | float | bool | None = None
    """Its value where nothing is said; None for nothing. It may name other parameters in braces."""
    required: bool = False
    """Whether something must be said."""


class Step(Part):
    """One command."""

    name: str
    """Its name within the recipe."""
    run: str
    """The command line after `toolbench`, parameters in braces. One with several values becomes several words."""
    options: dict[str, str] = Field(default_factory=dict)
    """By parameter, words that are added where it has a value."""
    when: str = ""
    """A parameter without whose value the step is left out."""


class Recipe(Part):
    """A pipeline over the commands."""

    name: str = ""
    """Its name: that of its file."""
    title: str
    """The paper's, or what it is."""
    paper: str = ""
    """Where the paper is."""
    summary: str
    """What comes out, in a line."""
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    """What it can be told, beside the folder `out`."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """Its commands, in order."""


@dataclass(frozen=True, slots=True)
class Line:
    """A step with its parameters filled in."""

    step: str
    """The step's name."""
    words: tuple[str, ...]
    """The command and its arguments."""

    def __str__(self) -> str:
        """Return it as one would type it."""
        return shlex.join(("toolbench", *self.words))


def names() -> list[str]:
    """Return the names of the built-in recipes."""
    inside = files("toolbench.recipes").iterdir()
    return sorted(item.name.removesuffix(SUFFIX) for item in inside if item.name.endswith(SUFFIX))


def load(name: str) -> Recipe:
    """Return a recipe: a built-in one by its name, any other by its file.

    Raises:
        ConfigError: there is no such recipe, or the file is none.
    """
    if name.endswith(SUFFIX):
        return _parsed(Path(name).stem, _read(Path(name)), name)
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ConfigError(f"no recipe is named {name!r}", hint=f"{hint}There are: {', '.join(names())}")
    return _parsed(name, (files("toolbench.recipes") / f"{name}{SUFFIX}").read_text("utf-8"), name)


def lines(recipe: Recipe, given: Mapping[str, Value], out: Path) -> list[Line]:
    """Return the command lines of a recipe.

    Args:
        recipe: the recipe.
        given: values of its parameters.
        out: folder for all that it writes.

    Raises:
        ConfigError: a parameter is not known, or one that is needed is missing; or a step names one that is not there.
    """
    values = _values(recipe, given, out)
    return [_line(recipe, step, values) for step in recipe.steps if not step.when or values.get(step.when) is not None]


def _values(recipe: Recipe, given: Mapping[str, Value], out: Path) -> dict[str, Value]:
    known = f"Parameters of {recipe.name}: {', '.join(recipe.parameters) or 'none'}"
    for name in given:
        if name not in recipe.parameters:
            raise ConfigError(f"there is no parameter {name!r}", hint=known)
    values: dict[str, Value] = {OUT: str(out)}
    for name, parameter in recipe.parameters.items():
        value = given.get(name)
        if value is None and parameter.required:
            hint = f"Give it: --set {name}=… ({parameter.help})"
            raise ConfigError(f"{recipe.name} needs `{name}`", hint=hint)
        default = parameter.default
        filled = _filled(default, values, recipe.name) if isinstance(default, str) else default
        values[name] = filled if value is None else value
    return values


def _line(recipe: Recipe, step: Step, values: Mapping[str, Value]) -> Line:
    where = f"{recipe.name}, step {step.name}"
    texts = [step.run, *(text for name, text in step.options.items() if values.get(name) is not None)]
    words = [word for text in texts for token in shlex.split(text) for word in _words(token, values, where)]
    return Line(step.name, tuple(words))


def _words(token: str, values: Mapping[str, Value], where: str) -> Iterator[str]:
    whole = _FIELD.fullmatch(token)
    value = values.get(whole[1]) if whole else None
    if isinstance(value, tuple):
        yield from value
    else:
        yield _filled(token, values, where)


def _filled(text: str, values: Mapping[str, Value], where: str) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if values.get(name) is None:
            raise ConfigError(f"`{name}` has no value", where=where, hint=f"Give it: --set {name}=…")
        held = values[name]
        return ",".join(held) if isinstance(held, tuple) else str(held).lower() if isinstance(held, bool) else str(held)

    return _FIELD.sub(value, text)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path), hint="Check the path.") from error


def _parsed(name: str, text: str, where: str) -> Recipe:
    hint = "A recipe has title, summary, parameters and steps; `toolbench recipes show lima --yaml` shows one."
    try:
        loaded: Json = yaml.load(text, Loader=yaml.CSafeLoader)
        return Recipe.model_validate(loaded).model_copy(update={"name": name})
    except yaml.YAMLError as error:
        raise ConfigError(f"not YAML: {' '.join(str(error).split())}", where=where, hint=hint) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{place}: {first['msg']}", where=where, hint=hint) from error
