"""Rows of a file: the same from a list and from lines, each with its line, and no bad one costs another."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.errors import TaskFileError
from toolbench.importers._rows import entries

texts = st.text(st.characters(codec="utf-8"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
rows = st.lists(st.dictionaries(texts, values, max_size=3), min_size=1, max_size=5)


def read(folder, text):
    path = folder / "file.json"
    path.write_bytes(text.encode())
    return list(entries(path))


@given(rows, st.sampled_from([None, 0, 2]), st.sampled_from(["", "\ufeff", "\n\n  "]))
def test_a_list_gives_its_elements_and_their_lines(tmp_path_factory, rows, indent, head):
    text = head + json.dumps(rows, indent=indent)
    found = read(tmp_path_factory.mktemp("list"), text)
    assert [entry.content for entry in found] == rows
    if indent == 0:
        # Every value stands on a line of its own, so a list of the first few rows is a prefix, save its last bracket.
        starts = [1 + json.dumps([*rows[:place], 0], indent=0).rindex("0") for place in range(len(rows))]
        lines = [json.dumps([*rows[:n], 0], indent=0)[:at].count("\n") for n, at in enumerate(starts)]
        assert [entry.line for entry in found] == [1 + line + head.count("\n") for line in lines]


@given(rows, st.lists(st.integers(0, 4), max_size=3))
def test_a_broken_line_costs_only_itself(tmp_path_factory, rows, broken):
    lines = [json.dumps(row) for row in rows]
    broken = {place for place in broken if place < len(lines)}
    mixed = [f"{line[:-1]}," if place in broken else line for place, line in enumerate(lines)]
    found = read(tmp_path_factory.mktemp("lines"), "\n".join(mixed) + "\n")
    assert [entry.line for entry in found] == list(range(1, len(rows) + 1))
    assert [bool(entry.problem) for entry in found] == [place in broken for place in range(len(rows))]
    assert [entry.content for entry in found if not entry.problem] == [
        row for place, row in enumerate(rows) if place not in broken
    ]


def test_what_follows_a_break_in_a_list_is_said_to_be_lost(tmp_path):
    found = read(tmp_path, '[\n{"a": 1},\n{"a": }, {"a": 3}]')
    assert [(entry.line, entry.content) for entry in found] == [(2, {"a": 1}), (3, None)]
    assert "cannot be read" in found[1].problem


@pytest.mark.parametrize("text", ['[{"a": 1}', '[{"a": 1} {"a": 2}]', "[1,"])
def test_a_list_that_is_not_closed_is_not_taken_for_whole(tmp_path, text):
    assert read(tmp_path, text)[-1].problem


def test_one_object_is_one_row_however_it_is_laid_out(tmp_path):
    (entry,) = read(tmp_path, '\n{\n "a": 1\n}\n')
    assert (entry.line, entry.content) == (2, {"a": 1})


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 500 + "1" + "}" * 500])
def test_deep_nesting_is_a_problem_of_its_row(tmp_path, text):
    assert all(entry.problem for entry in read(tmp_path, text))


def test_files_that_cannot_be_read_are_named(tmp_path):
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text(" \n")
    binary.write_bytes(b"\xff\xfe{}")
    for path, reason in ((empty, "empty"), (binary, "UTF-8"), (tmp_path / "none", "No such file"), (tmp_path, "Is a")):
        with pytest.raises(TaskFileError, match=reason) as caught:
            list(entries(path))
        assert caught.value.where == str(path)
