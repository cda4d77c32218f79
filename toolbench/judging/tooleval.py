"""ToolEval with any judge: does an answer pass, and which of two is better."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Literal, get_args

from toolbench.judging import PROMPTS
from toolbench.judging.answer import Answer
from toolbench.judging.asking import Judge, Opinion
from toolbench.judging.rules import ORDER, PASSES, SHARE, AnswerStatus, Outcome, TaskStatus, read, written
from toolbench.llm.asking import Silence
from toolbench.model import Vote
from toolbench.model.verdict import Label

RULES = 1
"""Version of the rules; the prompts' digest tells of them."""

ANSWERS = get_args(AnswerStatus)
TASKS = get_args(TaskStatus)

PLACES = ("First", "Second")

Side = Literal["first", "second", "tie"]

_LABELS: dict[Outcome, Label] = {"pass": "pass", "fail": "fail", "unsure": "unscored"}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What several votes come to."""

    label: Label
    """`unscored` where nobody could tell: no vote could be read, or as many say one as the other."""
    score: float | None
    """Mean of the votes that could be read; None where the label is `unscored`."""
    kind: str
    """Short name: `judged_failed`; `undecided`; or why no vote could be read."""
    reason: str


@dataclass(frozen=True, slots=True)
class Preference:
    """Which of two answers a judge prefers, asked in both orders."""

    better: Side | None
    """`tie` where it went by the order, or the two are the same; None where it could not be read."""
    reason: str
    consistent: bool | None = None
    """Whether both orders gave the same answer; None where it was not asked twice, or not readably."""


def version(votes: int) -> str:
    """Return the version of verdicts that rest on so many votes: it changes with rules and prompts, too."""
    return f"{RULES}-{PROMPTS.digest()[:8]}-{votes}"


class ToolEval:
    """Judges answers by ToolEval's published rules.

    Every question is asked with the answer it is about in one place, and what comes back belongs to that answer's id:
    nothing is matched by position.

    Args:
        judge: who is asked.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    @property
    def name(self) -> str:
        """The evaluator's name: the rules' and the judge's."""
        return evaluator_name(self._judge.name)

    async def vote(self, answer: Answer, sample: int) -> Vote:
        """Return one vote on whether an answer passes.

        Raises:
            UnreachableError: the endpoint cannot be reached, or refuses us.
        """
        if not answer.finished:
            return Vote(label="fail", reason="there is no final answer", ruling=written(("Unsolved", "Solvable")))
        status = await self.status(answer, sample)
        if isinstance(status, Silence):
            return _silent(status)
        if status.word == "Solved":
            solvable: Opinion | Silence = Opinion("Solvable", "it was solved")
        else:
            solvable = await self.solvability(answer, sample)
        if isinstance(solvable, Silence):
            return _silent(solvable)
        ruling = read(f"{status.word}/{solvable.word}")
        if ruling is None:
            raise ValueError(f"no rule for {status.word} and {solvable.word}")
        reason = f"{status.word}: {status.reason} {solvable.word}: {solvable.reason}"
        return Vote(label=_LABELS[PASSES[ruling]], reason=reason, ruling=written(ruling))

    async def status(self, answer: Answer, sample: int) -> Opinion | Silence:
        """Return whether an answer solves its task: by its last words, and where these leave it open by its record."""
        if not answer.final:
            return Opinion("Unsolved", "the final answer is empty")
        first = await self._ask("answer_status", ANSWERS, sample, answer=answer)
        if isinstance(first, Silence) or first.word != "Unsure":
            return first
        return await self._ask("answer_in_detail", ANSWERS, sample, answer=answer)

    async def solvability(self, answer: Answer, sample: int) -> Opinion | Silence:
        """Return whether the tools offered are enough for a task."""
        return await self._ask("task_status", TASKS, sample, answer=answer)

    async def prefer(self, first: Answer, second: Answer, sample: int) -> Preference:
        """Return which of two answers is better, asked in both orders. One that goes by the order is a tie.

        Raises:
            ValueError: they are answers to different tasks.
            UnreachableError: the endpoint cannot be reached, or refuses us.
        """
        if first.task != second.task:
            raise ValueError(f"answers to different tasks: {first.task} and {second.task}")
        if (first.lines, first.final) == (second.lines, second.final):
            return Preference("tie", "they are the same")
        ahead = await self._ask("better_answer", PLACES, sample, first=first, second=second)
        back = await self._ask("better_answer", PLACES, sample, first=second, second=first)
        if isinstance(ahead, Silence):
            return Preference(None, f"{ahead.kind}: {ahead.reason}")
        if isinstance(back, Silence):
            return Preference(None, f"{back.kind}: {back.reason}")
        if ahead.word == back.word:
            return Preference("tie", f"it goes by the order: always the {ahead.word.lower()}", consistent=False)
        return Preference("first" if ahead.word == "First" else "second", ahead.reason, consistent=True)

    async def compare(self, first: Answer, second: Answer, sample: int) -> Preference:
        """Return which of two answers is better by the normalised evaluator.

        The better status wins: solved before unsure before unsolved. Only among equals the judge chooses.
        """
        one, other = await self.status(first, sample), await self.status(second, sample)
        if isinstance(one, Silence):
            return Preference(None, f"{one.kind}: {one.reason}")
        if isinstance(other, Silence):
            return Preference(None, f"{other.kind}: {other.reason}")
        if one.word == other.word:
            return await self.prefer(first, second, sample)
        better: Side = "first" if ORDER.index(one.word) < ORDER.index(other.word) else "second"
        return Preference(better, f"the first is {one.word.lower()}, the second {other.word.lower()}")

    async def _ask(self, prompt: str, words: Sequence[str], sample: int, **shown: Answer) -> Opinion | Silence:
        return await self._judge.ask(PROMPTS.render(prompt, words=words, **shown), words, sample)


def evaluator_name(judge: str) -> str:
    """Return the name under which a judge's verdicts stand."""
    return f"tooleval:{judge}"


def _silent(silence: Silence) -> Vote:
    return Vote(label="unscored", reason=f"{silence.kind}: {silence.reason}")


def share(vote: Vote) -> float | None:
    """Return what a vote counts in the pass rate, 0 to 1; None where it could not be read."""
    ruling = read(vote.ruling)
    return None if ruling is None else SHARE[PASSES[ruling]]


def outlook(votes: Sequence[Vote]) -> Outlook:
    """Return what votes come to: the majority of those that could be read, an open one counting half for each side."""
    shares = [one for one in map(share, votes) if one is not None]
    if not shares:
        silences = [vote.reason for vote in votes]
        kinds = Counter(reason.partition(":")[0] for reason in silences)
        return Outlook("unscored", None, kinds.most_common(1)[0][0], silences[0])
    score = mean(shares)
    if score == 0.5:
        return Outlook("unscored", None, "undecided", next(vote.reason for vote in votes if vote.ruling))
    passed = score > 0.5
    label: Label = "pass" if passed else "fail"
    reason = next((vote.reason for vote in votes if vote.label == label), "")
    return Outlook(label, score, "" if passed else "judged_failed", reason)
