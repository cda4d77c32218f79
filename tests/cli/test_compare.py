"""`toolbench compare`: text, JSON, exit codes."""

import json

import pytest
from typer.testing import CliRunner

from toolbench.cli.main import app


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    for name, queries in (("tree", "60"), ("chain", "3")):
        options = ["-n", "12", "--apis", "library,orders", "--max-queries", queries]
        assert CliRunner().invoke(app, ["generate", str(folder / name), *options]).exit_code == 0
        assert CliRunner().invoke(app, ["evaluate", str(folder / name)]).exit_code == 0
    return str(folder / "tree"), str(folder / "chain")


def test_it_tells_who_did_better(runs):
    told = CliRunner().invoke(app, ["compare", *runs])
    assert told.exit_code == 0
    assert "12 tasks in common. Who did better, by execution:" in told.output
    assert "tree against chain: " in told.output
    assert "1. tree  +" in told.output


def test_json(runs):
    found = json.loads(CliRunner().invoke(app, ["compare", *runs, "--json"]).stdout)
    (pair,) = found["pairs"]
    assert pair["wins"] + pair["ties"] + pair["losses"] == found["tasks"] == 12
    assert {row["run"] for row in found["leaderboard"]} == {"tree", "chain"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["RUN"], "Name two or more."),
        (["RUN", "RUN"], "named twice"),
        (["RUN", "nowhere"], "no run is here"),
        (["RUN", "RUN", "--votes", "3"], "`--votes` is for a judge"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(runs, arguments, message):
    told = CliRunner().invoke(app, ["compare", *(runs[0] if one == "RUN" else one for one in arguments)])
    assert told.exit_code == 2
    assert message in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
