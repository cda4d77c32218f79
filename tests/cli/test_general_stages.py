"""The general stages on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from document_reader import Reader
from typer.testing import CliRunner, Result

from toolbench.cli.main import app
from toolbench.llm.scripted import serving


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a text, and a configuration that names a served model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text(" ".join(f"Station {at} stands on hill {at * 7}." for at in range(50)))
    with serving(Reader()) as url:
        config = f"vllm: {{api_base: {url}, model: scripted}}\ngeneration: {{num_pairs: 4}}\ncurate: {{threshold: 1}}\n"
        (tmp_path / "kit.yaml").write_text(config)
        yield tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize("before", [True, False])
def test_the_configuration_stands_before_the_command_or_after_it(home: Path, before: bool):
    words = ("-c", "kit.yaml", "create", "text.txt") if before else ("create", "text.txt", "-c", "kit.yaml")
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["rows"], told["type"], told["files"][0]["path"]) == (4, "qa", "data/generated/text_qa_pairs.json")


def test_a_configuration_before_a_command_is_not_remembered_for_the_next(home: Path):
    assert run("-c", "kit.yaml", "create", "text.txt").exit_code == 0
    result = run("create", "text.txt")
    assert result.exit_code == 2
    assert "no model is named" in result.stderr


def test_before_a_command_that_takes_none_it_is_refused(home: Path):
    result = run("-c", "kit.yaml", "doctor")
    assert result.exit_code == 2
    assert "`-c` before doctor means nothing" in result.stderr


def test_a_run_s_configuration_and_the_kit_s_are_kept_apart(home: Path):
    (home / "run.yaml").write_text("apis: [library]\ncount: 2\n")
    assert "not a configuration of these stages" in run("-c", "run.yaml", "create", "text.txt").stderr
    result = run("-c", "run.yaml", "tasks", "runs/a", "--json")
    assert result.exit_code == 0, result.output
    assert len((home / "runs/a/tasks.jsonl").read_text().splitlines()) == 2
    assert run("-c", "kit.yaml", "tasks", "runs/b").exit_code == 2


def test_from_a_text_to_a_data_set(home: Path):
    for words in (
        ("create", "text.txt", "-n", "5", "-o", "made"),
        ("curate", "made/text_qa_pairs.json", "-t", "2"),
        ("save-as", "data/cleaned/text_cleaned.json", "-f", "chatml"),
    ):
        result = run("-c", "kit.yaml", *words)
        assert result.exit_code == 0, result.output
    rows = (home / "data/final/text_cleaned_chatml.json").read_text().splitlines()
    assert [message["role"] for message in json.loads(rows[0])["messages"]] == ["system", "user", "assistant"]


def test_json_of_all_stages(home: Path):
    run("-c", "kit.yaml", "create", "text.txt")
    curated = json.loads(run("-c", "kit.yaml", "curate", "data/generated", "--json").stdout)
    assert curated["files"][0]["metrics"]["total"] == curated["total"] == 4
    (saved,) = json.loads(run("save-as", "data/cleaned", "--json").stdout)
    assert (saved["rows"], saved["path"]) == (curated["kept"], "data/final/text_cleaned.jsonl")


def test_unknown_keys_are_warned_of_and_the_work_goes_on(home: Path):
    with (home / "kit.yaml").open("a") as file:
        file.write("generations: {}\n")
    result = run("-c", "kit.yaml", "create", "text.txt")
    assert result.exit_code == 0
    assert "`generations` means nothing here; did you mean `generation`?" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("curate", "runs/none"), "no run is here"),
        (("curate", "none.json"), "no such file"),
        (("curate", "pairs.json", "--tainted"), "`--tainted` is for runs"),
        (("save-as", "none.json"), "no such file"),
        (("create", "text.txt", "--type", "poem"), "There are:"),
        (("create", "text.txt", "--set", "x"), "not of the form NAME=VALUE"),
        (("create", "text.txt", "--set", "grounded=perhaps"), "option 'grounded'"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(home: Path, words: tuple[str, ...], message: str):
    (home / "pairs.json").write_text('[{"question": "Q", "answer": "A"}]')
    result = run("-c", "kit.yaml", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_options_of_runs_and_of_files_are_told_apart(home: Path):
    assert run("tasks", "runs/a", "--apis", "library", "-n", "1").exit_code == 0
    result = run("curate", "runs/a", "-t", "3")
    assert result.exit_code == 2
    assert "`--threshold` is for created data" in result.stderr


def test_an_unknown_kind_is_told_before_anything_is_asked_for():
    done = CliRunner().invoke(app, ["create", "--type", "sumary", "nowhere.txt"])
    assert done.exit_code == 2
    assert "did you mean 'summary'?" in done.stderr
    assert done.stderr.rstrip().endswith("textbook; and api, raft.")
