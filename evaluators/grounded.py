"""Everything the answer states comes from an observation or from the user, or follows from such values."""

from collections.abc import Iterator

from evaluators._claims import Claims, Name, claims
from evaluators._knowledge import Knowledge, holds_name, holds_number, knowledge
from evaluators._verdicts import Judge
from toolbench.model import Case, Verdict
from toolbench.model.wording import mentions

__all__ = ["GroundedEvaluator"]

SHOWN = 5
"""Untraceable pieces that the reason lists."""


class GroundedEvaluator(Judge):
    """Traces the numbers, dates, times, quotations, addresses, ids and names of the last words to their source.

    Numbers spelled out (`two steps`) are taken for talk.
    """

    name = "grounded"
    version = "1"

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, or fail (`no_answer`, `ungrounded`)."""
        step = case.path[-1].step
        if step is None or not step.text.strip():
            return self.failed(case, "no_answer", "the path ends without words")
        loose = list(dict.fromkeys(_loose(claims(step.text), knowledge(case))))
        if not loose:
            return self.passed(case)
        more = f" and {len(loose) - SHOWN} more" if len(loose) > SHOWN else ""
        return self.failed(case, "ungrounded", f"cannot be traced: {'; '.join(loose[:SHOWN])}{more}")


def _loose(said: Claims, known: Knowledge) -> Iterator[str]:
    """Yield what cannot be traced, in words."""
    for written, number in said.numbers:
        if not holds_number(known, number, percent=number in said.percentages):
            yield f"number {written}"
    yield from _loose_moments(said, known)
    yield from (repr(string) for string in said.strings if not mentions(known.text, string))
    yield from (f"name {' '.join(name.words)}" for name in said.names if not _traced(name, known))


def _loose_moments(said: Claims, known: Knowledge) -> Iterator[str]:
    yield from (f"date {written}" for written, readings in said.dates if not readings & known.dates)
    yield from (f"date {written}" for written, day in said.days if day not in known.days)
    yield from (f"time {written}" for written, time in said.times if time not in known.times)


def _traced(name: Name, known: Knowledge) -> bool:
    return holds_name(known, name.words) or (name.starts_sentence and holds_name(known, name.words[1:]))
