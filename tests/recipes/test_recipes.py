"""Recipes run offline from end to end, on small input, and what comes out is checked by code."""

import json
import random
import re
import shlex
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from authors import ADVERT, Author
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.create._readability import measure
from toolbench.create._vocabulary import simple
from toolbench.llm.scripted import serving
from toolbench.recipes.recipe import load, names

run = CliRunner().invoke


@pytest.fixture(scope="module")
def url():
    with serving(Author()) as url:
        yield url


def recipe(name: str, out, url: str | None, *arguments: str, **parameters):
    words = ["recipes", "run", name, *arguments, "-o", str(out)]
    words += [word for key, value in parameters.items() for word in ("--set", f"{key}={value}")]
    words += ["--model", "scripted", "--base-url", url] if url else []
    done = run(app, words)
    assert done.exit_code == 0, done.output
    return done


def read(path):
    text = path.read_text()
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]


def written(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_lima_selects_what_is_diverse_and_proves_it(tmp_path, url):
    luck = random.Random(3)
    about = {"tea": 60, "rivers": 20, "steam engines": 10, "chess": 6}
    words = "leaf water stone iron bishop valley kettle boiler harbour summit paper silver garden winter".split()
    records = []
    for topic, number in about.items():
        for at in range(number):
            said = " ".join(luck.choices(words, k=8))
            answer = f"1. {said}\n2. {topic}" if at % 5 == 0 else f"{topic}: {said}. " * (1 + 3 * (at % 2))
            records.append(
                {"question": f"What of {topic} and {luck.choice(words)} {at}?", "answer": answer, "topic": topic}
            )
    out = tmp_path / "lima"
    source = written(tmp_path / "pairs.json", {"qa_pairs": records})
    recipe("lima", out, url, records=source, count=20, threshold=6)
    (cleaned,) = (read(path) for path in (out / "cleaned").glob("pairs*.json"))
    before, after = (cleaned["metrics"]["selection"][when] for when in ("before", "after"))
    table = (out / "cleaned" / "selection.md").read_text()
    assert all(f"| {topic} | {before['domains'][topic]} | {after['domains'][topic]} |" in table for topic in about)
    assert after["records"] == 20
    assert set(after["domains"]) == set(about)
    assert max(after["domains"].values()) - min(after["domains"].values()) <= 2
    for what in ("domains", "formats"):
        assert after[f"evenness_of_{what}"] > before[f"evenness_of_{what}"]
    assert after["likeness_to_nearest"] < before["likeness_to_nearest"]
    assert Counter(row["topic"] for row in cleaned["qa_pairs"]) == after["domains"]
    (final,) = (out / "final").iterdir()
    assert len(read_lines(final)) == 20


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_lima_begins_with_documents_too(tmp_path, url):
    written(tmp_path / "in" / "tea.md", "# Tea\n\nTea is made of leaves. Water is boiled first. Cups are warmed then.")
    recipe("lima", tmp_path / "out", url, str(tmp_path / "in"), pairs=3, count=2, threshold=1)
    (cleaned,) = (read(path) for path in (tmp_path / "out" / "cleaned").glob("*.json"))
    assert cleaned["metrics"]["selection"]["after"]["records"] == len(cleaned["qa_pairs"]) == 2


def test_backtranslation_goes_two_rounds(tmp_path, url):
    texts = [
        "Water boils at a hundred degrees at the height of the sea, and sooner on mountains.",
        f"{ADVERT}! The best kettle of all times is cheap today, and only today, so hurry up.",
        "Bread rises because yeast eats sugar and gives off a gas that is held by the dough.",
    ]
    source = written(tmp_path / "in" / "notes.txt", "\n\n".join(texts))
    seeds = written(tmp_path / "seeds.jsonl", '{"question": "What is tea?", "answer": "A drink made of leaves."}\n')
    out = tmp_path / "out"
    recipe("backtranslation", out, url, str(source), seeds=seeds, passage=90, attempts=1)
    rounds = [read(out / f"round_{number}" / "notes_backtranslated.json") for number in (1, 2)]
    assert [content["round"] for content in rounds] == [1, 2]
    for content in rounds:
        seed, *rows = content["pairs"]
        assert seed["system"] != rows[0]["system"]
        assert [row["output"] for row in rows] == [texts[0], texts[2]]
        assert min(row["score"] for row in rows) >= 4
    assert "(as in 3 examples)" in rounds[1]["pairs"][1]["instruction"]
    chats = [row["messages"] for row in read_lines(next((out / "final").iterdir()))]
    assert [[message["role"] for message in chat] for chat in chats] == [["system", "user", "assistant"]] * 3
    assert len({chat[0]["content"] for chat in chats}) == 2


def test_distilling_keeps_reasons_that_come_to_the_label(tmp_path, url):
    rows = [{"input": f"{one} and {two}", "label": one + two} for one, two in [(1, 2), (13, 4), (5, 6), (7, 7)]]
    out = tmp_path / "out"
    recipe("distilling", out, url, str(written(tmp_path / "sums.json", rows)))
    (final,) = (out / "final").iterdir()
    made = read(final)
    assert len(made) == 6
    assert Counter(row["instruction"].split()[0] for row in made) == {"[label]": 3, "[rationale]": 3}
    sums = {f"[label] {row['input']}": str(row["label"]) for row in rows}
    for label, reasons in zip(made[::2], made[1::2], strict=True):
        assert label["output"] == sums[label["instruction"]]
        assert reasons["output"].rstrip(".").endswith(label["output"])


def test_tinystories_keep_to_their_words_and_the_levels_are_ordered(tmp_path, url):
    out = tmp_path / "out"
    recipe("tinystories", out, url, count=15)
    folder = out / "generated" / "story_stories"
    assert sorted(path.name for path in folder.iterdir()) == [f"level_{level}" for level in range(1, 6)]
    levels = [read(folder / f"level_{level}" / "stories.json")["stories"] for level in range(1, 6)]
    texts = [[story["text"] for story in level] for level in levels]
    assert [len(level) for level in texts] == [3] * 5
    assert not [word for level in texts for text in level for word in simple().strangers(text)]
    spans = [[measure(text).difficulty for text in level] for level in texts]
    for lower, higher in pairwise(spans):
        assert max(lower) <= min(higher) + 1e-9
    assert sum(len(read_lines(path)) for path in (out / "final").iterdir()) == 15


def test_textbooks_are_ordered_and_their_code_passes(tmp_path, url):
    out = tmp_path / "out"
    recipe("textbooks", out, url, topic="Python's first steps", concepts=4, execute="true")
    (book,) = (path for path in (out / "textbook").glob("*_textbook.json"))
    sections = read(book)["sections"]
    places = {section["concept"]: section["order"] for section in sections}
    assert list(places) == ["values", "lists", "loops", "sorting"]
    for section in sections:
        assert all(places[before] < section["order"] for before in section["prerequisites"])
        coded = [exercise for exercise in section["exercises"] if exercise["code"]]
        assert [exercise["execution"] for exercise in coded] == ["passed"]
        for exercise in coded:
            program = f"{exercise['code']}\n{exercise['tests']}"
            subprocess.run([sys.executable, "-I", "-c", program], check=True)
    assert [set(row) for row in read_lines(next((out / "final").iterdir()))] == [{"text"}] * 4


def test_toolllm_makes_verified_conversations(tmp_path):
    out = tmp_path / "out"
    recipe("toolllm", out, None, apis="library", count=2)
    rows = read_lines(out / "run" / "datasets" / "trl" / "train.jsonl")
    assert rows
    assert all(row["tools"] for row in rows)
    assert (out / "run" / "report.html").is_file()


def test_a_recipe_stops_where_a_step_fails_and_goes_on_there(tmp_path, url):
    rows = [{"input": "13 and 4", "label": 17}]
    out = tmp_path / "out"
    source = written(tmp_path / "sums.json", rows)
    words = ["recipes", "run", "distilling", str(source), "-o", str(out), "--model", "scripted", "--base-url", url]
    failed = run(app, words)
    assert failed.exit_code == 1
    assert "label disagrees" in failed.stderr
    assert "step 1 of distilling (create) failed" in failed.stderr
    assert not (out / "final").exists()
    written(source, [*rows, {"input": "2 and 2", "label": 4}])
    assert run(app, words).exit_code == 0
    again = run(app, words)
    assert again.stdout.count("done before") == 2
    assert "done before" not in run(app, [*words, "--restart"]).stdout
    changed = run(app, [*words, "--set", "format=jsonl"])
    assert changed.stdout.count("done before") == 1
    other = run(app, ["recipes", "run", "toolllm", "-o", str(out)])
    assert other.exit_code == 2
    assert "the recipe distilling is here" in other.stderr


def test_recipes_are_shown_and_ones_own_are_run(tmp_path):
    listed = run(app, ["recipes", "list"]).stdout
    assert all(name in listed for name in names())
    assert len(names()) == 8
    for name in names():
        assert load(name).paper.startswith("https://arxiv.org/abs/")
        assert run(app, ["recipes", "show", name]).exit_code == 0
    text = run(app, ["recipes", "show", "toolllm", "--yaml"]).stdout
    own = written(tmp_path / "mine.yaml", text)
    dry = run(app, ["recipes", "run", str(own), "-o", "x y", "--dry-run", "--set", "count=2"])
    assert dry.stdout.splitlines()[1] == "toolbench evaluate 'x y/run'"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["limo"], "did you mean 'lima'"),
        (["distilling"], "needs `source`"),
        (["lima", "--set", "colour=red"], "no parameter 'colour'"),
        (["lima", "--set", "colour"], "not of the form"),
        (["nowhere.yaml"], "cannot be read"),
    ],
)
def test_what_cannot_be_run_is_one_clear_line(words, said, tmp_path):
    done = run(app, ["recipes", "run", *words, "-o", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.parametrize("text", ["a: [", "title: x\n", "title: x\nsummary: y\nsteps: []\n", "- 1\n"])
def test_a_file_that_is_no_recipe_is_refused(text, tmp_path):
    done = run(app, ["recipes", "show", str(written(tmp_path / "bad.yaml", text))])
    assert done.exit_code == 2
    assert "bad.yaml" in done.stderr


def test_gorilla_makes_requests_with_documents(tmp_path):
    out = tmp_path / "out"
    recipe("gorilla", out, None, apis="library", count=4)
    rows = read_lines(out / "data" / "openai.jsonl")
    assert len(rows) == 4
    assert {row["messages"][0]["role"] for row in rows} == {"system"}


@pytest.mark.embedded
@pytest.mark.slow
def test_toolformer_keeps_the_call_that_helps(tmp_path):
    plain = "Visitors are asked to keep to the paths."
    texts = (f"{plain} Today is Friday, and the shops close early.", plain)
    lines = "".join(json.dumps({"text": text, "date": "2004-12-24"}) + "\n" for text in texts)
    source = written(tmp_path / "texts" / "notes.jsonl", lines)
    recipe("toolformer", tmp_path / "out", None, str(source), tools="calendar", k=1, m=2)
    folder = tmp_path / "out" / "annotated"
    assert {told["text"] for told in read_lines(folder / "annotations.jsonl")} == set(texts)
    (kept,) = read_lines(folder / "annotated.jsonl")
    called = "Today is <API> Calendar() → Today is Friday, December 24, 2004. </API> Friday, and the shops close early."
    assert kept["text"] == f"{plain} {called}"
    assert (folder / "report.html").is_file()


def test_each_recipe_has_a_page_that_shows_its_commands():
    pages = Path(__file__).parents[2] / "docs" / "recipes"
    assert sorted(page.stem for page in pages.glob("*.md")) == names()
    for name in names():
        text, recipe = (pages / f"{name}.md").read_text(), load(name)
        assert text.startswith(f"# {recipe.title}\n")
        assert recipe.paper in text
        assert f"toolbench recipes run {name}" in text
        for line in re.findall(r"^toolbench recipes run .*$", text, re.MULTILINE):
            words = shlex.split(line, comments=True)[1:]
            assert run(app, [*words, "--dry-run"]).exit_code == 0, line
