"""What can be wrong with a call, and the calls that are judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeGuard

from toolbench.model import Json, JsonObject
from toolbench.model.pointers import escape

Kind = Literal[
    "right",
    "wrong_count",
    "no_call",
    "needless_call",
    "wrong_function",
    "missing_argument",
    "unexpected_argument",
    "wrong_type",
    "wrong_value",
    "left_out",
    "unparseable",
    "gold_contradicts_document",
]
"""`missing_argument`: one that the document requires is not there; `left_out`: one that the document does not require,
but the gold does; `needless_call`: no call was right; `no_call`: some call was."""


@dataclass(frozen=True, slots=True)
class NamedCall:
    """A call as a model made it. Values may be Python's own (tuples), as read from program text."""

    name: str
    arguments: JsonObject


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a call, or a value."""

    kind: Kind
    reason: str
    place: str = ""
    """JSON pointer to the place at fault."""

    def within(self, *parts: str | int) -> "Fault":
        """Return the fault with its place seen from further out."""
        return replace(self, place="".join(f"/{escape(str(part))}" for part in parts) + self.place)


def is_sequence(value: Json) -> TypeGuard[Sequence[Json]]:
    """Tell whether a value is a list, or a tuple as Python has it."""
    return isinstance(value, list | tuple)


def shown(value: Json, longest: int = 60) -> str:
    """Return a value as Python writes it, cut to a length."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        return "a very large value"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
