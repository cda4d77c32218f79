"""What a model's answer to a row is worth: the right call, another's, an invented one, or what a wrong document
says."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluators.apibench import ApiRow, Asked, FoundCall, api_row, calls_in, judge_response
from toolbench.gorilla.checks import argument_problems, is_as_wanted
from toolbench.gorilla.conditions import under_old_names
from toolbench.gorilla.docset import ApiDoc, from_document
from toolbench.gorilla.rows import DocRow
from toolbench.gorilla.templates import NOTHING, read_response
from toolbench.model import JsonObject, is_object

_NO_CALL = re.compile(
    r"\b(?:none of (?:it|them|these|the)|no (?:api|call|document\w*) (?:that )?(?:covers|fits|does|is given)"
    r"|not covered|does not cover|do not cover)\b",
    re.IGNORECASE,
)
_NOTHINGS = (NOTHING, "n/a", "null", "no call", "-", "")


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What an answer is worth. None stands for what cannot be said of its row."""

    row: str
    """Id of the row."""
    condition: str
    right: bool
    """Whether it is the right call with the right values, or rightly says that there is none."""
    kind: str
    """`right`, or what is wrong: `wrong_api`, `wrong_arguments`, `invented_api`, `no_call`, `called_for_nothing`,
    `unparseable`."""
    domain_right: bool | None
    """Whether it calls an API of the right domain, as APIBench counts; None where no call is right."""
    hallucinated: bool
    """Whether it calls an API that neither the doc set nor what is shown has, or gives an argument that its API does
    not have."""
    copied: bool | None
    """Whether it calls the API of a wrong document that was shown; None where no wrong one was."""
    adapted: bool | None
    """Whether it goes by the changed document; None where none was changed, or where it is right by both: what is the
    default now may be given nonetheless, as one had to before."""
    outdated: bool | None
    """Whether it is right by the document as it was before, and wrong by the changed one; None as for `adapted`."""
    abstained: bool
    """Whether it says that there is no call."""
    call: str = ""
    """The call, as written."""


class Examiner:
    """Judges answers to rows.

    Args:
        docs: the doc set.
    """

    def __init__(self, docs: Sequence[ApiDoc]) -> None:
        self._docs = {doc.id: doc for doc in docs}
        self._names: dict[str, list[ApiDoc]] = {}
        for doc in docs:
            self._names.setdefault(doc.name, []).append(doc)
        self._database: list[ApiRow | None] = [_database_row(doc) for doc in docs]

    def judge(self, row: DocRow, text: str) -> RowVerdict:
        """Return what an answer is worth."""
        own = self._docs[row.api]
        calls, abstained = _heard(text)
        shown = [(one.role, from_document(one.content, self._docs[one.id])) for one in row.documents]
        by = _by(own, shown)
        right = self._is_right(row, calls, by) if row.answer.covered else abstained
        called = _called(calls, [*(doc for _, doc in shown), *self._docs.values()])
        wrong = _wrong(shown)
        copied = called is not None and not right and any(_is_of(called[0], doc) for doc in wrong)
        hallucinated = bool(calls) and (called is None or bool(_invented(*called)))
        by_old = self._right_by_old(row, calls, own)
        tells = row.change is not None and not (right and by_old)
        return RowVerdict(
            row=row.id,
            condition=row.condition,
            right=right,
            kind=_kind(row, calls, called, by, right=right, abstained=abstained),
            domain_right=self._domain_right(row, text, [doc for _, doc in shown]) if row.answer.covered else None,
            hallucinated=hallucinated,
            copied=copied if wrong else None,
            adapted=right if tells else None,
            outdated=by_old and not right if tells else None,
            abstained=abstained,
            call=calls[0].text if calls else "",
        )

    def _is_right(self, row: DocRow, calls: Sequence[FoundCall], by: ApiDoc) -> bool:
        wanted = row.wanted or {k: v for k, v in row.closed_book.arguments.items() if k not in by.fixed}
        return any(_does(call, by, wanted) for call in calls[:1])

    def _right_by_old(self, row: DocRow, calls: Sequence[FoundCall], own: ApiDoc) -> bool:
        if row.change is None:
            return False
        old = under_old_names(row.change, row.wanted)
        wanted = {name: value for name, value in old.items() if own.parameter(name) is not None}
        return any(_does(call, own, wanted) for call in calls[:1])

    def _domain_right(self, row: DocRow, text: str, shown: Iterable[ApiDoc]) -> bool:
        database = [*self._database, *map(_database_row, shown)]
        return judge_response(text, database, Asked(row.answer.domain)).kind == "right"


def _wrong(shown: Sequence[tuple[str, ApiDoc]]) -> list[ApiDoc]:
    """Return the documents whose APIs are wrong to call: distractors, and what a successor takes the place of."""
    replaced = any(role == "successor" for role, _ in shown)
    return [doc for role, doc in shown if role == "distractor" or (role == "changed" and replaced)]


def _is_of(call: FoundCall, doc: ApiDoc) -> bool:
    return call.name == doc.name and _same_call(call, doc)


def _by(own: ApiDoc, shown: Sequence[tuple[str, ApiDoc]]) -> ApiDoc:
    """Return the document that the right answer goes by."""
    for wanted in ("successor", "changed", "oracle"):
        for role, doc in shown:
            if role == wanted:
                return doc
    return own


def _heard(text: str) -> tuple[list[FoundCall], bool]:
    """Return the calls in an answer, and whether it says that there is none."""
    fields = read_response(text)
    if "api_call" in fields:
        said = fields["api_call"].strip("`'\" ")
        calls = [] if said.lower() in _NOTHINGS else calls_in(said)
        return calls, said.lower() in _NOTHINGS or (not calls and bool(_NO_CALL.search(text)))
    calls = calls_in(text)
    is_denial = bool(_NO_CALL.search(text))
    return ([] if is_denial else calls), is_denial


def _called(calls: Sequence[FoundCall], docs: Iterable[ApiDoc]) -> tuple[FoundCall, ApiDoc] | None:
    """Return the call that counts with the API that it is one of; None where there is no such API."""
    if not calls:
        return None
    exact = next((doc for doc in docs if _is_of(calls[0], doc)), None)
    return (calls[0], exact) if exact else None


def _same_call(call: FoundCall, doc: ApiDoc) -> bool:
    """Tell whether a call has what identifies an API whose call is always the same."""
    if not doc.written:
        return True
    given = [*call.positional, *call.keywords.values()]
    return all(value in given for value in (*doc.placed, *doc.fixed.values()))


def given(call: FoundCall, doc: ApiDoc) -> JsonObject:
    """Return what a call gives by name, beside what is always given; what is given by place by the document's order."""
    named = {name: value for name, value in call.keywords.items() if name != "**"}
    spread = call.keywords.get("**")
    named |= spread if is_object(spread) else {}
    order = [one.name for one in sorted(doc.parameters, key=lambda one: not one.required)]
    rest = call.positional[len(doc.placed) :]
    placed = {order[at] if at < len(order) else f"#{at + 1}": value for at, value in enumerate(rest)}
    return {name: value for name, value in (placed | named).items() if name not in doc.fixed}


def _does(call: FoundCall, doc: ApiDoc, wanted: JsonObject) -> bool:
    """Tell whether a call is of an API, allowed by its document, and has the effect that is wanted."""
    if not _is_of(call, doc):
        return False
    arguments = given(call, doc)
    return not argument_problems(doc, arguments) and is_as_wanted(doc, arguments, wanted)


def _invented(call: FoundCall, doc: ApiDoc) -> list[str]:
    return [] if doc.is_open else [name for name in given(call, doc) if doc.parameter(name) is None]


def _kind(
    row: DocRow,
    calls: Sequence[FoundCall],
    called: tuple[FoundCall, ApiDoc] | None,
    by: ApiDoc,
    *,
    right: bool,
    abstained: bool,
) -> str:
    if right:
        return "right"
    if not row.answer.covered and calls:
        return "called_for_nothing"
    if abstained:
        return "no_call"
    if not calls:
        return "unparseable"
    if called is None:
        return "invented_api"
    return "wrong_arguments" if called[1].name == by.name else "wrong_api"


def _database_row(doc: ApiDoc) -> ApiRow | None:
    if doc.written:
        return api_row(
            {"domain": doc.domain, "api_call": doc.written, "api_arguments": [one.name for one in doc.parameters]}
        )
    names = frozenset(one.name for one in doc.parameters)
    return ApiRow(doc.domain, FoundCall(doc.name, doc.name), (), names, f"{doc.name}()")
