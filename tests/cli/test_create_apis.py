"""`toolbench create --type api|raft`, `evaluate` of what it makes, `retrievers`."""

import json

import pytest
from typer.testing import CliRunner
from writing_endpoint import AskingModel, FirstDocumentModel, WritingModel

from toolbench.cli.main import app
from toolbench.llm.scripted import serving


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("TOOLBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api") / "data"
    made = run("create", "--type", "api", "--apis", "library", "-n", 18, "-o", folder, "--set", "raft=4", "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["rows"] == 18
    return folder


def rows_of(folder):
    return [json.loads(line) for line in (folder / "rows.jsonl").read_text("utf-8").splitlines()]


def test_what_was_made_is_told(tmp_path):
    made = run("create", "--type", "api", "--apis", "library", "-n", 5, "--set", "mix=oracle", "-o", tmp_path / "out")
    assert made.exit_code == 0, made.output
    assert "5 rows of 5 wanted" in made.stdout
    assert {row["condition"] for row in rows_of(tmp_path / "out")} == {"oracle"}


def test_stored_answers_are_judged_and_shown_on_a_page(data, tmp_path):
    rows = rows_of(data)
    answers = tmp_path / "answers.jsonl"
    said = [{"id": row["id"], "text": f"<<<api_call>>>: {row['answer']['call'] or 'none'}"} for row in rows[:12]]
    answers.write_text("\n".join(map(json.dumps, said)), "utf-8")
    page, verdicts = tmp_path / "page.html", tmp_path / "verdicts.jsonl"
    told = run("evaluate", data, "--answers", answers, "--html", page, "-o", verdicts)
    assert told.exit_code == 0, told.output
    assert "answers.jsonl on 18 rows, 6 of them without an answer" in told.stdout
    found = json.loads(run("evaluate", data, "--answers", answers, "--json").stdout)
    assert found["overall"]["exact"]["count"] == 12
    assert found["unanswered"] == 6
    for name, rates in found["conditions"].items():
        assert (
            f'<th scope="row">{name.replace("_", " ")}</th><td class="num">{rates["answers"]}</td>'
            in page.read_text("utf-8")
        )
    assert [json.loads(line)["right"] for line in verdicts.read_text("utf-8").splitlines()].count(True) == 12


def test_a_model_is_asked_each_row_once(data, tmp_path):
    model = FirstDocumentModel()
    with serving(model) as url:
        wanted = ["evaluate", data, "--model", "scripted", "--base-url", url, "--split", "train", "--json"]
        first, asked = json.loads(run(*wanted).stdout), model.asked
        again = json.loads(run(*wanted).stdout)
    train = [row for row in rows_of(data) if row["split"] == "train"]
    assert first["rows"] == len(train)
    assert asked in (len(train), len(train) + 1), "perhaps one more, to find out that it is there"
    assert again == first
    assert model.asked <= asked + 1
    assert first["conditions"]["distractors"]["copied"]["rate"] == 1


def test_a_model_writes_instructions_that_pass_the_checks(tmp_path):
    model = WritingModel()
    with serving(model) as url:
        wanted = ["create", "--type", "api", "--apis", "crm", "-n", 10, "-o", tmp_path / "out", "--model", "scripted"]
        wanted += ["--base-url", url, "--set", "mix=oracle=3,changed=2", "--json"]
        made = run(*wanted)
        asked = model.asked
        again = run(*wanted)
    assert made.exit_code == 0, made.output
    rows = rows_of(tmp_path / "out")
    assert {row["writer"] for row in rows} == {"scripted"}
    assert all("on my desk" in row["instruction"] for row in rows)
    assert json.loads(made.stdout) == json.loads(again.stdout)
    assert model.asked <= asked + 1


def test_rows_of_documents(tmp_path):
    (tmp_path / "a.md").write_text("# Weirs\n\nA weir is a low dam that lets water pass. It is old.\n", "utf-8")
    (tmp_path / "b.md").write_text("# Punts\n\nA punt is a flat boat that is pushed with a pole.\n", "utf-8")
    made = run("create", "--type", "raft", "a.md", "b.md", "-n", 2, "--set", "k=1", "-o", "out", "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["rows"] == 2
    short = run("create", "--type", "raft", "a.md", "b.md", "-n", 9, "--set", "k=1", "-o", "out")
    assert short.exit_code == 1
    assert "2 rows of 9 wanted" in short.stdout
    with serving(AskingModel()) as url:
        by_model = ["-o", "model", "--model", "scripted", "--base-url", url]
        asked = run("create", "--type", "raft", "a.md", "b.md", "-n", 4, "--set", "k=1", *by_model)
    assert asked.exit_code == 0, asked.output


def test_retrievers_are_measured(data, monkeypatch):
    monkeypatch.setattr("toolbench.llm.embedded.installed", lambda: None)
    told = run("retrievers", data)
    assert told.exit_code == 0, told.output
    assert "bm25, identifiers whole" in told.stdout
    found = json.loads(run("retrievers", data, "--json").stdout)
    low, high = found["retrievers"]["bm25"]["recall@5"]["interval"]
    assert low <= found["retrievers"]["bm25"]["recall@5"]["value"] <= high


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["create", "--type", "api"], "nothing to make rows of"),
        (["create", "--type", "api", "--apis", "libary"], "no API is named 'libary'"),
        (["create", "--type", "api", "--apis", "library", "--set", "mix=oracel"], "there is no condition 'oracel'"),
        (["create", "--type", "api", "--apis", "library", "--set", "mox=1"], "has no option 'mox'"),
        (["create", "--type", "api", "--apis", "library", "--set", "k=x"], "`k` is 'x'"),
        (["create", "--type", "api", "--apis", "library", "--set", "style=perl"], "`style` is 'perl'"),
        (["create", "--type", "api", "--apis", "library", "--set", "retriever=grep"], "no retriever 'grep'"),
        (["create", "--type", "api", "--apis", "library", "--set", "raft_share=2"], "share of right documents is 2"),
        (["create", "--type", "api", "--apis", "library", "--chunk-size", "9"], "`--chunk-size` means nothing"),
        (["create", "--type", "api", "missing.jsonl"], "missing.jsonl"),
        (["create", "--type", "raft"], "nothing to make rows of"),
        (["create", "--type", "raft", "missing.md"], "missing.md"),
        (["create", "--type", "raft", "x.md", "--set", "share=no"], "`share` is False"),
        (["create", "--apis", "library", "x.txt"], "`--apis` is for API documents"),
        (["evaluate", "nowhere", "--answers", "a.jsonl"], "`--answers` is for a data set"),
        (["retrievers", "nowhere"], "cannot be read"),
    ],
)
def test_bad_usage_is_one_clear_line(arguments, message):
    told = run(*arguments)
    assert told.exit_code == 2, told.output
    assert message in told.output
    assert len(told.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Give `--model NAME` or `--answers FILE`"),
        (["--model", "m", "--from", "bfcl"], "`--from` means nothing to a data set"),
        (["--answers", "missing.jsonl"], "missing.jsonl"),
        (["--answers", "odd.jsonl"], "no row has the id nobody"),
        (["--answers", "odd.jsonl", "--split", "dev"], "there are no rows to ask about"),
    ],
)
def test_what_a_data_set_cannot_be_evaluated_by(options, message, data, tmp_path):
    (tmp_path / "odd.jsonl").write_text('{"id": "nobody", "text": "x"}\n', "utf-8")
    told = run("evaluate", data, *options)
    assert told.exit_code == 2, told.output
    assert message in told.output


def test_a_broken_data_set_names_the_line(data, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "docs.jsonl").write_bytes((data / "docs.jsonl").read_bytes())
    (broken / "rows.jsonl").write_bytes((data / "rows.jsonl").read_bytes() + b'{"id": 1}\n')
    told = run("retrievers", broken)
    assert told.exit_code == 2
    assert "rows.jsonl, line 19" in told.output
