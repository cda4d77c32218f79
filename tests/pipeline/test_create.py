"""Creating, against a served model that reads."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from document_reader import Reader

from toolbench.errors import ConfigError, InputError, PluginError, UnreachableError, WorkError
from toolbench.llm.script import Answer
from toolbench.llm.scripted import serving
from toolbench.model import Block, Document
from toolbench.pipeline.asked import ModelChoice
from toolbench.pipeline.create import CreateSummary, Wishes, create

TEXT = "\n\n".join(f"Station {at} stands on hill {at * 7}. It measures {at} kinds of rain there." for at in range(60))


class Served:
    """A reader behind an endpoint."""

    def __init__(self, model: Reader, url: str, home: Path) -> None:
        self.model, self.url, self.home = model, url, home

    def create(self, *places: Path, kind: str = "qa", out: str = "out", **more: object) -> CreateSummary:
        wishes = Wishes(**{"kind": kind, "chunk_size": 400, "overlap": 50, **more})  # type: ignore[arg-type]
        return create(
            [str(place) for place in places], wishes, ModelChoice("scripted", self.url, delay=0.01), self.home / out
        )

    def rows(self, key: str = "qa_pairs", name: str = "text_qa_pairs", out: str = "out") -> list:
        return json.loads((self.home / out / f"{name}.json").read_text())[key]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    model = Reader(**getattr(request, "param", {}))
    with serving(model) as url:
        yield Served(model, url, tmp_path)


@pytest.mark.parametrize("count", [1, 7, 40])
def test_exactly_as_many_come_as_are_asked_for_each_with_its_place(served: Served, text: Path, count: int):
    assert served.create(text, count=count).rows == count
    rows = served.rows()
    assert len({row["question"] for row in rows}) == len(rows) == count
    for row in rows:
        place = row["location"]
        assert TEXT[place["start"] : place["end"]] == row["answer"]
    chunks = [row["location"]["chunk"] for row in rows]
    assert chunks == sorted(chunks)


def test_the_same_again_asks_nothing_and_writes_the_same(served: Served, text: Path):
    served.create(text, count=9)
    asked, first = served.model.asked, (served.home / "out/text_qa_pairs.json").read_bytes()
    served.create(text, count=9)
    assert served.model.asked == asked
    assert (served.home / "out/text_qa_pairs.json").read_bytes() == first


def test_nobody_is_needed_for_what_is_on_record(served: Served, text: Path):
    served.create(text, count=4)
    create(
        [str(text)],
        Wishes("qa", 4, chunk_size=400, overlap=50),
        ModelChoice("scripted", "http://127.0.0.1:9/v1"),
        served.home / "out",
    )


def broken(number: int, prompt: str) -> str | Answer | None:
    if "Is water wet" in prompt or number % 3:
        return None
    return Answer(status=500) if number % 2 else '{"qa_pairs": [{"question": "cut o'


@pytest.mark.parametrize("served", [{"spoil": broken}], indirect=True)
def test_faults_are_made_up_for_counted_and_kept(served: Served, text: Path):
    summary = served.create(text, count=20)
    assert summary.rows == 20
    assert summary.losses["unparseable"] > 0
    kept = [json.loads(line) for line in (served.home / "out/text_qa_pairs_unused.jsonl").read_text().splitlines()]
    assert any(one["answer"] == '{"qa_pairs": [{"question": "cut o' and one["job"].startswith("chunk") for one in kept)
    assert sum(summary.losses.values()) == len(kept)


@pytest.mark.parametrize("served", [{"knows_schemas": False}], indirect=True)
def test_an_endpoint_that_refuses_schemas_is_asked_without(served: Served, text: Path):
    summary = served.create(text, count=5)
    assert (summary.rows, summary.constrained) == (5, False)
    assert sum(bool(one.get("response_format")) for one in served.model.requests) == 1


def test_an_endpoint_that_knows_them_is_held_to_one(served: Served, text: Path):
    assert served.create(text, count=5).constrained
    assert any("qa_pairs" in str(one.get("response_format")) for one in served.model.requests)


def invented(number: int, prompt: str) -> str | None:
    pair = {"question": f"Q{number}?", "answer": "Penguins love krill."}
    return None if "Is water wet" in prompt else json.dumps({"qa_pairs": [pair]})


@pytest.mark.parametrize("served", [{"spoil": invented}], indirect=True)
def test_answers_that_are_not_in_the_text_are_dropped_and_nothing_is_an_error(served: Served, text: Path):
    with pytest.raises(WorkError, match=r"nothing came of 3 wanted: .* ungrounded; see .*unused.jsonl"):
        served.create(text, count=3)
    assert not (served.home / "out/text_qa_pairs.json").exists()
    summary = served.create(text, count=3, options={"grounded": "mark"})
    assert summary.rows == 3
    assert served.rows()[0]["support"] == 0


def test_a_user_s_own_prompt_is_filled_in(served: Served, text: Path):
    prompts = {"qa_generation": 'Create {num_pairs} riddles: [{"question": "…"}]\nText:\n{text}'}
    assert served.create(text, count=2, prompts=prompts).rows == 2
    asked = [one["messages"][-1]["content"] for one in served.model.requests]
    own = [prompt for prompt in asked if prompt.startswith('Create 1 riddles: [{"question": "…"}]\nText:\n')]
    assert len(own) == 2
    assert all(prompt.partition("Text:\n")[2] in TEXT for prompt in own)


def test_reasoning_and_summaries(served: Served, text: Path):
    served.create(text, kind="cot", count=3)
    assert all(row["reasoning"] for row in served.rows("cot_examples", "text_cot_examples"))
    served.create(text, kind="summary")
    content = json.loads((served.home / "out/text_summary.json").read_text())
    assert content["summary"] == content["summaries"][0]["answer"] == "It is a text. It says this and that."


def test_enhancing_takes_the_answers_and_nothing_else(served: Served, tmp_path: Path):
    path = tmp_path / "pairs.json"
    path.write_text(json.dumps({"qa_pairs": [{"question": f"Q{at}?", "answer": f"A{at}."} for at in range(4)]}))
    assert served.create(path, kind="cot-enhance", count=3).rows == 3
    first = served.rows("conversations", "pairs_enhanced")[0]
    assert first == [{"role": "user", "content": "Q0?"}, {"role": "assistant", "content": "Step 1: think. A0."}]


def rewritten(number: int, prompt: str) -> str | None:
    if "Rewrite" not in prompt:
        return None
    return json.dumps([{"role": "user", "content": "Another?"}, {"role": "assistant", "content": "Thought. A."}])


@pytest.mark.parametrize("served", [{"spoil": rewritten}], indirect=True)
def test_a_question_that_the_model_rewrites_stays_the_user_s(served: Served, tmp_path: Path):
    path = tmp_path / "pairs.json"
    path.write_text(json.dumps([{"question": "Mine?", "answer": "A."}]))
    served.create(path, kind="cot-enhance")
    assert served.rows("conversations", "pairs_enhanced")[0][0]["content"] == "Mine?"


def test_structure_that_ingest_kept_tells_page_and_headings(served: Served, tmp_path: Path):
    blocks = (
        Block(text="Rain", kind="heading", level=1, page=4),
        Block(text="The gauge measures rain at noon.", page=4),
    )
    made = Document(id="d1", source="book.pdf", name="book", blocks=blocks)
    (tmp_path / "book.txt").write_text(made.text + "\n")
    (tmp_path / "book.json").write_text(made.model_dump_json())
    served.create(tmp_path / "book.txt", count=1)
    (row,) = served.rows(name="book_qa_pairs")
    assert (row["location"]["page"], row["location"]["headings"], row["location"]["document"]) == (4, ["Rain"], "d1")


def test_each_file_of_a_folder_gets_its_rows(served: Served, tmp_path: Path):
    for name in ("a/one.txt", "b/one.txt", "two.md"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(TEXT)
    summary = served.create(tmp_path / "in", count=4)
    assert [file.rows for file in summary.files] == [4, 4, 4]
    assert len({file.path for file in summary.files}) == 3


def test_what_makes_no_sense_is_said(served: Served, text: Path, tmp_path: Path):
    with pytest.raises(PluginError, match=r"no kind of created data is named 'qas'.*cot"):
        served.create(text, kind="qas")
    with pytest.raises(ConfigError, match=r"option 'colour'.*grounded"):
        served.create(text, options={"colour": 1})
    with pytest.raises(ConfigError, match="made of something"):
        served.create()
    with pytest.raises(InputError):
        served.create(tmp_path / "no.txt")
    with pytest.raises(ConfigError, match="`count` is 0"):
        served.create(text, count=0)
    with pytest.raises(UnreachableError):
        create(
            [str(text)], Wishes("qa", 1), ModelChoice("scripted", "http://127.0.0.1:9/v1", attempts=1), tmp_path / "x"
        )
