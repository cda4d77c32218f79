"""Arguments held against a tool's parameters: what is wrong, and where."""

from functools import lru_cache

import jsonschema_rs

from toolbench.model import JsonObject, Tool, canonical
from toolbench.model.pointers import escape

_MOST_PROBLEMS = 5


@lru_cache(maxsize=2048)
def _validator(schema: bytes) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema.decode(), validate_formats=True)


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
        validator = self._made[tool.name]
        if validator.is_valid(arguments):
            return []
        found: list[JsonObject] = []
        for error in validator.iter_errors(arguments):
            found.append({"pointer": _pointer(error), "message": error.message})
            if len(found) == _MOST_PROBLEMS:
                break
        return found


def _pointer(error: jsonschema_rs.ValidationError) -> str:
    """Return where a problem lies; for something missing or out of place, where that is or should be."""
    path = [str(part) for part in error.instance_path]
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        path.append(str(kind.property))
    elif isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        path.append(str(kind.unexpected[0]))
    return "".join(f"/{escape(part)}" for part in path)
