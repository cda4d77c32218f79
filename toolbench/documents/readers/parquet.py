"""Parquet, and Arrow files of Hugging Face data sets: a document a row where a column holds texts."""

from collections.abc import Iterator
from typing import Any, ClassVar

from toolbench.documents._rows import drafts
from toolbench.documents.readers.base import HF, Draft, installed
from toolbench.errors import DocumentError

__all__ = ["ParquetReader"]

_PARQUET = b"PAR1"


class ParquetReader:
    """Reads Parquet and Arrow files."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".arrow")
    media_types: ClassVar[tuple[str, ...]] = ("application/vnd.apache.parquet", "application/vnd.apache.arrow.file")

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the documents. See `Reader.read`."""
        with installed(HF):
            import pyarrow as arrow
            from pyarrow import ipc
            from pyarrow import parquet as parquet_files

        pa: Any = arrow
        parquet: Any = parquet_files
        try:
            source = pa.BufferReader(data)
            is_parquet = data.startswith(_PARQUET)
            table: Any = parquet.read_table(source) if is_parquet else _arrow(ipc, source)
            rows: list[dict[str, Any]] = table.to_pylist()
        except (pa.ArrowException, OSError) as error:
            reason = " ".join(str(error).split())
            raise DocumentError(f"not readable: {reason}", where=where, hint="Is it whole?") from error
        yield from drafts(rows, "parquet" if is_parquet else "arrow")


def _arrow(ipc: Any, source: Any) -> Any:
    """Return the table of an Arrow file, or stream, as `datasets` writes them."""
    try:
        return ipc.open_stream(source).read_all()
    except OSError:
        source.seek(0)
        return ipc.open_file(source).read_all()
