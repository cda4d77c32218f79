"""The page on how answers to doc-in-context rows fare under each condition."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from toolbench.model import JsonObject
from toolbench.report.pages import render
from toolbench.store import write_whole


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95% interval."""

    value: float
    low: float
    high: float
    count: int
    of: int


def write_page(figures: JsonObject, meanings: Mapping[str, str], path: Path) -> None:
    """Write the page, whole or not at all.

    Args:
        figures: what `ApiEvaluation.as_json` gives.
        meanings: what each measure tells, by name, in the order of the table.
        path: the file.

    Raises:
        RunError: it cannot be written.
    """
    write_whole(path, page(figures, meanings).encode())


def page(figures: JsonObject, meanings: Mapping[str, str]) -> str:
    """Return the page."""
    conditions = {name: _shares(rates, meanings) for name, rates in figures["conditions"].items()}
    kinds = {kind: count for kind, count in figures["overall"]["kinds"].items() if kind != "right"}
    return render(
        "apis",
        name=figures["name"],
        rows=figures["rows"],
        unanswered=figures["unanswered"],
        overall=_shares(figures["overall"], meanings),
        conditions=conditions,
        answers={name: rates["answers"] for name, rates in figures["conditions"].items()},
        kinds=kinds,
        meanings=meanings,
    )


def _shares(rates: JsonObject, meanings: Mapping[str, str]) -> dict[str, Share]:
    """Return the measures that can be told of some answers."""
    found: dict[str, Share] = {}
    for name in meanings:
        one = rates.get(name)
        if one and one["of"]:
            low, high = one["interval"]
            found[name] = Share(one["rate"], low, high, one["count"], one["of"])
    return found
