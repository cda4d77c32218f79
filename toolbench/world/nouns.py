"""Words inside identifiers: splitting, singular and plural, verbs and the states they lead to."""

import re
from functools import lru_cache

KEY_NAMES = ("id", "uuid", "key", "number", "slug", "login", "username", "code", "sku", "name")
"""Names of fields that tell one entity from another, likeliest first."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]*[a-z0-9]+|[A-Z]+")

_ENDING_IN_S = "alias atlas bias bonus bus campus canvas census corpus gas lens status virus".split()
_IRREGULAR_NOUNS = {
    **{form: noun for noun in _ENDING_IN_S for form in (noun, f"{noun}es")},
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "data": "data",
    "media": "media",
    "series": "series",
    "news": "news",
    "addresses": "address",
    "analyses": "analysis",
    "indices": "index",
    "criteria": "criterion",
    "movies": "movie",
    "cookies": "cookie",
    "caches": "cache",
}

_IRREGULAR_STATES = {
    "pay": ("paid",),
    "win": ("won",),
    "lose": ("lost",),
    "freeze": ("frozen",),
    "unfreeze": ("active",),
    "begin": ("begun", "active", "started"),
    "send": ("sent",),
    "hold": ("held", "on_hold"),
    "withdraw": ("withdrawn",),
    "start": ("started", "active", "in_progress", "running"),
    "resume": ("active", "running", "in_progress"),
    "complete": ("completed", "complete", "done"),
    "finish": ("finished", "completed", "done"),
    "reopen": ("reopened", "open"),
    "open": ("open", "opened"),
    "close": ("closed",),
    "activate": ("active", "activated"),
    "reactivate": ("active",),
    "enable": ("enabled", "active"),
    "disable": ("disabled", "inactive"),
    "deactivate": ("inactive", "deactivated"),
    "restore": ("active", "restored"),
    "renew": ("renewed",),
    "lock": ("locked",),
    "stop": ("stopped",),
    "expire": ("expired",),
}

_PHRASAL_STATES = {
    "check_in": ("checked_in", "arrived", "in_house"),
    "check_out": ("checked_out", "departed"),
    "put_on_hold": ("on_hold", "held"),
}

_UNDOING = {
    "unfreeze": "freeze",
    "unlock": "lock",
    "unarchive": "archive",
    "unpublish": "publish",
    "unpin": "pin",
    "unmute": "mute",
    "unstar": "star",
    "unlike": "like",
    "unfollow": "follow",
    "unsubscribe": "subscribe",
    "disable": "enable",
    "deactivate": "activate",
}

STATES = ("status", "state", "stage", "phase", "condition")
"""Names of fields that say how far an entity has come."""

TERMINAL_STATES = frozenset(
    (
        "cancelled canceled refunded closed completed complete done deleted expired returned rejected failed "
        "checked_out no_show won lost archived"
    ).split()
)
"""States that nothing leaves, unless it reopens."""


@lru_cache(maxsize=65536)
def words(identifier: str) -> tuple[str, ...]:
    """Split an identifier into lower-case words: `orderItemId` and `order-item_id` give (`order`, `item`, `id`)."""
    return tuple([part.lower() for part in _WORD.findall(identifier)])


def snake(identifier: str) -> str:
    """Return an identifier in snake case."""
    return "_".join(words(identifier))


@lru_cache(maxsize=16384)
def singular(word: str) -> str:
    """Return the singular of a lower-case English noun."""
    if word in _IRREGULAR_NOUNS:
        return _IRREGULAR_NOUNS[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[: -3 if word.endswith("zzes") else -2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def noun(identifier: str) -> str:
    """Return an identifier's singular noun phrase: `line_items` gives `line item`."""
    parts = words(identifier)
    return " ".join((*parts[:-1], singular(parts[-1]))) if parts else ""


def without_noun(name: str, phrase: str) -> str:
    """Return a name without the noun at its head: `order_id` of an order gives `id`."""
    parts, prefix = list(words(name)), phrase.split(" ")
    for head in (prefix, prefix[-1:]):
        if parts[: len(head)] == head and len(parts) > len(head):
            return "_".join(parts[len(head) :])
    return name


def is_made_on(name: str, verbs: tuple[str, ...]) -> bool:
    """Tell whether a field says when something was done: `cancelled_at` or `last_cancelled_on` for `cancelled`."""
    parts = words(name)
    parts = parts[1:] if parts[:1] == ("last",) else parts
    return len(parts) > 1 and parts[-1] in ("at", "on", "date", "time") and "_".join(parts[:-1]) in verbs


def plural(phrase: str) -> str:
    """Return the plural of a noun phrase."""
    if phrase.endswith(("s", "x", "z", "ch", "sh")):
        return phrase if singular(phrase) != phrase else f"{phrase}es"
    if phrase.endswith("y") and phrase[-2:-1] not in "aeiou":
        return f"{phrase[:-1]}ies"
    return f"{phrase}s"


def one(phrase: str) -> str:
    """Return a noun phrase with its article, at the head of a sentence: `An order`."""
    return f"{'An' if phrase[:1] in 'aeio' else 'A'} {phrase}"


def same_name(one: str, other: str) -> bool:
    """Tell whether two identifiers are the same words: `dueAt` and `due_at`."""
    return words(one) == words(other)


def undone(verb: str) -> str:
    """Return the verb that this one undoes (`unlock` undoes `lock`), or nothing."""
    return _UNDOING.get(verb, "")


@lru_cache(maxsize=4096)
def resulting_states(verb: str) -> tuple[str, ...]:
    """Return the states a verb may lead to, likeliest first: `cancel` gives `cancelled`, `canceled`, …"""
    if (phrase := "_".join(words(verb))) in _PHRASAL_STATES:
        return _PHRASAL_STATES[phrase]
    first, *rest = words(verb) or ("",)
    tail = "_" + "_".join(rest) if rest else ""
    forms = _IRREGULAR_STATES.get(first, ()) + _participles(first)
    return tuple(form + tail for form in forms)


def _participles(verb: str) -> tuple[str, ...]:
    if verb.endswith("e"):
        return (f"{verb}d",)
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return (f"{verb[:-1]}ied",)
    return (f"{verb}ed", f"{verb}{verb[-1:]}ed")
