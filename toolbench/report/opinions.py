"""Opinions on paths, kept apart from what was executed and compared, and how good their holders are known to be."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from toolbench.model import Json, Verdict
from toolbench.model.base import is_object
from toolbench.model.verdict import Label
from toolbench.store import Run

JUDGES = frozenset({"tooleval"})
"""Evaluators that hold opinions even where they cast no votes. All others that cast votes do, too."""

FILE = "calibration.json"
"""Where a run keeps how good its judges are."""


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


class Calibration(BaseModel):
    """How good a judge is, measured on defects planted on purpose and against what execution says."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    judge: str = Field(default="", validation_alias=AliasChoices("judge", "evaluator", "name"))
    """The evaluator, or the model behind it."""
    auc: float | None = None
    """Area under the ROC curve, telling sound paths from defective ones: 0.5 is guessing, 1 is perfect."""
    kappa: float | None = None
    """Cohen's kappa with the verdicts of execution: 0 is chance, 1 is full agreement."""
    swap_consistency: float | None = Field(
        default=None, validation_alias=AliasChoices("swap_consistency", "consistency")
    )
    """Share of comparisons that come out alike when the order is swapped."""
    vote_agreement: float | None = Field(default=None, validation_alias=AliasChoices("vote_agreement", "agreement"))
    """Mean share of votes that agree with their majority."""
    cases: int | None = Field(default=None, validation_alias=AliasChoices("cases", "count", "total"))
    """Paths it was measured on."""

    @property
    def figures(self) -> list[tuple[str, str, float]]:
        """What was measured: name, meaning, and value."""
        held = (
            ("AUC", "telling sound paths from planted defects; 0.5 is guessing, 1 perfect", self.auc),
            ("kappa", "agreement with execution beyond chance; 0 is none, 1 full", self.kappa),
            ("swap consistency", "same verdict when the order is swapped", self.swap_consistency),
            ("vote agreement", "votes that agree with their majority", self.vote_agreement),
        )
        return [(name, meaning, value) for name, meaning, value in held if value is not None]


class Opinions:
    """The latest opinion of each judge on each path of a run, and the judges' calibrations.

    Args:
        run: the run.
    """

    def __init__(self, run: Run) -> None:
        self._held: dict[tuple[str, int], dict[str, Opinion]] = {}
        self.calibrations, self.problem = read_calibrations(run)

    def apart(self, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
        """Take opinions in, and yield the verdicts that are none."""
        for verdict in verdicts:
            if verdict.votes or verdict.evaluator in JUDGES:
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

    def calibration(self, judge: str) -> Calibration | None:
        """Return how good a judge is; None where nobody has measured it."""
        named = next((held for held in self.calibrations if held.judge == judge), None)
        # One judge, one calibration: it may be named after the model that the judge asks.
        return named or (self.calibrations[0] if len(self.calibrations) == 1 else None)


def read_calibrations(run: Run) -> tuple[tuple[Calibration, ...], str]:
    """Return what a run says of its judges, and what is wrong with it, in words; nothing where there is nothing."""
    path = run.path / FILE
    if not path.is_file():
        return (), ""
    try:
        return tuple(Calibration.model_validate(part) for part in _parts(orjson.loads(path.read_bytes()))), ""
    except (OSError, ValueError, ValidationError) as error:
        return (), f"{FILE} cannot be read: {str(error).splitlines()[0]}"


def _parts(written: Json) -> Iterator[Json]:
    """Yield the calibrations of a list, of a mapping by judge, or of one alone, also under `judges`."""
    held = written.get("judges", written) if is_object(written) else written
    if isinstance(held, list):
        yield from held
    elif is_object(held) and held and all(is_object(part) for part in held.values()):
        yield from ({"judge": name, **part} for name, part in held.items())
    else:
        yield held
