"""A small grammar for instructions and answers, written from what is wanted, never from the calls."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from toolbench.model import Json
from toolbench.model.wording import say
from toolbench.tasks.naming import Trait
from toolbench.world.nouns import plural, resulting_states, words

_NAMING = frozenset("name title subject label headline".split())
_STATES = frozenset("status state stage phase".split())
_PLACES = frozenset("city country location floor".split())
_ARTICLES_AN = tuple("aeiou")

IntentKind = Literal["create", "update", "delete", "action", "get", "count"]


@dataclass(frozen=True, slots=True)
class Mention:
    """How an entity is called in a sentence."""

    noun: str
    traits: tuple[Trait, ...] = ()
    """What is said of it."""
    outer: "Mention | None" = None
    """What it belongs to."""

    def text(self) -> str:
        """Return the phrase: `the copy with barcode 123 of the book "Dune"`."""
        names = [t for t in self.traits if _is_naming(t)]
        states = [t for t in self.traits if t.label.split()[-1:] and t.label.split()[-1] in _STATES]
        rest = [t for t in self.traits if t not in names and t not in states]
        head = " ".join(["the", *(t.said.replace("_", " ") for t in states), self.noun]).strip()
        parts = [head, _full_name(names), _qualities(rest)]
        phrase = " ".join(part for part in parts if part)
        return f"{phrase} {_link(self.outer)} {self.outer.text()}" if self.outer is not None else phrase


def _link(outer: Mention) -> str:
    return (
        "in"
        if outer.noun.split(" ")[-1] in ("calendar", "project", "playlist", "repository", "repo", "hotel")
        else "of"
    )


def _is_naming(trait: Trait) -> bool:
    parts = trait.label.split()
    named = trait.label in _NAMING or parts[-1:] == ["name"]
    return isinstance(trait.value, str) and named and "/" not in trait.pointer[1:]


def _full_name(names: Sequence[Trait]) -> str:
    halves = {t.label.split()[0]: t.said for t in names if t.label in ("first name", "last name")}
    if len(halves) == 2:
        others = [quoted(t.value) for t in names if t.label not in ("first name", "last name")]
        return " ".join([f"{halves['first']} {halves['last']}", *others])
    return ", ".join(quoted(t.value) for t in names)


def _qualities(traits: Sequence[Trait]) -> str:
    said: list[str] = []
    for trait in traits:
        last = trait.label.split()[-1:]
        if last and last[0] in _PLACES and isinstance(trait.value, str):
            said.append(f"in {trait.said}")
        elif trait.is_moment and last and last[0] == "time":
            said.append(f"{trait.label.removesuffix(' time')} on {trait.said}")
        else:
            said.append(f"with {trait.label} {trait.said}")
    return listed(said)


def quoted(value: Json) -> str:
    """Return a value as it stands in a sentence: text in quotation marks, anything else as people write it."""
    return f'"{value}"' if isinstance(value, str) and say(value) == value else spoken(value)


def spoken(value: Json) -> str:
    """Return a value as people write it; lists are listed."""
    if isinstance(value, list):
        return listed([spoken(item) for item in value])  # pyright: ignore[reportUnknownVariableType]
    return say(value) if isinstance(value, str | int | float | bool) else "nothing"


def listed(parts: Sequence[str]) -> str:
    """Return parts as people list them: `a, b and c`."""
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part) if parts else ""


@dataclass(frozen=True, slots=True)
class Detail:
    """Something the user wants set."""

    label: str
    value: Json
    """A scalar, a list of such, or a `Mention`."""

    def text(self) -> str:
        """Return `due date March 4, 2026`, or `for the book "Dune"`."""
        if isinstance(self.value, Mention):
            return self.value.text() if self.label == self.value.noun else f"{self.value.text()} as {self.label}"
        return f"{self.label} {_plain_or_quoted(self.value)}"


def _plain_or_quoted(value: Json) -> str:
    if isinstance(value, str) and say(value) == value and (" " in value or not value.islower()):
        return f'"{value}"'
    return spoken(value)


@dataclass(frozen=True, slots=True)
class Intent:
    """What the user wants, in the terms of the domain."""

    kind: IntentKind
    target: Mention
    """What it is about."""
    details: tuple[Detail, ...] = ()
    """What to set, or to filter by."""
    asked: tuple[str, ...] = ()
    """Labels of the facts wanted."""
    verb: str = ""
    """For `action`: the verb."""


def instruction(intents: Sequence[Intent], r: random.Random) -> str:
    """Return what a person would write to have all intents done."""
    sentences = [_sentence(intent, r, first=place == 0) for place, intent in enumerate(intents)]
    opening = r.choice(("", "", "", "Hi! ", "Hello, quick request. ", "Hey there. ")) if len(sentences) < 3 else ""
    closing = r.choice(("", "", "", " Thanks!", " Thank you.")) if intents[-1].kind not in ("get", "count") else ""
    return opening + " ".join(sentences) + closing


def _sentence(intent: Intent, r: random.Random, *, first: bool) -> str:
    make = {
        "create": _create,
        "update": _update,
        "delete": _delete,
        "action": _action,
        "get": _get,
        "count": _count,
    }[intent.kind]
    text = make(intent, r)
    if first:
        return text
    start = text if text.startswith(("I ", "I'")) else text[0].lower() + text[1:]
    return r.choice(("Also, ", "And then ", "After that, ")) + start


def article(noun: str) -> str:
    """Return the noun with its indefinite article."""
    return f"an {noun}" if noun.startswith(_ARTICLES_AN) else f"a {noun}"


def _create(intent: Intent, r: random.Random) -> str:
    noun = intent.target.noun
    place = f" for {intent.target.outer.text()}" if intent.target.outer is not None else ""
    details = listed([detail.text() for detail in intent.details])
    if not details:
        return r.choice((f"Please create a new {noun}{place}.", f"I need a new {noun}{place}."))
    return r.choice(
        (
            f"Please create {article(noun)}{place} with {details}.",
            f"I need a new {noun}{place}: {details}.",
            f"Could you add {article(noun)}{place}? It should have {details}.",
            f"Can you set up {article(noun)}{place} with {details}?",
        )
    )


def _update(intent: Intent, r: random.Random) -> str:
    said = intent.target.text()
    changes = listed([f"the {d.label} to {_value(d)}" for d in intent.details])
    return r.choice(
        (
            f"Please change {changes} for {said}.",
            f"{said[0].upper()}{said[1:]} needs an update: please set {changes}.",
            f"Could you set {changes} on {said}?",
        )
    )


def _value(detail: Detail) -> str:
    return detail.value.text() if isinstance(detail.value, Mention) else _plain_or_quoted(detail.value)


def _delete(intent: Intent, r: random.Random) -> str:
    said = intent.target.text()
    return r.choice(
        (f"Please delete {said}.", f"Remove {said}, we no longer need it.", f"Could you get rid of {said} for me?")
    )


def _action(intent: Intent, r: random.Random) -> str:
    verb, said = " ".join(words(intent.verb)), intent.target.text()
    extra = f" with {listed([d.text() for d in intent.details])}" if intent.details else ""
    return r.choice(
        (f"Please {verb} {said}{extra}.", f"Could you {verb} {said}{extra}?", f"I want to {verb} {said}{extra}.")
    )


def _get(intent: Intent, r: random.Random) -> str:
    asked, said = listed([f"the {label}" for label in intent.asked]), intent.target.text()
    be = "are" if len(intent.asked) > 1 else "is"
    return r.choice(
        (
            f"What {be} {asked} of {said}?",
            f"Tell me {asked} of {said}.",
            f"I'd like to know {asked} of {said}.",
            f"Can you look up {asked} of {said}?",
        )
    )


def _count(intent: Intent, r: random.Random) -> str:
    noun = plural(intent.target.noun)
    outer = intent.target.outer
    place = f" {_link(outer)} {outer.text()}" if outer is not None else ""
    said = listed([detail.text() for detail in intent.details])
    which = f" with {said}" if said else ""
    return r.choice(
        (
            f"How many {noun}{place}{which} are there?",
            f"Tell me how many {noun}{which} there are{place}.",
            f"I need the number of {noun}{place}{which}.",
        )
    )


def answer(intents: Sequence[Intent], facts: Sequence[Sequence[tuple[str, Json]]]) -> str:
    """Return a right final answer.

    Args:
        intents: what was wanted.
        facts: for each intent, the facts found: label and value.
    """
    return " ".join(_reply(intent, found) for intent, found in zip(intents, facts, strict=True))


def _reply(intent: Intent, facts: Sequence[tuple[str, Json]]) -> str:
    said = intent.target.text()
    match intent.kind:
        case "create":
            return f"I have created the {intent.target.noun}."
        case "update":
            changes = listed([f"the {d.label} to {_value(d)}" for d in intent.details])
            return f"I have set {changes} for {said}."
        case "delete":
            return f"I have deleted {said}."
        case "action":
            return f"Done: {_done(intent.verb)} {said}."
        case "get":
            stated = listed([f"the {label} is {spoken(value)}" for label, value in facts])
            return f"For {said}, {stated}."
        case "count":
            (count,) = facts
            return f"There {'is' if count[1] == 1 else 'are'} {spoken(count[1])} in all."


def _done(verb: str) -> str:
    parts = words(verb)
    regular = [form for form in resulting_states(parts[0]) if form.endswith(("ed", "t", "n", "d"))]
    return " ".join(("I have", regular[0].replace("_", " ") if regular else f"done the {parts[0]}", *parts[1:]))
