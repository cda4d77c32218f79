"""Descriptions as plain text: documents mix Markdown with HTML."""

import html
import re

_BREAK = re.compile(r"<(?:/?(?:p|div|ul|ol|table|tr|h[1-6]|pre|blockquote|note|important)|br)\b[^<>]*>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|caption|cite|code|dd|del|details|dl|dt|em|font|hr|i|img|ins|kbd|li|mark|q|s|samp|small|span"
    r"|strike|strong|sub|summary|sup|tbody|td|tfoot|th|thead|tt|u|var)\b[^<>]*>|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
_GAP = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")
_SPACES = re.compile(r"(?<=\S)[ \t]{2,}")


def plain(text: str) -> str:
    """Return text without HTML tags and entities, trimmed. Placeholders such as `<user>` stay."""
    if "<" in text:
        text = _ITEM.sub("\n- ", _BREAK.sub("\n", text))
        text = _INLINE.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    return _GAP.sub("\n\n", _SPACES.sub(" ", text.replace("\r\n", "\n"))).strip()


def joined(summary: str, description: str) -> str:
    """Return summary and description as one plain text, without saying the same twice."""
    first, rest = plain(summary), plain(description)
    if not first or rest.startswith(first):
        return rest
    return f"{first}\n\n{rest}" if rest else first
