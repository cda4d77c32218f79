"""What a user wants, in the terms of the domain, and the phrases for its parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from toolbench.model import Fact, Json
from toolbench.tasks.english import is_adjective, listed, plural
from toolbench.tasks.fields import aimed, described, quoted, spoken, wished
from toolbench.tasks.naming import Trait, is_naming

_STATES = frozenset("status state phase".split())
_HOLDERS_IN = frozenset(
    "album board calendar channel collection folder gallery group list namespace organization playlist project "
    "queue repository room space team workspace".split()
)
PEOPLE = frozenset(
    "agent artist assignee attendee author contact customer employee guest member organizer owner patient person "
    "practitioner reporter requester reviewer user".split()
)
MINE = frozenset("me self viewer whoami".split())
"""Nouns for the one who asks; what there is of them is a profile."""

IntentKind = Literal["create", "update", "delete", "remove", "action", "get", "count"]


@dataclass(frozen=True, slots=True)
class Mention:
    """How an entity is called in a sentence."""

    noun: str
    traits: tuple[Trait, ...] = ()
    """What is said of it."""
    outer: "Mention | None" = None
    """What it belongs to."""
    again: bool = False
    """Whether it was called by its full name before."""
    new: bool = False
    """Whether an earlier wish made it."""
    others: "tuple[Mention, ...]" = ()
    """Further things of its kind, in the same place, that are spoken of in the same breath."""

    def text(self, *, my: str = "my") -> str:
        """Return the phrase: `the copy with the barcode 123 of the book "Dune"`.

        Args:
            my: the word for what is the user's own.
        """
        if self.noun in MINE:
            return f"{my} profile"
        if self.again or self.new:
            return f"{'the new' if self.new else 'that'} {self.noun}"
        if self.others:
            return self._together() + self.place(my=my)
        return " ".join((self._head(), *self.particulars())) + self.place(my=my)

    def place(self, *, my: str = "my") -> str:
        """Return what it belongs to, as it stands behind the noun: ` of the book "Dune"`; nothing where it does not."""
        return f" {self.link} {self.outer.text(my=my)}" if self.outer is not None else ""

    def particulars(self) -> list[str]:
        """Return what stands behind the noun: the name, and what else is said of it."""
        return [part for part in (self._name(), *_qualities(self._others())) if part]

    def _together(self) -> str:
        """Return the phrase for it and the others, the noun said once: `the tasks "Plan" and "Launch"`."""
        every = (self, *self.others)
        if known := self._known_alike(every):
            return f"the {plural(self.noun)} {known}"
        own = [" ".join(one.particulars()) for one in every]
        if all(own) and len({tuple(one.adjectives()) for one in every}) == 1:
            return " ".join(("the", *self.adjectives(), plural(self.noun), listed(own)))
        return listed([replace(one, outer=None, others=()).text() for one in every])

    def _known_alike(self, every: "Sequence[Mention]") -> str:
        """Return what tells things of which each is told by the same field only: `with the references A1 and B2`."""
        labels = {trait.label for one in every for trait in one.traits}
        label, values = min(labels, default=""), [quoted(trait.said) for one in every for trait in one.traits]
        if len(labels) != 1 or [one.particulars() for one in every] != [
            [f"with the {label} {said}"] for said in values
        ]:
            return ""
        return f"with the {plural(label)} {listed(values)}"

    def within(self) -> "Iterator[Mention]":
        """Yield the mention itself and what it belongs to, one in the other."""
        yield self
        if self.outer is not None:
            yield from self.outer.within()

    def many(self) -> str:
        """Return the phrase for several such things: `frozen cards`."""
        return " ".join((*self.adjectives(), plural(self.noun), *self._called(), *_qualities(self._others())))

    def one(self) -> str:
        """Return the phrase for any such thing, without article: `frozen card`."""
        return " ".join((*self.adjectives(), self.noun, *self._called(), *_qualities(self._others())))

    @property
    def link(self) -> str:
        """The preposition that leads to what it belongs to."""
        return "in" if self.outer is not None and self.outer.noun.split(" ")[-1] in _HOLDERS_IN else "of"

    def _head(self) -> str:
        return " ".join(("the", *self.adjectives(), self.noun))

    def _name(self) -> str:
        names = [str(trait.said) for trait in self._names()]
        if self.noun.split(" ")[-1] in PEOPLE and all(name[:1].isupper() for name in names):
            return " ".join(names)
        return " ".join(name if name.isdigit() else f'"{name}"' for name in names)

    def _names(self) -> list[Trait]:
        """Return the traits that stand as its name: both halves of a person's, else one."""
        named = [trait for trait in self.traits if is_naming(trait)]
        halves = sorted((t for t in named if t.label in ("first name", "last name")), key=lambda trait: trait.label)
        return halves if len(halves) == 2 else named[:1]

    def _called(self) -> list[str]:
        return [f"called {self._name()}"] if self._name() else []

    def _states(self) -> list[Trait]:
        return [t for t in self.traits if t.label.split(" ")[-1] in _STATES and is_adjective(_state(t))]

    def adjectives(self) -> list[str]:
        """Return the states before the noun, without one that comes again ("the placed order placed on June 3")."""
        labels = {trait.label.split(" ")[0] for trait in self._others()}
        return [said for said in map(_state, self._states()) if said not in labels]

    def _others(self) -> list[Trait]:
        said = [*self._states(), *self._names()]
        return [trait for trait in self.traits if trait not in said]


def _state(trait: Trait) -> str:
    return spoken(trait.said).replace(" ", "-")


def _qualities(traits: Sequence[Trait]) -> list[str]:
    said = [described(trait.label, trait.said) for trait in traits]
    attached = [text.removeprefix("with ") for text in said if text.startswith("with ")]
    others = [text for text in said if not text.startswith("with ")]
    return [*others, *([f"with {listed(attached)}"] if attached else [])]


@dataclass(frozen=True, slots=True)
class Detail:
    """Something the user wants set."""

    label: str
    value: Json
    """A scalar, a list of such, or a `Mention`."""

    def wish(self) -> str:
        """Return what a person says to have it so: `title "Launch"`, `the book "Dune"`, `5 guests`."""
        if isinstance(self.value, Mention):
            alike = self.label in (self.value.noun, self.value.noun.split(" ")[-1])
            return self.value.text() if alike else f"{self.value.text()} as {self.label}"
        return wished(self.label, self.value)

    def change(self) -> str:
        """Return what a person says to have it changed: `the price to 20`."""
        if isinstance(self.value, Mention):
            return f"the {self.label} to {self.value.text()}"
        return f"{aimed(self.label, self.value)} to {quoted(self.value)}"

    def aim(self) -> str:
        """Return what is changed, without what to: `the price`."""
        return f"the {self.label}" if isinstance(self.value, Mention) else aimed(self.label, self.value)


@dataclass(frozen=True, slots=True)
class Intent:
    """What the user wants, in the terms of the domain."""

    kind: IntentKind
    target: Mention
    """What it is about."""
    details: tuple[Detail, ...] = ()
    """What to set."""
    asked: tuple[str, ...] = ()
    """Names of the facts wanted."""
    verb: str = ""
    """For `action`: the verb."""
    each: tuple[tuple[Detail, ...], ...] = ()
    """For `create`, of several things at once: what to set in each."""

    def mentions(self) -> list[Mention]:
        """Return the things that are called by name."""
        things = [self.target.outer if self.kind in ("create", "count") else self.target]
        things += [detail.value for detail in self.details if isinstance(detail.value, Mention)]
        return [inner for thing in things if thing is not None for inner in thing.within()]

    def after(self, earlier: "Sequence[Intent]") -> "Intent":
        """Return the intent as it is put when others came first: what they spoke of is `that order` then."""
        said = {mention for intent in earlier for mention in intent.mentions()}
        nouns = [mention.noun for mention in said]
        clear = {mention for mention in said if nouns.count(mention.noun) == 1}
        details = tuple(
            Detail(d.label, _briefly(d.value, clear)) if isinstance(d.value, Mention) else d for d in self.details
        )
        return replace(self, target=_briefly(self.target, clear), details=details)


def together(intents: Sequence[Intent]) -> Intent:
    """Return the same wish about several things, in one place, as one: `cancel the orders ... and ...`."""
    first = intents[0]
    if first.kind == "create":
        return replace(first, details=(), each=tuple(one.details for one in intents))
    others = tuple(replace(one.target, outer=None) for one in intents[1:])
    return replace(first, target=replace(first.target, others=others))


@dataclass(frozen=True, slots=True)
class Part:
    """One thing wanted, and what is to be said of it in the end."""

    intent: Intent
    facts: tuple[Fact, ...] = ()


def _briefly(mention: Mention, said: set[Mention]) -> Mention:
    if mention in said:
        return Mention(mention.noun, again=True)
    return mention if mention.outer is None else replace(mention, outer=_briefly(mention.outer, said))
