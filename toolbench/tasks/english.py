"""The little English that instructions need: articles, plurals, participles, lists."""

import re
from collections.abc import Sequence

from toolbench.world.nouns import plural as plain_plural
from toolbench.world.nouns import singular

_UNCOUNTABLE = frozenset(
    "access content data equipment feedback information mail media metadata money music news series software staff "
    "traffic".split()
)
_NO_PLURALS = frozenset("alias atlas bias canvas css dns gas gps https ios js lens os sms tls us".split())
_PLURALS = {"person": "people", "child": "children", "man": "men", "woman": "women"}
_PARTICIPLES = {
    "begin": "begun", "build": "built", "buy": "bought", "check": "checked", "choose": "chosen", "draw": "drawn",
    "find": "found", "forget": "forgotten", "freeze": "frozen", "get": "got", "give": "given", "hide": "hidden",
    "hold": "held", "keep": "kept", "lose": "lost", "make": "made", "pay": "paid", "put": "put", "quit": "quit",
    "read": "read", "redo": "redone", "rerun": "rerun", "reset": "reset", "run": "run", "sell": "sold",
    "send": "sent", "set": "set", "spend": "spent", "split": "split", "take": "taken", "undo": "undone", "win": "won",
    "withdraw": "withdrawn", "write": "written",
}  # fmt: skip
_DOUBLING = frozenset(
    "admit cancel commit compel control defer equip label occur permit prefer refer signal submit transfer "
    "transmit".split()
)
_SHORT = re.compile(r"[^aeiou]*[aeiou][bdfgklmnprt]")
_ADJECTIVES = frozenset(
    "active closed complete dormant held inactive late open overdue paid pending private public ready sent unpaid "
    "waiting won lost".split()
)


def article(phrase: str) -> str:
    """Return a noun phrase with its indefinite article."""
    vowel = phrase[:1].lower() in "aeiou" and not re.match(r"(?i)uni|use|eu|one\b|url", phrase)
    return f"an {phrase}" if vowel else f"a {phrase}"


def is_plural(word: str) -> bool:
    """Tell whether a lower-case word is the plural of another."""
    return word not in _NO_PLURALS and (singular(word) != word or word in _PLURALS.values())


def plural(phrase: str) -> str:
    """Return the plural of a noun phrase; `records` of things that have none."""
    head, joint, rest = phrase.partition(" of ")
    *before, last = head.split(" ")
    if last in _UNCOUNTABLE:
        made = f"{last} records"
    elif last.endswith("is"):
        made = f"{last[:-2]}es"
    else:
        made = _PLURALS.get(last, plain_plural(last))
    return " ".join((*before, made)) + joint + rest


def participle(verb: str) -> str:
    """Return the past participle of a lower-case verb."""
    stem = verb.removeprefix("un").removeprefix("re")
    if verb in _PARTICIPLES:
        return _PARTICIPLES[verb]
    if stem != verb and stem in _PARTICIPLES:
        return verb.removesuffix(stem) + _PARTICIPLES[stem]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1]}ed" if stem in _DOUBLING or _SHORT.fullmatch(stem) else f"{verb}ed"


def is_participle(word: str) -> bool:
    """Tell whether a lower-case word says that something was done: `opened`, `sent`."""
    return word in _PARTICIPLES.values() or (word.endswith(("ed", "en")) and word not in ("open", "token"))


def is_adjective(text: str) -> bool:
    """Tell whether a state stands before a noun: `frozen`, `checked out`, but not `new` or `in transit`."""
    first = re.split("[ -]", text)[0]
    return text.islower() and (first in _ADJECTIVES or is_participle(first) or first.endswith("ing"))


def listed(parts: Sequence[str]) -> str:
    """Return parts as people list them: `a, b and c`."""
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part) if parts else ""


def capital(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def tidy(text: str) -> str:
    """Leave out a full stop that only doubles the one inside a quotation."""
    return re.sub(r'([.?!]")\.(?=\s|$)', r"\1", text)
