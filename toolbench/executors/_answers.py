"""Bodies of answers as an agent sees them: JSON where they are, text where they can be read, else a description."""

import codecs
import re

import orjson

from toolbench.executors._bodies import is_json
from toolbench.executors._redaction import Redactor
from toolbench.executors._wire import Reply
from toolbench.model import Json
from toolbench.model.base import is_shallow

_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
# By name: Python also knows encodings whose decoding takes quadratic time, or that are no text at all.
_KNOWN_CHARSET = re.compile(
    r"(utf-?(8|16|32)|iso-?8859|latin|windows-?12|cp12|us-?ascii|ascii|shift_?jis|euc|gb|big5|koi8).*", re.IGNORECASE
)
_TEXT = re.compile(
    r"text/|[^;]*[/+](json|xml|yaml|javascript|graphql|x-www-form-urlencoded|x-ndjson|toml)\b", re.IGNORECASE
)


def body_of(reply: Reply, redactor: Redactor) -> Json:
    """Return the body of an answer, without secrets.

    What claims to be JSON, or does not say what it is, is read as JSON; where that fails (because it was cut, is
    malformed, or nested too deeply) it is shown as text. Bytes that are no text are described:
    `{"binary": {"media_type": "image/png", "size": 1024}}`, the size being that of what came.
    """
    media_type = reply.headers.get("content-type", "").strip()
    content = bytes(reply.content)
    if not content:
        return None
    if (is_json(media_type) or not media_type) and not reply.cut:
        try:
            value: Json = orjson.loads(content)
            if is_shallow(value):
                return redactor.json(value)
        except orjson.JSONDecodeError:
            pass
    return _as_text(content, media_type, redactor, cut=reply.cut)


def _as_text(content: bytes, media_type: str, redactor: Redactor, *, cut: bool) -> Json:
    if media_type and not _TEXT.match(media_type):
        return _description(content, media_type, redactor)
    charset = _CHARSET.search(media_type)
    text = _decoded(content, charset[1] if charset and _KNOWN_CHARSET.fullmatch(charset[1]) else "utf-8")
    if "\0" in text:
        return _description(content, media_type, redactor)
    shown = redactor.text(text)
    # The cut may have gone through a secret, which then cannot be recognised.
    return shown[: max(0, len(shown) - redactor.longest)] if cut else shown


def _decoded(content: bytes, charset: str) -> str:
    """Return bytes as text; what is no text is replaced, but for a character that the end cut in two."""
    try:
        return codecs.getincrementaldecoder(charset)(errors="replace").decode(content)
    except (LookupError, UnicodeError):
        return codecs.getincrementaldecoder("utf-8")(errors="replace").decode(content)


def _description(content: bytes, media_type: str, redactor: Redactor) -> Json:
    return {"binary": {"media_type": redactor.text(media_type), "size": len(content)}}
