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
    "untraceable": (
        "Argument from nowhere",
        "A call sends a value that nobody said, no result held and no tool documents.",
    ),
    "acted_too_early": ("Acted too early", "It changed something where the user should have spoken first."),
    "needless_call": ("Needless call", "A call could be left out, and nothing would be missed."),
    "repeated_call": ("Repeated call", "The same call was made twice, with nothing changed in between."),
    "unfounded": ("Closed unseen", "It asked or declined before it had looked anything up."),
    "nothing_done": ("Nothing done", "It said that it was done where nothing was."),
    "not_retried": ("Not tried again", "A call that failed for the moment was not made once more."),
    "not_read_again": ("Not read again", "What was shown was stale or cut, and nobody looked again."),
    "not_adapted": ("Not adapted", "The answer had another form than before, and that was not dealt with."),
    "not_made_up": ("Error left as it was", "A call failed, and nothing was done about it."),
    "response_missing": ("Response not seen", "Something that the solution learned was in no result of this path."),
    "turns_missing": ("Turns missing", "The conversation ended before the user had said everything."),
    "no_call": ("No call", "A call was right, and none was made."),
    "wrong_count": ("Wrong number of calls", "More or fewer calls were made than are right."),
    "wrong_function": ("Wrong function", "Another function was called than the right one."),
    "missing_argument": ("Argument missing", "A required argument was left out."),
    "unexpected_argument": ("Argument too many", "An argument was sent that should not be there."),
    "wrong_type": ("Wrong type", "An argument is of another type than its document says."),
    "wrong_value": ("Wrong value", "An argument has none of the accepted values."),
    "left_out": ("Argument left out", "An argument whose value matters was left to its default."),
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
