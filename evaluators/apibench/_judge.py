"""One response held against a database of APIs: by what it calls, and as Gorilla's own scripts do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evaluators.apibench._published import published
from evaluators.apibench._rows import ApiRow
from evaluators.apibench._texts import FoundCall, api_call_part, calls_in
from evaluators.matching._exact import same
from evaluators.matching._fault import shown
from evaluators.matching._rules import Rules

ResponseKind = Literal["right", "wrong_api", "hallucinated", "unparseable", "in_database"]
"""`right`: an API of the domain asked for; `wrong_api`: one of another; `hallucinated`: a call that no API of the
database answers to; `unparseable`: no call at all; `in_database`: one of the database, where nobody has said which is
right."""

_EXACTLY = Rules(int_for_float=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for."""

    domain: str
    """Domain of the right API."""
    call: FoundCall | None = None
    """The right call; None where it cannot be read."""


@dataclass(frozen=True, slots=True)
class ResponseVerdict:
    """What a response is worth."""

    kind: ResponseKind
    reason: str = ""
    """Why, in one sentence; empty where it is right."""
    call: str = ""
    """The call that was judged, as written."""
    api: int | None = None
    """Place in the database of the API it calls, from 0; None where there is none."""
    exact: bool | None = None
    """Whether it is the right call, argument by argument; None where nobody has said which is."""
    invented: tuple[str, ...] = ()
    """Names of arguments, and `name=value`, that the API called does not have."""
    published: Literal["right", "wrong", "hallucinated"] = "wrong"
    """What Gorilla's scripts make of it: the first API of the database whose arguments all stand in the text of a call
    of its name is the one called; it is right if its domain is."""


def judge_response(text: str, database: Sequence[ApiRow | None], asked: Asked | None) -> ResponseVerdict:
    """Return what a response calls, and whether it is right.

    The call in its field `api_call` counts, where it has one; else any call in it.

    Args:
        text: the response.
        database: the APIs, in the order of the database; None for a row that names no callable.
        asked: what is right; None where nobody has said.
    """
    theirs = published(text, database, asked.domain if asked else "")
    part = api_call_part(text)
    calls = (calls_in(part) if part else []) or calls_in(text)
    if not calls:
        return ResponseVerdict("unparseable", "there is no call in it", published=theirs)
    found = [(call, place) for call in calls for place, row in enumerate(database) if row and answers(call, row)]
    if not found:
        call = _likeliest(calls, database)
        reason = f"{call.name} with {shown(call.values())} is no API of the database"
        exact = _is_exact(call, asked) if asked else None
        return ResponseVerdict("hallucinated", reason, call.text, exact=exact, published=theirs)
    call, place = _best(found, database, asked)
    row = database[place]
    invented = tuple(_invented(call, row)) if row else ()
    kind, reason = _kind(row, asked)
    exact = _is_exact(call, asked) if asked else None
    return ResponseVerdict(kind, reason, call.text, place, exact, invented, theirs)


def answers(call: FoundCall, row: ApiRow) -> bool:
    """Tell whether a call is one of an API: of its name, with all values that identify it."""
    given = call.values()
    return call.name == row.call.name and all(value in given for value in row.identifying)


def _likeliest(calls: Sequence[FoundCall], database: Sequence[ApiRow | None]) -> FoundCall:
    """Return the first call of a name that the database knows; else the first."""
    names = {row.call.name for row in database if row}
    return next((call for call in calls if call.name in names), calls[0])


def _best(
    found: Sequence[tuple[FoundCall, int]], database: Sequence[ApiRow | None], asked: Asked | None
) -> tuple[FoundCall, int]:
    """Return the call that says the most for the response, and the API it is one of."""

    def worth(pair: tuple[FoundCall, int]) -> tuple[bool, bool, int]:
        call, row = pair[0], database[pair[1]]
        domain = bool(asked and row and row.domain == asked.domain)
        return bool(asked and _is_exact(call, asked)), domain, len(row.identifying) if row else 0

    return max(found, key=worth)


def _kind(row: ApiRow | None, asked: Asked | None) -> tuple[ResponseKind, str]:
    if asked is None or row is None:
        return "in_database", "nobody has said which API is right"
    if row.domain == asked.domain:
        return "right", ""
    return "wrong_api", f"it is for {shown(row.domain)}, {shown(asked.domain)} is asked for"


def _is_exact(call: FoundCall, asked: Asked) -> bool:
    if asked.call is None or call.name != asked.call.name:
        return False
    given, right = call.named(), asked.call.named()
    return given.keys() == right.keys() and all(
        same(value, right[name], _EXACTLY, plain=True) for name, value in given.items()
    )


def _invented(call: FoundCall, row: ApiRow) -> list[str]:
    """Return what arguments of a call its API does not have: by name, or with another value than it has."""
    theirs = row.call.named()
    found: list[str] = []
    for name, value in call.named().items():
        if name in theirs:
            if not same(value, theirs[name], _EXACTLY, plain=True) and value not in row.identifying:
                found.append(f"{name}={shown(value)}")
        elif not row.is_open and name not in row.arguments and value not in row.identifying:
            found.append(name)
    return found
