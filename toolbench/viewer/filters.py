"""Which traces of a run are listed, in which order, and what can be chosen from."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from toolbench.report.outcomes import TraceState
from toolbench.viewer.index import Index

PAGE = 50
"""Traces on a page."""


def _states(state: TraceState) -> Iterable[str]:
    if state.passes:
        yield "verified" if state.verified else "unverified"
    if state.tainted:
        yield "tainted"
    if state.recovered:
        yield "recovered from an error"


CHOICES: Mapping[str, tuple[str, Callable[[TraceState], Iterable[str]]]] = {
    "fate": ("Outcome", lambda state: (state.fate,)),
    "reason": ("Kind of failure", lambda state: (state.reason,) if state.reason else ()),
    "kind": ("Kind of task", lambda state: (state.kind,)),
    "api": ("API", lambda state: state.apis),
    "searcher": ("Searcher", lambda state: (state.searcher,)),
    "difficulty": ("Difficulty", lambda state: (state.difficulty,) if state.difficulty else ()),
    "state": ("Verified or tainted", _states),
    "opinion": ("Opinion", lambda state: (f"{judge}: {label}" for judge, label in state.opinions.items())),
}
"""By parameter: what it is called, and the values that a trace has."""

ORDERS: Mapping[str, tuple[str, Callable[[TraceState], float]]] = {
    "nodes": ("Largest trees", lambda state: -state.nodes),
    "backtracks": ("Most backtracks", lambda state: -state.backtracks),
    "queries": ("Most queries", lambda state: -state.usage.queries),
    "cost": ("Dearest", lambda state: -state.usage.cost),
}
"""By parameter: what it is called, and what comes first is least of. By default they stand in the order made."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for.

    Attributes:
        text: words that must all occur.
        chosen: by name of `CHOICES`, the value that a trace must have.
        order: a name of `ORDERS`, or nothing.
        page: from 1.
    """

    text: str
    chosen: Mapping[str, str]
    order: str
    page: int

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> "Query":
        """Return the query that parameters of a URL ask for; what is unknown among them is passed over."""
        written = parameters.get("page", "")
        return cls(
            text=parameters.get("q", "").strip(),
            chosen={name: parameters[name] for name in CHOICES if parameters.get(name)},
            order=parameters["order"] if parameters.get("order") in ORDERS else "",
            page=max(1, int(written)) if written.isascii() and written.isdecimal() and len(written) < 9 else 1,
        )

    def parameters(self, run: str, **others: str | int) -> str:
        """Return the parameters of a URL that ask for the same, of a run; `others` come in addition or instead."""
        held = {"run": run, "q": self.text, **self.chosen, "order": self.order, **others}
        return urlencode({name: value for name, value in held.items() if value != ""})

    def places(self, index: Index) -> list[int]:
        """Return the places of the traces asked for, in order."""
        terms = self.text.casefold().split()
        found = [
            place
            for place, state in enumerate(tuple(index.states))
            if all(value in CHOICES[name][1](state) for name, value in self.chosen.items())
            and all(term in index.words[place] for term in terms)
        ]
        return sorted(found, key=lambda place: ORDERS[self.order][1](index.states[place])) if self.order else found


def options(index: Index) -> dict[str, Counter[str]]:
    """Return the values there are, by name of `CHOICES`, with the number of traces that have them."""
    return {
        name: Counter(value for state in tuple(index.states) for value in of(state))
        for name, (_, of) in CHOICES.items()
    }
