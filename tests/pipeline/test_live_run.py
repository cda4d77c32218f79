"""A run against a real API, here a served simulation: from generating to the report, and again from its recording."""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
import yaml
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.llm.script import parse_script
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.model import JsonObject, Trace
from toolbench.model.shown import LIMIT, observation_text, terms
from toolbench.server.application import Application
from toolbench.serving import Server, in_thread
from toolbench.specs import open_catalogue
from toolbench.store import Run

SECRET = "kq7-Live/Secret+42"
VARIABLE = "TOOLBENCH_LIBRARY_APIKEY"
COUNT = 4


def toolbench(*arguments: object) -> JsonObject:
    """Run a command that must succeed; return its JSON."""
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    return orjson.loads(result.stdout)


def refusal(*arguments: object) -> str:
    """Run a command that must be refused; return the line that says why."""
    result = CliRunner().invoke(app, [*map(str, arguments)])
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    return result.stderr


@contextmanager
def backend() -> Iterator[str]:
    """Serve the library's simulation as `toolbench mock` does; gives `127.0.0.1:PORT`."""
    with in_thread(Server(Application([open_catalogue().api("library")]))) as url:
        yield url.removeprefix("http://")


def live(run: Path, host: str, model: str, *more: object) -> JsonObject:
    return toolbench(
        *("generate", run, "--apis", "library", "-n", COUNT, "--max-queries", 8, "--executor", "live"),
        *("--allow-host", host, "--server", f"library=http://{host}", "--per-second", 1000),
        *("--model", "scripted", "--base-url", model, *more),
    )


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)
    monkeypatch.setenv("TOOLBENCH_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A live run, its backend and its model gone."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(VARIABLE, SECRET)
        run = tmp_path_factory.mktemp("live") / "run"
        with backend() as host, serving(ScriptedModel()) as model:
            live(run, host, model)
    return run


def observations(trace: Trace):
    return [seen for node in trace.nodes if node.step for seen in node.step.observations]


def test_a_live_run_goes_all_the_way_and_says_what_is_unverified(recorded: Path):
    traces = list(Run(recorded).traces)
    seen = [each for trace in traces for each in observations(trace)]
    assert len(traces) == COUNT
    assert {each.source for each in seen} == {"live"}
    assert any(each.status == "ok" for each in seen)
    assert {node.state for trace in traces for node in trace.nodes} == {""}
    judged = toolbench("evaluate", recorded)
    assert judged["unverified"] == judged["passed"] > 0
    assert judged["labels"]["executed"].get("pass", 0) == judged["labels"]["goal"].get("pass", 0) == 0
    assert judged["kinds"]["executed"].keys() <= {"not_repeatable", "gave_up", "exhausted", "failed"}
    chosen = toolbench("curate", recorded)
    assert chosen["unverified"] == chosen["kept"] > 0
    saved = toolbench("save-as", recorded, "-f", "trl")
    assert (saved["rows"], saved["verified"], saved["live"]) == (chosen["kept"], 0, chosen["kept"])
    origins = (recorded / "datasets" / "trl" / "provenance.jsonl").read_text().splitlines()
    assert all((json.loads(line)["live"], json.loads(line)["verified"]) == (True, False) for line in origins)
    assert "Unverified" in (recorded / "datasets" / "trl" / "README.md").read_text()
    report = toolbench("report", recorded)
    assert report["unverified"] == judged["passed"]
    assert {stage["name"]: stage["unscored"] for stage in report["funnel"]}["Goal reached"] > 0
    assert "unverified" in (recorded / "report.html").read_text()


def test_tasks_name_nothing_that_only_the_simulation_holds(recorded: Path):
    for task in Run(recorded).tasks:
        assert not any(origin.kind in ("observed", "derived") for gold in task.gold for origin in gold.origins)
        assert (task.answer, task.goal.facts, task.goal.changes) == ("", (), ())
        assert '"' not in task.turns[0].text


def test_the_runs_settings_hold_no_credential(recorded: Path):
    text = (recorded / "run.yaml").read_text()
    assert SECRET not in text
    assert yaml.safe_load(text)["executor"] == "live"


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forbid all connections and look-ups; what an event loop wakes itself by is none."""

    def refused(*arguments: object, **_: object) -> None:
        raise AssertionError(f"a replay went to the network: {arguments}")

    for name in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, name, refused)
    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refused)


def replay(run: Path, cassette: Path) -> list[Trace]:
    toolbench(
        *("generate", run, "--apis", "library", "-n", COUNT, "--max-queries", 8, "--executor", "replay"),
        *("--cassette", cassette, "--model", "scripted", "--base-url", "http://127.0.0.1:9/v1"),
    )
    return list(Run(run).traces)


def alike(traces: list[Trace]) -> list[JsonObject]:
    """Return all of some traces but what names the executor."""
    nodes = [[node.model_dump(mode="json") for node in trace.nodes] for trace in traces]
    for seen in (seen for held in nodes for node in held if node["step"] for seen in node["step"]["observations"]):
        del seen["source"]
    return [{"task": trace.task, "best": trace.best, "nodes": held} for trace, held in zip(traces, nodes, strict=True)]


def test_a_replay_needs_no_socket_and_gives_the_same_bytes(recorded: Path, tmp_path: Path, no_sockets, monkeypatch):
    monkeypatch.delenv(VARIABLE)
    cassette = recorded / "cassette.jsonl"
    assert alike(replay(tmp_path / "one", cassette)) == alike(list(Run(recorded).traces))
    replay(tmp_path / "two", cassette)
    one, two = ((tmp_path / name / "traces.jsonl").read_bytes() for name in ("one", "two"))
    assert one == two
    assert b'"source":"replay"' in one
    assert toolbench("evaluate", tmp_path / "one")["passed"] == toolbench("evaluate", tmp_path / "one")["unverified"]


def test_a_live_run_that_is_taken_up_asks_the_backend_nothing_twice(tmp_path: Path):
    with serving(ScriptedModel()) as model:
        with backend() as host:
            live(tmp_path / "run", host, model)
        before = (tmp_path / "run" / "traces.jsonl").read_bytes()
        (tmp_path / "run" / "traces.jsonl").unlink()
        lines = (tmp_path / "run" / "cassette.jsonl").read_bytes()
        live(tmp_path / "run", host, model)
    assert (tmp_path / "run" / "traces.jsonl").read_bytes() == before
    assert (tmp_path / "run" / "cassette.jsonl").read_bytes() == lines


class Listening(ScriptedModel):
    """Remembers what it was told."""

    def __init__(self, *arguments, **more) -> None:
        super().__init__(*arguments, **more)
        self.results: set[str] = set()

    def answer(self, request: JsonObject):
        self.results |= {message["content"] for message in request["messages"] if message["role"] == "tool"}
        return super().answer(request)


def test_a_long_answer_is_cut_for_the_model_and_whole_in_the_run(tmp_path: Path):
    body = {"total": 900, "items": [{"id": place, "note": f"word {place} " * 9} for place in range(900)]}
    model = Listening()
    with in_thread(Server(saying(200, body))) as url, serving(model) as endpoint:
        live(tmp_path / "run", url.removeprefix("http://"), endpoint)
    run = Run(tmp_path / "run")
    seen = {each.model_dump_json(): each for trace in run.traces for each in observations(trace) if each.body == body}
    assert seen
    said = {task.turns[0].text for task in run.tasks}
    told = {observation_text(each, terms(text)) for each in seen.values() for text in said}
    long = {result for result in model.results if "more items" in result}
    assert long
    assert long <= told, "what the model read can be had again from the run's files"
    assert all(len(result.encode()) <= LIMIT for result in model.results)


def saying(status: int, body: JsonObject):
    """An ASGI application that has one answer to everything."""

    async def application(scope, receive, send) -> None:
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": orjson.dumps(body)})

    return application


def test_writes_are_sent_when_allowed_and_what_follows_elsewhere_is_tainted(tmp_path: Path):
    """Each branch places a hold with another copy; the first one gives up afterwards."""
    place = {"name": "library_placeHold", "arguments": {"member_id": 1, "book_id": 2, "pickup_branch_id": 3}}
    again = {"name": "library_placeHold", "arguments": {"member_id": 1, "book_id": 4, "pickup_branch_id": 3}}
    finish = {"name": "Finish", "arguments": {"return_type": "give_up_and_restart"}}
    script = parse_script(
        [
            {"when": {"contains": "tried"}, "answer": {"tool_calls": [again]}},
            {"when": {"last_role": "user"}, "answer": {"tool_calls": [place]}},
            {"when": {"last_role": "tool"}, "answer": {"tool_calls": [finish]}},
        ]
    )
    with in_thread(Server(saying(201, {"id": 1}))) as url, serving(ScriptedModel(script)) as model:
        live(tmp_path / "run", url.removeprefix("http://"), model, "--allow-writes")
    for trace in Run(tmp_path / "run").traces:
        (first, *others) = [node for node in trace.nodes if node.step and node.step.calls]
        assert (first.step.observations[0].http_status, first.tainted) == (201, False)
        assert others
        assert all(node.tainted for node in others if node.parent != first.id)


# ------------------------------------------------------------------------------------------------- refusals


def test_a_live_run_without_a_host_names_those_there_are(tmp_path: Path):
    asked = ("generate", tmp_path / "run", "--apis", "library,crm", "--executor", "live", "--model", "m")
    said = refusal(*asked)
    for host in ("api.library.example", "api.crm.example", "eu.api.crm.example"):
        assert f"--allow-host {host}" in said
    said = refusal(*asked, "--allow-host", "api.library.example")
    assert "crm" in said
    assert "library" not in said.partition("run:")[2]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--executor", "love"), "There are: live, mock, replay"),
        (("--executor", "live", "--allow-host", "api.library.example"), "the planner knows its way in the simulation"),
        (("--executor", "replay"), "the planner knows its way in the simulation"),
        (("--executor", "replay", "--model", "m"), "no cassette is here to replay"),
        (("--executor", "live", "--model", "m", "--faults", "storm"), "`--faults` is the simulation's"),
        (("--executor", "live", "--model", "m", "--grant", "apiKey"), "`--grant` is the simulation's"),
        (("--executor", "live", "--model", "m", "--server", "crm=http://x"), "which is none of the APIs"),
        (("--executor", "live", "--model", "m", "--server", "crm"), "API=URL"),
        (("--executor", "live", "--model", "m", "--allow-host", "http://x"), "is not a host"),
        (("--executor", "live", "--model", "m", "--allow-destructive"), "--allow-writes"),
        (("--executor", "live", "--model", "m", "--per-second", "0"), "per_second"),
    ],
)
def test_what_cannot_be_is_told_in_a_line_and_makes_nothing(tmp_path: Path, options, told):
    assert told in refusal("generate", tmp_path / "run", "--apis", "library", *options)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "option",
    [
        "--server=library=http://me:hunter22@x/",
        "--server=library=http://x/?key=hunter22",
        "--base-url=http://me:hunter22@x/v1",
    ],
)
def test_a_credential_in_an_address_is_neither_kept_nor_repeated(tmp_path: Path, option):
    asked = ("generate", tmp_path / "run", "--apis", "library", "--executor", "live", "--model", "m")
    assert "hunter22" not in refusal(*asked, option)
    assert not (tmp_path / "run").exists()


def test_other_servers_or_rights_are_another_run(recorded: Path):
    asked = ("generate", recorded, "-n", COUNT, "--base-url", "http://127.0.0.1:9/v1")
    assert "made with servers" in refusal(
        *asked, "--server", "library=http://127.0.0.1:9", "--allow-host", "127.0.0.1:9"
    )
    assert "made with allow_writes" in refusal(*asked, "--allow-writes")
    assert "made with executor" in refusal(*asked, "--executor", "mock")


# -------------------------------------------------------------------------------------------------- secrets


def echo(secret: str):
    """An ASGI application that gives a secret back in body, names, headers, redirects and errors, in many spellings."""
    wide = base64.b64encode(f"key:{secret}".encode()).decode()
    spelt = [secret, quote(secret, safe=""), wide, secret.encode().hex(), json.dumps(secret).replace("/", "\\/")]
    asked = threading.Lock()
    count = [0]

    async def application(scope, receive, send) -> None:
        with asked:
            count[0] += 1
            turn = count[0] % 4
        status = (200, 200, 404, 302)[turn]
        headers = [
            (b"content-type", b"application/json"),
            (b"x-echo", secret.encode()),
            (b"set-cookie", secret.encode()),
        ]
        if status == 302:
            headers.append((b"location", f"http://127.0.0.1:1/?key={quote(secret, safe='')}".encode()))
        body = {"total": 3, "items": [{"id": 7, "name": one, one: 1} for one in spelt], "error": f"bad key {secret}"}
        content = json.dumps(body).encode()
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return application, [*spelt, json.dumps(secret)[1:-1]]


def test_no_file_of_a_run_holds_a_secret_that_the_server_echoes(tmp_path: Path):
    application, spelt = echo(SECRET)
    lists = [f"library_{name}" for name in ("listHolds", "searchBooks", "listLoans", "listBranches", "listMembers")]
    script = parse_script(
        [
            {
                "when": {"last_role": "user", "tool_offered": name},
                "answer": {"content": "Let me see.", "tool_calls": [{"name": name}] * 4},
            }
            for name in lists
        ]
        + [{"when": {"last_role": "tool"}, "answer": {"content": "There are 3."}}]
    )
    run = tmp_path / "run"
    with in_thread(Server(application)) as url, serving(ScriptedModel(script)) as model:
        live(run, url.removeprefix("http://"), model)
    toolbench("evaluate", run)
    toolbench("curate", run)
    toolbench("save-as", run, "-f", "openai")
    toolbench("report", run)
    files = [path for path in run.rglob("*") if path.is_file()]
    assert {
        "traces.jsonl",
        "cassette.jsonl",
        "events.jsonl",
        "journal.db",
        "report.html",
        "run.yaml",
        "train.jsonl",
    } <= {path.name for path in files}
    for path in files:
        content = path.read_bytes().lower()
        assert not [one for one in spelt if one.lower().encode() in content], path
    traces = (run / "traces.jsonl").read_text()
    assert {seen.status for trace in Run(run).traces for seen in observations(trace)} == {"ok", "http_error", "refused"}
    assert "[redacted]" in traces
