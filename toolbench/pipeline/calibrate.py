"""Calibrating a judge: defects of known truth are planted in verified paths, and it is asked without being told."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import get_args

from toolbench.curation.judgements import Judgements, judged_leaf
from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import ConfigError, WorkError
from toolbench.judging.answer import Answer
from toolbench.judging.defects import planted
from toolbench.judging.measures import auc, kappa, vote_agreement
from toolbench.judging.tooleval import Preference, ToolEval, evaluator_name, share, version
from toolbench.model import Vote
from toolbench.model.calibration import Calibration, Defect, DefectFigures, JudgeFigures
from toolbench.pipeline.judges import JudgeChoice, open_judge
from toolbench.pipeline.opinions import Answers, silence_of, told, votes_on
from toolbench.store import Run
from toolbench.world.rng import rng

_SHARES = {"first": 1.0, "tie": 0.5, "second": 0.0}


@dataclass(frozen=True, slots=True)
class _Trial:
    """A sound answer, or a copy of one with a defect."""

    answer: Answer
    sound: Answer
    defect: Defect | None = None


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a judge made of a trial."""

    trial: _Trial
    votes: tuple[Vote, ...]
    preference: Preference | None = None
    """Which it prefers, the sound one first; None for the sound one itself."""

    @property
    def score(self) -> float | None:
        """Mean of the votes that could be read."""
        shares = [one for one in map(share, self.votes) if one is not None]
        return mean(shares) if shares else None


def calibrate(run: Run, choice: JudgeChoice, count: int, *, seed: int = 0) -> JudgeFigures:
    """Find out how good a judge is, and write it into the run's `calibration.json`.

    Args:
        run: a run whose traces were executed anew; what the judge said of them is held against that.
        choice: who judges.
        count: verified paths to plant defects in; fewer where the run has fewer.
        seed: seed by which paths and defects are chosen.

    Raises:
        ConfigError: the count is below 1.
        UnreachableError: the judge's endpoint cannot be reached, or refuses us.
        WorkError: the run has no verified path, or no vote could be read.
    """
    run.require()
    if count < 1:
        raise ConfigError(f"`--calibrate` is {count}", hint="It must be at least 1.")
    trials = _trials(run, count, seed)
    if not trials:
        hint = f"First run `toolbench evaluate {run.path}`."
        raise WorkError(f"{run.path}: no verified path to plant defects in. {hint}")
    heard = run_loop(_ask(run, choice, trials))
    silent = silence_of(vote for one in heard for vote in one.votes)
    if all(one.score is None for one in heard):
        raise WorkError(f"{choice.name} cannot be calibrated: {told(silent)}")
    pairs = _against_execution(run, choice)
    figures = JudgeFigures(
        evaluator=evaluator_name(choice.name),
        evaluator_version=version(choice.votes),
        votes=choice.votes,
        seed=seed,
        paths=sum(one.defect is None for one in trials),
        auc=_auc(heard, get_args(Defect)),
        kappa=kappa(pairs),
        compared=len(pairs),
        swap_consistency=_swaps([one.preference for one in heard if one.preference]),
        vote_agreement=vote_agreement(one.votes for one in heard),
        asked=sum(len(one.votes) for one in heard),
        silent=dict(silent),
        defects=tuple(_figures(heard, defect) for defect in get_args(Defect)),
    )
    _keep(run, figures)
    return figures


def _trials(run: Run, count: int, seed: int) -> list[_Trial]:
    """Return verified paths chosen by the seed, each followed by its defective copies."""
    judgements, answers = Judgements(run.verdicts), Answers(run)
    verified = [
        trace for trace in run.traces if judgements.fault(trace) is None and not judgements.is_unverified(trace)
    ]
    chosen = rng(seed, "calibration").sample(verified, k=min(count, len(verified)))
    trials: list[_Trial] = []
    for trace in chosen:
        sound, task = answers.of(trace, judged_leaf(trace)), answers.task(trace)
        trials.append(_Trial(sound, sound))
        for defect in get_args(Defect):
            copy = planted(defect, task, sound, rng(seed, "defect", defect, trace.id))
            trials += [_Trial(copy, sound, defect)] if copy else []
    return trials


async def _ask(run: Run, choice: JudgeChoice, trials: Sequence[_Trial]) -> list[_Heard]:
    async with open_judge(choice, run.journal_path) as judge:
        tooleval = ToolEval(judge)

        async def hear(trial: _Trial) -> _Heard:
            votes = await votes_on(tooleval, trial.answer, choice.votes)
            preferred = await tooleval.prefer(trial.sound, trial.answer, 0) if trial.defect else None
            return _Heard(trial, votes, preferred)

        return [heard async for heard in run_ordered(trials, hear, concurrency=choice.concurrency)]


def _auc(heard: Sequence[_Heard], defects: Sequence[Defect]) -> float | None:
    return auc(_scores(heard, None), [score for defect in defects for score in _scores(heard, defect)])


def _scores(heard: Sequence[_Heard], defect: Defect | None) -> list[float]:
    return [one.score for one in heard if one.trial.defect == defect and one.score is not None]


def _figures(heard: Sequence[_Heard], defect: Defect) -> DefectFigures:
    those = [one for one in heard if one.trial.defect == defect]
    better = [one.preference.better for one in those if one.preference and one.preference.better]
    return DefectFigures(
        defect=defect,
        planted=len(those),
        scored=len(_scores(heard, defect)),
        auc=_auc(heard, [defect]),
        preferred=mean(_SHARES[side] for side in better) if better else None,
    )


def _swaps(preferences: Sequence[Preference]) -> float | None:
    known = [one.consistent for one in preferences if one.consistent is not None]
    return mean(known) if known else None


def _against_execution(run: Run, choice: JudgeChoice) -> list[tuple[bool, bool]]:
    """Return what the judge and what execution say of each trace that has an answer, where both could tell."""
    judgements = Judgements(run.verdicts)
    pairs: list[tuple[bool, bool]] = []
    for trace in run.traces:
        mark = judgements.marks(trace.id, judged_leaf(trace)).get(evaluator_name(choice.name))
        if trace.best is None or mark is None or mark.label == "unscored" or judgements.is_unverified(trace):
            continue
        pairs.append((mark.label == "pass", judgements.fault(trace) is None))
    return pairs


def _keep(run: Run, figures: JudgeFigures) -> None:
    before = run.read_calibration()
    others = [one for one in (before.judges if before else ()) if one.evaluator != figures.evaluator]
    run.write_calibration(Calibration(judges=tuple(sorted((*others, figures), key=lambda one: one.evaluator))))
