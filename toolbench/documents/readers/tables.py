"""Tables as text (CSV, TSV): the first row is the head."""

import csv
import io
from collections.abc import Iterator
from typing import ClassVar

from toolbench.documents._decoding import decode
from toolbench.documents.readers.base import Draft, known, markdown_table
from toolbench.errors import DocumentError
from toolbench.model import Block

__all__ = ["TableReader"]

_DELIMITERS = ",;\t|"
_SAMPLE = 64_000


class TableReader:
    """Reads CSV and TSV; what parts the columns is found out."""

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv")
    media_types: ClassVar[tuple[str, ...]] = ("text/csv", "text/tab-separated-values")

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the one document, a table. See `Reader.read`."""
        text, encoding = decode(data, where)
        try:
            rows = list(csv.reader(io.StringIO(text), _dialect(text), strict=True))
        except csv.Error as error:
            hint = "Are all quotes closed?"
            raise DocumentError(f"not a table: {error}", where=where, hint=hint) from error
        table = markdown_table(rows)
        yield Draft((Block(text=table, kind="table"),) if table else (), metadata=known(encoding=encoding), media="csv")


def _dialect(text: str) -> type[csv.Dialect]:
    try:
        dialect = csv.Sniffer().sniff(text[:_SAMPLE], _DELIMITERS)
    except csv.Error:
        return csv.excel
    dialect.doublequote = True
    return dialect
