"""Weights in 16 bits: the same numbers, the same words about themselves, made once and never by halves."""

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from gguf.quants import dequantize, quantize

from toolbench.llm._wide_weights import wide

FACTS: dict[str, Any] = {"a.number": 7, "a.text": "seven", "a.list": ["one", "two"]}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "kept"))
    return tmp_path / "kept" / "toolbench"


def narrow(path: Path) -> dict[str, Any]:
    """Write weights of four and eight bits, and of one row of 32-bit floats; return what they stand for."""
    kinds = {"four": gguf.GGMLQuantizationType.Q4_1, "eight": gguf.GGMLQuantizationType.Q8_0}
    values = np.random.default_rng(1).normal(size=(2, 6, 64)).astype(np.float32)
    writer = gguf.GGUFWriter(path, "tiny")
    writer.add_uint32("a.number", FACTS["a.number"])
    writer.add_string("a.text", FACTS["a.text"])
    writer.add_array("a.list", FACTS["a.list"])
    writer.add_file_type(3)
    found: dict[str, Any] = {}
    for (name, kind), matrix in zip(kinds.items(), values, strict=True):
        packed = quantize(matrix, kind)
        writer.add_tensor(name, packed, raw_dtype=kind)
        found[name] = dequantize(packed, kind)
    found["norm"] = values[0, 0]
    writer.add_tensor("norm", found["norm"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return found


def test_no_weight_changes_but_by_the_last_of_sixteen_bits(tmp_path: Path, folder: Path) -> None:
    said = narrow(tmp_path / "tiny.gguf")
    made = wide(tmp_path / "tiny.gguf", "5" * 64)
    assert made.parent == folder
    reader = gguf.GGUFReader(made)
    assert {tensor.name: tensor.data.dtype for tensor in reader.tensors} == {
        "four": np.float16,
        "eight": np.float16,
        "norm": np.float32,
    }
    for tensor in reader.tensors:
        assert tensor.data.shape == said[tensor.name].shape
        np.testing.assert_allclose(tensor.data.astype(np.float32), said[tensor.name], rtol=2**-11, atol=2**-25)
    assert {name: reader.get_field(name).contents() for name in FACTS} == FACTS
    assert reader.get_field("general.architecture").contents() == "tiny"
    assert reader.get_field("general.file_type").contents() == 1


def test_they_are_made_once(tmp_path: Path) -> None:
    narrow(tmp_path / "tiny.gguf")
    made = wide(tmp_path / "tiny.gguf", "5" * 64)
    (tmp_path / "tiny.gguf").unlink()
    assert wide(tmp_path / "tiny.gguf", "5" * 64) == made
    with pytest.raises(OSError, match="tiny"):
        wide(tmp_path / "tiny.gguf", "6" * 64)


def test_nothing_half_written_is_left(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow(tmp_path / "tiny.gguf")

    def full(*_: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(gguf.GGUFWriter, "write_tensors_to_file", full)
        with pytest.raises(OSError, match="no space left"):
            wide(tmp_path / "tiny.gguf", "5" * 64)
    assert not list(folder.iterdir())
    assert wide(tmp_path / "tiny.gguf", "5" * 64).is_file()


@pytest.mark.parametrize("data", [b"", b"these are no weights", b"GGUF", b"GGUF\3\0\0\0" + b"\1" * 60])
def test_what_is_no_file_of_weights_is_said(data: bytes, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "w.gguf").write_bytes(data)
    with pytest.raises(ValueError, match=r"GGUF|empty"):
        wide(tmp_path / "w.gguf", "5" * 64)
    assert not folder.exists()
