"""The user's own prompts, in which `{name}` is filled in and every other brace is text."""

import re
from collections.abc import Mapping, Sequence
from string import Formatter

from toolbench.model import JsonObject

FIELDS = ("num_pairs", "num_examples", "text", "pairs", "conversations", "include_simple_steps")
"""What may be filled in."""

_FIELD = re.compile(r"\{(" + "|".join(FIELDS) + r")\}")


def filled(template: str, values: Mapping[str, object]) -> str:
    """Return a user's prompt with the fields filled in that it names.

    A prompt that is written for `str.format`, with all its other braces doubled, is read as that.
    """
    text = _FIELD.sub(lambda found: str(values.get(found[1], found[0])), template)
    if not _is_format(template):
        return text
    # What is filled in may hold braces of any number, so only those of the template are halved.
    parts = Formatter().parse(template)
    return "".join(before + (str(values.get(name, f"{{{name}}}")) if name else "") for before, name, _, _ in parts)


def user_message(template: str, values: Mapping[str, object], notes: Sequence[str] = ()) -> JsonObject:
    """Return the message that a user's own prompt becomes.

    Args:
        template: the prompt.
        values: what is filled in. What it must hold and does not name, the text or the items, is put at its end.
        notes: what is said besides, at the end.
    """
    parts = [filled(template, values)]
    unsaid = [str(value) for name, value in values.items() if name in _CONTENT and f"{{{name}}}" not in template]
    return {"role": "user", "content": "\n\n".join([*parts, *unsaid, *notes])}


_CONTENT = frozenset({"text", "pairs", "conversations"})


def _is_format(template: str) -> bool:
    """Tell whether `str.format` would take a prompt, and it doubles braces."""
    if "{{" not in template:
        return False
    try:
        names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    except ValueError:
        return False
    return all(name in FIELDS for name in names)
