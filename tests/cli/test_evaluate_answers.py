"""`toolbench evaluate --from`: exit codes, one line on errors, JSON and verdicts written."""

import json

import pytest
from answer_files import API, RIGHT, apibench, bfcl
from typer.testing import CliRunner

from toolbench.cli.main import app

RESULTS = {"simple_python_0": [RIGHT], "simple_python_1": "no call", "irrelevance_0": ""}


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_it_tells_how_answers_fare(tmp_path):
    path, questions = bfcl(tmp_path, RESULTS)
    told = run("--from", "bfcl", path, "--questions", questions)
    assert told.exit_code == 0
    assert "2 of 3 (66.7%, 95% interval" in told.output
    assert "Unparseable are 1" in told.output
    assert "  simple_python: 1 of 2" in told.output


def test_json_and_verdicts(tmp_path):
    path, questions = bfcl(tmp_path, RESULTS)
    output = tmp_path / "v.jsonl"
    told = run("--from", "bfcl", path, "--questions", questions, "--rules", "exact", "-o", output, "--json")
    found = json.loads(told.stdout)
    assert (found["overall"]["count"], found["overall"]["of"], found["kinds"]) == (2, 3, {"unparseable": 1})
    assert [json.loads(line)["label"] for line in output.read_text().splitlines()] == ["right", "unparseable", "right"]


def test_apibench(tmp_path):
    responses, database, gold = apibench(tmp_path, [f"<<<api_call>>>: {API[0]['api_call']}", "nothing"])
    told = run("--from", "apibench", responses, "--database", database, "--gold", gold)
    assert told.exit_code == 0
    assert "exact call: 1 of 2" in told.output
    assert "hallucinated as published: " in told.output
    alone = run("--from", "apibench", responses, "--database", database)
    assert alone.exit_code == 0
    assert "Nobody can score 2 of them." in alone.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "bfcl", "R"], "Give `--questions FILE`"),
        (["--from", "nope", "R"], "There are: apibench, bfcl"),
        (["--from", "bfcl", "R", "--questions", "Q", "--rules", "bfcl,orderly"], "no switch is named 'orderly'"),
        (["--from", "bfcl", "R", "--questions", "R"], "no row has `question`"),
        (["--from", "apibench", "R", "--database", "Q", "--rules", "exact"], "`--rules` is for calls"),
        (["R", "--questions", "Q"], "`--questions` is for others' answers. Add `--from FORMAT`"),
        (["R", "Q"], "one run is judged at a time"),
        (["--from", "bfcl", "Q", "--questions", "Q"], "line 1: the row has no `id` and `result`"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(tmp_path, arguments, message):
    path, questions = bfcl(tmp_path, RESULTS)
    told = run(*({"R": path, "Q": questions}.get(one, one) for one in arguments))
    assert told.exit_code == 2
    assert message in told.stderr
    assert told.stderr.count("\n") == 1


def test_nothing_to_judge_is_exit_1(tmp_path):
    path, questions = bfcl(tmp_path, {"simple_java_0": [RIGHT]})
    told = run("--from", "bfcl", path, "--questions", questions)
    assert told.exit_code == 1
    assert "none of 1 answers could be judged" in told.stderr
