"""How good a judge's opinion is: what it makes of defects that were planted, and of what execution has proven."""

from typing import Literal

from pydantic import Field

from toolbench.model.base import Part, Record

Defect = Literal["wrong_value", "invented_fact", "missing_step", "needless_step", "wrong_decision"]
"""What is planted in a copy of a verified path."""


class DefectFigures(Part):
    """What a judge makes of one kind of defect."""

    defect: Defect
    """What was planted."""
    planted: int
    """Copies that it was planted in."""
    scored: int
    """Of these, how many were scored, as was the path without the defect."""
    auc: float | None = None
    """How likely a sound path scores higher than a defective one, 0 to 1, ties as half; 0.5 is chance."""
    preferred: float | None = None
    """Share of the comparisons in which the sound path was preferred, a tie as half; None where none could be read."""


class JudgeFigures(Part):
    """How good one judge is."""

    evaluator: str
    """Name under which its verdicts stand."""
    evaluator_version: str
    """Version of rules, prompts and votes."""
    votes: int
    """Votes on each answer."""
    seed: int
    """Seed by which paths and defects were chosen."""
    paths: int
    """Verified paths that defects were planted in."""
    auc: float | None = None
    """As that of a defect, over all of them."""
    kappa: float | None = None
    """Cohen's kappa between its verdicts on the run and those of execution, unscored ones left out: 1 is full
    agreement, 0 no more than by chance. None where nothing could be compared, or chance explains it all."""
    compared: int = 0
    """Traces that this rests on."""
    swap_consistency: float | None = None
    """Share of the comparisons whose outcome did not go by the order."""
    vote_agreement: float | None = None
    """Share of the pairs of votes on the same answer that say the same."""
    asked: int = 0
    """Votes asked for."""
    silent: dict[str, int] = Field(default_factory=dict)
    """Of these, how many could not be read, by why."""
    defects: tuple[DefectFigures, ...] = ()
    """By kind of defect."""


class Calibration(Record):
    """How good each judge of a run is: `calibration.json`."""

    judges: tuple[JudgeFigures, ...] = ()
    """The latest figures of each, in the order of their names."""

    def of(self, evaluator: str) -> JudgeFigures | None:
        """Return the figures of the judge whose verdicts stand under a name; None where it was not calibrated."""
        return next((one for one in self.judges if one.evaluator == evaluator), None)
