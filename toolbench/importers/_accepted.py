"""BFCL's possible answers, as accepted calls."""

from toolbench.errors import TaskFileError
from toolbench.model import AcceptedCall, Json, JsonObject, is_array, is_object

NO_CALL = "irrelevance"
"""In a question's id: no function fits, so that no call is right."""


def accepted_calls(row: JsonObject) -> tuple[AcceptedCall, ...] | None:
    """Return the accepted calls of a row `{id, ground_truth: [{function: {argument: [values]}}]}`.

    None where its answers are of another form: those of several turns are texts.

    Raises:
        TaskFileError: they are of no form that is known.
    """
    listed: Json = row.get("ground_truth")
    if not is_array(listed):
        raise TaskFileError("`ground_truth` is no list")
    if listed and all(isinstance(one, str) or is_array(one) for one in listed):
        return None
    return tuple(_accepted(one) for one in listed)


def _accepted(call: Json) -> AcceptedCall:
    if not is_object(call) or len(call) != 1:
        raise TaskFileError("a call in `ground_truth` is no object with one name")
    ((name, arguments),) = call.items()
    if not is_object(arguments) or not all(is_array(values) for values in arguments.values()):
        raise TaskFileError(f"`ground_truth`: the arguments of {name} are no lists of accepted values")
    return AcceptedCall(name=name, arguments=arguments)
