"""Wishes that meet trouble: a backend that fails for a while, or a world in which it cannot be done."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from toolbench.model import Call, Json, JsonObject
from toolbench.model.pointers import at, leaves
from toolbench.model.wording import mentions
from toolbench.tasks.choosing import READS, Shape
from toolbench.tasks.draft import WRITES, Draft, InfeasibleError, plain
from toolbench.tasks.finding import Finder
from toolbench.tasks.instructions import instruction
from toolbench.tasks.kinds import words
from toolbench.tasks.kinds.again import rerun
from toolbench.tasks.kinds.base import Base, Blueprint, Said, shaped
from toolbench.tasks.kinds.offers import usual
from toolbench.tasks.kinds.sought import Sought, sought
from toolbench.tasks.naming import Trait, is_naming, traits
from toolbench.tasks.phrases import Mention
from toolbench.world.replay import observe
from toolbench.world.resources import Resource
from toolbench.world.state import Key
from toolbench.world.world import World

_PASSING = ("flaky", "limits", "outage", "auth", "garbled", "stale")
"""Profiles whose faults pass when the call is made again."""
_TRIES = 3
"""How often a failing call is made before it is given up."""
_MOST_OTHERS = 12
_CONFLICT = 409


class Faulty:
    """A wish whose calls meet a fault that passes: to be recovered from."""

    shapes = shaped("faulty", Shape(WRITES, chain=True), Shape(READS, chain=True))

    def make(self, base: Base) -> Blueprint:
        """Return the wish in a world with faults, at least one of which its calls meet.

        Raises:
            InfeasibleError: under no profile they meet any that they overcome.
        """
        said = Said(instruction(base.intents, base.r), usual(base), base.answer())
        for profile in base.r.sample(_PASSING, k=len(_PASSING)):
            if _is_overcome(base, profile):
                return Blueprint((said,), base.gold(), base.facts(), faults=profile)
        raise InfeasibleError("no_fault_met")


def _is_overcome(base: Base, profile: str) -> bool:
    """Tell whether the calls meet a fault under a profile, and do what they should when made again."""
    world = World(base.landscape, base.draft.world.seed, profile)
    state, met = world.initial, False
    for gold in base.draft.gold:
        for _ in range(_TRIES):
            seen, state = observe(world, gold.call, state)
            met = met or seen.fault is not None
            if seen.status == "ok" and seen.fault is None:
                break
        else:
            return False
    return met and world.changes(state) == base.draft.replay().changes


class Impossible:
    """A wish about something that does not exist, or whose state does not allow it: to be looked up, then declined."""

    shapes = shaped(
        "impossible",
        Shape(("delete", "action"), chain=True),
        Shape(("update", "replace", "delete", "action"), chain=True),
        Shape(("get",), chain=True),
    )

    def make(self, base: Base) -> Blueprint:
        """Return the wish about another thing, and the look-ups that show why it cannot be done.

        Raises:
            InfeasibleError: no name or other thing was found with which it cannot be done.
        """
        found = sought(base)
        refused = next(_refused(base, found.resource), None) if base.aims[0].role in ("delete", "action") else None
        return _denied(base, *refused) if refused else _nameless(base, found)


def _denied(base: Base, draft: Draft, mention: Mention, why: str) -> Blueprint:
    intent = replace(base.intents[0], target=mention)
    reply = words.not_allowed(intent, why, base.r)
    return Blueprint((Said(instruction([intent], base.r), usual(base), reply, "decline"),), tuple(draft.gold))


def _refused(base: Base, resource: Resource) -> Iterator[tuple[Draft, Mention, str]]:
    """Yield other things for which the aim is turned down, found in drafts of their own, with the reason given."""
    world, operation = base.draft.world, base.aims[0]
    for key in _others(base, resource):
        draft = Draft(world)
        finder = Finder(base.landscape, draft, base.r)
        try:
            scoped = finder.scope(operation, key, resource)
        except InfeasibleError:
            continue
        arguments = {**base.aim.call.arguments, **{name: plain(one) for name, one in scoped.arguments.items()}}
        seen, _ = observe(world, Call(id="tried", tool=operation.tool.name, arguments=arguments), draft.state)
        shown = finder.shown(resource, key)
        state = _state(shown.item) if shown else ""
        mention = finder.mention_of(resource, key, scoped)
        # Who calls it paid does not ask to have it paid.
        told = any(trait.label.split(" ")[-1] in ("status", "state") for trait in mention.traits)
        if seen.http_status == _CONFLICT and state and not told:
            yield draft, mention, state


def _state(item: Json) -> str:
    """Return the state that an item shows."""
    named = (trait for trait in traits(item) if trait.label in ("status", "state"))
    return next((str(trait.value) for trait in named), "")


def _others(base: Base, resource: Resource) -> list[Key]:
    world = base.draft.world
    keys = [
        key
        for prefix in world.population.prefixes(resource)
        for key in world.behaviour.keys(resource, prefix, world.initial)
    ]
    return base.r.sample(keys, k=min(len(keys), _MOST_OTHERS))


def _nameless(base: Base, found: Sought) -> Blueprint:
    """Return the wish about something that bears a name which nothing in this world bears."""
    intent = base.intents[0]
    old = next((trait for trait in intent.target.traits if is_naming(trait)), None)
    if old is None or sum(map(is_naming, intent.target.traits)) > 1:
        raise InfeasibleError("no_name")
    name = _unused_name(base, found.resource, old)
    draft = _looked_up(base, found, old, name)
    if any(mentions(value, name) for seen in draft.observations for value in _texts(seen.body)):
        raise InfeasibleError("there_is_one")
    mention = Mention(intent.target.noun, (Trait(old.pointer, old.label, name),), intent.target.outer)
    text = instruction([replace(intent, target=mention)], base.r)
    said = Said(text, usual(base), words.not_found(mention, base.r), "decline")
    return Blueprint((said,), tuple(draft.gold))


def _unused_name(base: Base, resource: Resource, old: Trait) -> str:
    """Return a name that such a thing bears in another world, and none in this one."""
    here = {str(at(entity, old.pointer, None)) for entity in _entities(base.draft.world, resource)}
    there = World(base.landscape, base.draft.world.seed + 1)
    names = [at(entity, old.pointer, None) for entity in _entities(there, resource)]
    new = [name for name in names if isinstance(name, str) and name and name not in here]
    if not new:
        raise InfeasibleError("no_unused_name")
    return base.r.choice(new)


def _entities(world: World, resource: Resource) -> Iterator[JsonObject]:
    for prefix in world.population.prefixes(resource):
        for key in world.behaviour.keys(resource, prefix, world.initial):
            yield world.entity(resource, key, world.initial) or {}


def _looked_up(base: Base, found: Sought, old: Trait, name: str) -> Draft:
    """Return the look-ups that lead to the list, made anew for another name where they narrow it by that."""
    narrowing = {pointer: name for pointer, value in leaves(found.listing.call.arguments) if value == old.value}
    return rerun(base, found.calls, {found.listing.call.id: narrowing})


def _texts(body: Json) -> Sequence[str]:
    return [value for _, value in leaves(body) if isinstance(value, str)]
