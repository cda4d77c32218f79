"""How people speak of a field: when they describe a thing by it, ask for it, or want it set."""

import re
from collections.abc import Sequence

from toolbench.model import Json
from toolbench.model.wording import as_date, as_moment, say
from toolbench.tasks.english import article, is_participle, is_plural, listed, plural
from toolbench.world.nouns import singular, words

_UNITS = frozenset("ms seconds minutes hours days weeks months years bytes cents percent".split())
_WHEN = frozenset("at on date time".split())
_WRAPPERS = frozenset(("metadata", "spec"))
"""Objects that only hold what belongs to the thing itself."""

_PERIODS = frozenset("hourly daily weekly monthly yearly".split())
_SHARES = frozenset("available left open sold used".split())
_NAMES = frozenset("name title subject label headline nickname login username".split())
_BOUNDS = {"max": "maximum", "maximum": "maximum", "min": "minimum", "minimum": "minimum", "total": "total"}
_NOMINAL = {
    "acquired": "acquisition", "approved": "approval", "booked": "booking", "cancelled": "cancellation",
    "check in": "check-in", "check out": "check-out", "checked in": "check-in", "checked out": "checkout",
    "closed": "closing", "collected": "collection", "completed": "completion", "created": "creation",
    "delivered": "delivery", "ends": "end", "issued": "issue",
    "joined": "joining", "last renewed": "last renewal", "modified": "last change", "opened": "opening",
    "ordered": "order", "paid": "payment", "placed": "placement", "published": "publication", "received": "receipt",
    "released": "release", "reported": "report", "resolved": "resolution", "returned": "return", "sent": "dispatch",
    "shipped": "shipping", "signed": "signing", "started": "start", "starts": "start", "submitted": "submission",
    "updated": "last update",
}  # fmt: skip
"""`opened_on` is the opening date."""

_SPOKEN = {
    "bic": "BIC", "check in": "check-in date", "check out": "check-out date", "expires": "expiry date",
    "iban": "IBAN", "id": "ID", "isbn": "ISBN", "isrc": "ISRC", "last 4": "last four digits",
    "last four": "last four digits",
    "needed by": "date it is needed by", "received by": "recipient", "scheduled for": "scheduled date", "sku": "SKU",
    "street 2": "address line 2", "valid until": "expiry date",
}  # fmt: skip
"""Labels that are not what people say."""

_BY = {
    "artist": "by", "assignee": "assigned to", "author": "by", "creator": "by",
    "customer": "for", "guest": "for", "holder": "held by", "organizer": "organized by", "owner": "owned by",
    "requester": "from", "sender": "from", "user": "by",
}  # fmt: skip
"""How a thing is described by the name or the e-mail address of somebody."""

_DESCRIBED = {
    "body": 'that says "{}"', "brand": "by {}", "category": "in the category {}", "city": "in {}",
    "company": "from {}", "country": "in {}", "domain": "with the domain {}", "floor": "on floor {}",
    "genre": "in the genre {}", "kind": "of kind {}", "last four": "ending in {}", "last 4": "ending in {}",
    "location": "in {}", "medication": "for {}", "message": 'that says "{}"', "priority": "with {} priority",
    "scheduled for": "scheduled for {}", "severity": "with {} severity", "size": "in size {}", "stage": "in stage {}",
    "text": 'that says "{}"', "type": "of type {}", "valid until": "valid until {}", "visibility": "with {} visibility",
}  # fmt: skip
"""By a label or its last word: what follows the noun."""

_BEGUN = {
    "birth": "born", "check in": "with check-in", "check out": "with check-out", "due": "due", "end": "ending",
    "ends": "ending", "start": "starting", "starts": "starting",
}  # fmt: skip
"""By label, without `at` and `on`: what stands before `on` and a day."""

_SET = {
    "check in": "check-in on {}", "check out": "check-out on {}", "days": "{} days", "due": "due on {}",
    "end": "ending on {}", "ends": "ending on {}", "extend days": "an extension of {} days", "hours": "{} hours",
    "minutes": "{} minutes", "needed by": "needed by {}", "received by": "received by {}",
    "scheduled for": "scheduled for {}", "start": "starting on {}", "starts": "starting on {}",
    "valid until": "valid until {}",
}  # fmt: skip
"""By label, without `at` and `on`: what a person says to have it set, where `label value` would not do."""


def label_of(names: Sequence[str]) -> str:
    """Return a field's name as words, each once: `("owner", "ownerEmail")` gives `owner email`."""
    parts = [_words(name) for name in names if name not in _WRAPPERS or len(names) == 1]
    if len(parts) == 2 and parts[0] and is_plural(parts[0][-1]):
        parts[0][-1] = singular(parts[0][-1])
        parts = parts[::-1] if set(parts[1]) <= _PERIODS else parts
    return " ".join(dict.fromkeys(word for part in parts for word in part))


def _words(name: str) -> list[str]:
    return [part for word in words(name) for part in re.split(r"(?<=[a-z])(?=\d+$)", word)]


def reference_label(name: str) -> str:
    """Return what people call the thing whose key a field holds: `from_account_id` is the `source account`."""
    parts = _words(name)
    if len(parts) > 1 and parts[-1] in ("id", "ids", "key", "uuid"):
        parts.pop()
    if len(parts) > 1 and parts[0] in ("from", "to"):
        parts[0] = "source" if parts[0] == "from" else "target"
    return " ".join(parts)


def asked(label: str, value: Json) -> str:
    """Return the noun phrase for a field's value: `number of guests`, `opening date`, `unit price`."""
    if label in _SPOKEN:
        return _SPOKEN[label]
    *before, last = label.split(" ")
    if last in _WHEN and before:
        return _asked_when(" ".join(before), last, value)
    if _is_whole(value) and (counted := _asked_count(label)):
        return counted
    if last in _UNITS and before and before[-1] != "in":
        return f"{' '.join(before)} in {'milliseconds' if last == 'ms' else last}"
    return re.sub(r"\bid$", "ID", label)


def _asked_when(stem: str, last: str, value: Json) -> str:
    timed = last == "time" or (isinstance(value, str) and as_date(value) is None)
    return f"{_NOMINAL.get(stem, stem)} {'time' if timed else 'date'}"


def _asked_count(label: str) -> str:
    parts = label.split(" ")
    first, last = parts[0], parts[-1]
    if last == "count" and len(parts) > 1:
        return f"number of {plural(' '.join(parts[:-1]))}"
    if first in _BOUNDS and is_plural(last):
        return f"{_BOUNDS[first]} number of {' '.join(parts[1:])}"
    if last == "total" and is_plural(first):
        return f"total number of {' '.join(parts[:-1])}"
    counted = last not in _UNITS or len(parts) == 1 or is_participle(parts[-2])
    if (is_plural(last) and counted) or (is_plural(first) and last in _SHARES):
        return f"number of {label}"
    return ""


def be(phrase: str) -> str:
    """Return the verb that goes with a noun phrase: the guests `are`, the number of guests `is`."""
    head = re.split(r" of | in | for ", phrase)[0].split(" ")[-1]
    return "are" if is_plural(head) else "is"


def described(label: str, value: Json) -> str:
    """Return what follows a noun to tell a thing by a field: `opened on July 12, 2025`, `with a capacity of 20`."""
    *before, last = label.split(" ")
    if by := _described_by(before, last, value):
        return by
    if (how := _DESCRIBED.get(label) or _DESCRIBED.get(last)) and not ("ending" in how and " " in str(value)):
        return how.format(_bare(value) if '"' in how else quoted(value))
    if _is_time(value):
        return _described_when(before, label, value)
    if isinstance(value, int | float):
        return f"with {_counted(label, value) or f'{article(asked(label, value))} of {spoken(value)}'}"
    return f"with the {asked(label, value)} {quoted(value)}"


def _described_by(before: Sequence[str], last: str, value: Json) -> str:
    role = before[-1] if last in ("name", "email", "login") and before else last
    return f"{_BY[role]} {_bare(value)}" if role in _BY and (before or role == last) else ""


def _described_when(before: Sequence[str], label: str, value: Json) -> str:
    stem, day = " ".join(before), spoken(value)
    if stem in _BEGUN or label in _BEGUN:
        return f"{_BEGUN.get(stem) or _BEGUN[label]} on {day}"
    if before and label.endswith((" at", " on")) and (is_participle(before[0]) or is_participle(before[-1])):
        return f"{stem} on {day}"
    return f"with the {asked(label, value)} {day}"


def wished(label: str, value: Json) -> str:
    """Return what a person says to have a field set: `title "Launch"`, `5 guests`, `due on March 4, 2026`."""
    if isinstance(value, bool):
        return f"{switch(label)} set to {say(value)}"
    if how := _SET.get(label):
        return re.sub(r"^1 (\w+)s$", r"1 \1", how.format(spoken(value)))
    *before, last = label.split(" ")
    if last in _WHEN and before and _is_time(value):
        return _wished_when(" ".join(before), label, value)
    if isinstance(value, int | float):
        return _counted(label, value) or f"{label} {spoken(value)}"
    name = _SPOKEN.get(label, re.sub(r"\bid$", "ID", label))
    return f'{name} "{value}"' if is_name(label) else f"{name} {quoted(value)}"


def _wished_when(stem: str, label: str, value: Json) -> str:
    if stem in _SET:
        return _SET[stem].format(spoken(value))
    if is_participle(stem.split(" ")[-1]) and not label.endswith(("date", "time")):
        return f"{stem} on {spoken(value)}"
    return f"{_asked_when(stem, label.split(' ')[-1], value)} {spoken(value)}"


def _counted(label: str, value: float) -> str:
    """Return a number of things or units as people say it: `5 guests`, `a duration of 50 minutes`; else nothing."""
    *before, last = label.split(" ")
    number, stem = spoken(value), " ".join(before)
    if last in _UNITS and before and not is_participle(before[-1]):
        return f"{article(stem.removesuffix(' in'))} of {number} {'milliseconds' if last == 'ms' else last}"
    if before and before[0] in ("max", "maximum") and is_plural(last):
        return f"at most {number} {' '.join((*before[1:], last))}"
    if before and before[0] in _UNITS:
        return f"{number} {label}"
    if last == "total" and before and is_plural(before[0]):
        return f"{number} {stem} in total"
    if last == "count" and before:
        return f"{number} {plural(stem)}"
    counts = len(before) < 2 and (is_plural(last) or (bool(before) and is_plural(before[0]) and last in _SHARES))
    return f"{number} {label}" if counts else ""


def aimed(label: str, value: Json) -> str:
    """Return a field as the thing to set: `the price`, `the number of guests`; a switch goes by its bare name."""
    return switch(label) if isinstance(value, bool) else f"the {asked(label, value)}"


def switch(label: str) -> str:
    """Return what a field that is on or off is called: `active`, `"notify customer"`."""
    bare = re.sub(r"^(is|has|enable) (?=\w)", "", label)
    return f'"{bare}"' if " " in bare else bare


def quoted(value: Json) -> str:
    """Return a value as it stands in a sentence: phrases in quotation marks, anything else as people write it."""
    text = spoken(value)
    if isinstance(value, str) and not _is_time(value) and re.search(r"[^\W\d].* | .*[^\W\d]", text):
        return f'"{text}"'
    return text


def spoken(value: Json) -> str:
    """Return a value as people write it, without quotation marks; lists are listed."""
    if isinstance(value, list):
        return listed([quoted(item) for item in value])  # pyright: ignore[reportUnknownVariableType]
    return say(value) if isinstance(value, str | int | float | bool) else "nothing"


def _bare(value: Json) -> str:
    return spoken(value).rstrip(".") if isinstance(value, str) else spoken(value)


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_time(value: Json) -> bool:
    return isinstance(value, str) and (as_date(value) is not None or as_moment(value) is not None)


def is_name(label: str) -> bool:
    """Tell whether a field holds what a thing is called."""
    return label in _NAMES or (label.endswith(" name") and label.split(" ")[0] in ("full", "display", "first", "last"))
