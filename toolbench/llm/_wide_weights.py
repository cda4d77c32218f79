"""A file of weights as numbers of 16 bits: what log-probabilities are reckoned from.

Where weights have four or eight bits, llama.cpp rounds what is multiplied by them to eight bits, too, which moves the
log-probability of a token by some 0.07 nats. By weights of 16 bits it does not. No weight changes: the four bits are
written out.
"""

import os
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import gguf  # pyright: ignore[reportMissingImports]
import numpy as np
from gguf.quants import dequantize  # pyright: ignore[reportMissingImports]

_library: Any = gguf
_written_out: Any = dequantize

_FILE_TYPE = "general.file_type"
_MOSTLY_F16 = 1
_KEPT_APART = ("general.architecture", _FILE_TYPE)
"""What the file says of itself that is not merely copied."""


def cache() -> Path:
    """Return the folder for what can be made again: `toolbench` in `$XDG_CACHE_HOME`, or else in `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "toolbench"


def wide(path: Path, digest: str) -> Path:
    """Return the file of the same weights in 16 bits, which is made where it is not there yet.

    Args:
        path: a file of weights (GGUF).
        digest: its SHA-256.

    Raises:
        ValueError: it is no such file.
        OSError: the file cannot be read, or the other not be written.
    """
    target = cache() / f"{path.stem}-{digest[:16]}.f16.gguf"
    if not target.is_file():
        reader = _opened(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=target.stem) as folder:
            made = Path(folder) / target.name
            _write(reader, made)
            made.replace(target)
    return target


def _opened(path: Path) -> Any:
    try:
        return _library.GGUFReader(path)
    except (IndexError, KeyError, OverflowError, TypeError) as error:
        raise ValueError(f"no file of weights (GGUF): {type(error).__name__}") from error


def _write(reader: Any, path: Path) -> None:
    with closing(_library.GGUFWriter(path, reader.get_field("general.architecture").contents())) as writer:
        _describe(reader, writer)
        for tensor in reader.tensors:
            values = _written_out(tensor.data, tensor.tensor_type).reshape(tensor.shape[::-1])
            # Vectors, such as those of a norm, are multiplied number by number, and stay as they are.
            writer.add_tensor(tensor.name, values.astype(np.float16) if values.ndim > 1 else values)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()


def _describe(reader: Any, writer: Any) -> None:
    """Say of the new file what the old one says of itself, but for the kind of its numbers."""
    for field in reader.fields.values():
        if not field.name.startswith("GGUF.") and field.name not in _KEPT_APART:
            inner = field.types[-1] if len(field.types) > 1 else None
            writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=inner)
    writer.add_file_type(_MOSTLY_F16)
