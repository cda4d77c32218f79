"""Ways in which a planner errs: how often, and what becomes of a right call."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Literal, TypeAlias

from toolbench.agent.gold import Aim
from toolbench.model import GoldCall, Json, JsonObject, Tool, canonical, is_array, is_object
from toolbench.model.pointers import at, replaced
from toolbench.model.task import OriginKind
from toolbench.model.wording import as_date

Mistake: TypeAlias = Literal[
    "wrong_tool", "wrong_argument", "skipped_lookup", "early_finish", "give_up", "repeat", "wrong_decision"
]


ErrorLevel: TypeAlias = Literal["low", "middle", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates:
    """How often a planner errs. All but the last two are chances a step: by default 15 steps in a hundred go wrong.

    A mistake that cannot be made where it is drawn (nothing to repeat, nothing to look up) is not made.

    Raises:
        ValueError: a rate is negative, or those of a step come to more than 1.
    """

    wrong_tool: float = 0.03
    """Calls another of the offered tools."""
    wrong_argument: float = 0.03
    """Leaves an argument out, or gives it the wrong type or value."""
    skipped_lookup: float = 0.03
    """Makes a later call with an invented id instead of looking it up."""
    early_finish: float = 0.01
    """Answers before everything is done, and invents what it has not seen."""
    give_up: float = 0.02
    """Gives up for no reason."""
    repeat: float = 0.02
    """Makes the last call once more."""
    wrong_decision: float = 0.01
    """Asks or declines where there is work to do; works, or says that it did, where the user should speak first."""
    misunderstanding: float = 0.04
    """Chance that a call of a task is misunderstood: always made with the same wrong value, until an error says so."""
    discouragement: float = 0.1
    """Chance of giving up after a step that went wrong, rather than going on."""

    def __post_init__(self) -> None:
        rates = [getattr(self, field.name) for field in fields(self)]
        if min(rates) < 0 or max(sum(self.by_step().values()), self.misunderstanding, self.discouragement) > 1:
            raise ValueError("rates are chances: not negative, and at most 1 in all")

    @classmethod
    def none(cls) -> "ErrorRates":
        """Return rates of a planner that never errs."""
        return cls(**{field.name: 0.0 for field in fields(cls)})

    def times(self, factor: float) -> "ErrorRates":
        """Return rates of a planner that errs so many times as often.

        Raises:
            ValueError: that comes to more than 1.
        """
        return ErrorRates(**{field.name: factor * getattr(self, field.name) for field in fields(self)})

    def by_step(self) -> dict[Mistake, float]:
        """Return the rates of mistakes that are drawn at each step."""
        return {
            "wrong_tool": self.wrong_tool,
            "wrong_argument": self.wrong_argument,
            "skipped_lookup": self.skipped_lookup,
            "early_finish": self.early_finish,
            "give_up": self.give_up,
            "repeat": self.repeat,
            "wrong_decision": self.wrong_decision,
        }

    def draw(self, luck: random.Random) -> Mistake | None:
        """Return the mistake to make, mostly none."""
        left = luck.random()
        for mistake, rate in self.by_step().items():
            if left < rate:
                return mistake
            left -= rate
        return None


LEVELS: Mapping[ErrorLevel, ErrorRates] = {
    "low": ErrorRates(),
    "middle": ErrorRates().times(2),
    "high": ErrorRates().times(3),
}
"""How fallible a planner is, by name: 15, 30 or 45 steps in a hundred go wrong, and all else in proportion."""


def wrong_arguments(luck: random.Random, arguments: JsonObject, tool: Tool) -> JsonObject:
    """Return arguments with one left out, of a wrong type or of a wrong value; with one too many if there is none."""
    if not arguments:
        return {"verbose": True}
    name = luck.choice(sorted(arguments))
    sort = luck.choice(("missing", "type", "value"))
    if sort == "missing":
        return {other: value for other, value in arguments.items() if other != name}
    if sort == "type":
        return arguments | {name: _other_type(arguments[name])}
    return arguments | {name: altered(luck, arguments[name], _schema(tool, name))}


def misread(luck: random.Random, item: GoldCall, tool: Tool) -> tuple[str, Json] | None:
    """Return where a call is misunderstood and what is taken for its value; None where nothing can be.

    Only what was said or is a default can be: what was looked up is read off.
    """
    sources: tuple[OriginKind, ...] = ("user", "default")
    pointers = sorted(origin.pointer for origin in item.origins if origin.kind in sources)
    if not pointers:
        return None
    pointer = luck.choice(pointers)
    schema = _schema(tool, pointer[1:]) if pointer.count("/") == 1 else {}
    return pointer, altered(luck, at(item.call.arguments, pointer), schema)


def invented(luck: random.Random, aim: Aim) -> JsonObject:
    """Return an aim's arguments with made-up values in place of those that must be looked up."""
    arguments: Json = aim.arguments
    for origin in aim.gold.origins:
        if origin.kind == "observed":
            arguments = replaced(arguments, origin.pointer, altered(luck, at(arguments, origin.pointer), {}))
    return arguments


def fitted(arguments: JsonObject, tool: Tool) -> JsonObject:
    """Return what of one tool's arguments another takes, with stand-ins for what else it requires."""
    names: JsonObject = tool.parameters.get("properties", {})
    kept = {name: value for name, value in arguments.items() if name in names}
    required: list[str] = tool.parameters.get("required", [])
    return {name: _stand_in(_schema(tool, name)) for name in required} | kept


def altered(luck: random.Random, value: Json, schema: JsonObject) -> Json:
    """Return another value of the same shape; another member where the schema lists them."""
    others = [other for other in schema.get("enum", ()) if canonical(other) != canonical(value)]
    if others:
        return luck.choice(others)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + luck.randint(1, 9)
    if isinstance(value, str):
        return _altered_text(luck, value)
    if is_array(value) and value:
        return [altered(luck, value[0], {}), *value[1:]]
    if is_object(value) and value:
        name = min(value)
        return value | {name: altered(luck, value[name], {})}
    return "unknown"


def _altered_text(luck: random.Random, text: str) -> str:
    """Return another date for a date, other digits for an id, a digit more for a text without any."""
    if day := as_date(text[:10]):
        return f"{day + timedelta(days=luck.randint(1, 9))}{text[10:]}"
    places = [place for place, sign in enumerate(text) if sign.isdecimal()]
    if not places:
        return f"{text}{luck.randrange(10)}"
    signs = list(text)
    for place in places[-4:]:
        signs[place] = str((int(signs[place]) + luck.randint(1, 9)) % 10)
    return "".join(signs)


def _other_type(value: Json) -> Json:
    if isinstance(value, str):
        return [value]
    return str(value) if isinstance(value, int | float) else "unknown"


def _stand_in(schema: JsonObject) -> Json:
    if schema.get("enum"):
        return schema["enum"][0]
    stand_ins: Mapping[str, Json] = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
    kind: Json = schema.get("type")
    return schema.get("default", stand_ins.get(kind, "unknown") if isinstance(kind, str) else "unknown")


def _schema(tool: Tool, name: str) -> JsonObject:
    schema: Json = tool.parameters.get("properties", {}).get(name, {})
    if is_object(schema) and str(schema.get("$ref", "")).startswith("#/$defs/"):
        schema = at(tool.parameters, schema["$ref"][1:])
    return schema if is_object(schema) else {}
