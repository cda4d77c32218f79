"""Created data in trainers' formats."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.errors import ConfigError, InputError, WorkError
from toolbench.exporters._created import FORMATS
from toolbench.exporters._parquet import write_shards
from toolbench.pipeline.save_records import Saved, save_records

PAIRS = [
    {"question": 'Say "hi"\u2028now', "answer": "hi", "rating": 9},
    {"question": "Add 1 and 2.", "reasoning": "1 + 2 = 3", "answer": "3", "location": {"page": None}},
]
TALK = {
    "messages": [{"role": role, "content": role[0]} for role in ("system", "user", "assistant", "user", "assistant")]
}
TEXT = {"text": "Once upon a time."}


def save(home: Path, records: object, format: str, **more: object) -> Saved:  # noqa: A002
    path = home / "made.json"
    path.write_text(json.dumps(records))
    (saved,) = save_records([path], format, home / "final", **more)  # type: ignore[arg-type]
    return saved


def lines(path: Path) -> list:
    text = path.read_text("utf-8")
    return json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.split("\n") if line]


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_says_what_the_record_says(tmp_path: Path, name: str):
    saved = save(tmp_path, {"qa_pairs": PAIRS}, name)
    first, second = lines(saved.path)
    whole = json.dumps([first, second], ensure_ascii=False)
    assert saved.rows == 2
    for text in ('Say \\"hi\\"\u2028now', "Add 1 and 2.", "1 + 2 = 3"):
        assert text in whole
    assert set(saved.uncarried) == (set() if name == "jsonl" else {"rating", "location"})


def test_the_kit_s_shapes(tmp_path: Path):
    (one, _) = lines(save(tmp_path, PAIRS, "alpaca").path)
    assert one == {"instruction": PAIRS[0]["question"], "input": "", "output": "hi"}
    roles = ["system", "user", "assistant"]
    for format_ in ("ft", "chatml"):
        (one, two) = lines(save(tmp_path, PAIRS, format_).path)
        assert [message["role"] for message in one["messages"]] == roles
        assert two["messages"][2]["content"] == "1 + 2 = 3\n\n3"
    assert sorted(path.name for path in (tmp_path / "final").iterdir()) == [
        "made_alpaca.json",
        "made_chatml.json",
        "made_ft.json",
    ]


def test_what_a_format_has_no_place_for_is_left_out_and_counted(tmp_path: Path):
    records = [*PAIRS, TALK, TEXT]
    assert save(tmp_path, records, "alpaca").left_out == {"several_turns": 1, "a_text_without_a_question": 1}
    assert save(tmp_path, records, "chatml").left_out == {"a_text_without_a_question": 1}
    assert save(tmp_path, records, "trl").left_out == {}
    assert lines(save(tmp_path, records, "trl").path)[-1] == TEXT
    with pytest.raises(WorkError, match="2 for a text without a question"):
        save(tmp_path, [TEXT, TEXT], "chatml")


def test_calls_and_tools_reach_formats_that_have_a_place(tmp_path: Path):
    tool = {"type": "function", "function": {"name": "f", "description": "F.", "parameters": {"type": "object"}}}
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
    record = {
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [call]}],
        "tools": [tool],
    }
    (row,) = lines(save(tmp_path, [record], "trl").path)
    assert row["tools"] == [tool]
    assert row["messages"][1]["tool_calls"] == [call]
    (row,) = lines(save(tmp_path, [record], "openai").path)
    assert row["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"a":1}'
    with pytest.raises(WorkError, match="calls of tools"):
        save(tmp_path, [record], "ft")


def test_a_folder_with_parquet_is_opened_without_a_network(tmp_path: Path):
    import datasets

    records = [{**PAIRS[0], "odd": 1}, {**PAIRS[1], "odd": "x"}, PAIRS[1] | {"question": "And 4?"}]
    saved = save(tmp_path, records, "jsonl", storage="hf")
    found = datasets.load_dataset(str(saved.path), cache_dir=str(tmp_path / "cache"))["train"]
    assert saved.path.name == "made_jsonl_hf"
    assert saved.as_text == ["odd"]
    assert [row["question"] for row in found] == [row["question"] for row in records]
    assert found[0]["odd"] == "1"
    assert found[1]["odd"] == '"x"'
    assert "# made" in (saved.path / "README.md").read_text()


NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)  # as in JSON
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner)
)


@settings(max_examples=25)
@given(rows=st.lists(st.dictionaries(st.sampled_from(["x", "y"]), VALUES, min_size=1), min_size=1, max_size=4))
def test_no_value_is_changed_by_parquet(tmp_path_factory: pytest.TempPathFactory, rows: list[dict]):
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("parquet")
    as_text = write_shards(folder, rows, "card")
    found = pq.read_table(folder / "data" / "train-00000-of-00001.parquet").to_pylist()
    for row, read in zip(rows, found, strict=True):
        for name, value in read.items():
            given_ = row.get(name)
            assert _pruned(json.loads(value) if name in as_text and value is not None else value) == _pruned(given_)


def _pruned(value: object) -> object:
    """Return a value without fields that are null: of a column's structs, all have the fields that one has."""
    if isinstance(value, dict):
        return {key: _pruned(inner) for key, inner in value.items() if inner is not None}
    return [_pruned(inner) for inner in value] if isinstance(value, list) else value


def test_what_makes_no_sense_is_said(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"no format for created data is named 'csv'.*alpaca"):
        save(tmp_path, PAIRS, "csv")
    with pytest.raises(ConfigError, match="no storage"):
        save(tmp_path, PAIRS, "jsonl", storage="lance")
    with pytest.raises(InputError, match=r"made.json: no list of records"):
        save(tmp_path, {"a": 1}, "jsonl")
    with pytest.raises(InputError, match="no such file"):
        save_records([tmp_path / "no.json"], "jsonl", tmp_path)
    for name in "ab":
        (tmp_path / f"{name}.json").write_text(json.dumps(PAIRS))
    with pytest.raises(ConfigError, match="cannot become one"):
        save_records([tmp_path / "a.json", tmp_path / "b.json"], "jsonl", tmp_path / "x.jsonl")


def test_a_folder_is_taken_without_what_stages_leave_beside(tmp_path: Path):
    for name in ("a.json", "a_unused.jsonl", "sub/a.json", "a_ledger.jsonl"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(json.dumps(PAIRS))
    saved = save_records([tmp_path / "in"], "jsonl", tmp_path / "out")
    assert sorted(one.path.name for one in saved) == ["in_a.jsonl", "sub_a.jsonl"]
