"""Kinds of failures and of tasks in words: what a reader who knows none of our names understands."""

from collections.abc import Mapping

KINDS: Mapping[str, tuple[str, str]] = {
    "gave_up": ("Gave up", "The search ended without an answer: the agent said that it could not go on."),
    "exhausted": ("Ran out of budget", "The search used up its queries or calls before it had an answer."),
    "failed": ("No way on", "Every branch that the search tried came to a dead end."),
    "goal_not_reached": ("Goal not reached", "After the calls, the data are not as the user wished."),
    "fact_missing": ("Fact missing from the answer", "The answer leaves out something that the user asked for."),
    "collateral_change": ("Changed something else", "Data changed that nobody asked to change."),
    "wrong_decision": (
        "Wrong decision",
        "It acted where it should have asked, or answered where it should have acted.",
    ),
    "ungrounded": ("Untraceable statement", "The answer states something that no tool and no user ever said."),
    "no_answer": ("No words", "The path ends without an answer to the user."),
    "invalid_arguments": ("Invalid arguments", "A call does not meet its tool's schema."),
    "unknown_tool": ("Unknown tool", "A call names a tool that was not offered."),
    "observation_missing": ("Result missing", "A call has no result on record."),
    "observation_differs": ("Result differs", "Executed anew, a call gave another result than the trace says."),
    "state_differs": ("State differs", "Executed anew, the calls left the data otherwise than the trace says."),
    "not_judged": ("Not judged yet", "An evaluator has not seen it: run `toolbench evaluate`."),
    "unscored": ("Could not be judged", "An evaluator could not tell right from wrong here."),
    "not_repeatable": ("Could not be executed anew", "Real APIs answered; nothing can be repeated."),
    "no_gold": ("No known solution", "Nobody has said what would be right."),
    "bad_schema": ("Unusable schema", "A tool's parameters are no JSON Schema."),
    "duplicate": ("Duplicate", "Another trace of the same task was kept."),
    "near_duplicate": ("Near-duplicate", "It says nearly the same as one that was kept."),
    "tainted": ("Tainted", "It follows another branch's write to a real API, which nothing undid."),
    "low_confidence": ("Rests on guesses", "The simulation was not sure enough of what it answered."),
}
"""By short name: a title, and what it means in a sentence."""


NAMES: Mapping[str, str] = {"tooleval": "ToolEval"}
"""Names that are written in a way of their own."""


def explain(kind: str) -> tuple[str, str]:
    """Return a kind of failure in words: a title, and what it means; the latter is empty where nobody has said."""
    return KINDS.get(kind) or (in_words(kind), "")


def in_words(name: str) -> str:
    """Return a short name as words that begin a sentence."""
    words = name.replace("_", " ").strip()
    return NAMES.get(name) or words[:1].upper() + words[1:]
