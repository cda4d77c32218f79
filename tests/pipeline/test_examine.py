"""A model examined on tasks that are there: by kind, and with what nobody can tell apart."""

import pytest
from rows_of_others import as_lines, function, question, user, written

from toolbench.errors import RunError
from toolbench.llm.script import parse_script
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.pipeline.config import make_config
from toolbench.pipeline.examine import examine, take_tasks
from toolbench.pipeline.generate import generate
from toolbench.store import Run


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("TOOLBENCH_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """A run with tasks of two kinds."""
    path = tmp_path_factory.mktemp("ours") / "run"
    generate(path, make_config({"apis": ("library",), "count": 6, "mix": {"lookup": 1, "irrelevant": 1}}))
    return path


def decliner():
    """A model that declines everything: right where nothing offered helps, and only there."""
    arguments = {"return_type": "decline", "final_answer": "I am sorry, I cannot do that with what I have."}
    rule = {"when": {"tool_offered": "Finish"}, "answer": {"tool_calls": [{"name": "Finish", "arguments": arguments}]}}
    probe = {
        "when": {"tool_offered": "get_weather"},
        "answer": {"tool_calls": [{"name": "get_weather", "arguments": {"city": "Paris"}}]},
    }
    return ScriptedModel(parse_script([probe, rule]))


def asked(url, **more):
    return make_config({"tasks": "imported", "model": "scripted", "base_url": url, "searcher": "react", **more})


def test_each_kind_is_told_apart(ours, tmp_path):
    with serving(decliner()) as url:
        found = examine(tmp_path / "exam", asked(url), [ours])
        again = examine(tmp_path / "exam", asked(url), [ours])
    assert {kind: (one.tasks, one.passed, one.unscored) for kind, one in found.results.items()} == {
        "irrelevant": (3, 3, 0),
        "lookup": (3, 0, 0),
    }
    assert found.results["lookup"].kinds == {"wrong_decision": 3}
    assert again.as_json() == found.as_json()
    assert found.as_json()["by_kind"]["irrelevant"]["rate"] == 1.0
    assert list(Run(tmp_path / "exam").tasks) == list(Run(ours).tasks)


def test_others_tasks_count_where_somebody_said_what_is_right(tmp_path):
    rows = [question("a", functions=[function("f")]), question("b", turns=[[user("x")]], functions=[function("f")])]
    file = written(tmp_path / "questions.json", rows, as_lines)
    gold = written(
        tmp_path / "gold.json", [{"id": "a", "ground_truth": [{"f": {"base": [3], "unit": [""]}}]}], as_lines
    )
    with serving(decliner()) as url:
        found = examine(tmp_path / "exam", asked(url), [file], gold=gold)
    (result,) = found.results.values()
    assert list(found.results) == ["questions.json"]
    assert (result.tasks, result.passed, result.failed, result.unscored) == (2, 0, 1, 1)
    assert found.as_json()["rate"] == 0.0


def test_sources_that_describe_an_api_otherwise_are_refused(ours, tmp_path):
    run = Run(tmp_path / "exam")
    take_tasks(run, Run(ours))
    other = Run(tmp_path / "other")
    take_tasks(other, Run(ours))
    text = (other.path / "apis.jsonl").read_text("utf-8")
    (other.path / "apis.jsonl").write_text(text.replace('"title":"', '"title":"New ', 1), "utf-8")
    before = {file.name: file.read_bytes() for file in run.path.iterdir()}
    with pytest.raises(RunError, match="described otherwise"):
        take_tasks(run, other)
    assert {file.name: file.read_bytes() for file in run.path.iterdir()} == before


def test_tasks_are_not_put_into_a_run_that_samples_its_own(ours, tmp_path):
    with pytest.raises(RunError, match="are sampled"):
        take_tasks(Run(ours), Run(ours))
    with pytest.raises(RunError):
        take_tasks(Run(tmp_path / "exam"), Run(tmp_path / "nothing"))
