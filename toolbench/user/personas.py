"""Who speaks: people in a position, with a manner of writing. They know nothing of the task."""

from itertools import product

from toolbench.world.rng import rng

_POSITIONS = (
    "runs a small business alone and does the office work in the evening",
    "works at a front desk, with people waiting",
    "leads a team and delegates much",
    "is new in the job and does not know the terms yet",
    "has done this work for twenty years and knows the terms by heart",
    "keeps the books and is careful with figures",
    "is on the road and writes on a phone",
    "helps out as a volunteer a few hours a week",
    "is an engineer who thinks in steps",
    "coordinates several places and has little time for each",
    "is a customer and sees things from outside",
    "writes in a second language, in simple and correct sentences",
    "works at night and takes over what the day shift left",
    "prepares a meeting that begins soon",
)
_MANNERS = (
    "friendly and a little talkative",
    "short and to the point, sometimes without a full sentence",
    "polite and formal",
    "casual, without capital letters or much punctuation",
    "tired of having explained it before, but civil",
    "thoughtful: says why before what",
    "in a hurry",
    "cheerful",
    "exact, almost pedantic",
    "as if dictating aloud",
)
_PERSONAS = tuple(
    f"Somebody who {position}. Their tone: {manner}." for position, manner in product(_POSITIONS, _MANNERS)
)


def persona(seed: int, task: str) -> str:
    """Return who speaks in a task of a run: one of 140, equally often."""
    return rng(seed, "persona", task).choice(_PERSONAS)
