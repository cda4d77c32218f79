"""Bytes as text, whatever their encoding; another one than UTF-8 is said."""

import codecs
from typing import TYPE_CHECKING

from toolbench.documents.readers.base import DOCS, installed
from toolbench.errors import DocumentError

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WRITTEN = "cp1252 cp1250 cp1251 koi8_r cp1253 cp1254 cp1255 cp1256 cp1257 cp932 gb18030 big5 euc_kr euc_jp mac_roman"
COMMON: list[str] = [*_WRITTEN.split()]
"""Encodings that are thought of, the commonest first: of those that fit about equally well, the first is taken."""

ABOUT = 0.08
"""Difference, in charset-normalizer's measures of mess and coherence (0 to 1), that means nothing."""

_UNICODE = {"utf-8", "utf-8-sig", "ascii"}


def decode(data: bytes, where: str) -> tuple[str, str]:
    """Return a file's text, its line breaks made `\\n`, and its encoding; that is empty for UTF-8.

    Raises:
        DocumentError: it is no text.
        InputError: it is not UTF-8, and what detects other encodings is not installed.
    """
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text, encoding = _detected(data, where)
    if "\0" in text:
        raise DocumentError("not a text: it holds NUL characters", where=where, hint="Which format is it?")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines, "" if encoding in _UNICODE else encoding


def _detected(data: bytes, where: str) -> tuple[str, str]:
    with installed(DOCS):
        from charset_normalizer import from_bytes
    matches = [] if b"\0" in data else list(from_bytes(data, cp_isolation=COMMON))
    tidy = [match for match in matches if match.chaos <= min(other.chaos for other in matches) + ABOUT]
    fluent = [match for match in tidy if match.coherence >= max(other.coherence for other in tidy) - ABOUT]
    if not fluent:
        raise DocumentError("not a text of any known encoding", where=where, hint="Save it as UTF-8.")
    best = min(fluent, key=lambda match: min(map(COMMON.index, _names(match))))
    return str(best), min(_names(best), key=COMMON.index)


def _names(match: "CharsetMatch") -> list[str]:
    """Return the encodings in which the bytes mean the same."""
    return [name for name in {match.encoding, *match.could_be_from_charset} if name in COMMON]
