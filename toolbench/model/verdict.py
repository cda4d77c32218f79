"""Verdicts: what an evaluator says of one path of a trace."""

from typing import Literal

from toolbench.model.base import Part, Record

Label = Literal["pass", "fail", "unscored"]


class Vote(Part):
    """One opinion among several."""

    label: Label
    """What it says."""
    reason: str = ""
    """Why."""
    ruling: str = ""
    """What it rests on, in the judge's own terms, as `Unsolved/Solvable`; empty where no opinion could be read."""


class Verdict(Record):
    """What one evaluator says of one path. Unscored is not zero: it means nobody could tell."""

    evaluator: str
    """Name of the evaluator."""
    evaluator_version: str
    """Version of its rules."""
    trace: str
    """The trace's id."""
    leaf: int
    """The path's leaf."""
    label: Label
    """The verdict."""
    score: float | None = None
    """Number behind the label, 0 to 1; None when unscored."""
    reason: str = ""
    """Why, in one sentence."""
    kind: str = ""
    """Short name of the failure, for counting; empty when passed."""
    votes: tuple[Vote, ...] = ()
    """The opinions it rests on, where there were several."""
