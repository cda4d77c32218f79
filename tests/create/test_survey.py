"""The survey's configurations and command lists run as they stand, with our command in place of the kit's."""

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from document_reader import Reader
from reportlab.pdfgen.canvas import Canvas
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.llm.scripted import serving

NAME = "000_80f6ffcaaa96ee96.txt"
HERE = Path(__file__).parents[2]
PLACES = (os.environ.get("TOOLBENCH_SURVEY"), HERE / ".." / "shared" / NAME)
# One of them is ended by the fence alone.
CONFIG = re.compile(r"cat > (\w+\.yaml) << EOF\n(.*?)\n(?:EOF|```)", re.DOTALL)
COMMAND = re.compile(r"^synthetic-data-kit (-c .*)$", re.MULTILINE)
ENDPOINTS = ("http://localhost:8000/v1", "https://api.llama.com/v1")
PLAIN = 'llm:\n  provider: "vllm"\nvllm:\n  api_base: "http://localhost:8000/v1"\n  model: "any"\n'
TEXT = " ".join(f"Station {at} stands on the hill of number {at * 7} and measures rain." for at in range(120))


def survey() -> str:
    for place in PLACES:
        if place and Path(place).is_file():
            return Path(place).read_text("utf-8")
    pytest.skip("the survey is not here; TOOLBENCH_SURVEY names it")


def section(number: int) -> str:
    return re.split(r"^## \d+\. ", survey(), flags=re.MULTILINE)[number]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the files that the commands name."""
    monkeypatch.chdir(tmp_path)
    for name in ("technical_document", "reasoning_document", "source_document", "source_material"):
        path = tmp_path / "data/output" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT)
    (tmp_path / "data/output/technical_document.txt").unlink()
    pairs = [{"question": f"How do I call function {at}?", "answer": f"Call f{at}(x)."} for at in range(6)]
    for name in ("data/existing_qa_pairs.json", "data/api_examples.json", "path/to_qa_pairs.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps({"qa_pairs": pairs}))
    pdf = tmp_path / "data/pdf/technical_document.pdf"
    pdf.parent.mkdir()
    canvas = Canvas(str(pdf))
    for page in range(3):
        for line in range(30):
            canvas.drawString(50, 800 - 20 * line, f"Station {page * 30 + line} stands on a hill of its own.")
        canvas.showPage()
    canvas.save()
    return tmp_path


def prepared(text: str, home: Path, url: str) -> tuple[list[str], str]:
    """Write a section's configurations, with the endpoint's address; return its commands, and the model's name."""
    configs = dict(CONFIG.findall(text))
    commands = COMMAND.findall(text)
    named = {command.split()[1] for command in commands}
    assert len(configs) in (0, 1)
    assert configs.keys() <= named
    configs = dict.fromkeys(named, PLAIN) | configs
    for name, content in configs.items():
        for endpoint in ENDPOINTS:
            content = content.replace(endpoint, url)
        (home / name).write_text(content)
    return commands, re.search(r'model: "(.*?)"', next(iter(configs.values())))[1]  # type: ignore[index]


@pytest.fixture
def reader() -> Iterator[tuple[Reader, str]]:
    model = Reader()
    with serving(model) as url:
        yield model, url


def run(command: str) -> str:
    result = CliRunner().invoke(app, shlex.split(command, comments=True))
    assert result.exit_code == 0, (command, result.output)
    return result.output


def rows(path: str, key: str | None = None) -> list:
    text = Path(path).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()] if key is None else json.loads(text)[key]


def all_run(number: int, home: Path, reader: tuple[Reader, str]) -> int:
    model, url = reader
    commands, model.name = prepared(section(number), home, url)
    for command in commands:
        if "document_cleaned.json" in command and not Path("data/cleaned/document_cleaned.json").exists():
            made = Path("data/cleaned/to_cleaned.json")
            # The list rates one file and saves another.
            if made.exists():
                made.rename("data/cleaned/document_cleaned.json")
        run(command)
    return len(commands)


def check_conversations(path: str, at_least: int = 1):
    found = rows(path)
    assert len(found) >= at_least
    for row in found:
        assert [one["role"] for one in row["messages"]] == ["system", "user", "assistant"]
        assert all(one["content"].strip() for one in row["messages"])


def check_cleaned(path: str, threshold: float):
    content = json.loads(Path(path).read_text("utf-8"))
    metrics, pairs = content["metrics"], content["qa_pairs"]
    assert len(pairs) == metrics["filtered"] >= 1
    assert metrics["retention_rate"] == pytest.approx(metrics["filtered"] / metrics["total"], abs=1e-4)
    assert all(one["rating"] >= threshold and one["question"] and one["answer"] for one in pairs)


def test_lima(home: Path, reader: tuple[Reader, str]):
    assert all_run(1, home, reader) == 2
    check_cleaned("data/cleaned/document_cleaned.json", 8.5)
    check_conversations("data/final/document_cleaned_chatml.json")


def test_backtranslation_has_a_list_without_a_configuration(home: Path, reader: tuple[Reader, str]):
    assert all_run(2, home, reader) == 4
    assert len(rows("data/generated/technical_document_qa_pairs.json", "qa_pairs")) == 50
    pages = {one["location"]["page"] for one in rows("data/generated/technical_document_qa_pairs.json", "qa_pairs")}
    assert pages <= {1, 2, 3}
    assert pages
    check_cleaned("data/cleaned/technical_document_cleaned.json", 7.5)
    alpaca = json.loads(Path("data/final/technical_document_cleaned_alpaca.json").read_text())
    assert alpaca
    assert all(row["instruction"] and row["output"] and row["input"] == "" for row in alpaca)


def test_distilling_has_a_list_without_a_configuration(home: Path, reader: tuple[Reader, str]):
    assert all_run(3, home, reader) == 4
    examples = rows("data/generated/reasoning_document_cot_examples.json", "cot_examples")
    assert len(examples) == 5
    assert all(one["reasoning"] for one in examples)
    check_conversations("data/final/reasoning_document_cot_examples_chatml.json", 5)
    check_conversations("data/final/existing_qa_pairs_enhanced_chatml.json", 6)
    assert "Step 1" in rows("data/final/existing_qa_pairs_enhanced_chatml.json")[0]["messages"][-1]["content"]


def test_tiny_stories(home: Path, reader: tuple[Reader, str]):
    assert all_run(4, home, reader) == 3
    assert len(rows("data/generated/source_document_qa_pairs.json", "qa_pairs")) == 15
    check_cleaned("data/cleaned/source_document_cleaned.json", 7)
    stories = rows("data/final/source_document_cleaned.jsonl")
    # Its rating prompt asks for a difficulty besides.
    assert stories
    assert all(story["question"] and story["difficulty"] == 2 for story in stories)
    prompts = [request["messages"][-1]["content"] for request in reader[0].requests]
    asked = [prompt for prompt in prompts if "simple stories for teaching" in prompt]
    # Braces that are no fields reach the model as they stand.
    assert sum(int(re.search(r"Create (\d+) simple", prompt)[1]) for prompt in asked) == 15  # type: ignore[index]
    assert all('    "question": "Read this story' in prompt and "{num_pairs}" not in prompt for prompt in asked)


def test_textbooks(home: Path, reader: tuple[Reader, str]):
    import datasets

    assert all_run(5, home, reader) == 3
    assert len(rows("data/generated/source_material_qa_pairs.json", "qa_pairs")) == 15
    check_cleaned("data/cleaned/source_material_cleaned.json", 9)
    found = datasets.load_dataset("data/final/source_material_cleaned_chatml_hf", cache_dir=str(home / "cache"))
    assert [one["role"] for one in found["train"][0]["messages"]] == ["system", "user", "assistant"]
    assert len(found["train"]) == len(rows("data/cleaned/source_material_cleaned.json", "qa_pairs"))


def test_gorilla(home: Path, reader: tuple[Reader, str]):
    assert all_run(7, home, reader) == 2
    check_conversations("data/final/api_examples_enhanced_chatml.json", 6)
    assert any("Relevant API documentation" in one["messages"][-1]["content"] for one in reader[0].requests)
