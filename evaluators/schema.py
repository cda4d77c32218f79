"""Every call names an offered tool and its arguments fit the tool's schema, or was refused and made up for."""

from dataclasses import dataclass

from jsonschema_rs import Draft202012Validator, ValidationError

from evaluators._verdicts import Judge
from toolbench.model import Call, Case, Observation, Tool, Verdict

__all__ = ["SchemaEvaluator"]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A call, what came back, and what is wrong with it: a kind of failure and words for it, both empty if valid."""

    call: Call
    seen: Observation | None
    kind: str = ""
    problem: str = ""

    @property
    def worked(self) -> bool:
        return self.seen is not None and self.seen.status == "ok"


class SchemaEvaluator(Judge):
    """Checks calls against the definitions of the tools.

    An invalid call is a fault when the backend took it for good, or when no valid call that worked comes after it: the
    path ends in the error. One that was refused and left behind is a recovery and passes, be it with the same tool or
    another; whether to train on that message is decided message by message.
    """

    name = "schema"
    version = "1"

    def __init__(self) -> None:
        self._validators: dict[str, tuple[Tool, Draft202012Validator]] = {}

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, fail (`unknown_tool`, `invalid_arguments`), or unscored where a tool's schema is no schema."""
        try:
            attempts = self._attempts(case)
        except ValidationError as error:
            return self.unscored(case, "bad_schema", f"a tool's parameters are no JSON Schema: {error.message}")
        invalid = [place for place, attempt in enumerate(attempts) if attempt.kind]
        for place in invalid:
            attempt = attempts[place]
            if attempt.worked:
                return self.failed(
                    case, attempt.kind, f"{_name(place, attempt)} is invalid, yet worked: {attempt.problem}"
                )
            if not any(other.worked and not other.kind for other in attempts[place + 1 :]):
                return self.failed(case, attempt.kind, f"{_name(place, attempt)} stays invalid: {attempt.problem}")
        return self.passed(case, f"recovered from {len(invalid)} invalid calls" if invalid else "")

    def _attempts(self, case: Case) -> list[_Attempt]:
        steps = [node.step for node in case.path if node.step]
        pairs = [
            (call, step.observations[place] if place < len(step.observations) else None)
            for step in steps
            for place, call in enumerate(step.calls)
        ]
        return [_Attempt(call, seen, *self._problem(call, case)) for call, seen in pairs]

    def _problem(self, call: Call, case: Case) -> tuple[str, str]:
        tool = case.tools.get(call.tool)
        if tool is None:
            return "unknown_tool", "no tool of that name is offered"
        for error in self._validator(tool).iter_errors(call.arguments):
            place = "".join(f"/{part}" for part in error.instance_path)
            return "invalid_arguments", f"{place}: {error.message}" if place else error.message
        return "", ""

    def _validator(self, tool: Tool) -> Draft202012Validator:
        known = self._validators.get(tool.name)
        if known and known[0] is tool:
            return known[1]
        validator = Draft202012Validator(tool.parameters, validate_formats=True)
        self._validators[tool.name] = tool, validator
        return validator


def _name(place: int, attempt: _Attempt) -> str:
    return f"call {place + 1} ({attempt.call.tool})"
