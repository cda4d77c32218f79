"""Each of the user's turns is answered by the right decision, whatever came of it."""

from evaluators._decisions import decision_fault
from evaluators._turns import stretches
from evaluators._verdicts import Judge
from toolbench.model import Case, Verdict

__all__ = ["DecisionEvaluator"]


class DecisionEvaluator(Judge):
    """Compares the decisions alone with those that are right: call, ask, decline, confirm, or say what is known.

    `goal` checks them too, and what was done and said besides; this tells the judgement of a path from its skill.
    """

    name = "decision"
    version = "1"

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, fail, or unscored (`no_gold`) where nobody has said what is right.

        Kinds: `no_answer`, `gave_up`, `wrong_decision`, `acted_too_early`, `needless_call`, `unfounded` and
        `nothing_done`, as those of `goal`.
        """
        if case.task.solution != "known":
            return self.unscored(case, "no_gold", "nobody has said what is right")
        fault = decision_fault(case, stretches(case))
        return self.failed(case, *fault) if fault else self.passed(case)
