"""Opinions on paths, kept apart from what was executed and compared, and how good their holders are known to be."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from toolbench.errors import RunError
from toolbench.model import Calibration, Verdict
from toolbench.model.calibration import JudgeFigures
from toolbench.model.verdict import Label
from toolbench.store import Run


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge says of one path."""

    judge: str
    """Name of the evaluator."""
    label: Label
    reason: str
    votes: tuple[tuple[Label, str], ...]
    """The opinions it rests on, each with its reason."""

    @property
    def agreement(self) -> float | None:
        """The share of the votes that say what most say; None without votes."""
        counts = Counter(label for label, _ in self.votes)
        return max(counts.values()) / counts.total() if counts else None


def figures(judge: JudgeFigures | None) -> list[tuple[str, str, float]]:
    """Return what was measured of a judge: name, meaning, and value; nothing where nobody has measured it."""
    if judge is None:
        return []
    held = (
        ("AUC", "telling sound paths from planted defects; 0.5 is guessing, 1 perfect", judge.auc),
        ("kappa", "agreement with execution beyond chance; 0 is none, 1 full", judge.kappa),
        ("swap consistency", "same verdict when the order is swapped", judge.swap_consistency),
        ("vote agreement", "pairs of votes that say the same", judge.vote_agreement),
    )
    return [(name, meaning, value) for name, meaning, value in held if value is not None]


class Opinions:
    """The latest opinion of each judge on each path of a run, and the judges' calibrations.

    Args:
        run: the run.
    """

    def __init__(self, run: Run) -> None:
        self._held: dict[tuple[str, int], dict[str, Opinion]] = {}
        self._calibration, self.problem = _calibration(run)

    def apart(self, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
        """Take opinions in, and yield the verdicts that are none."""
        for verdict in verdicts:
            if verdict.votes:
                votes: tuple[tuple[Label, str], ...] = tuple((vote.label, vote.reason) for vote in verdict.votes)
                opinion = Opinion(verdict.evaluator, verdict.label, verdict.reason, votes)
                self._held.setdefault((verdict.trace, verdict.leaf), {})[verdict.evaluator] = opinion
            else:
                yield verdict

    def on(self, trace: str, leaf: int) -> Sequence[Opinion]:
        """Return the opinions on a path."""
        return tuple(self._held.get((trace, leaf), {}).values())

    def labels(self, trace: str, leaf: int) -> Mapping[str, Label]:
        """Return what judges say of a path, by judge."""
        return {name: opinion.label for name, opinion in self._held.get((trace, leaf), {}).items()}

    def mean_agreement(self, judge: str) -> float | None:
        """Return the mean share of a judge's votes on a path that say what most of them say; None without votes."""
        held = (opinions[judge].agreement for opinions in self._held.values() if judge in opinions)
        shares = [share for share in held if share is not None]
        return sum(shares) / len(shares) if shares else None

    def calibration(self, judge: str) -> JudgeFigures | None:
        """Return how good a judge is; None where nobody has measured it."""
        return self._calibration.of(judge) if self._calibration else None


def _calibration(run: Run) -> tuple[Calibration | None, str]:
    """Return what a run says of its judges, and what is wrong with it, in words; nothing where there is nothing."""
    try:
        return run.read_calibration(), ""
    except RunError as error:
        return None, str(error)
