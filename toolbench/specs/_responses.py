"""Responses: what a call gives when it succeeds, and what the documented failures look like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from toolbench.model import Json, JsonObject
from toolbench.specs._content import JSON, Media, concrete, examples_of, is_json, media_of, preferred
from toolbench.specs._json import as_object, as_text
from toolbench.specs._references import Place
from toolbench.specs._schemas import Schemas
from toolbench.specs._text import plain

_STATUS = re.compile(r"[1-5](?:\d\d|XX)")
_BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Response:
    """What an operation gives."""

    success: int = 200
    """Status of success."""
    returns: JsonObject | None = None
    """Open schema of the successful result, None when nothing is known of it."""
    media_type: str = ""
    """Media type of the successful result, empty when there is none."""
    errors: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    """Open schemas of the failures by status; an empty one where only the status is documented."""
    examples: dict[str, Json] = field(default_factory=dict[str, Json])
    """Documented results by name."""
    error_types: dict[str, str] = field(default_factory=dict[str, str])
    """As `HttpBinding.error_types`."""
    error_examples: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])
    """Documented bodies of failures by status and name."""


@dataclass(frozen=True, slots=True)
class _Answer:
    description: str
    media: list[Media]


class Responses:
    """Builds the responses of the operations of one description."""

    def __init__(self, schemas: Schemas, *, swagger: bool) -> None:
        self._schemas, self._references, self._swagger = schemas, schemas.references, swagger

    def build(self, written: Json, at: Place, produces: Sequence[str]) -> Response:
        """Return what an operation gives.

        The success is the lowest 2XX with a JSON body, else the lowest 2XX, else `default`, else the lowest 3XX.

        Args:
            written: the operation's `responses`.
            at: where they stand.
            produces: media types of the responses in Swagger 2.0.
        """
        answers = {
            _status(status): self._answer(*self._references.follow_object(response, at.at(status)), produces)
            for status, response in as_object(written).items()
            if not status.startswith("x-")
        }
        chosen = _successful(answers)
        answer = answers.get(chosen) or _Answer("", [])
        media = answer.media[0] if answer.media else None
        failed = [status for status in _failures(answers) if status != chosen]
        shown = {status: answers[status].media[0] for status in failed if answers[status].media}
        return Response(
            success=_number(chosen),
            returns=self._schema(media),
            media_type=media.type if media else "",
            errors={status: self._failure(answers[status]) for status in failed},
            examples=examples_of(media, self._references) if media else {},
            error_types={status: each.type for status, each in shown.items() if each.type != JSON},
            error_examples={status: examples_of(each, self._references) for status, each in shown.items()},
        )

    def _answer(self, response: JsonObject, at: Place, produces: Sequence[str]) -> _Answer:
        media = (
            _swagger_media(response, at, produces)
            if self._swagger
            else media_of(response.get("content"), at.at("content"))
        )
        return _Answer(plain(as_text(response.get("description"))), media)

    def _schema(self, media: Media | None) -> JsonObject | None:
        if media is None or media.schema is None or not media.is_json:
            return None
        return self._schemas.convert(media.schema, media.at, "output")

    def _failure(self, answer: _Answer) -> JsonObject:
        schema = dict(self._schema(answer.media[0] if answer.media else None) or {})
        if answer.description:
            schema.setdefault("description", answer.description)
        return schema


def _status(written: str) -> str:
    upper = written.strip().upper()
    return upper if _STATUS.fullmatch(upper) else "default"


def _number(status: str) -> int:
    return int(status.replace("XX", "00")) if status and status != "default" else 200


def _successful(answers: dict[str, _Answer]) -> str:
    good = sorted(status for status in answers if status.startswith("2"))
    with_json = [
        status for status in good if any(media.is_json and media.schema is not None for media in answers[status].media)
    ]
    elsewhere = sorted(status for status in answers if status.startswith("3"))
    return next(iter([*with_json, *good, *(["default"] if "default" in answers else []), *elsewhere]), "")


def _failures(answers: dict[str, _Answer]) -> list[str]:
    return sorted(status for status in answers if status[0] in "45d")


def _swagger_media(response: JsonObject, at: Place, produces: Sequence[str]) -> list[Media]:
    schema = response.get("schema")
    if schema is None:
        return []
    examples = as_object(response.get("examples"))
    names = [concrete(name) for name in produces or examples or (JSON,)]
    if as_object(schema).get("type") == "file":
        names = [name for name in names if not is_json(name)] or [_BINARY]
    return preferred(
        Media(name, schema, at.at("schema"), {"example": examples[name]} if name in examples else {}) for name in names
    )
