"""Runs that a person reviews, from the command line and from Python."""

import sqlite3
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

import toolbench
from toolbench.agent.review import Approved, Quit, Refused, ReviewEndedError
from toolbench.cli._reviewer import printable, understood
from toolbench.cli.main import app
from toolbench.curation.rows import mistake
from toolbench.errors import ConfigError
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.server.application import Application
from toolbench.serving import Server, in_thread
from toolbench.specs import open_catalogue
from toolbench.store import Run

ASKED = ("--apis", "projects", "-n", "8", "--seed", "3", "--mix", "change=1")
QUESTION = "Take this step?"


def generate(run: Path, *options: str, answers: str = "", code: int = 0):
    result = CliRunner().invoke(app, ["generate", str(run), *ASKED, *options], input=answers)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOOLBENCH_HOME", str(tmp_path / "home"))


def checkpoints(run: Path) -> int:
    base = sqlite3.connect(run / "journal.db")
    (count,) = base.execute("SELECT (SELECT count(*) FROM checkpoints) + (SELECT count(*) FROM writes)").fetchone()
    base.close()
    return count


def test_where_all_is_approved_the_files_are_as_without_a_review(tmp_path: Path):
    generate(tmp_path / "plain")
    asked = generate(tmp_path / "reviewed", "--review", answers="yes\n" * 50).stderr.count(QUESTION)
    assert asked >= 2
    for name in ("traces.jsonl", "tasks.jsonl", "tools.jsonl"):
        assert (tmp_path / "plain" / name).read_bytes() == (tmp_path / "reviewed" / name).read_bytes()
    assert checkpoints(tmp_path / "reviewed") == 0


def test_a_quit_is_told_in_a_line_and_taken_up_without_asking_again(tmp_path: Path):
    run = tmp_path / "run"
    whole = generate(tmp_path / "whole", "--review", answers="y\n" + "no, keep it\n" * 50)
    first = generate(run, "--review", answers="y\nquit\n", code=1)
    assert first.stderr.splitlines()[-1].endswith(f"`toolbench generate {run}` goes on from there")
    assert checkpoints(run) > 0
    ended = CliRunner().invoke(app, ["generate", str(run)], input="no, keep it\n")
    assert ended.exit_code == 1, "the end of the input is a quit, and the run remembers that it is reviewed"
    last = CliRunner().invoke(app, ["generate", str(run)], input="no, keep it\n" * 50)
    assert last.exit_code == 0
    parts = [one.stderr.count(QUESTION) for one in (first, ended, last)]
    assert sum(parts) == whole.stderr.count(QUESTION) + 2, "only what was left open is asked again"
    assert (run / "traces.jsonl").read_bytes() == (tmp_path / "whole" / "traces.jsonl").read_bytes()
    assert checkpoints(run) == 0


def test_what_was_refused_is_judged_as_never_done_and_not_trained_on(tmp_path: Path):
    run = tmp_path / "run"
    generate(run, "--review", answers="n it is mine\n" * 50)
    refusals = [
        (trace, node)
        for trace in Run(run).traces
        for node in trace.nodes
        for seen in (node.step.observations if node.step else ())
        if seen.source == "person"
    ]
    assert refusals
    assert all("it is mine" in str(node.step.observations) for _, node in refusals)
    paths = [trace.path(node.id) for trace, node in refusals]
    assert {mistake(path, len(path) - 1, 0) for path in paths} == {"refused_by_person"}
    judged = CliRunner().invoke(app, ["evaluate", str(run), "--json"])
    assert judged.exit_code == 0, judged.output
    verdicts = [verdict for verdict in Run(run).verdicts if verdict.evaluator == "executed"]
    assert all(verdict.label == "pass" for verdict in verdicts if verdict.kind != "gave_up")


def test_an_edited_refusal_hides_no_call(tmp_path: Path):
    """Only what was refused is taken as it stands; a result that claims to come from a person is executed."""
    run = tmp_path / "run"
    generate(run)
    lines = [orjson.loads(line) for line in (run / "traces.jsonl").read_bytes().splitlines()]
    edited = 0
    for trace in lines:
        for node in trace["nodes"]:
            for seen in (node["step"] or {}).get("observations", ()):
                seen["source"], edited = "person", edited + 1
                seen["body"] = {"forged": True}
    (run / "traces.jsonl").write_bytes(b"".join(orjson.dumps(trace) + b"\n" for trace in lines))
    assert edited
    assert CliRunner().invoke(app, ["evaluate", str(run)]).exit_code in (0, 1)
    found = {verdict.label for verdict in Run(run).verdicts if verdict.evaluator == "executed"}
    assert found == {"fail"}


def test_every_call_of_a_live_run_is_reviewed(tmp_path: Path):
    backend, sent = Application([open_catalogue().api("library")]), []

    async def counted(scope, receive, send):
        sent.append(scope["path"])
        await backend(scope, receive, send)

    def reviewed(answers: str):
        host = url.removeprefix("http://")
        return CliRunner().invoke(
            app,
            [
                *("generate", str(tmp_path / "run"), "--apis", "library", "-n", "3", "--max-queries", "6", "--review"),
                *("--executor", "live", "--allow-host", host, "--server", f"library={url}", "--per-second", "1000"),
                *("--model", "scripted", "--base-url", model),
            ],
            input=answers,
        )

    with in_thread(Server(counted)) as url, serving(ScriptedModel()) as model:
        first = reviewed("no\nyes\nquit\n")
        assert (first.exit_code, first.stderr.count(QUESTION)) == (1, 3)
        (refused, approved, _, _) = first.stderr.split(QUESTION)
        assert "[live]" in refused
        assert len(sent) <= approved.count("[live]")
        before = len(sent)
        again = reviewed("")
        assert (again.exit_code, again.stderr.count(QUESTION)) == (1, 1)
        assert len(sent) == before, "what was answered is not sent again"
        assert reviewed("no\n" * 200).exit_code == 0
        assert len(sent) == before
    assert len(Run(tmp_path / "run").traces.ids()) == 3


def test_from_python_a_reviewer_is_handed_in(tmp_path: Path):
    class Cautious:
        async def decide(self, question):
            return Quit() if question.node > 1 else Refused("not today")

    settings = {"apis": ["projects"], "count": 8, "seed": 3, "mix": {"change": 1}}
    with pytest.raises(ReviewEndedError):
        toolbench.generate(tmp_path / "run", reviewer=Cautious(), **settings)
    with pytest.raises(ConfigError, match="there is no reviewer"):
        toolbench.generate(tmp_path / "run", **settings)
    run = toolbench.generate(tmp_path / "run", review=False, **settings)
    assert len(run.traces.ids()) == 8


@pytest.mark.parametrize(
    ("line", "decision"),
    [
        ("yes\n", Approved()),
        (" Y \n", Approved()),
        ("no\n", Refused()),
        ("n, because it is mine\n", Refused("because it is mine")),
        ("No: wrong id", Refused("wrong id")),
        ("no wrong, id: 3", Refused("wrong, id: 3")),
        ("quit\n", Quit()),
        ("", Quit()),
        ("\n", None),
        ("yes but\n", None),
        ("nope\n", None),
    ],
)
def test_what_lines_mean(line, decision):
    assert understood(line) == decision


def test_what_is_not_understood_is_asked_again(tmp_path: Path):
    done = generate(tmp_path / "run", "--review", answers="\nmaybe\nquit\n", code=1)
    assert done.stderr.count("Answer `yes`") == 2


def test_nothing_steers_the_terminal():
    assert printable("a\x1b[2J\x9b\u202eb é 中") == "a\\u001b[2J\\u009b\\u202eb é 中"
