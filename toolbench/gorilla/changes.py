"""Documents that have changed: the changed one, and what is wanted by it.

The answer by the changed document is never right by the one before it: a name is new, a parameter must be given that
was not there, or what is left out stands for another value.
"""

import ast
import random
from dataclasses import dataclass

from toolbench.gorilla.answers import labels
from toolbench.gorilla.docset import ApiDoc, Parameter
from toolbench.gorilla.rows import Change, ChangeKind
from toolbench.gorilla.values import is_sayable, value_for
from toolbench.model import Json, JsonObject
from toolbench.tasks.fields import wished

_RENAMED_ENDINGS = ("_value", "_ref", "_input", "_setting", "_arg")
_WORDS = {
    "id": "identifier", "name": "label", "title": "heading", "description": "details", "email": "email_address",
    "phone": "phone_number", "status": "state", "type": "kind", "category": "group", "limit": "max_results",
    "amount": "sum", "currency": "currency_code", "query": "search_text", "q": "search_text", "date": "day",
    "text": "content", "body": "content", "reason": "cause", "model": "model_name", "source": "origin",
}  # fmt: skip
_NEW: tuple[tuple[str, JsonObject], ...] = (
    ("region", {"type": "string", "enum": ["eu", "us", "asia"], "description": "Region whose servers do the work."}),
    ("locale", {"type": "string", "enum": ["en", "fr", "de"], "description": "Language of messages."}),
    ("environment", {"type": "string", "enum": ["production", "staging"], "description": "Where it takes effect."}),
    ("requested_by", {"type": "string", "description": "Full name of the person on whose behalf the call is made."}),
    ("cost_center", {"type": "string", "pattern": "^CC-[0-9]{4}$", "description": "Cost center that is charged."}),
    ("timeout_seconds", {"type": "integer", "minimum": 5, "maximum": 90, "description": "Longest time to wait."}),
)


@dataclass(frozen=True, slots=True)
class Changed:
    """A document after a change."""

    doc: ApiDoc
    """The document by which the answer goes: the changed one, or that of the successor."""
    shown: tuple[ApiDoc, ...]
    """What is shown in place of the document as it was."""
    wanted: JsonObject
    """The wanted values, by the parameters of `doc`."""
    change: Change
    said: str = ""
    """What the instruction says besides, for it to be clear what is wanted."""
    note: str = ""
    """What an explanation says of it."""


def possible(doc: ApiDoc) -> list[ChangeKind]:
    """Return the changes that a document may undergo, apart from what depends on the values wanted."""
    kinds: list[ChangeKind] = ["version"]
    if not doc.deprecated:
        kinds.append("deprecated")
    if doc.fixed or doc.parameters:
        kinds.append("renamed")
    if not doc.written:
        kinds.append("added")
        if any(_may_move(one) for one in doc.parameters):
            kinds.append("default")
    return kinds


def changed(doc: ApiDoc, wanted: JsonObject, kind: ChangeKind, r: random.Random) -> Changed | None:
    """Return a document after a change, and what is wanted by it; None where the change would not touch the call."""
    match kind:
        case "renamed":
            return _renamed(doc, wanted, r)
        case "added":
            return _added(doc, wanted, r)
        case "default":
            return _moved(doc, wanted, r)
        case "deprecated":
            return _replaced(doc, wanted)
        case "version":
            return _next_version(doc, wanted)


def _renamed(doc: ApiDoc, wanted: JsonObject, r: random.Random) -> Changed | None:
    names = [*wanted, *doc.fixed]
    if not names:
        return None
    old = r.choice(names)
    new = _other_name(old, {one.name for one in doc.parameters} | set(doc.fixed))
    parameters = tuple(one.model_copy(update={"name": new}) if one.name == old else one for one in doc.parameters)
    fixed = {new if name == old else name: value for name, value in doc.fixed.items()}
    written = _with_keyword(doc.written, old, new) if old in doc.fixed else doc.written
    extra = _without_examples(doc)
    if isinstance(path := extra.get("path"), str):
        extra["path"] = path.replace(f"{{{old}}}", f"{{{new}}}")
    after = doc.model_copy(update={"parameters": parameters, "fixed": fixed, "written": written, "extra": extra})
    values = {new if name == old else name: value for name, value in wanted.items()}
    note = f"The parameter is called `{new}` in the documentation given."
    return Changed(after, (after,), values, Change(kind="renamed", old=old, new=new, parameter=new), note=note)


def _other_name(name: str, taken: set[str]) -> str:
    head, joint, last = name.rpartition("_")
    options = [f"{head}{joint}{_WORDS[last]}"] if last in _WORDS else []
    options += [f"{name}{ending}" for ending in _RENAMED_ENDINGS]
    return next(option for option in (*options, f"new_{name}", f"newer_{name}") if option not in taken)


def _with_keyword(call: str, old: str, new: str) -> str:
    tree = ast.parse(call, mode="eval").body
    if isinstance(tree, ast.Call):
        for word in tree.keywords:
            word.arg = new if word.arg == old else word.arg
    return ast.unparse(tree)


def _added(doc: ApiDoc, wanted: JsonObject, r: random.Random) -> Changed | None:
    free = [(name, content) for name, content in _NEW if doc.parameter(name) is None]
    if not free:
        return None
    name, content = r.choice(free)
    parameter = Parameter(name=name, content=content, required=True)
    value = value_for(parameter, r, doc)
    after = doc.model_copy(update={"parameters": (*doc.parameters, parameter), "extra": _without_examples(doc)})
    note = f"The documentation given says that `{name}` must be given."
    change = Change(kind="added", new=name, parameter=name)
    return Changed(after, (after,), {**wanted, name: value}, change, _also(name, value), note)


def _may_move(parameter: Parameter) -> bool:
    return not parameter.required and is_sayable(parameter) and parameter.content.get("type") != "boolean"


def _moved(doc: ApiDoc, wanted: JsonObject, r: random.Random) -> Changed | None:
    """Move a default to what is wanted, so that nothing need be given: by the document as it was, this is another
    value."""
    free = [one for one in doc.parameters if _may_move(one) and one.name not in wanted]
    if not free:
        return None
    one = r.choice(free)
    value = value_for(one, r, doc)
    old: Json = one.content.get("default")
    if value is None or value == old:
        return None
    moved = one.model_copy(update={"content": {**one.content, "default": value}})
    parameters = tuple(moved if each is one else each for each in doc.parameters)
    after = doc.model_copy(update={"parameters": parameters, "extra": _without_examples(doc)})
    change = Change(kind="default", old=old, new=value, parameter=one.name)
    return Changed(after, (after,), {**wanted, one.name: value}, change, _also(one.name, value))


def _also(name: str, value: Json) -> str:
    ((label, said),) = labels({name: value})
    return f"It should be with {wished(label, said)}."


def _replaced(doc: ApiDoc, wanted: JsonObject) -> Changed:
    successor = _under_another_name(doc, "_v2", {})
    old = doc.model_copy(
        update={"deprecated": True, "successor": successor.title or successor.name, "extra": _without_examples(doc)}
    )
    change = Change(kind="deprecated", old=doc.title or doc.name, new=successor.title or successor.name)
    note = f"`{doc.title or doc.name}` is deprecated; `{successor.title or successor.name}` takes its place."
    return Changed(successor, (old, successor), wanted, change, note=note)


def _next_version(doc: ApiDoc, wanted: JsonObject) -> Changed:
    version = _version_after(doc.api_version)
    major = version.split(".")[0]
    after = _under_another_name(doc, f"_v{major}", {"api_version": version})
    change = Change(kind="version", old=doc.api_version, new=version)
    note = f"The documentation given is of version {version}."
    return Changed(after, (after,), wanted, change, note=note)


def _version_after(version: str) -> str:
    head = version.split(".")[0]
    return f"{int(head) + 1}.0.0" if head.isdecimal() and len(head) < 4 else "2.0.0"


def _under_another_name(doc: ApiDoc, ending: str, also: JsonObject) -> ApiDoc:
    """Return a document of an API that does the same and is called otherwise: where each call is the same, by the
    model or file that it names."""
    update: JsonObject = {"extra": _without_examples(doc), **also}
    if not doc.written:
        return doc.model_copy(update=update | {"name": f"{doc.name}{ending}"})
    old = _longest_text(doc)
    if not old:
        return doc.model_copy(update=update | _called(doc, f"{doc.name}{ending}"))
    new = f"{old}{ending.replace('_', '-')}"
    placed = tuple(new if value == old else value for value in doc.placed)
    fixed = {name: new if value == old else value for name, value in doc.fixed.items()}
    title = doc.title.replace(old, new) if old in doc.title else f"{doc.title}{ending}" if doc.title else ""
    written = _with_text(doc.written, old, new)
    return doc.model_copy(update=update | {"placed": placed, "fixed": fixed, "title": title, "written": written})


def _called(doc: ApiDoc, name: str) -> JsonObject:
    return {"name": name, "written": f"{name}{doc.written[len(doc.name) :]}", "title": doc.title and f"{doc.title}-2"}


def _longest_text(doc: ApiDoc) -> str:
    texts = [
        value for value in (*doc.placed, *doc.fixed.values()) if isinstance(value, str) and _is_constant(doc, value)
    ]
    return max(texts, key=len, default="")


def _is_constant(doc: ApiDoc, value: str) -> bool:
    """Tell whether a value stands in the call as a text, and not as a name of a variable."""
    return any(isinstance(node, ast.Constant) and node.value == value for node in ast.walk(ast.parse(doc.written)))


def _with_text(call: str, old: str, new: str) -> str:
    tree = ast.parse(call, mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value == old:
            node.value = new
    return ast.unparse(tree)


def _without_examples(doc: ApiDoc) -> JsonObject:
    """Return what else a document says, without the code that shows how it was called before."""
    return {key: value for key, value in doc.extra.items() if "example" not in key.lower()}
