"""A small grammar for instructions and answers, written from what is wanted, never from the calls."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from toolbench.model import Json
from toolbench.tasks.english import article, capital, is_participle, is_plural, listed, participle, plural, tidy
from toolbench.tasks.fields import be, quoted
from toolbench.tasks.phrases import PEOPLE, Intent, Mention
from toolbench.world.nouns import singular, words

Register = Literal["plain", "polite", "casual", "terse", "context"]

_REGISTERS: tuple[Register, ...] = ("plain", "plain", "polite", "polite", "casual", "terse", "context", "context")

_OPENINGS: dict[Register, tuple[str, ...]] = {
    "plain": ("", "", "", "Hi! ", "Hello. "),
    "polite": ("", "", "Hello, ", "Good morning. ", "Hi there, "),
    "casual": ("hey, ", "hi, ", "", "quick one: "),
    "terse": ("",),
    "context": ("", "", "Hi. ", "Good afternoon. "),
}
_CLOSINGS: dict[Register, tuple[str, ...]] = {
    "plain": ("", "", "", " Thanks."),
    "polite": ("", " Thank you.", " Thank you very much.", " Many thanks."),
    "casual": ("", " thanks!", " cheers."),
    "terse": ("",),
    "context": ("", "", " Thanks in advance."),
}
_JOINTS: dict[Register, tuple[str, ...]] = {
    "plain": ("Also, ", "After that, ", "Then "),
    "polite": ("After that, ", "Besides, ", "And one more thing: "),
    "casual": ("also, ", "oh, and ", "and then "),
    "terse": ("Then: ", "Also: "),
    "context": ("Also, ", "And while you are at it: ", "One more thing: "),
}

_REQUESTS: dict[str, dict[Register, tuple[str, ...]]] = {
    "create": {
        "plain": ("Create {a}{place}: {wishes}.", "Add {a}{place}: {wishes}.", "I need {a_new}{place}: {wishes}."),
        "polite": (
            "Could you please add {a}{place}? The details: {wishes}.",
            "Please set up {a_new}{place}: {wishes}.",
            "Would you create {a}{place} for me? It should have {wishes}.",
        ),
        "casual": ("can you add {a}{place}? {wishes}.", "need {a_new}{place}: {wishes}."),
        "terse": ("New {noun}{place}: {wishes}.", "Add {a}{place}: {wishes}."),
        "context": (
            "We are still missing {a}{place}. Please add one: {wishes}.",
            "I am bringing our records up to date and need {a_new}{place}: {wishes}.",
        ),
    },
    "create_bare": {
        "plain": ("Create {a}{place}.", "I need {a_new}{place}."),
        "polite": ("Could you please create {a}{place}?", "Please set up {a_new}{place}."),
        "casual": ("can you add {a}{place}?",),
        "terse": ("New {noun}{place}.",),
        "context": ("We are still missing {a}{place}. Please add one.",),
    },
    "create_link": {
        "plain": ("Add {linked} to {outer}{further}.", "Put {linked} into {outer}{further}."),
        "polite": ("Could you please add {linked} to {outer}{further}?", "Please put {linked} into {outer}{further}."),
        "casual": ("can you add {linked} to {outer}{further}?", "please add {linked} to {outer}{further}."),
        "terse": ("Add {linked} to {outer}{further}.",),
        "context": ("{Linked} is still missing in {outer}. Please add it{further}.",),
    },
    "create_several": {
        "plain": (
            "Create {these}{place}: {each}.",
            "Add {these}{place}: {each}.",
            "I need {number} new {nouns}{place}: {each}.",
        ),
        "polite": (
            "Could you please add {these}{place}? The details: {each}.",
            "Please set up {number} new {nouns}{place}: {each}.",
        ),
        "casual": ("can you add {these}{place}? {each}.", "need {number} new {nouns}{place}: {each}."),
        "terse": ("{Number} new {nouns}{place}: {each}.", "Add {these}{place}: {each}."),
        "context": ("We are still missing {number} {nouns}{place}. Please add them: {each}.",),
    },
    "update": {
        "plain": ("Set {changes} for {said}.", "Change {changes} for {said}.", "For {said}, set {changes}."),
        "polite": (
            "Please change {changes} for {said}.",
            "Could you please set {changes} for {said}?",
            "Would you update {said}? Please set {changes}.",
        ),
        "casual": ("can you set {changes} for {said}?", "please change {changes} for {said}."),
        "terse": ("{Said}: set {changes}.", "Set {changes} for {said}."),
        "context": (
            "{Said} {is} out of date. Please set {changes}.",
            "Something has changed with {said}: set {changes}, please.",
        ),
    },
    "delete": {
        "plain": ("Delete {said}.", "Remove {said}."),
        "polite": ("Please delete {said}.", "Could you please remove {said} for me?"),
        "casual": ("can you get rid of {said}?", "please drop {said}."),
        "terse": ("Delete {said}.", "To be deleted: {said}."),
        "context": (
            "We no longer need {said}. Please delete {it}.",
            "{Said} {was} entered by mistake, so please remove {it}.",
        ),
    },
    "remove": {
        "plain": ("Remove {said_alone} from {outer}.", "Take {said_alone} off {outer}."),
        "polite": ("Please remove {said_alone} from {outer}.", "Could you take {said_alone} off {outer} for me?"),
        "casual": ("can you take {said_alone} off {outer}?", "please drop {said_alone} from {outer}."),
        "terse": ("Remove {said_alone} from {outer}.",),
        "context": ("{Said_alone} no longer {belongs} to {outer}. Please remove {it} there.",),
    },
    "action": {
        "plain": ("{Do}{extra}.", "I want to {do}{extra}."),
        "polite": ("Please {do}{extra}.", "Could you please {do}{extra}?", "I would like you to {do}{extra}."),
        "casual": ("can you {do}{extra}?", "please {do}{extra}."),
        "terse": ("{Do}{extra}.",),
        "context": ("It is time to {do}{extra}. Please see to it.", "We have decided to {do}{extra}."),
    },
    "get": {
        "plain": ("What {be} {asked} of {said}?", "Tell me {asked} of {said}.", "Look up {asked} of {said}."),
        "polite": (
            "Could you tell me {asked} of {said}, please?",
            "I would like to know {asked} of {said}.",
            "Please look up {asked} of {said} for me.",
        ),
        "casual": ("can you check {asked} of {said}?", "what {be} {asked} of {said}?"),
        "terse": ("{Asked} of {said}?", "{Said}: {asked}?"),
        "context": (
            "I have been asked about {said}. What {be} {asked}?",
            "I am writing a note about {said} and need {asked}.",
        ),
    },
    "count": {
        "plain": ("How many {things} are there{place}?", "Tell me how many {things} there are{place}."),
        "polite": (
            "Could you tell me how many {things} there are{place}?",
            "Please count {the_things}{place} for me.",
        ),
        "casual": ("how many {things} are there{place}?", "can you count {the_things}{place}?"),
        "terse": ("Number of {things}{place}?",),
        "context": (
            "For a report, I need the number of {things}{place}.",
            "I am checking our figures: how many {things} are there{place}?",
        ),
    },
}  # fmt: skip

_REPLIES: dict[str, tuple[str, ...]] = {
    "create": ("I have created {a_new}{place}: {wishes}.", "Done. I have added {a}{place}: {wishes}."),
    "create_link": ("I have added {linked} to {outer}{further}.", "Done: {linked} is now in {outer}{further}."),
    "create_bare": ("I have created {a}{place}.", "Done: there is now {a}{place}."),
    "create_several": (
        "I have created {number} new {nouns}{place}: {each}.",
        "Done. I have added {number} {nouns}{place}: {each}.",
    ),
    "update": ("I have set {changes} for {said}.", "Done: for {said}, I have set {changes}."),
    "delete": ("I have deleted {said}.", "Done: {said} {has} been deleted."),
    "remove": ("I have removed {said_alone} from {outer}.", "Done: {said_alone} {is} no longer part of {outer}."),
    "action": ("I have {done}{extra}.", "Done: I have {done}{extra}."),
    "get": ("For {said}, {facts}.", "This is what I found for {said}: {facts}."),
    "get_one": ("{Asked} of {said} {be} {value}.", "For {said}, {facts}."),
    "count": ("There {be} {count} {counted}{place}.", "I counted {count} {counted}{place}."),
}

_PURPOSES: dict[str, str] = {
    "create": "create {a}{place}",
    "create_link": "add {linked} to {outer}",
    "update": "set {changes} for {said}",
    "delete": "delete {said}",
    "remove": "remove {said_alone} from {outer}",
    "action": "{do}",
    "get": "look up {asked} of {said}",
    "count": "count {the_things}{place}",
}

_VERBS = {
    "deliver": ("mark {} as delivered", "marked {} as delivered"),
    "lose": ("mark {} as lost", "marked {} as lost"),
    "react": ("react to {}", "reacted to {}"),
    "reply": ("reply to {}", "replied to {}"),
    "respond": ("respond to {}", "responded to {}"),
    "subscribe": ("subscribe to {}", "subscribed to {}"),
    "unsubscribe": ("unsubscribe from {}", "unsubscribed from {}"),
    "win": ("mark {} as won", "marked {} as won"),
}
"""Verbs that need more than their object."""

_ONE = {"it": "it", "is": "is", "was": "was", "has": "has", "belongs": "belongs"}
_MORE = {"it": "them", "is": "are", "was": "were", "has": "have", "belongs": "belong"}
"""Words that agree with the number of things spoken of."""

_NUMBERS = ("no", "one", "two", "three", "four")

_STARTING = ("asked", "do", "linked", "number", "said", "said_alone")
"""Slots that sentences may begin with."""

_JOINED_BY = ("by", "for", "on", "to", "until")
"""Words after a participle that says more of a thing: `scheduled for Monday`."""

_NOUN_ENDINGS = ("tion", "sion", "ment", "ness")


def instruction(
    intents: Sequence[Intent], r: random.Random, earlier: Sequence[Intent] = (), condition: str = ""
) -> str:
    """Return what a person would write to have all intents done.

    Args:
        intents: what is wanted.
        r: source of randomness.
        earlier: what was spoken of in earlier turns.
        condition: a sentence on how it is to be done.
    """
    register = r.choice(_REGISTERS)
    text = "" if earlier else r.choice(_OPENINGS[register])
    for place, intent in enumerate(intents):
        # The context is told once.
        manner = "plain" if place and register == "context" else register
        slots = _slots(intent.after([*earlier, *intents[:place]]))
        sentence = r.choice(_REQUESTS[_form(intent)][manner]).format(**slots)
        before = f"{text} {r.choice(_JOINTS[register])}" if place else text
        text = before + (sentence if before.rstrip().endswith((".", "!")) or not before else _inside(sentence))
    asks = all(intent.kind in ("get", "count") for intent in intents)
    text = tidy(text + condition + ("" if asks and register != "polite" else r.choice(_CLOSINGS[register])))
    return text if register == "casual" else capital(text)


def _inside(sentence: str) -> str:
    """Return a sentence as it stands behind a comma or a colon."""
    return sentence if re.match(r"I\b", sentence) else sentence[:1].lower() + sentence[1:]


def answer(intents: Sequence[Intent], facts: Sequence[Sequence[Json]], r: random.Random) -> str:
    """Return a right final answer, which says again what was wanted.

    Args:
        intents: what was wanted.
        facts: for each intent, the values of its facts.
        r: source of randomness.
    """
    pairs = zip(intents, facts, strict=True)
    replies = [_reply(intent, found, r if place == 0 else None) for place, (intent, found) in enumerate(pairs)]
    return " ".join(tidy(capital(reply)) for reply in replies)


def _reply(intent: Intent, values: Sequence[Json], r: random.Random | None) -> str:
    """Return the reply to one intent; the plainest where there is no randomness."""
    slots = _slots(intent, my="your")
    pairs = list(zip(intent.asked, values, strict=True))
    form = "get_one" if intent.kind == "get" and len(pairs) == 1 else _form(intent)
    if intent.kind == "get":
        slots["facts"] = listed([f"the {name} {be(name)} {quoted(value)}" for name, value in pairs])
        slots["value"] = quoted(pairs[0][1])
    if intent.kind == "count":
        one = pairs[0][1] == 1
        slots["be"], slots["count"] = "is" if one else "are", str(pairs[0][1])
        slots["counted"] = intent.target.one() if one else intent.target.many()
    return (r.choice(_REPLIES[form]) if r else _REPLIES[form][0]).format(**slots)


def purpose(intent: Intent, *, my: str = "my") -> str:
    """Return what is wanted as what somebody does: `delete the book "Dune"`."""
    form = "create_link" if _form(intent) == "create_link" else intent.kind
    return _PURPOSES[form].format(**_slots(intent, my=my))


def _form(intent: Intent) -> str:
    if intent.each:
        return "create_several"
    if intent.kind != "create":
        return intent.kind
    if not intent.details:
        return "create_bare"
    return "create_link" if _linked(intent) else "create"


def _linked(intent: Intent) -> Mention | None:
    """Return what is put somewhere rather than made: a track that there is, in a playlist; None where there is none."""
    if intent.kind != "create" or intent.target.outer is None:
        return None
    named = [detail.value for detail in intent.details if isinstance(detail.value, Mention)]
    return next((mention for mention in named if mention.noun == intent.target.noun), None)


def _slots(intent: Intent, *, my: str = "my") -> dict[str, str]:
    target = intent.target
    many = bool(target.others)
    asked = listed([f"the {_each(name) if many else name}" for name in intent.asked])
    wishes = listed([detail.wish() for detail in intent.details])
    linked = _linked(intent)
    further = listed([detail.wish() for detail in intent.details if detail.value is not linked])
    imperative, past = verb_phrases(intent.verb, target.text(my=my)) if intent.kind == "action" else ("", "")
    slots = {
        "a": article(target.noun), "a_new": f"a new {target.noun}", "noun": target.noun,
        "said": target.text(my=my), "said_alone": replace(target, outer=None).text(my=my), "asked": asked,
        "outer": target.outer.text(my=my) if target.outer is not None else "", "place": _place(intent, my=my),
        "be": "are" if many or len(intent.asked) > 1 else be(intent.asked[0]) if intent.asked else "",
        "things": target.many(), "the_things": f"the {target.many()}", "wishes": wishes,
        "linked": linked.text(my=my) if linked else "", "further": f", {_lead(further)}{further}" if further else "",
        "changes": listed([detail.change() for detail in intent.details]),
        "do": imperative, "done": past, "extra": f", {_lead(wishes)}{wishes}" if wishes else "",
        **(_MORE if many else _ONE), **_several(intent),
    }  # fmt: skip
    return {**slots, **{name.capitalize(): capital(slots[name]) for name in _STARTING}}


def _several(intent: Intent) -> dict[str, str]:
    """Return the slots for several things made at once: how many, and what each should be like."""
    number, nouns = _NUMBERS[len(intent.each)], plural(intent.target.noun)
    wishes = [listed([detail.wish() for detail in details]) for details in intent.each]
    each = "; ".join(f"({place}) {wish}" for place, wish in enumerate(wishes, start=1))
    return {"number": number, "nouns": nouns, "these": f"these {number} {nouns}", "each": each}


def _each(name: str) -> str:
    """Return what is asked of several things, each of which has one: `due dates`; what is many already stays."""
    return name if be(name) == "are" else plural(name)


def _lead(wishes: str) -> str:
    """Return what joins wishes to an action: `with a reason`, `now starting on Monday`, but `due on Monday`."""
    first, second = [*wishes.split(" "), ""][:2]
    if first.endswith("ing"):
        return "now "
    if first.isdecimal() and second in ("day", "days", "hours", "minutes", "months", "weeks"):
        return "for "
    return "" if first in ("due", "valid") or (is_participle(first) and second in _JOINED_BY) else "with "


def _place(intent: Intent, *, my: str) -> str:
    """Return where something is created or counted: things belong to others in one way, and are made for them."""
    outer = intent.target.outer
    return "" if outer is None else f" {intent.target.link.replace('of', 'for')} {outer.text(my=my)}"


def verb_phrases(verb: str, said: str) -> tuple[str, str]:
    """Return how people say that something is to be done with a thing, and that it has been.

    Args:
        verb: an action's verb: `check_in`.
        said: how the thing is called.
    """
    first, *rest = words(verb)
    if first in _VERBS:
        imperative, past = _VERBS[first]
        return imperative.format(said), past.format(said)
    if not rest and first in PEOPLE and first.endswith(("ee", "er")):
        return f"set the {first} of {said}", f"set the {first} of {said}"
    if not rest and (is_plural(first) or first.endswith(_NOUN_ENDINGS)):
        return f"add {article(singular(first))} to {said}", f"added {article(singular(first))} to {said}"
    tail = "".join(f" {word}" for word in rest)
    return f"{first}{tail} {said}", f"{participle(first)}{tail} {said}"
