"""Others' answers: read, judged, counted; what cannot be used is said with its place."""

import json

import pytest
from answer_files import API, GOLD, RIGHT, apibench, bfcl, lines

from toolbench.answers.base import Sources
from toolbench.errors import AnswerFileError, InputError, PluginError, WorkError
from toolbench.pipeline.judge_answers import judge_answers

WRONG = {"music.play": {"artist": "Maroon 5", "minutes": 21}}
RESULTS = {
    "simple_python_0": [RIGHT],
    "simple_python_1": "[music.play(artist='maroon-5')]",
    "simple_python_2": [{"music.play": '{"artist": "Maroon 5", "minutes": 21}'}],
    "live_simple_3-1-0": "What would you like to hear?",
    "irrelevance_0": "I cannot do that.",
    "irrelevance_1": [RIGHT],
    "irrelevance_2": [],
    "live_relevance_0-0-0": [WRONG],
    "live_relevance_1-1-0": "[]",
}
LABELS = ["right", "right", "wrong", "unparseable", "right", "wrong", "right", "right", "wrong"]
KINDS = {"wrong_value": 1, "unparseable": 1, "needless_call": 1, "no_call": 1}


def judged(tmp_path, results, gold=None, **more):
    path, questions = bfcl(tmp_path, results, gold)
    output = tmp_path / "verdicts.jsonl"
    summary = judge_answers("bfcl", [path], Sources(questions=(questions,), **more), output=output)
    return summary, [json.loads(line) for line in output.read_text().splitlines()]


def test_bfcl_results_are_judged_and_counted(tmp_path):
    summary, rows = judged(tmp_path, RESULTS)
    assert [row["label"] for row in rows] == LABELS
    assert {kind: count for kind, count in summary.kinds.items() if count} == KINDS
    assert (summary.overall.right, summary.overall.scored, summary.overall.unparseable) == (5, 9, 1)
    found = summary.as_json()
    assert found["categories"]["simple_python"]["count"] == 2
    assert found["overall"]["interval"][0] < 5 / 9 < found["overall"]["interval"][1]
    wrong = rows[2]
    assert (wrong["place"], wrong["line"], wrong["file"]) == ("/0/arguments/minutes", 3, "result.json")


def test_a_name_that_is_no_text_can_be_told_of(tmp_path):
    arguments = '{"artist": "Maroon 5", "\\ud800": 1}'
    _, (row,) = judged(tmp_path, {"simple_python_0": [{"music.play": arguments}]})
    assert (row["kind"], row["place"]) == ("unexpected_argument", "/0/arguments/\\ud800")


def test_rules_are_chosen(tmp_path):
    _, rows = judged(tmp_path, RESULTS, rules="exact")
    assert [row["label"] for row in rows[:2]] == ["right", "wrong"]
    with pytest.raises(InputError, match=r"no rules are named 'strict'; there are: bfcl, exact, loose\. It looks like"):
        judged(tmp_path, RESULTS, rules="strict")


def test_gold_that_contradicts_its_document_is_counted_and_by_other_rules_unscored(tmp_path):
    results = {"simple_python_0": [RIGHT], "simple_python_1": [RIGHT]}
    gold = {"simple_python_0": [GOLD], "simple_python_1": [{"music.play": {"artist": ["Maroon 5"], "loops": [1]}}]}
    summary, rows = judged(tmp_path, results, gold)
    assert (summary.doubtful, summary.overall.scored) == (1, 2)
    assert "loops is none of the function's" in rows[1]["gold_fault"]
    summary, rows = judged(tmp_path, results, gold, rules="loose")
    assert (summary.doubtful, summary.overall.scored, rows[1]["label"]) == (1, 1, "unscored")


def test_what_nobody_can_score_is_counted_apart(tmp_path):
    results = {
        "simple_java_0": [RIGHT],
        "simple_python_0": [RIGHT],
        "multi_turn_base_0": [RIGHT],
        "simple_python_9": "",
    }
    gold = {"simple_java_0": [GOLD], "simple_python_0": [GOLD], "multi_turn_base_0": [["music.play()"]]}
    summary, rows = judged(tmp_path, results, gold)
    assert (summary.overall.scored, summary.overall.unscored) == (1, 3)
    assert all(row["reason"] for row in rows if row["label"] == "unscored")


def test_questions_and_gold_may_be_folders_with_other_things(tmp_path):
    path, questions = bfcl(tmp_path / "data", {"simple_python_0": [RIGHT]})
    moved = path.rename(tmp_path / "result.json")
    lines(questions.parent / "other.json", [{"all": ["simple_python_0"]}])
    for gold in ((), (questions.parent / "possible_answer",)):
        summary = judge_answers("bfcl", [moved], Sources(questions=(questions.parent,), gold=gold))
        assert summary.overall.right == 1


def test_only_some_categories_count(tmp_path):
    path, questions = bfcl(tmp_path, RESULTS)
    summary = judge_answers("bfcl", [path], Sources(questions=(questions,)), categories=["irrelevance"])
    assert (summary.overall.right, summary.overall.scored) == (2, 3)
    with pytest.raises(WorkError, match="no answer is of the categories nothing"):
        judge_answers("bfcl", [path], Sources(questions=(questions,)), categories=["nothing"])


def test_responses_to_apibench_are_judged_and_counted(tmp_path):
    texts = [f"<<<api_call>>>: {API[0]['api_call']}", "<<<api_call>>>: torch.hub.load('pytorch/vision', 'resnet50')"]
    responses, database, gold = apibench(tmp_path, texts)
    summary = judge_answers("apibench", [responses], Sources(database=(database,), gold=(gold,)))
    assert summary.kinds["wrong_api"] == 1
    assert (summary.overall.right, summary.overall.scored) == (1, 2)
    assert summary.overall.marks["exact_call"] == (1, 2)
    assert summary.overall.marks["hallucinated"] == (0, 2)
    assert summary.overall.marks["argument_hallucinated"] == (0, 2)
    assert set(summary.categories) == {"Images", "Objects"}


def test_without_what_is_right_only_hallucinations_are_counted(tmp_path):
    texts = [f"<<<api_call>>>: {API[0]['api_call']}", "<<<api_call>>>: torch.hub.load('none', 'none')", "none"]
    responses, database, _ = apibench(tmp_path, texts)
    summary = judge_answers("apibench", [responses], Sources(database=(database,)))
    assert summary.kinds == {"in_database": 1, "hallucinated": 1, "unparseable": 1}
    assert summary.overall.marks["hallucinated"] == (1, 3)
    assert (summary.overall.scored, summary.overall.unscored) == (0, 3)
    assert "exact_call" not in summary.overall.marks


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"id": "simple_python_0", "result": []}\n{"id": 5, "result": []}\n', "line 2: the row has no `id` and"),
        ('{"id": "simple_python_0"}\n{}', "line 1: the row has no `id` and `result`"),
        ('{"id": "simple_python_7", "result": []}\n', "line 1: no question has the id 'simple_python_7'"),
        ('{"id": "simple_python_0", "result": []}\nnot json\n', "line 2: not JSON"),
        ('{"id": "simple_python_0", "result": []}\n[]\n', "line 2: the row is no object"),
        (
            '{"id": "simple_python_0", "result": []}\n' * 2,
            "line 2: a second answer to simple_python_0; the first is in",
        ),
        ("", "the file is empty"),
    ],
)
def test_a_bad_row_is_said_with_its_place(tmp_path, text, message):
    path, questions = bfcl(tmp_path, {"simple_python_0": [RIGHT]})
    path.write_text(text)
    with pytest.raises(AnswerFileError) as caught:
        judge_answers("bfcl", [path], Sources(questions=(questions,)))
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ([{"id": "simple_python_0", "ground_truth": 5}], r"line 1: `ground_truth` is no list"),
        ([{"id": "simple_python_0", "ground_truth": [{"f": {"a": 5}}]}], r"line 1: .*the arguments of f are no lists"),
        ([{"id": "simple_python_0", "ground_truth": [{"f": {}, "g": {}}]}], r"line 1: a call in `ground_truth` is no"),
        ([{"ground_truth": []}], r"line 1: the row has no id"),
        ([{"id": "x"}], r"no row has `ground_truth`"),
    ],
)
def test_bad_gold_is_said_with_its_place(tmp_path, gold, message):
    path, questions = bfcl(tmp_path, {"simple_python_0": [RIGHT]})
    given = lines(tmp_path / "gold.json", gold)
    with pytest.raises(AnswerFileError, match=message) as caught:
        judge_answers("bfcl", [path], Sources(questions=(questions,), gold=(given,)))
    assert str(caught.value).startswith(str(given)) or message.startswith("no row")


def test_a_missing_source_or_format_is_said(tmp_path):
    path, questions = bfcl(tmp_path, {"simple_python_0": [RIGHT]})
    with pytest.raises(InputError, match="Give `--questions FILE`"):
        judge_answers("bfcl", [path], Sources())
    with pytest.raises(InputError, match="Give `--database FILE`"):
        judge_answers("apibench", [path], Sources(questions=(questions,)))
    with pytest.raises(PluginError, match="There are: apibench, bfcl"):
        judge_answers("gorilla", [path], Sources())
    with pytest.raises(AnswerFileError, match="cannot be read"):
        judge_answers("bfcl", [tmp_path / "none.json"], Sources(questions=(questions,)))
    with pytest.raises(InputError, match="cannot be written"):
        judge_answers("bfcl", [path], Sources(questions=(questions,)), output=tmp_path / "no" / "v.jsonl")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AnswerFileError, match="no JSON files"):
        judge_answers("bfcl", [path], Sources(questions=(tmp_path / "empty",)))


def test_nothing_to_judge_is_no_success(tmp_path):
    path, questions = bfcl(tmp_path, {"simple_java_0": [RIGHT]})
    with pytest.raises(WorkError, match="none of 1 answers could be judged"):
        judge_answers("bfcl", [path], Sources(questions=(questions,)))
