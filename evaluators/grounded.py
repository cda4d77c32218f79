"""Everything the answer states comes from an observation or from the user, or follows from such values."""

from evaluators._claims import claims
from evaluators._knowledge import knowledge
from evaluators._loose import loose
from evaluators._verdicts import Judge
from toolbench.model import Case, Verdict

__all__ = ["GroundedEvaluator"]

SHOWN = 5
"""Untraceable pieces that the reason lists."""


class GroundedEvaluator(Judge):
    """Traces the numbers, dates, times, quotations, addresses, ids and names of the last words to their source.

    Numbers spelled out (`two steps`) are taken for talk.
    """

    name = "grounded"
    version = "2"

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, or fail (`no_answer`, `ungrounded`)."""
        step = case.path[-1].step
        if step is None or not step.text.strip():
            return self.failed(case, "no_answer", "the path ends without words")
        found = list(dict.fromkeys(loose(claims(step.text), knowledge(case))))
        if not found:
            return self.passed(case)
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        return self.failed(case, "ungrounded", f"cannot be traced: {'; '.join(found[:SHOWN])}{more}")
