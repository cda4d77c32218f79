"""Faults over HTTP: each looks as a real server's would, and says nothing of being made on purpose."""

import json
from collections import Counter
from typing import Any

import httpx2
import pytest
from served import CREDENTIALS, bundled

from toolbench.errors import ConfigError
from toolbench.server.application import Application
from toolbench.server.messages import Answer, Request
from toolbench.world.faults import PROFILES, RECOVERIES, SLOW

READS = ("/books", "/branches", "/holds", "/loans")
BOOK = {"title": "Dune", "author": "Frank Herbert", "genre": "science_fiction", "language": "en"}
STATUSES = {"rate_limited": 429, "server_error": 500, "bad_gateway": 502, "unavailable": 503, "timeout": 504}


def answered(faults: str, seed: int, rounds: int = 12) -> list[tuple[Answer, str]]:
    """Return answers to some reads, each with the kind of its fault; empty for none."""
    application = Application([bundled("library")], seed, faults=faults)
    shown: list[tuple[Answer, str]] = []
    for number in range(rounds):
        # What never changes is never stale.
        body = json.dumps({**BOOK, "isbn": f"978{number:010}"}).encode()
        application.answer(Request("POST", "/books", headers={"x-api-key": "any"}, body=body))
        for path in READS:
            before = len(application.simulation.faults)
            answer = application.answer(Request("GET", path, headers={"x-api-key": "any"}))
            new = list(application.simulation.faults)[before:]
            shown.append((answer, new[0].fault.kind if new else ""))
    return shown


STORM = [each for seed in range(12) for each in answered("storm", seed)]


def looks_whole(answer: Answer) -> bool:
    return answer.status == 200 and json.loads(answer.body) is not None


def test_every_class_shows_in_a_run_that_asks_for_it() -> None:
    assert {kind for _, kind in STORM if kind} == RECOVERIES.keys()


@pytest.mark.parametrize("profile", sorted(PROFILES.keys() - {"none"}))
def test_a_profile_shows_no_other_kinds(profile: str) -> None:
    kinds = {kind for seed in range(4) for _, kind in answered(profile, seed) if kind}
    assert kinds
    assert kinds <= PROFILES[profile].keys()


def test_the_profile_none_never_shows_one() -> None:
    answers = [each for seed in range(4) for each in answered("none", seed)]
    assert all(not kind and looks_whole(answer) and not answer.seconds for answer, kind in answers)


def test_failures_have_their_status_and_say_when_to_come_back() -> None:
    for answer, kind in STORM:
        if kind in STATUSES:
            assert answer.status == STATUSES[kind]
            assert ("retry-after" in answer.headers) == (RECOVERIES[kind] == "wait_and_retry")
            assert json.loads(answer.body)["error"]
    waits = {int(answer.headers["retry-after"]) for answer, kind in STORM if kind == "rate_limited"}
    assert waits <= set(range(1, 6))


def test_an_expired_token_is_a_401() -> None:
    application = Application([bundled("orders")], 1, faults="auth")
    request = Request("GET", "/products", headers={"authorization": "Bearer any"})
    answers = [application.answer(request) for _ in range(40)]
    expired = [answer for answer in answers if answer.status == 401]
    assert len(expired) == len(application.simulation.faults) > 0
    assert {answer.headers["www-authenticate"] for answer in expired} == {"Bearer"}


def test_spoiled_bodies_are_spoiled_on_the_wire() -> None:
    truncated = [answer for answer, kind in STORM if kind == "truncated"]
    for answer in truncated:
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert answer.body.startswith(b"{")
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer.body)
    for answer in [answer for answer, kind in STORM if kind == "malformed"]:
        assert answer.content_type.startswith("text/html")
        assert answer.body.startswith(b"<html>")
    for answer in [answer for answer, kind in STORM if kind == "error_in_ok"]:
        assert (answer.status, json.loads(answer.body)["success"]) == (200, False)


def test_slow_answers_are_whole_and_timed() -> None:
    assert {answer.seconds for answer, kind in STORM if kind in ("slow", "timeout")} == {SLOW}
    assert not any(answer.seconds for answer, kind in STORM if kind not in ("slow", "timeout"))
    assert all(looks_whole(answer) for answer, kind in STORM if kind == "slow")


def test_nothing_tells_a_client_that_it_was_on_purpose() -> None:
    words = ("recovery", "fault", "wait_and_retry", "read_again", "schema_drift", "error_in_ok", "on purpose")
    for answer, kind in STORM:
        if kind:
            text = str(answer.headers) + answer.content_type + answer.body.decode()
            assert not any(word in text for word in words)


def test_the_faults_so_far_are_shown_to_whoever_runs_it(serve: Any) -> None:
    client: httpx2.Client = serve("library", faults="limits")
    limited = sum(client.get("/books").status_code == 429 for _ in range(60))
    shown = client.get("/__toolbench/faults").json()
    assert shown["profile"] == "limits"
    assert Counter(each["kind"] for each in shown["faults"]) == {"rate_limited": limited}
    assert shown["faults"][0].items() >= {"tool": "library_searchBooks", "recovery": "wait_and_retry"}.items()
    clocks = [each["clock"] for each in shown["faults"]]
    assert clocks == sorted(clocks)
    client.post("/__toolbench/reset")
    assert client.get("/__toolbench/faults").json()["faults"] == []
    again = [client.get("/books").status_code for _ in range(60)]
    assert again.count(429) == limited


def test_without_faults_none_are_listed(serve: Any) -> None:
    assert serve("library").get("/__toolbench/faults").json() == {"profile": "none", "faults": []}


async def test_delays_are_taken_where_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("toolbench.server.application.asyncio.sleep", sleep)
    headers = {name.lower(): value for name, value in CREDENTIALS.items()}
    for delays in (False, True):
        application = Application([bundled("library")], 2, faults="slow", delays=delays)
        transport = httpx2.ASGITransport(application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            for _ in range(20):
                await client.get("/books")
        assert slept == ([SLOW] * len(application.simulation.faults) if delays else [])
    assert slept


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ConfigError, match="flaky"):
        Application([], faults="nope")
