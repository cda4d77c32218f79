"""The path's calls are the accepted ones, where the task says which calls are."""

from evaluators._verdicts import Judge
from evaluators.matching import LOOSE, NamedCall, check_calls
from toolbench.model import Case, JsonObject, Tool, Verdict

__all__ = ["CallsEvaluator"]


class CallsEvaluator(Judge):
    """Holds all calls of a path against the task's accepted calls.

    Integers may stand for floats, case and punctuation of strings do not count, and calls may come in any order; each
    accepted call must be made once, and no other.
    """

    name = "calls"
    version = "1"

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, fail, or unscored.

        Kinds: `no_call`, `needless_call`, `wrong_count`, `wrong_function`, `missing_argument`, `unexpected_argument`,
        `wrong_type`, `wrong_value`, `left_out`; unscored as `no_accepted_calls` where the task names none, and as
        `gold_contradicts_document` where no call could be right by both.
        """
        if case.task.accepted is None:
            return self.unscored(case, "no_accepted_calls", "nobody has said which calls are right")
        made = [NamedCall(call.tool, call.arguments) for call in case.calls()]
        found = check_calls([_document(tool) for tool in case.tools.values()], made, case.task.accepted, rules=LOOSE)
        if found.valid:
            return self.passed(case)
        reason = f"{found.reason} (at {found.place})" if found.place else found.reason
        return self.failed(case, found.kind, reason) if found.scored else self.unscored(case, found.kind, reason)


def _document(tool: Tool) -> JsonObject:
    return {"name": tool.name, "parameters": tool.parameters}
