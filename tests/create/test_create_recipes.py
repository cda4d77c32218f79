"""The kinds that papers are known for: what they write is checked by code, and what is refused is counted."""

import json
import subprocess
import sys
from itertools import pairwise

import pytest
from authors import ADVERT, WRONG, Author

from toolbench.create._readability import measure
from toolbench.create._vocabulary import simple
from toolbench.create.story import LEVELS
from toolbench.errors import ConfigError, InputError
from toolbench.llm.scripted import serving
from toolbench.pipeline.asked import ModelChoice
from toolbench.pipeline.create import Wishes, create

PASSAGES = [
    "Water boils at a hundred degrees at the height of the sea, and sooner on mountains.",
    f"{ADVERT}! The best kettle of all times is cheap today, and only today, so hurry up.",
    "Bread rises because yeast eats sugar and gives off a gas that is held by the dough.",
]


@pytest.fixture
def author():
    model = Author()
    with serving(model) as url:
        yield model, ModelChoice("scripted", base_url=url, concurrency=4)


def written(path, value):
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def made(choice, folder, kind: str, paths=(), count=None, **options):
    summary = create(paths, Wishes(kind, count=count, options=options), choice, folder)
    (file,) = summary.files
    return json.loads(file.path.read_text()), file


def test_stories_keep_to_the_vocabulary_and_the_levels_are_ordered(author, tmp_path):
    _, choice = author
    content, file = made(choice, tmp_path, "story", count=30)
    stories, vocabulary = content["stories"], simple()
    assert len(stories) == 30
    assert {"outside_vocabulary", "required_word_missing"} <= set(file.losses)
    for story in stories:
        assert vocabulary.strangers(story["text"]) == []
        assert vocabulary.missing(story["text"], story["words"]) == []
        assert measure(story["text"]).grade <= 6
    levels = [
        json.loads((tmp_path / "story_stories" / f"level_{level}" / "stories.json").read_text())["stories"]
        for level in range(1, LEVELS + 1)
    ]
    assert [len(level) for level in levels] == [6] * 5
    assert [story for level in levels for story in level] == stories
    difficulties = [measure(story["text"]).difficulty for story in stories]
    assert all(one <= other + 1e-3 for one, other in pairwise(difficulties))
    assert difficulties[0] < difficulties[-1]


def test_stories_are_the_same_again_and_of_ones_own_words_where_such_are_given(author, tmp_path):
    model, choice = author
    first, _ = made(choice, tmp_path, "story", count=6)
    asked = model.asked
    again, _ = made(choice, tmp_path, "story", count=6)
    assert (again, model.asked) == (first, asked)
    words = "Lily was a little girl and they were very happy about it together She said The dog ran to the big tree"
    own, _ = made(choice, tmp_path, "story", count=6, vocabulary=str(written(tmp_path / "own.txt", words)))
    assert own["vocabulary"] == len(set(words.casefold().split()))
    assert {word for story in own["stories"] for word in story["words"]} <= set(words.split())
    with pytest.raises(InputError, match="no word"):
        made(choice, tmp_path, "story", vocabulary=str(written(tmp_path / "none.txt", "# nothing")))


def test_backtranslation_shows_the_best_of_the_round_before(author, tmp_path):
    model, choice = author
    texts = tmp_path / "texts"
    texts.mkdir()
    document = written(texts / "notes.txt", "\n\n".join(PASSAGES))
    seeds = written(tmp_path / "seeds.json", [{"question": "What is tea?", "answer": "A drink made of leaves."}])

    def go(folder: str, **options):
        wishes = Wishes("backtranslation", chunk_size=90, overlap=0, attempts=1, options=options)
        create([document], wishes, choice, tmp_path / folder)
        return json.loads((tmp_path / folder / "notes_backtranslated.json").read_text())

    first = go("one", seed_pairs=str(seeds))
    second = go("two", seed_pairs=str(seeds), before=str(tmp_path / "one" / "notes_backtranslated.json"))
    for number, content in enumerate((first, second), 1):
        seed, *rows = content["pairs"]
        assert (content["round"], seed["origin"]) == (number, "seed")
        assert [row["output"] for row in rows] == [PASSAGES[0], PASSAGES[2]]
        assert all(row["score"] >= 4 and row["round"] == number for row in rows)
        assert seed["system"] not in {row["system"] for row in rows}
        assert content["created"]["unused"] == {"below_threshold": 1}
    assert "as in 1 examples" in first["pairs"][1]["instruction"]
    assert "as in 3 examples" in second["pairs"][1]["instruction"]
    shown = [text for request in model.requests for text in [request["messages"][-1]["content"]] if "as in 1" in text]
    assert any(text.startswith("Below is a text.") for text in shown)


def test_rationales_are_kept_where_they_come_to_the_label_that_is_given(author, tmp_path):
    model, choice = author
    rows = [{"input": f"{first} and {second}", "label": first + second} for first, second in [(1, 2), (13, 4), (5, 6)]]
    content, file = made(choice, tmp_path, "rationale", [written(tmp_path / "sums.json", rows)])
    assert [row["output"] for row in content["examples"] if row["task"] == "label"] == ["3", "11"]
    for row in content["examples"]:
        assert row["instruction"].startswith(f"[{row['task']}] ")
        assert row["label"] in row["output"]
    assert len(content["examples"]) == 4
    assert file.losses["label_disagrees"] >= 1
    assert not any("label" in request["messages"][-1]["content"].rpartition("Input:")[2] for request in model.requests)
    bare = written(tmp_path / "bare.json", [{"input": row["input"]} for row in rows])
    labels = written(tmp_path / "labels.txt", "3\n17\n11\n")
    again, _ = made(choice, tmp_path, "rationale", [bare], labels=str(labels))
    assert again["examples"] == content["examples"]
    with pytest.raises(InputError, match="2 labels for 3 rows"):
        made(choice, tmp_path, "rationale", [bare], labels=str(written(tmp_path / "few.txt", "3\n17\n")))
    with pytest.raises(InputError, match="no label"):
        made(choice, tmp_path, "rationale", [bare])


def test_a_textbook_is_ordered_and_its_code_passes_its_own_tests(author, tmp_path):
    _, choice = author
    outline, file = made(choice, tmp_path, "outline", count=4, topic="Python")
    assert len(outline["concepts"]) == 4
    content, summary = made(choice, tmp_path, "textbook", [file.path], execute=True)
    assert [section["concept"] for section in content["sections"]] == ["values", "lists", "loops", "sorting"]
    assert [section["order"] for section in content["sections"]] == [1, 2, 3, 4]
    assert summary.losses == {"tests_failed": 1, "low_value": 1}
    for section in content["sections"]:
        assert [exercise["execution"] for exercise in section["exercises"]] == ["passed", "no_code"]
        program = section["exercises"][0]["code"] + "\n" + section["exercises"][0]["tests"]
        subprocess.run([sys.executable, "-I", "-c", program], check=True)
        assert section["text"].startswith(f"# {section['concept']}")


def test_code_is_not_executed_unless_asked_for_and_varies_by_reader(author, tmp_path):
    _, choice = author
    concepts = written(tmp_path / "c.json", [{"concept": WRONG, "prerequisites": ["it", WRONG]}, {"concept": "it"}])
    content, _ = made(choice, tmp_path, "textbook", [concepts], variations=3)
    assert {exercise["execution"] for one in content["sections"] for exercise in one["exercises"]} == {
        "unexecuted",
        "no_code",
    }
    assert [section["concept"] for section in content["sections"]] == ["it"] * 3 + [WRONG] * 3
    assert content["circular"] == [f"{WRONG} -> {WRONG}"]
    assert len({(section["audience"], section["setting"]) for section in content["sections"]}) > 3
    with pytest.raises(InputError, match="no `concept`"):
        made(choice, tmp_path, "textbook", [written(tmp_path / "bad.json", [{"name": "x"}])])
    with pytest.raises(ConfigError, match="has a topic"):
        made(choice, tmp_path, "outline")
