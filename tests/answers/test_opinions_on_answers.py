"""ToolEval's converted answers and ToolBench's answer files are read, and a judge's votes belong to them."""

import json

import pytest
from speaking import said
from typer.testing import CliRunner

from toolbench.answers.base import Sources
from toolbench.answers.toolbench import ToolBenchAnswers
from toolbench.answers.tooleval import ToolEvalAnswers
from toolbench.cli.main import app
from toolbench.errors import AnswerFileError
from toolbench.llm.script import parse_script
from toolbench.llm.scripted import ScriptedModel, serving

TOOLS = [{"name": "add", "description": "Adds.", "parameters": {"type": "object"}}, {"name": "Finish"}]


def nested(*steps):
    """Return steps as ToolEval nests them."""
    following = []
    for role, message in reversed(steps):
        following = [{"role": role, "message": message, "next": following}]
    return following


def converted(final="The sum is 7.", last="Finish"):
    details = nested(
        ("system", ""),
        ("user", "What is 3 and 4?"),
        ("assistant", "I add them."),
        ("tool", {"name": "add", "arguments": '{"a": 3, "b": 4}', "response": '{"sum": 7}'}),
        ("tool", {"name": last, "arguments": json.dumps({"return_type": "give_answer"}), "response": ""}),
    )
    made = {"method": "DFS", "total_steps": 5, "final_answer": final, "answer_details": details}
    return {"query": "What is 3 and 4?", "available_tools": TOOLS, "answer": made}


def written(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def read(kind, path):
    reader = kind(Sources())
    return [reader.read(entry.content, path) for entry in reader.rows(path)]


def test_converted_answers(tmp_path):
    path = written(tmp_path / "G1_tool.json", {"10": converted(), "11": converted(last="add", final="")})
    good, open_ended = read(ToolEvalAnswers, path)
    assert (good.id, good.category) == ("G1_tool/10", "G1_tool")
    assert [line.text for line in good.answer.lines] == ["I add them.", '{"sum":7}', "The sum is 7."]
    assert [line.name for line in good.answer.lines] == ["", "add", ""]
    assert good.answer.lines[1].arguments == '{"a":3,"b":4}'
    assert (good.answer.final, good.answer.finished) == ("The sum is 7.", True)
    assert [tool["name"] for tool in good.answer.tools] == ["add"]
    assert (open_ended.answer.final, open_ended.answer.finished) == ("", False)


def test_messages_as_their_converter_cuts_them(tmp_path):
    content = converted()
    content["answer"]["answer_details"] = nested(
        ("tool", str({"name": "add", "arguments": "{}", "response": "x" * 200})[:100]),
        ("tool", str({"name": "Finish", "arguments": '{"return_type": "give_answer"'})[:100]),
    )
    (found,) = read(ToolEvalAnswers, written(tmp_path / "a.json", {"1": content}))
    assert [line.name for line in found.answer.lines] == ["add", ""]
    assert found.answer.finished


@pytest.mark.parametrize(
    ("final", "text"),
    [
        ("7", "7"),
        (json.dumps({"return_type": "give_answer", "final_answer": "It is 7."}), "It is 7."),
        (json.dumps({"return_type": "give_up_and_restart"}), ""),
        ("give_up_and_restart, sorry", ""),
        ({"final_answer": {"sum": 7}}, '{"sum":7}'),
        (None, ""),
        ("", ""),
    ],
)
def test_final_answers_as_files_have_them(tmp_path, final, text):
    (found,) = read(ToolEvalAnswers, written(tmp_path / "a.json", {"1": converted(final=final)}))
    assert (found.answer.final, found.answer.finished) == (text, True)


def answer_file(*, valid=True, kind="tree"):
    messages = [
        {"role": "system", "content": "You are"},
        {"role": "user", "content": "What is 3 and 4?"},
        {"role": "assistant", "content": "I add.", "function_call": {"name": "add", "arguments": '{"a": 3}'}},
        {"role": "function", "name": "add", "content": '{"sum": 7}'},
        {"role": "assistant", "content": "", "function_call": {"name": "Finish", "arguments": "{}"}},
    ]
    final = json.dumps({"return_type": "give_answer", "final_answer": "It is 7."}) if valid else ""
    chain = [
        {"node_type": "Thought", "description": "I add."},
        {"node_type": "Action", "description": "add"},
        {"node_type": "Action Input", "description": '{"a": 3}', "observation": '{"sum": 7}'},
    ]
    made = {"valid_data": valid, "train_messages": [messages] if valid else [], "final_answer": final}
    content = {"win": valid, "answer_generation": {**made, "query": "What is 3 and 4?", "function": TOOLS}}
    if kind == "trys":
        return {**content, "trys": [{"chain": [], "win": False}, {"chain": chain, "win": False}]}
    at = []
    for step in reversed(chain):
        at = [{"node_type": "Thought", "description": "dead", "children": []}, {**step, "children": at}]
    return {**content, "tree": {"size": 4, "tree": {"node_type": "Action Input", "description": "", "children": at}}}


@pytest.mark.parametrize("kind", ["tree", "trys"])
@pytest.mark.parametrize("valid", [True, False])
def test_answer_files(tmp_path, valid, kind):
    path = written(tmp_path / "G1_tool" / "10160_DFS_woFilter_w2.json", answer_file(valid=valid, kind=kind))
    (found,) = read(ToolBenchAnswers, path)
    assert (found.id, found.category) == ("G1_tool/10160", "G1_tool")
    lines = [(line.name, line.text) for line in found.answer.lines if line.name or line.text]
    assert lines[:2] == [("", "I add."), ("add", '{"sum":7}')]
    assert (found.answer.finished, found.answer.final) == ((True, "It is 7.") if valid else (False, ""))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (ToolEvalAnswers, {"1": {"query": "?"}}),
        (ToolEvalAnswers, {"1": {**converted(), "query": ""}}),
        (ToolBenchAnswers, {"win": True}),
    ],
)
def test_what_is_none(tmp_path, kind, content):
    with pytest.raises(AnswerFileError):
        read(kind, written(tmp_path / "a.json", content))


def judge(tmp_path, answers, content, *arguments):
    """Judge a folder of files by a scripted endpoint."""
    script = parse_script([*content, {"when": {}, "answer": {"content": "?"}}])
    with serving(ScriptedModel(script)) as url:
        options = ["--judge", "scripted", "--base-url", url, "--votes", "2", *arguments]
        return CliRunner().invoke(app, ["evaluate", "--from", "tooleval", str(answers), *options])


def test_votes_belong_to_their_answers_and_silence_is_counted(tmp_path):
    finals = {"1": "It is 7.", "2": "It is 8.", "3": "Perhaps."}
    answers = written(tmp_path / "in" / "G1_tool.json", {name: converted(final=text) for name, text in finals.items()})
    script = [
        {"when": {"contains": "can be fulfilled"}, "answer": {"content": said("Solvable")}},
        {"when": {"contains": "It is 7."}, "answer": {"content": said("Solved")}},
        {"when": {"contains": "It is 8."}, "answer": {"content": said("Unsolved")}},
    ]
    output = tmp_path / "v.jsonl"
    told = judge(tmp_path, answers.parent, script, "-o", str(output), "--json")
    assert told.exit_code == 0
    found = json.loads(told.stdout)
    assert (found["overall"]["count"], found["overall"]["of"], found["overall"]["unscored"]) == (1, 2, 1)
    assert found["opinion"]["pass_rate"] == {"rate": 0.5, "standard_error": 0.0, "of": 2}
    assert found["opinion"]["silent_votes"] == {"unparseable": 2}
    rows = {row["id"]: row for row in map(json.loads, output.read_text().splitlines())}
    assert {name: row["label"] for name, row in rows.items()} == {
        "G1_tool/1": "right",
        "G1_tool/2": "wrong",
        "G1_tool/3": "unscored",
    }
    assert [vote["ruling"] for vote in rows["G1_tool/2"]["votes"]] == ["Unsolved/Solvable"] * 2
    text = judge(tmp_path, answers, script).output
    assert "That is what scripted thinks, by ToolEval's rules: pass rate 50.0% ± 0.0%" in text


def test_where_nothing_could_be_judged_it_is_exit_1(tmp_path):
    told = judge(tmp_path, written(tmp_path / "a.json", {"1": converted()}), [])
    assert told.exit_code == 1
    assert "none of 1 answers could be judged (1 unparseable)" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "tooleval"], "Give `--judge NAME`"),
        (["--from", "tooleval", "--judge", "x", "--gold", "A"], "`--gold` is of no use"),
        (["--from", "bfcl", "--judge", "x", "--questions", "A"], "`--judge` is of no use"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(tmp_path, arguments, message):
    path = written(tmp_path / "a.json", {"1": converted()})
    told = CliRunner().invoke(app, ["evaluate", str(path), *(str(path) if one == "A" else one for one in arguments)])
    assert told.exit_code == 2
    assert message in told.stderr
