"""Secrets taken out of whatever comes back, however it spells them."""

import base64
import html
import re
from collections.abc import Iterable, Iterator

from toolbench.model import Json, is_array, is_object

REDACTED = "[redacted]"
"""What stands where a secret stood."""

_BASE64 = "[A-Za-z0-9+/_-]?"
_LONGEST_SPELLING = 8
"""Characters that one character of a secret may take up (`%252573`)."""


class Redactor:
    """Replaces secrets: as they are, percent-encoded (also twice), escaped as in JSON or HTML, in Base64 (also in the
    midst of something longer, such as Basic credentials) and in hexadecimal; upper and lower case are not told apart.

    Args:
        secrets: what must not be seen.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        longest_first = sorted(set(secrets), key=len, reverse=True)
        patterns = [pattern for secret in longest_first for pattern in _patterns(secret)]
        self._pattern = re.compile("|".join(patterns) or r"(?!)", re.IGNORECASE)
        self.longest = _LONGEST_SPELLING * max((len(secret.encode().hex()) for secret in longest_first), default=0)
        """Characters that the longest form of a secret may take up."""

    def holds_secret(self, text: str) -> bool:
        """Tell whether a secret stands in a text."""
        return self._pattern.search(text) is not None

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        return self._pattern.sub(REDACTED, text)

    def json(self, value: Json) -> Json:
        """Return a JSON value without secrets, be they in strings, names or numbers."""
        if isinstance(value, str):
            return self.text(value)
        if is_object(value):
            return {self.text(name): self.json(inner) for name, inner in value.items()}
        if is_array(value):
            return [self.json(inner) for inner in value]
        if isinstance(value, int | float) and self.holds_secret(str(value)):
            return REDACTED
        return value


def _patterns(secret: str) -> Iterator[str]:
    """Yield patterns for all that a secret may be turned into."""
    content = secret.encode()
    yield _spelled(secret)
    yield _spelled(content.hex())
    for offset in range(3):
        # The characters at both ends may stand for a part of the secret and of what is beside it.
        yield f"{_BASE64}{_spelled(_in_base64(content, offset))}{_BASE64}"


def _in_base64(content: bytes, offset: int) -> str:
    """Return the characters that stand for some bytes in the Base64 of any text that has them after 3n + offset."""
    encoded = base64.b64encode(bytes(offset) + content).decode()
    return encoded[-(-offset * 8 // 6) : (offset + len(content)) * 8 // 6]


def _spelled(form: str) -> str:
    """Return a pattern that finds a text even if some of its characters are escaped."""
    return "".join(f"(?:{'|'.join(_spellings(character))})" for character in form)


def _spellings(character: str) -> Iterator[str]:
    code = ord(character)
    yield re.escape(character)
    yield "".join(f"%(?:25){{0,2}}{byte:02x}" for byte in character.encode())
    yield f"&#(?:0{{0,2}}{code}|x0?{code:x});"
    units = character.encode("utf-16-be")
    yield "".join(rf"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
    if character in '"\\/':
        yield re.escape(f"\\{character}")
    if (named := html.escape(character)) != character:
        yield re.escape(named)
    yield from {" ": (r"\+",), "+": ("-",), "/": ("_",)}.get(character, ())
