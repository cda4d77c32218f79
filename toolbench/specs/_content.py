"""Bodies: the media types in which they come, and which of them a tool speaks."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from toolbench.model import Json, JsonObject
from toolbench.specs._json import as_list, as_object
from toolbench.specs._references import Place, References

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_ANY = frozenset(("", "*/*", "application/*", "application/*+json"))
_ORDER = (JSON, "application/merge-patch+json", "text/json")
_NOT_ONE_VALUE = ("ndjson", "json-patch+json", "json-seq")


@dataclass(frozen=True, slots=True)
class Media:
    """A body in one media type."""

    type: str
    """The media type; `application/json` where the description leaves it open."""
    schema: Json
    """The schema as written, None where there is none."""
    at: Place
    """Where the schema stands."""
    raw: JsonObject
    """The media type object: examples and encoding."""

    @property
    def is_json(self) -> bool:
        """Whether the body is one JSON value."""
        return is_json(self.type)

    @property
    def is_form(self) -> bool:
        """Whether the body is a form, whose fields are properties."""
        return _base(self.type) in (URLENCODED, MULTIPART)


def media_of(content: Json, at: Place) -> list[Media]:
    """Return the media types of an OpenAPI 3 `content` object, the preferred first."""
    return preferred(
        Media(concrete(name), as_object(media).get("schema"), at.at(name, "schema"), as_object(media))
        for name, media in as_object(content).items()
    )


def concrete(media_type: str) -> str:
    """Return a media type that can be sent: JSON for a range such as `*/*`."""
    return JSON if _base(media_type) in _ANY else media_type


def preferred(media: Iterable[Media]) -> list[Media]:
    """Return media types in order of preference: JSON, forms, anything else."""
    return sorted(media, key=_rank)


def is_json(media_type: str) -> bool:
    """Tell whether a media type stands for one JSON value."""
    base = _base(media_type)
    return base.endswith("json") and not base.endswith("ndjson")


def _base(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _rank(media: Media) -> int:
    base = _base(media.type)
    if base in _ORDER:
        return _ORDER.index(base)
    if is_json(base):
        return 10 if base.endswith(_NOT_ONE_VALUE) else 5
    return 20 if media.is_form else 30


def examples_of(media: Media, references: References) -> dict[str, Json]:
    """Return the documented examples of a body by name; one without a name is called `default`.

    JSON given as text is read.
    """
    named = as_object(media.raw.get("examples"))
    if named:
        at = Place(media.at.file, media.at.tokens[:-1]).at("examples")
        found = {name: references.follow_object(each, at.at(name))[0] for name, each in named.items()}
        return {name: _value(each["value"], media) for name, each in found.items() if "value" in each}
    if "example" in media.raw:
        return {"default": _value(media.raw["example"], media)}
    schema = as_object(media.schema)
    inside = [schema["example"]] if "example" in schema else as_list(schema.get("examples"))[:1]
    return {"default": _value(inside[0], media)} if inside else {}


def _value(example: Json, media: Media) -> Json:
    if media.is_json and isinstance(example, str) and example.lstrip()[:1] in ("{", "["):
        try:
            return orjson.loads(example)
        except orjson.JSONDecodeError:
            return example
    return example
