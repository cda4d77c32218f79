"""Documents from manuals: a section whose heading, or whose first code, shows a call is one API."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from toolbench.gorilla.docset import ApiDoc, Parameter, Problem, dotted_name, is_identifier, sentences
from toolbench.model import Block, Document, Json, JsonObject

LONGEST_DESCRIPTION = 1200
"""Characters of a section's text that stand in its document."""

_CALL = re.compile(
    r"^\W*(?:(?:new|await|async|static|def|function|class(?:method)?|const|export|default)\s+)*"
    r"(?P<name>[A-Za-z_$][\w$]*(?:(?:\.|::|#|\.prototype\.)[A-Za-z_$][\w$]*)*)\((?P<inside>[^()]*(?:\([^()]*\)[^()]*)*)\)"
)
_NAME = re.compile(
    r"^\W*(?:(?:function|method|class) )?(?P<name>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)\W*$", re.IGNORECASE
)
_PARAMETER = re.compile(
    r"^(?P<rest>\.{3}|\*{1,2})?(?P<name>[A-Za-z_$][\w$]*)(?P<optional>\?)?\s*(?::\s*(?P<type>[^=]+?))?\s*(?:=\s*(?P<default>.+))?$"
)
_ITEM = re.compile(
    r"^\s*(?:[-*]|\d+\.)?\s*[\[`]*(?P<name>[A-Za-z_$][\w$]*)(?:=(?P<default>[^\]`\s]+))?[\]`]*\s*"
    r"(?:[({<](?P<type>[^)}>]{1,60})[)}>])?\s*(?:[:\u2014\u2013-]+\s*|\s)(?P<about>.+)$"
)
_ASSIGNED = re.compile(r"^(?:(?:var|let|const)\s+)?[\w$]+\s*=\s*")
_CELLS = re.compile(r"(?<!\\)\|")
_TYPES = {
    "string": "string", "str": "string", "number": "number", "integer": "integer", "int": "integer", "float": "number",
    "boolean": "boolean", "bool": "boolean", "array": "array", "list": "array", "object": "object", "dict": "object",
}  # fmt: skip
_RETURNS = re.compile(
    r"^\W*(?:returns?:|kind:|returns\b(?= \w+ -)|throws?|raises?|since|version|added in|history)\b", re.IGNORECASE
)
_PARTS = frozenset(
    "syntax signature usage parameters arguments args options params description example examples returns"
    " return".split()
)
"""Headings of parts of a section: what stands under them belongs to what stands above."""

_FACTS = re.compile(r"\b(?:Kind|Returns|Throws|Since|Extends|Example)s?\s*:.*")
"""What follows the description, on one line with it."""

_DEFAULT = re.compile(
    r"\bdefaults?(?: value)?(?: is| to|:)?:?\s+[`'\"]?(?P<value>true|false|-?\d+(?:\.\d+)?)\b", re.IGNORECASE
)
_DEPRECATED = re.compile(r"\bdeprecated\b", re.IGNORECASE)
_SUCCESSOR = re.compile(r"\buse\s+`?([A-Za-z_$][\w$.]*)(?:\(\))?`?\s+instead", re.IGNORECASE)


@dataclass(slots=True)
class _Section:
    """A heading with what stands under it, up to the next one."""

    title: str
    level: int
    above: str = ""
    """The heading over it."""
    blocks: list[Block] = field(default_factory=list[Block])


def documents(manual: Document, *, longest: int) -> tuple[list[ApiDoc], list[Problem]]:
    """Return a document for each section of a manual that describes an API, and what is wrong with others that look as
    if they did.

    Args:
        manual: the manual.
        longest: characters that a document may have; a longer one tells less of its section's text.
    """
    docs: list[ApiDoc] = []
    problems: list[Problem] = []
    for section in _sections(manual):
        found = _signature(section)
        if found is None:
            continue
        where = f"{manual.source}, {section.title!r}"
        doc = _document(manual, section, *found)
        if not doc.description:
            problems.append(Problem(where, "the section is empty", "left out"))
            continue
        cuts = (doc, *(doc.model_copy(update={"description": doc.description[:most]}) for most in (400, 120)))
        fitted = next((one for one in cuts if len(one.text) <= longest), None)
        if fitted is not doc:
            done = "shortened" if fitted else "left out"
            problems.append(Problem(where, f"the document is longer than {longest} characters", done))
        docs += [fitted] if fitted else []
    if not docs and not problems:
        problems.append(Problem(manual.source, "no section shows a call", "left out"))
    return docs, problems


def _sections(manual: Document) -> Iterator[_Section]:
    above: dict[int, str] = {}
    section: _Section | None = None
    for block in manual.blocks:
        is_part = block.kind == "heading" and block.text.strip(" :").lower() in _PARTS
        if is_part and section is not None and section.level < block.level:
            continue
        if block.kind == "heading":
            if section is not None:
                yield section
            above = {level: title for level, title in above.items() if level < block.level}
            section = _Section(block.text, block.level, above[max(above)] if above else "")
            above[block.level] = block.text
        elif section is not None:
            section.blocks.append(block)
    if section is not None:
        yield section


def _signature(section: _Section) -> tuple[str, str] | None:
    """Return name and arguments of the call that a section is about; None where it shows none."""
    head = _CALL.match(section.title)
    if head is not None:
        return (head["name"], head["inside"]) if _are_names(head["inside"]) else None
    named = _NAME.match(section.title)
    code = next((block.text for block in section.blocks if block.kind == "code"), "")
    if named is None or not code:
        return None
    wanted = named["name"].rpartition(".")[2]
    calls = [_CALL.match(_ASSIGNED.sub("", line.strip())) for line in code.split("\n")]
    own = [call for call in calls if call is not None and call["name"].rpartition(".")[2] == wanted]
    forms = [call["inside"] for call in own if _are_names(call["inside"])]
    if not own:
        return None
    return own[0]["name"], _together(forms)


def _together(forms: Sequence[str]) -> str:
    """Return one form of a call for several, what not all have in brackets: `a` and `a, root` are `a, [root]`."""
    longest = [part.strip() for part in _split(max(forms, key=len, default=""))]
    common = min((len(list(_split(form))) for form in forms), default=0)
    return ", ".join([*longest[:common], *(part if part.startswith("[") else f"[{part}]" for part in longest[common:])])


def _are_names(inside: str) -> bool:
    """Tell whether what stands in a call's brackets are parameters, and not an example's values."""
    return all(_PARAMETER.match(part.strip(" []")) for part in _split(inside))


def _document(manual: Document, section: _Section, name: str, inside: str) -> ApiDoc:
    own = dotted_name([part for part in re.split(r"\.prototype\.|::|[.#]", name) if part.strip("$_")]) or name
    called = own if "." in own else f"{dotted_name([_framework(manual)])}.{own}"
    framework = called.partition(".")[0]
    told = {one.name: one.content for one in _told(section.blocks)}
    parameters, is_open = _parameters(inside, told)
    text = "\n".join(block.text for block in section.blocks if block.kind == "paragraph")
    example = next((block.text for block in section.blocks if block.kind == "code"), "")
    successor = _SUCCESSOR.search(text)
    extra: JsonObject = {"example_code": example[:400]} if example else {}
    return ApiDoc(
        id=called,
        name=called,
        framework=framework,
        domain=section.above or framework,
        description=_description(text),
        parameters=tuple(parameters),
        is_open=is_open or not (inside.strip() or told),
        deprecated=bool(_DEPRECATED.search(f"{section.title} {text[:200]}")),
        successor=successor[1] if successor else "",
        extra=extra,
        source=f"{manual.source}, {section.title}",
    )


def _framework(manual: Document) -> str:
    words = (manual.title or manual.name).split()
    plain = re.sub(r"\W+", "_", words[0] if words and len(words) < 4 else manual.name).strip("_").lower()
    return plain or "manual"


def _description(text: str) -> str:
    told = [one for one in sentences(_FACTS.sub("", text)) if not _RETURNS.match(one) and not one.endswith(":")]
    return " ".join(told)[:LONGEST_DESCRIPTION]


def _told(blocks: Sequence[Block]) -> Iterator[Parameter]:
    """Yield what lists and tables of a section say of parameters."""
    for block in blocks:
        lines = block.text.split("\n")
        if block.kind == "list":
            for line in lines:
                found = _ITEM.match(line)
                if found is not None and not _RETURNS.match(found["name"]):
                    yield Parameter(
                        name=found["name"], content=_content(found["type"], found["about"], found["default"])
                    )
        elif block.kind == "table":
            head, *rows = [[cell.strip(" `") for cell in _CELLS.split(line.strip("| "))] for line in lines]
            kinds = [name.lower() for name in head]
            for row in rows[1:]:
                cells = dict(zip(kinds, row, strict=False))
                name = row[0].strip("[]?` ") if row else ""
                if is_identifier(name):
                    yield Parameter(name=name, content=_content(cells.get("type"), row[-1], cells.get("default")))


def _content(kind: str | None, about: str, default: str | None) -> JsonObject:
    known = _TYPES.get((kind or "").strip().lower().split("|")[0].strip("?[] \\"))
    said = " ".join(about.split())
    content: JsonObject = {"type": known} if known else {}
    content |= {"description": said[:200]} if said and said != "-" else {}
    value = _value(default) if default else None
    if value is None and (found := _DEFAULT.search(said)):
        value = _value(found["value"].lower())
    return content | ({"default": value} if value is not None else {})


def _parameters(inside: str, told: dict[str, JsonObject]) -> tuple[list[Parameter], bool]:
    """Return the parameters of a signature, with what is said of them, and whether there may be others."""
    found: list[Parameter] = []
    is_open = False
    for part, optional in _optional(inside):
        match = _PARAMETER.match(part)
        if match is None or match["rest"]:
            is_open = is_open or part not in ("", "*", "/")
            continue
        name, default = match["name"], match["default"]
        about = told.get(name, {})
        kind = _TYPES.get((match["type"] or "").strip().lower())
        content: JsonObject = ({"type": kind} if kind and "type" not in about else {}) | about
        if default is not None and (value := _value(default)) is not None:
            content["default"] = value
        is_optional = optional or bool(match["optional"]) or default is not None or "default" in content
        if all(one.name != name for one in found):
            found.append(Parameter(name=name, content=content, required=not is_optional))
    return found, is_open


def _optional(inside: str) -> Iterator[tuple[str, bool]]:
    """Yield the parameters of a signature, and whether each stands in brackets: `path[, options], callback`."""
    depth = 0
    for part in _split(inside):
        opened = part.count("[") if not re.search(r"=\s*\[", part) else 0
        closed = part.count("]") if opened or depth else 0
        begins = part.lstrip().startswith("[")
        yield part.strip(" []") if opened or closed else part.strip(), depth > 0 or begins
        depth = max(0, depth + opened - closed)


def _split(inside: str) -> Iterator[str]:
    """Yield what stands between commas outside braces and quotation marks."""
    depth, start, quote = 0, 0, ""
    for place, letter in enumerate(inside):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "{(<":
            depth += 1
        elif letter in "})>":
            depth -= 1
        elif letter == "," and depth <= 0:
            yield inside[start:place]
            start = place + 1
    if inside[start:].strip():
        yield inside[start:]


def _value(text: str) -> Json:
    plain = {"true": True, "false": False, "null": None, "undefined": None, "None": None}
    bare = text.strip().rstrip("]")
    if bare in plain:
        return plain[bare]
    try:
        read = ast.literal_eval(bare)
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        return None
    return read if isinstance(read, str | int | float | bool) else None
