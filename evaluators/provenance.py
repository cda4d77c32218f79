"""Every value that a call sends comes from the user, from an earlier answer, or from the tool's own description."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from evaluators._claims import claims
from evaluators._knowledge import Knowledge, holds_number, knowledge
from evaluators._loose import loose
from evaluators._verdicts import Judge
from toolbench.model import Call, Case, Json, Tool, Verdict, is_array, is_object
from toolbench.model.discovery import SEARCH
from toolbench.model.pointers import leaves, parts
from toolbench.model.wording import as_date, as_moment, mentions

__all__ = ["ProvenanceEvaluator"]

Source = Literal["known", "described", "derived", "own", "untraceable"]
"""Where a value comes from: `known`: said or seen; `described`: the tool's default, const, enum or only legal form;
`derived`: put together or reckoned from what is known, or prose in which every number, date and name is; `own`: what
every caller makes up for itself."""

SHOWN = 5

_SEPARATORS = re.compile(r"[\s,;/|&]+")
_SEAMS = re.compile(r"[:+_.()\[\]\"'=<>@-]+")
_OWN = re.compile(r"idempoten|request.?id|correlation|nonce|client.?token", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\W]+")
_TALK = 3
"""Words up to so many letters need no source."""
_PROSE = 4
"""Words from which a text is prose, which a caller may well put in words of its own."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    call: Call
    number: int
    """Place of the call, from 1."""
    pointer: str
    value: Json


@dataclass(frozen=True, slots=True)
class Traced:
    """Where one leaf of a call's arguments comes from."""

    call: str
    """The call's id."""
    pointer: str
    number: int
    """Place of the call, from 1."""
    place: str
    """All of that, in words."""
    source: Source


class ProvenanceEvaluator(Judge):
    """Traces each leaf of each call's arguments, by what was said and seen before the call was made.

    Values may be spelled otherwise than where they come from (dates, numbers as text, case), be put together of known
    pieces, counted or reckoned. What a search for tools asks is talk, and free.
    """

    name = "provenance"
    version = "1"

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, or fail (`untraceable`); the reason names places and kinds.

        A call that was refused and left behind is a recovery, whatever it sent, as it is for `schema`.
        """
        traced = list(trace(case))
        told = ", ".join(f"{count} {source}" for source, count in sorted(Counter(one.source for one in traced).items()))
        pairs = list(zip(case.calls(), case.observations(), strict=False))
        worked = [place for place, (_, seen) in enumerate(pairs, 1) if seen.status == "ok"]
        found = [
            one.place
            for one in traced
            if one.source == "untraceable" and (one.number in worked or one.number > max(worked, default=0))
        ]
        if not found:
            return self.passed(case, told)
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        return self.failed(case, "untraceable", f"cannot be traced: {'; '.join(found[:SHOWN])}{more} ({told})")


def trace(case: Case) -> Iterator[Traced]:
    """Yield where each leaf of the arguments comes from, in the order of the path."""
    for leaf, known in _leaves(case):
        place = f"call {leaf.number} ({leaf.call.tool}) {leaf.pointer}"
        source = _source(leaf, known, case.tools.get(leaf.call.tool))
        yield Traced(leaf.call.id, leaf.pointer, leaf.number, place, source)


def _leaves(case: Case) -> Iterator[tuple[_Leaf, Knowledge]]:
    """Yield the leaves of all arguments, each with what was known before its call."""
    number = 0
    for place, node in enumerate(case.path):
        calls = node.step.calls if node.step else ()
        known = knowledge(replace(case, path=case.path[:place])) if calls else None
        for call in calls:
            number += 1
            if call.tool == SEARCH or known is None:
                continue
            for pointer, value in leaves(call.arguments):
                yield _Leaf(call, number, pointer, value), known


def _source(leaf: _Leaf, known: Knowledge, tool: Tool | None) -> Source:
    value = leaf.value
    if value is None or is_object(value) or is_array(value):
        return "described"
    view = _schema(tool, leaf.pointer)
    if _described(view, value):
        return "described"
    if _OWN.search(leaf.pointer):
        return "own"
    if isinstance(value, bool):
        # Nobody says yes or no to a flag by its name; what can be asked is whether it was spoken of.
        return "known" if _spoken(known, parts(leaf.pointer)[-1]) or mentions(known.text, value) else "untraceable"
    if isinstance(value, int | float):
        return _number_source(known, Decimal(repr(value)))
    return _text_source(known, value)


def _number_source(known: Knowledge, value: Decimal) -> Source:
    if value in known.numbers or mentions(known.text, float(value) if value % 1 else int(value)):
        return "known"
    scaled = any(value * factor in known.numbers for factor in (100, Decimal("0.01"), 1000, Decimal("0.001")))
    return "derived" if scaled or holds_number(known, value, percent=False) else "untraceable"


def _text_source(known: Knowledge, value: str) -> Source:
    if not value.strip() or mentions(known.text, value):
        return "known"
    if as_date(value) or as_moment(value):
        return "derived" if _is_known_time(known, value) else "untraceable"
    try:
        return _number_source(known, Decimal(value))
    except ArithmeticError:
        pass
    if all(_is_known_piece(known, piece) for piece in _SEPARATORS.split(value)):
        return "derived"
    is_prose = len(value.split()) >= _PROSE and not list(loose(claims(value), known))
    return "derived" if is_prose else "untraceable"


def _is_known_piece(known: Knowledge, piece: str) -> bool:
    parts = [part for part in _SEAMS.split(piece) if part]
    return _is_piece(known, piece) or all(_is_talk(part) or _is_piece(known, part) for part in parts)


def _is_talk(piece: str) -> bool:
    return len(piece) <= _TALK and piece.isalpha()


def _is_piece(known: Knowledge, piece: str) -> bool:
    return mentions(known.text, piece) or piece.casefold() in known.vocabulary


def _is_known_time(known: Knowledge, value: str) -> bool:
    """Tell whether a date, or a moment of a known date, was known; people leave out years and times of day."""
    moment = as_moment(value)
    day = moment.date() if moment else as_date(value)
    return day is not None and (day in known.dates or (day.month, day.day) in known.days)


def _spoken(known: Knowledge, name: str) -> bool:
    words = [word for word in _HUMP.split(name) if len(word) > _TALK]
    return any(mentions(known.said, word) or mentions(known.said, word.removesuffix("s")) for word in words)


def _schema(tool: Tool | None, pointer: str) -> Json:
    """Return what a tool says of the place that a pointer leads to; None where it says nothing."""
    if tool is None:
        return None
    views: list[Json] = [tool.parameters]
    for part in parts(pointer):
        views = [inner for view in views for inner in _below(_alternatives(tool, view), part)]
    return [view for one in views for view in _alternatives(tool, one)]


def _alternatives(tool: Tool, view: Json, depth: int = 0) -> list[Json]:
    """Return a schema and all that it refers to or is put together of."""
    if not is_object(view) or depth > 8:
        return []
    found: list[Json] = [view]
    reference: Json = view.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        definitions: Json = tool.parameters.get("$defs")
        name = parts(reference[1:])[-1]
        if is_object(definitions):
            found += _alternatives(tool, definitions.get(name), depth + 1)
    for word in ("allOf", "anyOf", "oneOf"):
        options: Json = view.get(word)
        for option in options if is_array(options) else ():
            found += _alternatives(tool, option, depth + 1)
    return found


def _below(views: list[Json], part: str) -> Iterator[Json]:
    for view in views:
        properties: Json = view.get("properties")
        if is_object(properties) and part in properties:
            yield properties[part]
        for word in ("items", "additionalProperties"):
            if is_object(view.get(word)):
                yield view[word]


def _described(views: Json, value: Json) -> bool:
    """Tell whether a tool's description holds a value: as default or const, or among those that are legal."""
    for view in views or ():
        options: Json = view.get("enum")
        if value in (options if is_array(options) else ()):
            return True
        if any(word in view and view[word] == value for word in ("default", "const")):
            return True
    return False
