"""Accepted calls held against the documents of the functions: gold can be wrong, too."""

from collections.abc import Iterator, Mapping, Sequence

from evaluators.matching import _exact
from evaluators.matching._fault import shown
from evaluators.matching._one import properties, required
from toolbench.model import AcceptedCall, Json, JsonObject, is_array, is_object


def gold_fault(accepted: Sequence[AcceptedCall], documents: Mapping[str, JsonObject]) -> str:
    """Return where accepted calls contradict the documents, so that no call can be right by both; empty if nowhere."""
    return next((fault for wanted in accepted for fault in _faults(wanted, documents)), "")


def _faults(wanted: AcceptedCall, documents: Mapping[str, JsonObject]) -> Iterator[str]:
    document = documents.get(wanted.name)
    if document is None:
        yield f"{wanted.name} is no function that is offered"
        return
    known = properties(document)
    for name in required(document):
        if name not in wanted.arguments:
            yield f"{wanted.name}: the argument {name} is required, yet has no accepted value"
    for name, values in wanted.arguments.items():
        if name in known:
            yield from _value_faults(f"{wanted.name}: the argument {name}", values, known[name])
        elif "" not in values:
            yield f"{wanted.name}: the argument {name} is none of the function's"


def _value_faults(where: str, values: Sequence[Json], schema: JsonObject) -> Iterator[str]:
    """Yield what is wrong where values are accepted, and none of them is one that the document allows."""
    said = [value for value in values if value != "" and value is not None]
    if not said or len(said) < len(values):
        return
    if not any(_exact.fits(value, schema) for value in said):
        yield f"{where} has no value of the declared type, {_type(schema)}, in {shown(said)}"
    legal: Json = schema.get("enum")
    if is_array(legal) and not any(value in legal or is_array(value) for value in said):
        yield f"{where} has no legal value in {shown(said)}: those are {shown(legal)}"


def _type(schema: JsonObject) -> str:
    items: Json = schema.get("items")
    inner = f" of {items.get('type')}" if is_object(items) else ""
    return f"{schema.get('type')}{inner}"
