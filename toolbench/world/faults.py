"""Faults on purpose: which call fails, how, and what it would be right to do about it."""

from collections.abc import Mapping
from dataclasses import replace

import orjson

from toolbench.errors import ConfigError
from toolbench.model import Fault, Json, JsonObject, is_array, is_object
from toolbench.model.trace import FaultKind, Recovery
from toolbench.world.answers import ApiError, Response
from toolbench.world.resources import Operation
from toolbench.world.rng import rng

NONE = "none"

RECOVERIES: Mapping[FaultKind, Recovery] = {
    "rate_limited": "wait_and_retry",
    "server_error": "retry",
    "bad_gateway": "retry",
    "unavailable": "wait_and_retry",
    "timeout": "retry",
    "expired_auth": "retry",
    "error_in_ok": "retry",
    "slow": "go_on",
    "truncated": "retry",
    "malformed": "retry",
    "schema_drift": "adapt",
    "stale_read": "read_again",
    "empty_list": "read_again",
    "partial": "read_again",
}
"""The kinds of fault, and the recovery from each."""

PROFILES: Mapping[str, Mapping[FaultKind, float]] = {
    NONE: {},
    "flaky": {"rate_limited": 0.05, "server_error": 0.03, "unavailable": 0.03, "bad_gateway": 0.02, "timeout": 0.03},
    "limits": {"rate_limited": 0.2},
    "outage": {"unavailable": 0.15, "bad_gateway": 0.1, "timeout": 0.1},
    "auth": {"expired_auth": 0.12},
    "garbled": {"truncated": 0.06, "malformed": 0.06, "error_in_ok": 0.06},
    "stale": {"stale_read": 0.1, "empty_list": 0.07, "partial": 0.07},
    "drift": {"schema_drift": 0.12},
    "slow": {"slow": 0.25},
    "storm": dict.fromkeys(RECOVERIES, 0.03),
}
"""Profiles by name: the chance of each kind, a call."""

_INSTEAD: Mapping[FaultKind, tuple[int, str]] = {
    "rate_limited": (429, "Too many requests. Try again in {wait} seconds."),
    "server_error": (500, "Something went wrong on our side."),
    "bad_gateway": (502, "The server behind the gateway gave no valid answer."),
    "unavailable": (503, "The service is down for a moment. Try again in {wait} seconds."),
    "timeout": (504, "No answer came in time."),
    "expired_auth": (401, "The access token has expired."),
}
"""Faults that come instead of any effect: status and message."""

_OF_READS = frozenset(("truncated", "malformed", "schema_drift", "stale_read", "empty_list", "partial"))
_OF_LISTS = frozenset(("empty_list", "partial"))
_MOST_IN_A_ROW = 2
_PAGE = "<html><head><title>Gateway</title></head><body><p>The page could not be rendered.</p></body></html>"
SLOW = 30
"""Seconds that a slow answer takes."""


class Faults:
    """Decides about faults by (seed, operation, number of the call).

    Args:
        profile: a name in `PROFILES`.
        seed: the world's seed.

    Raises:
        ConfigError: there is no such profile.
    """

    def __init__(self, profile: str, seed: int) -> None:
        if profile not in PROFILES:
            raise ConfigError(f"no profile of faults is named {profile!r}", hint=f"There are: {', '.join(PROFILES)}")
        self._rates, self._seed = PROFILES[profile], seed

    def due(self, operation: Operation, number: int) -> Fault | None:
        """Return the fault of an operation's call of that number, from 1; never more than two in a row."""
        kind = self._drawn(operation, number)
        before = [self._drawn(operation, number - back) for back in range(1, _MOST_IN_A_ROW + 1)]
        if kind is None or all(before):
            return None
        return Fault(kind=kind, recovery=RECOVERIES[kind])

    def _drawn(self, operation: Operation, number: int) -> FaultKind | None:
        if not self._rates or number < 1:
            return None
        luck = rng(self._seed, "fault", operation.tool.name, number)
        left = luck.random()
        for kind, rate in self._rates.items():
            if left < rate:
                return kind if _suits(kind, operation) else None
            left -= rate
        return None

    def wait(self, operation: Operation, number: int) -> int:
        """Return the seconds that the answer asks to wait, 1 to 5."""
        return rng(self._seed, "wait", operation.tool.name, number).randint(1, 5)


def _suits(kind: FaultKind, operation: Operation) -> bool:
    if kind in _OF_LISTS:
        return operation.role == "list"
    return kind not in _OF_READS or (operation.tool.safety == "read" and operation.tool.returns is not None)


def instead(fault: Fault, wait: int) -> ApiError | None:
    """Return the error that a fault puts in place of any effect, or None where the call is carried out."""
    if fault.kind not in _INSTEAD:
        return None
    status, message = _INSTEAD[fault.kind]
    return ApiError(status, message.format(wait=wait), wait=wait if fault.recovery == "wait_and_retry" else None)


def spoiled(fault: Fault, operation: Operation, response: Response, stale: Response) -> Response:
    """Return the response as a fault leaves it, without the fault's mark where there is nothing to spoil.

    Args:
        fault: the fault.
        operation: the operation called.
        response: the true answer.
        stale: the answer as it would have been before anything was changed.
    """
    if response.status >= 400:
        return response
    if fault.kind == "slow":
        return replace(response, state=response.state.wait(SLOW), fault=fault)
    body = _spoiled_body(fault, operation, response.body, stale.body)
    return response if body == response.body else replace(response, body=body, fault=fault)


def _spoiled_body(fault: Fault, operation: Operation, body: Json, stale: Json) -> Json:
    match fault.kind:
        case "truncated":
            text = orjson.dumps(body).decode()
            return text[: max(1, len(text) * 3 // 5)]
        case "malformed":
            return _PAGE
        case "schema_drift":
            return _drifted(body, operation.envelope)
        case "stale_read":
            return stale
        case "empty_list":
            return _cut(body, operation.envelope, 0)
        case "partial":
            return _cut(body, operation.envelope, None)
        case _:
            return body


def error_inside(fault: Fault) -> JsonObject | None:
    """Return the body of a call that failed under a status of success, or None for any other fault."""
    if fault.kind != "error_in_ok":
        return None
    return {"success": False, "error": {"code": "internal", "message": "The request could not be processed."}}


def _cut(body: Json, envelope: tuple[str, ...], keep: int | None) -> Json:
    """Return a list's body with so many items; half of them where `keep` is None."""
    if is_array(body) and not envelope:
        return body[: len(body) // 2 if keep is None else keep]
    if is_object(body) and envelope and envelope[0] in body:
        return {**body, envelope[0]: _cut(body[envelope[0]], envelope[1:], keep)}
    return body


def _drifted(body: Json, envelope: tuple[str, ...]) -> Json:
    """Return a body in which one field bears another name: in each item of a list, else in the entity."""
    if is_array(body):
        return [_drifted(item, ()) for item in body]
    if not is_object(body):
        return body
    if envelope and envelope[0] in body:
        return {**body, envelope[0]: _drifted(body[envelope[0]], envelope[1:])}
    moved = next((name for name, value in body.items() if isinstance(value, str | int) and name != "id"), None)
    return {(f"{name}_value" if name == moved else name): value for name, value in body.items()}
