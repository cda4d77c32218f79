"""Verdicts in short."""

from toolbench.model import Case, Verdict
from toolbench.model.verdict import Label


class Judge:
    """What the built-in evaluators share: their name and version on each verdict."""

    name: str
    version: str

    def passed(self, case: Case, reason: str = "") -> Verdict:
        """Return a pass."""
        return self._verdict(case, "pass", 1.0, reason, "")

    def failed(self, case: Case, kind: str, reason: str) -> Verdict:
        """Return a failure of a kind."""
        return self._verdict(case, "fail", 0.0, reason, kind)

    def unscored(self, case: Case, kind: str, reason: str) -> Verdict:
        """Return that nobody could tell."""
        return self._verdict(case, "unscored", None, reason, kind)

    def _verdict(self, case: Case, label: Label, score: float | None, reason: str, kind: str) -> Verdict:
        return Verdict(
            evaluator=self.name,
            evaluator_version=self.version,
            trace=case.trace,
            leaf=case.leaf,
            label=label,
            score=score,
            reason=reason,
            kind=kind,
        )
