"""What RapidAPI says of an API, as ToolBench collected it: its parameters, its method, and ToolBench's own names."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import orjson

from toolbench.errors import SpecError
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.tool import Safety

TYPES: Mapping[str, JsonObject] = {
    "STRING": {"type": "string"},
    "NUMBER": {"type": "number"},
    "BOOLEAN": {"type": "boolean"},
    "ENUM": {"type": "string"},
    "ARRAY": {"type": "array"},
    "OBJECT": {"type": "object"},
    "DATE": {"type": "string", "format": "date"},
    "TIME": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    "BINARY": {"type": "string", "contentEncoding": "base64"},
}
"""The types of parameters, as JSON Schema. An ENUM's values are nowhere listed; other types allow any value."""

_RESERVED = frozenset(("and", "class", "false", "from", "id", "return", "true"))
_NO_LETTER = re.compile(r"[^A-Za-z0-9]+")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def parameters(required: Json, optional: Json) -> JsonObject:
    """Return the JSON Schema of an API's arguments.

    A parameter that stands in both lists is required. What a required one calls its `default` is an example: without
    the parameter there is no call.

    Args:
        required: a list of `{name, type, description, default}`; what is no list is an empty one.
        optional: likewise.

    Raises:
        SpecError: a parameter has no name.
    """
    needed = list(_each(required))
    properties = {parameter["name"]: _schema(parameter, "default") for parameter in _each(optional)}
    properties |= {parameter["name"]: _schema(parameter, "examples") for parameter in needed}
    names = list(dict.fromkeys(parameter["name"] for parameter in needed))
    ordered = {name: properties[name] for name in (*names, *(name for name in properties if name not in names))}
    return {"type": "object", "properties": ordered, **({"required": names} if names else {})}


def safety_of(method: str) -> Safety:
    """Return what a call with an HTTP method does, as far as the method tells."""
    match method.upper():
        case "GET" | "HEAD" | "OPTIONS":
            return "read"
        case "DELETE":
            return "destructive"
        case _:
            return "write"


def function_name(api: str, tool: str) -> str:
    """Return the name that ToolBench gives the function of a tool's API. Different APIs may share one."""
    return f"{_changed(_standard(api))}_for_{_standard(tool)}"


def _standard(name: str) -> str:
    """Return a name in small letters, digits and single underscores that does not begin with a digit."""
    plain = _NO_LETTER.sub("_", name).strip("_").lower()
    return f"get_{plain}" if plain[:1].isdigit() else plain


def _changed(name: str) -> str:
    return f"is_{name}" if name in _RESERVED else name


def _each(listed: Json) -> Iterator[JsonObject]:
    for parameter in listed if is_array(listed) else ():
        if not is_object(parameter) or not isinstance(parameter.get("name"), str) or not parameter["name"]:
            raise SpecError("a parameter has no name", hint="Give it a `name`")
        yield parameter


def _schema(parameter: JsonObject, keyword: str) -> JsonObject:
    kind = str(parameter.get("type") or "").upper()
    schema = dict(TYPES.get(kind, {}))
    description = str(parameter.get("description") or "").strip()
    written = parameter.get("default")
    if written in (None, "", [], {}):
        return _described(schema, description)
    found = list(_values(kind, written))
    if not found:
        # It tells a reader something, even where it is no value of the type.
        return _described(schema, f"{description} (for instance {_shown(written)})".strip())
    return {**_described(schema, description), keyword: found[0] if keyword == "default" else found}


def _described(schema: JsonObject, description: str) -> JsonObject:
    return {**schema, "description": description} if description else schema


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _values(kind: str, written: Json) -> Iterator[Json]:
    """Yield a default as a value of its type: nothing where it is none, for descriptions write most of them as text."""
    value = _READ[kind](written) if kind in _READ and isinstance(written, str) else written
    if kind not in TYPES or _FITS[kind](value):
        yield value


def _from_json(text: str) -> Json:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _is_date(value: Json) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


_READ: Mapping[str, Callable[[str], Json]] = {
    "NUMBER": lambda text: _from_json(text.strip()),
    "BOOLEAN": lambda text: _from_json(text.strip().lower()),
    "ARRAY": _from_json,
    "OBJECT": _from_json,
}
_FITS: Mapping[str, Callable[[Json], bool]] = {
    "STRING": _is_text,
    "NUMBER": _is_number,
    "BOOLEAN": lambda value: isinstance(value, bool),
    "ENUM": _is_text,
    "ARRAY": is_array,
    "OBJECT": is_object,
    "DATE": _is_date,
    "TIME": lambda value: isinstance(value, str) and _TIME.fullmatch(value) is not None,
    "BINARY": _is_text,
}
