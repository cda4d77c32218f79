"""One recipe for each role of an operation: what a user may want of it, and the calls that bring it about."""

import random
from collections.abc import Callable, Iterable

from toolbench.model import Json
from toolbench.tasks.bodies import BodyWriter
from toolbench.tasks.draft import Draft, InfeasibleError, Template
from toolbench.tasks.finding import Finder, Scoped
from toolbench.tasks.naming import thing
from toolbench.tasks.phrases import Intent, IntentKind, Mention, Part
from toolbench.tasks.picking import Picker
from toolbench.tasks.possible import fixed_query
from toolbench.tasks.questions import Questions
from toolbench.tasks.related import Relatives, ancestors, links
from toolbench.world.nouns import resulting_states, words
from toolbench.world.resources import Operation, Resource, Role
from toolbench.world.state import Key
from toolbench.world.world import Landscape

_DELETING: dict[str, IntentKind] = {
    **dict.fromkeys(("delete", "destroy", "erase", "purge"), "delete"),
    **dict.fromkeys(("detach", "dissociate", "remove", "unassign", "unlink", "unsave"), "remove"),
    **dict.fromkeys(("cancel", "dismiss", "end", "leave", "revoke", "terminate", "unfollow", "withdraw"), "action"),
}
"""Verbs in the names of operations that delete."""


class Recipes:
    """Brings about one wanted thing after another within a draft."""

    def __init__(self, landscape: Landscape, draft: Draft, r: random.Random) -> None:
        self._landscape, self._draft, self._r = landscape, draft, r
        self._finder = Finder(landscape, draft, r)
        self._picker = Picker(draft, self._finder, r)
        questions = Questions(landscape, draft, self._finder, self._picker, r)
        self._by_role: dict[Role, Callable[[Operation, Resource], Part]] = {
            "create": self._create,
            "update": self._update,
            "replace": self._replace,
            "delete": self._delete,
            "action": self._act,
            "get": questions.about_one,
            "list": questions.about_many,
        }

    def make(self, operation: Operation) -> Part:
        """Have an operation called for a reason, and what it needs before it.

        Raises:
            InfeasibleError: it cannot be done in this world.
        """
        if operation.resource is None:
            raise InfeasibleError("unknown_semantics")
        return self._by_role[operation.role](operation, operation.resource)

    def _create(self, operation: Operation, resource: Resource) -> Part:
        scoped, near = self._create_scope(operation, resource, self._picker.place(resource))
        body = BodyWriter(self._finder, operation, self._r, Relatives(self._draft, self._r, near))
        arguments = {
            **scoped.arguments,
            **(fixed_query(self._landscape, operation) or {}),
            **body.required(),
            **body.optional(2),
        }
        if body.arguments() and not body.details:
            raise InfeasibleError("nothing_to_say")
        self._draft.call(operation.tool.name, arguments)
        return Part(Intent("create", Mention(thing(resource.noun), (), scoped.holder), tuple(body.details)))

    def _create_scope(self, operation: Operation, resource: Resource, place: Key) -> tuple[Scoped, dict[str, Key]]:
        if [param.target for param in operation.scope] == list(resource.parents):
            return self._finder.scope(operation, (*place, ""), resource), _by_id(ancestors(resource, place))
        arguments: dict[str, Template] = {}
        near: dict[str, Key] = {}
        holder: Mention | None = None
        for param in operation.scope:
            if param.target is None or len(param.target.params) != 1:
                raise InfeasibleError("unknown_scope")
            key = near[param.target.id] = self._picker.entity(param.target)
            arguments[param.name] = self._finder.obtain(param.target, key)
            holder = self._finder.mention(param.target, key)
        return Scoped(arguments, holder), near

    def _writing(self, operation: Operation, resource: Resource) -> tuple[Mention, dict[str, Template], BodyWriter]:
        """Choose an entity to change; return how it is called, the arguments that lead to it, and a body to fill."""
        key = self._picker.entity(resource)
        scoped = self._finder.scope(operation, key, resource)
        entity = self._finder.entity(resource, key)
        relatives = Relatives(self._draft, self._r, _by_id(ancestors(resource, key)))
        body = BodyWriter(self._finder, operation, self._r, relatives, entity)
        given = [self._target(operation, name, schema) for name, schema in body.arguments().items()]
        relatives.near |= _by_id(pair for pair in links(self._draft, resource, entity) if pair[0] not in given)
        return (
            self._finder.mention_of(resource, key, scoped),
            {**scoped.arguments, **(fixed_query(self._landscape, operation) or {})},
            body,
        )

    def _target(self, operation: Operation, name: str, schema: Json) -> Resource | None:
        return self._landscape.relations.target(operation.tool.api, name, schema)

    def _update(self, operation: Operation, resource: Resource) -> Part:
        mention, scope, body = self._writing(operation, resource)
        changed = body.required() or body.changed(self._r.choice((1, 1, 2)))
        return self._set(operation, mention, {**scope, **changed}, body)

    def _replace(self, operation: Operation, resource: Resource) -> Part:
        mention, scope, body = self._writing(operation, resource)
        return self._set(operation, mention, {**scope, **body.required(), **body.optional(2)}, body)

    def _set(self, operation: Operation, mention: Mention, arguments: dict[str, Template], body: BodyWriter) -> Part:
        if not body.details:
            raise InfeasibleError("nothing_to_say")
        self._draft.call(operation.tool.name, arguments)
        return Part(Intent("update", mention, tuple(body.details)))

    def _delete(self, operation: Operation, resource: Resource) -> Part:
        kind, verb = _deletion(operation)
        mention, scope, body = self._writing(operation, resource)
        if kind == "action" and set(resulting_states(verb)) & {str(value) for value in body.before.values()}:
            raise InfeasibleError("already_so")
        self._draft.call(operation.tool.name, scope)
        return Part(Intent("delete" if kind == "remove" and mention.outer is None else kind, mention, verb=verb))

    def _act(self, operation: Operation, resource: Resource) -> Part:
        mention, scope, body = self._writing(operation, resource)
        self._draft.call(operation.tool.name, {**scope, **body.required(), **body.optional(1)})
        return Part(Intent("action", mention, tuple(body.details), verb=operation.verb))


def _deletion(operation: Operation) -> tuple[IntentKind, str]:
    """Return what people call it when something is deleted: often it is only taken off something, or ended."""
    said = words(operation.tool.source.name or operation.tool.name)
    for verb in said:
        if verb in _DELETING:
            return _DELETING[verb], verb
    raise InfeasibleError("not_a_deletion")


def _by_id(pairs: Iterable[tuple[Resource, Key]]) -> dict[str, Key]:
    return {resource.id: key for resource, key in pairs}
