"""One call held against one accepted call."""

from collections.abc import Mapping

from evaluators.matching import _exact, _published
from evaluators.matching._fault import Fault, NamedCall, shown
from evaluators.matching._rules import Rules
from toolbench.model import AcceptedCall, Json, JsonObject, is_array, is_object


def call_fault(call: NamedCall, wanted: AcceptedCall, document: JsonObject, rules: Rules) -> Fault | None:
    """Return the first thing wrong with a call, or None where it is the accepted one.

    Args:
        call: the call.
        wanted: the accepted call.
        document: the function's description: `name`, and `parameters` with `properties` and `required`.
        rules: what counts as the same.
    """
    name = offered_name(str(document.get("name") or wanted.name), rules)
    if call.name != name:
        return Fault("wrong_function", f"{shown(call.name)} is called, {name} is right", "/name")
    for argument in required(document):
        if argument not in call.arguments:
            return Fault("missing_argument", f"the argument {argument} is required", "/arguments")
    for argument, value in call.arguments.items():
        if fault := _argument_fault(argument, value, wanted, properties(document), rules):
            return fault.within("arguments", argument)
    return _left_out(call, wanted, rules)


def offered_name(name: str, rules: Rules) -> str:
    """Return a function's name as the model was offered it."""
    return name.replace(".", "_") if rules.dots_as_underscores else name


def properties(document: JsonObject) -> dict[str, JsonObject]:
    """Return what a document says of each argument."""
    found: Json = _parameters(document).get("properties")
    return {key: value if is_object(value) else {} for key, value in found.items()} if is_object(found) else {}


def required(document: JsonObject) -> list[str]:
    """Return the arguments that a document requires."""
    found: Json = _parameters(document).get("required")
    return [name for name in found if isinstance(name, str)] if is_array(found) else []


def _parameters(document: JsonObject) -> JsonObject:
    found: Json = document.get("parameters")
    return found if is_object(found) else {}


def _argument_fault(
    name: str, value: Json, wanted: AcceptedCall, known: Mapping[str, JsonObject], rules: Rules
) -> Fault | None:
    if name not in known or name not in wanted.arguments:
        why = "there is no such argument" if name not in known else "it should be left out"
        return Fault("unexpected_argument", f"{name}: {why}")
    judge = _published.value_fault if rules.as_published else _exact.value_fault
    return judge(value, wanted.arguments[name], known[name], rules)


def _left_out(call: NamedCall, wanted: AcceptedCall, rules: Rules) -> Fault | None:
    for name, values in wanted.arguments.items():
        if name not in call.arguments and not (rules.optional_may_miss and "" in values):
            return Fault("left_out", f"the argument {name} is left out, yet its value matters", "/arguments")
    return None
