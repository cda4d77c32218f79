"""Signatures of Python functions: what each argument must be, from its type hint."""

import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

_NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class PlainSchema(GenerateJsonSchema):
    """JSON Schema without the titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return false: a field has a name."""
        del schema
        return False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function that an argument can be given to by name."""

    name: str
    """Its name."""
    annotation: Any
    """Its type; `Any` where there is no hint."""
    default: Any
    """Its default; `inspect.Parameter.empty` where there is none."""
    is_positional: bool
    """Whether Python itself only takes it by position."""

    @property
    def is_required(self) -> bool:
        """Whether it has no default."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives."""

    parameters: tuple[Parameter, ...]
    """Its parameters, in order; `*args` and `**kwargs` are left out."""
    returns: Any
    """Type of its result; `Any` where there is no hint."""

    def bind(self, arguments: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return what to call the function with, given JSON values by name; each becomes what its type hint says.

        Raises:
            pydantic.ValidationError: a value cannot become that.
        """
        given = [parameter for parameter in self.parameters if parameter.name in arguments]
        values = {each.name: TypeAdapter(each.annotation).validate_python(arguments[each.name]) for each in given}
        positional = [values.pop(each.name) for each in given if each.is_positional]
        return positional, values


def signature_of(function: Callable[..., Any]) -> Signature:
    """Return a function's signature.

    Raises:
        ValueError, TypeError: it has none that can be read.
        Exception: a type hint cannot be evaluated.
    """
    signature = inspect.signature(function)
    hints = typing.get_type_hints(function, include_extras=True)
    return Signature(tuple(_parameters(signature, hints)), hints.get("return", Any))


def _parameters(signature: inspect.Signature, hints: dict[str, Any]) -> Iterator[Parameter]:
    for each in signature.parameters.values():
        if each.kind in _NAMED:
            is_positional = each.kind is inspect.Parameter.POSITIONAL_ONLY
            yield Parameter(each.name, hints.get(each.name, Any), each.default, is_positional)
