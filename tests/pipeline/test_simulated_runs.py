"""Runs with a simulator: judged without it, taken up without asking twice, each guess marked to the end."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from exchange_office import RECEIPT, office
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.curation import selection
from toolbench.curation.judgements import Judgements
from toolbench.errors import RunError, WorkError
from toolbench.llm.script import Answer, ScriptedCall, text_of
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.model import Json, JsonObject
from toolbench.pipeline.config import make_config
from toolbench.pipeline.curate import curate
from toolbench.pipeline.evaluate import evaluate
from toolbench.pipeline.generate import generate
from toolbench.pipeline.replayer import open_replayer
from toolbench.registry import Catalogue
from toolbench.report.statistics import measure
from toolbench.report.text import as_text
from toolbench.store import Run
from toolbench.world.validation import problems_of

STAND_IN = "You stand in for the server"
FILES = ("tasks.jsonl", "traces.jsonl")


class Both(ScriptedModel):
    """Teaches, and stands in for the server; its answers as a server depend on all it is told. Counts both.

    As a teacher it settles, asks for a rate, gives up; then it asks for another rate, and finishes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.simulated = 0

    def answer(self, request: JsonObject) -> Answer:
        if STAND_IN in text_of(request["messages"][0]):
            self.simulated += 1
            return _stand_in(text_of(request["messages"][1]))
        self.asked += 1
        return _teach(request["messages"])


def _teach(messages: list[JsonObject]) -> Answer:
    last, said = text_of(messages[-1]), str(messages)
    if "Note from the search" in last:
        return _calling("office_quote", base="CHF")
    if messages[-1]["role"] == "user":
        return _calling("office_settle", amount=7)
    if "receipt" in last:
        return _calling("office_quote", base="EUR")
    return (
        Answer(content="That is settled.") if "CHF" in said else _calling("Finish", return_type="give_up_and_restart")
    )


def _calling(name: str, **arguments: Json) -> Answer:
    return Answer(tool_calls=(ScriptedCall(name=name, arguments=arguments),))


def _stand_in(told: str) -> Answer:
    settled = '"office_settle"' in told.rpartition("<call>")[2]
    body = {"receipt": f"R-{len(told)}"} if settled else {"rate": 1.5 + told.count('"answer"'), "source": "ECB"}
    return Answer(content=json.dumps(body))


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    made = Catalogue(tmp_path / "home", {})
    made.add(office(tmp_path / "spec"))
    return made


def config(url: str, **given):
    return make_config(
        {"apis": ("office",), "count": 6, "model": "scripted", "simulate": "scripted", "base_url": url, **given}
    )


def simulated(run: Run) -> list:
    return [
        seen
        for trace in run.traces
        for node in trace.nodes
        if node.step
        for seen in node.step.observations
        if seen.source == "simulated"
    ]


@pytest.fixture
def made(tmp_path: Path, catalogue: Catalogue) -> Run:
    with serving(Both()) as url:
        generate(tmp_path / "run", config(url), catalogue=catalogue)
    return Run(tmp_path / "run")


def labels(run: Run, evaluator: str = "executed") -> list[str]:
    judgements = Judgements(run.verdicts)
    return [judgements.marks(trace.id, trace.best)[evaluator].label for trace in run.traces if trace.best is not None]


def test_a_run_is_judged_with_its_endpoint_gone(made: Run):
    seen = simulated(made)
    assert len(seen) >= 6
    receipts = [one.body for one in seen if "receipt" in one.body]
    assert receipts
    assert all(not problems_of(body, RECEIPT) for body in receipts)
    assert {trace.provenance.simulator for trace in made.traces} == {"scripted"}
    evaluate(made, open_replayer(made))
    assert labels(made) == ["pass"] * 6


def test_an_edited_record_and_a_missing_one_are_caught(made: Run):
    with sqlite3.connect(made.journal_path) as base:
        rows = base.execute("SELECT key, answer FROM answers").fetchall()
        settled = [(key, json.loads(answer)) for key, answer in rows if b'"answered"' in bytes(answer)]
        for key, answer in settled:
            if "receipt" in answer["body"]:
                answer["body"]["receipt"] += "0"
                base.execute("UPDATE answers SET answer = ? WHERE key = ?", (json.dumps(answer).encode(), key))
    base.close()
    evaluate(made, open_replayer(made), evaluators=["executed"])
    assert labels(made) == ["fail"] * 6
    assert {mark.kind for mark in _marks(made)} == {"observation_differs"}
    made.verdicts.path.unlink()
    with sqlite3.connect(made.journal_path) as base:
        base.execute("DELETE FROM answers")
    base.close()
    evaluate(made, open_replayer(made), evaluators=["executed"])
    assert all("on record" in mark.reason for mark in _marks(made))
    made.journal_path.unlink()
    with pytest.raises(RunError, match="journal is missing"):
        open_replayer(made)


def _marks(run: Run):
    judgements = Judgements(run.verdicts)
    return [judgements.marks(trace.id, trace.best)["executed"] for trace in run.traces if trace.best is not None]


def test_the_same_bytes_whatever_the_concurrency_and_nothing_asked_twice(tmp_path: Path, catalogue: Catalogue):
    model = Both()
    with serving(model) as url:
        generate(tmp_path / "one", config(url, concurrency=1), catalogue=catalogue)
        asked, stood_in = model.asked, model.simulated
        assert stood_in > 0
        for name in FILES:
            (tmp_path / "one" / name).rename(tmp_path / name)
        generate(tmp_path / "one", config(url, concurrency=8), catalogue=catalogue)
        assert (model.asked, model.simulated) == (asked, stood_in)
        generate(tmp_path / "two", config(url, concurrency=8), catalogue=catalogue)
        assert model.simulated == 2 * stood_in
    for name in FILES:
        first = (tmp_path / name).read_bytes()
        assert first == (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


KILLED = """
import os, signal, sys
from pathlib import Path
from toolbench.llm.journal import Journal
from toolbench.pipeline.config import make_config
from toolbench.pipeline.generate import generate
from toolbench.registry import Catalogue
home, run, url, most = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
real_put, real_record, written = Journal.put, Journal.record, 0
def count():
    global written
    written += 1
    if written == most:
        os.kill(os.getpid(), signal.SIGKILL)
def put(self, key, answer):
    real_put(self, key, answer)
    count()
async def record(self, key, answer):
    await real_record(self, key, answer)
    count()
Journal.put, Journal.record = put, record
asked = {"apis": ("office",), "count": 6, "model": "scripted", "simulate": "scripted", "base_url": url}
generate(run, make_config(asked), catalogue=Catalogue(home, {}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("most", [2, 3, 9, 20])
def test_a_killed_run_goes_on_without_asking_twice(tmp_path: Path, catalogue: Catalogue, made: Run, most: int):
    model = Both()
    with serving(model) as url:
        command = [sys.executable, "-c", KILLED, str(tmp_path / "home"), str(tmp_path / "again"), url, str(most)]
        done = subprocess.run(command, check=False, env={**os.environ})
        assert done.returncode == -signal.SIGKILL
        lost = len(_requests(tmp_path / "again"))
        generate(tmp_path / "again", config(url), catalogue=catalogue)
        asked = model.asked + model.simulated
    assert lost <= asked
    # What was under way when the run was killed may be asked again; what was answered and kept is not.
    chats = [answer for answer in _requests(tmp_path / "again") if b"finish_reason" in answer]
    assert asked - len(chats) <= config("http://x/v1").concurrency
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (made.path / name).read_bytes()


def _requests(run: Path) -> list[bytes]:
    base = sqlite3.connect(run / "journal.db")
    rows = base.execute("SELECT answer FROM answers").fetchall()
    base.close()
    return [bytes(row[0]) for row in rows]


def test_guesses_can_be_left_out_and_are_told_of(made: Run):
    evaluate(made, open_replayer(made), evaluators=["executed"])
    kept = curate(made, evaluators=["executed"])
    assert kept.kept > 0
    with pytest.raises(WorkError, match=r"low_confidence \(6\)"):
        curate(made, evaluators=["executed"], min_confidence=0.5)
    entries = list(selection.newest(made).entries())
    assert {entry.reason for entry in entries} == {"low_confidence"}
    assert "(office_settle) has confidence 0.4 (simulated)" in entries[0].detail
    statistics = measure(made)
    assert statistics.guessed.passed == len(simulated(made)) == statistics.guessed.total
    assert "rest on guesses: 0 made up" in as_text(statistics)


def test_the_command_takes_the_model_and_another_one_is_another_run(made: Run, catalogue: Catalogue):
    with serving(Both()) as url, pytest.raises(RunError, match="made with simulate 'scripted', not 'other'"):
        generate(made.path, config(url, simulate="other"), catalogue=catalogue)
    told = CliRunner().invoke(app, ["generate", "--help"]).output
    assert "--simulate" in told
    assert "--simulate-url" in told
    with serving(Both()) as url:
        same = config("http://127.0.0.1:9/v1", base_url=url, simulate_url=url)
        assert same.identity() == config(url).identity()
