"""Others' tasks in a run: nothing is lost or doubled, and the whole way to a data set says that nothing is verified."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows_of_others import as_lines, as_list, chat, function, query, question, user, written
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.errors import TaskFileError
from toolbench.llm.script import parse_script
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.pipeline.import_tasks import import_tasks
from toolbench.store import Run
from toolbench.world.world import Landscape

GOOD = [
    query("One?"),
    query("Two?"),
    question("a"),
    question("b", turns=[[user("x")], [user("y")]]),
    chat("Hi.", "So?"),
]
BAD = [query(""), question(functions=[{"description": "nameless"}]), chat(), "prose", None, [1]]
ANSWERS = {"id": "a", "ground_truth": []}

DONE = {"return_type": "give_answer", "final_answer": "It is done."}
ANSWERING = parse_script(
    [
        {
            "when": {"tool_offered": "get_weather"},
            "answer": {"tool_calls": [{"name": "get_weather", "arguments": {"city": "Paris"}}]},
        },
        {"when": {"tool_offered": "Finish"}, "answer": {"tool_calls": [{"name": "Finish", "arguments": DONE}]}},
    ]
)
"""A model that has an answer to everything."""


def toolbench(*arguments):
    """Run a command that must succeed; return its JSON."""
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    return orjson.loads(result.stdout)


def refusal(*arguments):
    """Run a command that must be refused; return the line that says why."""
    result = CliRunner().invoke(app, [*map(str, arguments)])
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("TOOLBENCH_HOME", str(tmp_path / "home"))


@settings(max_examples=30)
@given(
    st.lists(st.lists(st.sampled_from([*GOOD, *BAD, ANSWERS]), min_size=1, max_size=6), min_size=1, max_size=3),
    st.sampled_from([as_list, as_lines]),
)
def test_every_row_is_accounted_for_and_no_task_is_there_twice(tmp_path_factory, files, form):
    folder = tmp_path_factory.mktemp("import")
    paths = [written(folder / f"{place}.json", rows, form) for place, rows in enumerate(files)]
    try:
        summary = import_tasks(folder / "run", paths)
    except TaskFileError:
        # A file without a row that any importer knows.
        known = [[row for row in rows if isinstance(row, dict)] for rows in files]
        assert not all(known)
        return
    names = ("imported", "known", "refused", "skipped")
    for one, rows in zip(summary.files, files, strict=True):
        counts = one.as_json()
        skipped = sum(counts["skipped"].values())
        assert one.read == len(rows) == one.imported + one.known + len(one.refused) + skipped
    assert summary.total("read") == sum(summary.total(name) for name in names)
    run = Run(folder / "run")
    ids = run.tasks.ids()
    assert len(set(ids)) == len(ids) == summary.tasks == summary.total("imported")
    before = {file.name: file.read_bytes() for file in run.path.glob("*")}
    again = import_tasks(run.path, paths[::-1])
    assert (again.total("imported"), again.total("known")) == (0, summary.total("imported") + summary.total("known"))
    assert {file.name: file.read_bytes() for file in run.path.glob("*")} == before


@settings(max_examples=20)
@given(st.permutations(GOOD), st.integers(0, len(GOOD)))
def test_the_run_holds_together_however_the_rows_are_brought(tmp_path_factory, rows, cut):
    folder = tmp_path_factory.mktemp("import")
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    for place, part in enumerate(parts):
        by_format = [[row for row in part if row.keys() >= keys] for keys in ({"query"}, {"question"}, {"messages"})]
        paths = [written(folder / f"{place}-{which}", some, as_list) for which, some in enumerate(by_format) if some]
        import_tasks(folder / "run", paths)
    run = Run(folder / "run")
    tools, apis = {tool.name: tool for tool in run.tools}, {api.id: api for api in run.apis}
    assert len(tools) == len(run.tools.ids("name"))
    landscape = Landscape(apis.values())
    for task in run.tasks:
        for name in (name for turn in task.turns for name in turn.tools):
            assert tools[name] == landscape.tool(name)
            assert tools[name].api in task.apis
    assert {task.id for task in run.tasks} == {
        task.id for task in Run(_all_at_once(tmp_path_factory.mktemp("whole"))).tasks
    }


def _all_at_once(folder):
    paths = [written(folder / f"{place}", [row]) for place, row in enumerate(GOOD)]
    return import_tasks(folder / "run", paths).path


@pytest.fixture(scope="module")
def explored(tmp_path_factory):
    """A run with imported tasks, explored by a model."""
    folder = tmp_path_factory.mktemp("explored")
    told = question(turns=[[{"role": "system", "content": "Always be brief."}, user("Go.")], [user("And on.")]])
    files = [written(folder / "tb.json", [query()], as_list), written(folder / "bfcl.json", [told, "prose"])]
    files += [written(folder / "chat.jsonl", [chat("Say one.", "Say two.")])]
    run = folder / "run"
    found = toolbench("tasks", run, "--from", *files)
    with serving(ScriptedModel(ANSWERING)) as url:
        toolbench("generate", run, "--model", "scripted", "--base-url", url, "--max-queries", 20)
    return run, found


def test_the_command_says_what_became_of_the_rows(explored):
    _, found = explored
    names = ("read", "imported", "known", "refused", "skipped", "tasks", "tools")
    assert {name: found[name] for name in names} == dict(zip(names, (4, 3, 0, 1, 0, 3, 5), strict=True))
    assert [one["format"] for one in found["files"]] == ["toolbench", "bfcl", "openai"]
    assert found["files"][1]["refusals"] == [{"line": 2, "reason": "the row is no object"}]
    assert found["categories"] == {"I1": 3}
    assert found["silent"] == 5


def test_nothing_of_the_way_to_a_data_set_claims_to_be_verified(explored):
    run, _ = explored
    judged = toolbench("evaluate", run)
    assert judged["traces"] == 3
    assert set(judged["labels"]["goal"]) <= {"unscored", "fail"}
    assert judged["labels"]["goal"]["unscored"] == judged["passed"] == judged["unverified"] > 0
    assert judged["labels"]["executed"] == {"pass": 3}
    chosen = toolbench("curate", run)
    assert chosen["kept"] == chosen["unverified"] == judged["passed"]
    saved = toolbench("save-as", run, "-f", "openai")
    assert (saved["rows"], saved["verified"]) == (chosen["kept"], 0)
    card = (run / "datasets" / "openai" / "README.md").read_text()
    assert f"**Goal unknown**: {saved['rows']} rows" in card
    assert "Tasks were imported" in card
    assert "solvable by construction" not in card
    reported = toolbench("report", run)
    assert (reported["unverified"], reported["by_calls"]) == (judged["passed"], {})
    assert set(reported["by_api"]) == {"functions", "functions-2", "live-scores", "sky"}
    assert "nobody has said what is right" in (run / "report.html").read_text()


def test_the_screen_says_it_too(explored):
    run, _ = explored
    toolbench("evaluate", run)
    for command in ("evaluate", "curate", "report"):
        assert "nobody has said what is right" in CliRunner().invoke(app, [command, str(run)]).stdout


def test_system_messages_are_kept_in_the_rows(explored):
    run, _ = explored
    toolbench("evaluate", run)
    toolbench("curate", run)
    toolbench("save-as", run, "-f", "openai")
    rows = [orjson.loads(line) for line in (run / "datasets" / "openai" / "train.jsonl").read_bytes().splitlines()]
    told = [message["content"] for row in rows for message in row["messages"] if message["role"] == "system"]
    assert told == ["Always be brief."]


def test_the_run_can_be_taken_up_and_extended(explored, tmp_path):
    run, _ = explored
    more = written(tmp_path / "more.jsonl", [chat("Another.")])
    before = (run / "traces.jsonl").read_bytes()
    assert toolbench("tasks", run, "--from", more)["imported"] == 1
    with serving(ScriptedModel()) as url:
        made = toolbench("generate", run, "--base-url", url)
    assert (made["tasks"], made["made"]) == (4, 1)
    assert (run / "traces.jsonl").read_bytes().startswith(before)
    other = refusal("generate", run, "--model", "another")
    assert "made with model 'scripted', not 'another'" in other


def test_paths_of_tasks_with_accepted_calls_are_held_against_them(tmp_path):
    asked = [question("irrelevance_0"), question("simple_0"), question("simple_1")]
    questions = written(tmp_path / "q.json", asked)
    gold = [{"id": identity, "ground_truth": [{"math.area": {"base": [3]}}]} for identity in ("simple_0", "other")]
    found = toolbench("tasks", tmp_path / "run", "--from", questions, "--gold", written(tmp_path / "g.json", gold))
    assert (found["tasks"], found["answered"]) == (3, 2)
    run = Run(tmp_path / "run")
    by_id = {task.origin.id: task for task in run.tasks}
    (right,) = by_id["simple_0"].accepted
    assert right.name in by_id["simple_0"].turns[0].tools
    assert (by_id["irrelevance_0"].accepted, by_id["simple_1"].accepted) == ((), None)
    with serving(ScriptedModel()) as url:
        toolbench("generate", run.path, "--model", "scripted", "--base-url", url, "--max-queries", 20)
    judged = toolbench("evaluate", run.path)
    assert judged["labels"]["calls"] == {"pass": 1, "fail": 1, "unscored": 1}
    assert judged["kinds"]["calls"] == {"needless_call": 1, "no_accepted_calls": 1}
    assert (judged["failures"], judged["passed"], judged["unverified"]) == ({"needless_call": 1}, 2, 2)
    assert toolbench("curate", run.path)["kept"] == 1  # the two that pass say the same


@pytest.fixture
def imported(tmp_path):
    path = tmp_path / "run"
    import_tasks(path, [written(tmp_path / "chat.jsonl", [chat("Hi."), chat("Ho.")])])
    return path


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "imported tasks have no gold for the planner to follow. Name a model"),
        (("--model", "m", "-n", 3), "3 tasks are asked for, and 2 were imported"),
        (("--model", "m", "--apis", "crm"), "`apis` is of no use to imported tasks"),
        (("--model", "m", "--mix", "lookup=1"), "`mix` is of no use to imported tasks"),
        (("--model", "m", "--faults", "storm"), "`faults` is of no use to imported tasks"),
        (("--model", "m", "--grant", "all"), "`granted` is of no use to imported tasks"),
        (("--model", "m", "--executor", "live"), "imported tools are only described"),
    ],
)
def test_what_makes_no_sense_for_imported_tasks_is_refused(imported, options, reason):
    before = (imported / "run.yaml").read_bytes()
    assert reason in refusal("generate", imported, *options)
    assert (imported / "run.yaml").read_bytes() == before


def test_only_some_of_the_tasks_can_be_asked_for(imported):
    with serving(ScriptedModel()) as url:
        made = toolbench("generate", imported, "-n", 1, "--model", "scripted", "--base-url", url)
    assert (made["tasks"], made["made"]) == (1, 1)


def test_sampled_and_imported_tasks_do_not_mix(imported, tmp_path):
    assert "are imported, so none are sampled" in refusal("tasks", imported)
    sampled = tmp_path / "sampled"
    toolbench("tasks", sampled, "--apis", "crm", "-n", 1)
    chats = written(tmp_path / "chat.jsonl", [chat("Hi.")])
    assert "the tasks of this run are sampled" in refusal("tasks", sampled, "--from", chats)
    settings_of_sampled = tmp_path / "settings.yaml"
    settings_of_sampled.write_text("apis: [crm]\nmodel: m\n")
    assert "not sampled" in refusal("generate", imported, "-c", settings_of_sampled)


def test_usage(imported, tmp_path):
    chats = written(tmp_path / "chat.jsonl", [chat("Hi.")])
    assert "`-n` is for sampled tasks" in refusal("tasks", imported, "--from", chats, "-n", 3)
    assert "Add `--from`" in refusal("tasks", imported, chats)
    assert "There are: bfcl, openai, toolbench" in refusal("tasks", imported, "--from", chats, "--format", "nope")
    assert "none of the formats" in refusal("tasks", imported, "--from", written(tmp_path / "x", [{"a": 1}]))


def test_where_nothing_can_be_imported_it_fails_with_the_reasons_and_makes_no_run(tmp_path):
    rows = [query("", identity=n) for n in range(7)]
    result = CliRunner().invoke(app, ["tasks", str(tmp_path / "run"), "--from", str(written(tmp_path / "q", rows))])
    assert result.exit_code == 1
    assert f"{tmp_path / 'q'}, line 2: the query is no text" in result.stdout
    assert "and 2 more" in result.stdout
    assert "nothing was imported of 7 rows" in result.stderr
    assert not (tmp_path / "run").exists()


def test_functions_that_share_a_name_live_in_worlds_of_their_own(tmp_path):
    rows = [question(str(n), functions=[function("f", **{f"a{n}": {"type": "string"}})]) for n in range(3)]
    import_tasks(tmp_path / "run", [written(tmp_path / "q", rows)])
    names = [task.turns[0].tools for task in Run(tmp_path / "run").tasks]
    assert names == [("functions_f",), ("functions-2_f",), ("functions-3_f",)]
