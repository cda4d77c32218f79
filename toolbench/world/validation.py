"""Arguments held against a tool's parameters: what is wrong, and where."""

from functools import lru_cache
from itertools import islice

import jsonschema_rs

from toolbench.model import Json, JsonObject, Tool, canonical
from toolbench.model.pointers import escape

_MOST_PROBLEMS = 5


@lru_cache(maxsize=2048)
def _validator(schema: bytes) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema.decode(), validate_formats=True)


def problems_of(value: Json, schema: JsonObject) -> list[JsonObject]:
    """Return what is wrong with a value: objects with `pointer` and `message`, a few at most; empty when all is well.

    Args:
        value: the value.
        schema: a closed schema.

    Raises:
        jsonschema_rs.ValidationError: the schema is none.
    """
    return _problems(value, _validator(canonical(schema)))


class Checks:
    """Validators of tools, made once each."""

    def __init__(self) -> None:
        self._made: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def problems(self, tool: Tool, arguments: JsonObject) -> list[JsonObject]:
        """Return what is wrong with the arguments: objects with `pointer` and `message`; empty when all is well.

        Args:
            tool: a closed tool.
            arguments: the arguments.
        """
        if tool.name not in self._made:
            self._made[tool.name] = _validator(canonical(tool.parameters))
        return _problems(arguments, self._made[tool.name])


def _problems(value: Json, validator: jsonschema_rs.Draft202012Validator) -> list[JsonObject]:
    if validator.is_valid(value):
        return []
    found = islice(validator.iter_errors(value), _MOST_PROBLEMS)
    return [{"pointer": _pointer(error), "message": error.message} for error in found]


def _pointer(error: jsonschema_rs.ValidationError) -> str:
    """Return where a problem lies; for something missing or out of place, where that is or should be."""
    path = [str(part) for part in error.instance_path]
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        path.append(str(kind.property))
    elif isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        path.append(str(kind.unexpected[0]))
    return "".join(f"/{escape(part)}" for part in path)
