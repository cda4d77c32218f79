"""Doc-in-context rows, checked by code that shares nothing with what makes them, and that finds planted corruptions.

`python -m benchmarks.gorilla_rows [ROWS] [SPEC…]`: rows over the bundled APIs, or over the API descriptions given. It
reads
the files that trainers read, and does all by itself: parses calls by AST, matches them against the documents shown,
looks
for names in instructions, for quotes in documents, counts the mix. Then it plants corruptions in copies of rows and
tells how many of each kind it found.
"""

import ast
import copy
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

REFERENCE = "Use this API documentation for reference: "
LITTLE_WORDS = set("a an the of to for in on by with and or all my our your this that these those is are".split())
JSON_TYPES = {"string": str, "boolean": bool, "array": list, "object": dict}


class Case:
    """A row as trainers see it, with what its record says it should be."""

    def __init__(self, record: dict[str, Any], chat: dict[str, Any], *, constant: bool) -> None:
        self.record, self.constant = record, constant
        _, asked, answered = (message["content"] for message in chat["messages"])
        lines = asked.split("\n")
        self.documents = [json.loads(line[len(REFERENCE) :]) for line in lines if line.startswith(REFERENCE)]
        self.instruction = "\n".join(line for line in lines if not line.startswith(REFERENCE))
        self.answer = answered

    @property
    def call(self) -> str:
        found = re.search(r"^<<<api_call>>>: (.*)$", self.answer, re.MULTILINE)
        return found[1] if found else ""

    def with_call(self, call: str) -> "Case":
        made = copy.deepcopy(self)
        made.answer = re.sub(
            r"^<<<api_call>>>: .*$", lambda _: f"<<<api_call>>>: {call}", made.answer, flags=re.MULTILINE
        )
        return made

    def with_instruction(self, text: str) -> "Case":
        made = copy.deepcopy(self)
        made.instruction = text
        return made


def parsed(call: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Return name, placed and named values of a call; raises ValueError where it is none."""
    try:
        tree = ast.parse(call, mode="eval").body
    except SyntaxError as error:
        raise ValueError("does not parse") from error
    if not isinstance(tree, ast.Call):
        raise ValueError("is no call")
    named: dict[str, Any] = {}
    for word in tree.keywords:
        value = literal(word.value)
        named |= value if word.arg is None else {word.arg: value}
    return ast.unparse(tree.func), [literal(one) for one in tree.args], named


def literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def mismatches(call: str, document: dict[str, Any], *, constant: bool) -> Iterator[str]:
    """Yield in what ways a call is none of a document's API."""
    try:
        name, placed, named = parsed(call)
    except ValueError as error:
        yield f"call {error}"
        return
    form = document["api_call"]
    if name != form.partition("(")[0]:
        yield "another API is called"
        return
    if constant:
        yield from constant_mismatches(placed, named, form, document.get("api_arguments") or {})
        return
    arguments = document.get("api_arguments")
    if arguments is None:
        return
    for key, about in arguments.items():
        if about.get("required") is True and key not in named:
            yield "a required argument is missing"
    for key, value in named.items():
        if key not in arguments:
            yield "there is no such argument"
        elif not fits(value, arguments[key]):
            yield "an argument is of another type, or none of the options"


_ABSENT = object()


def constant_mismatches(
    placed: list[Any], named: dict[str, Any], form: str, arguments: dict[str, Any]
) -> Iterator[str]:
    try:
        _, right, keywords = parsed(form)
    except ValueError:
        return
    if placed != right or any(named.get(key, _ABSENT) != value for key, value in keywords.items()):
        yield "the call lacks what identifies its API"
    if set(named) - set(keywords) - set(arguments):
        yield "there is no such argument"


def fits(value: Any, about: dict[str, Any]) -> bool:
    kinds = about.get("type") or []
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_of(value, kind) for kind in kinds):
        return False
    if "enum" in about and value not in about["enum"]:
        return False
    return not (isinstance(value, list) and "items" in about) or all(fits(one, about["items"]) for one in value)


def is_of(value: Any, kind: str) -> bool:
    if kind in ("integer", "number"):
        return (
            isinstance(value, int | float) and not isinstance(value, bool) and (kind == "number" or value == int(value))
        )
    return isinstance(value, JSON_TYPES.get(kind, object))


def effect(call: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return the values that hold after a call: the defaults of the document, and what is given."""
    _, _, named = parsed(call)
    arguments = document.get("api_arguments") or {}
    defaults = {
        key: about["default"]
        for key, about in arguments.items()
        if "default" in about and about.get("required") is not True
    }
    return defaults | named


def differs(call: str, document: dict[str, Any], wanted: dict[str, Any]) -> Iterator[str]:
    held = effect(call, document)
    arguments = document.get("api_arguments") or {}
    for key, value in wanted.items():
        if held.get(key) != value:
            yield "another value than is wanted"
    for key, value in held.items():
        default = arguments.get(key, {}).get("default")
        if key in arguments and key not in wanted and value != default:
            yield "a value that nobody wants"


def content_words(text: str) -> list[str]:
    split = re.sub(r"([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])", lambda m: (m[1] or m[3]) + " " + (m[2] or ""), text)
    found = [word.lower() for word in re.findall(r"[A-Za-z0-9]+", split)]
    return [word.rstrip("s") for word in found if word not in LITTLE_WORDS]


def leaks(instruction: str, document: dict[str, Any]) -> bool:
    """Tell whether an instruction names an API: as it is written, or its last part's words in a row."""
    name = document["api_call"].partition("(")[0]
    written = {name, name.rpartition(".")[2], document.get("api_name", "")} - {""}
    if any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", instruction, re.IGNORECASE) for one in written):
        return True
    said = content_words(instruction)
    own = content_words(name.rpartition(".")[2])
    return any(said[at : at + len(own)] == own for at in range(len(said) - len(own) + 1)) if own else False


def is_said(value: Any, text: str) -> bool:
    """Tell whether a value stands in a text, as written or as people write it."""
    if isinstance(value, dict):
        return all(is_said(one, text) for one in value.values())
    if isinstance(value, list):
        return all(is_said(one, text) for one in value)
    if isinstance(value, bool):
        return bool(re.search(r"\b(?:yes|true)\b" if value else r"\b(?:no|not|false)\b|n't", text, re.IGNORECASE))
    if isinstance(value, int | float):
        return any(abs(float(one.replace(",", "")) - value) < 1e-9 for one in re.findall(r"-?\d[\d,]*(?:\.\d+)?", text))
    plain = re.sub(r"[\s_-]+", " ", str(value).lower())
    return plain in re.sub(r"[\s_-]+", " ", text.lower()) or is_said_as_date(str(value), text)


def is_said_as_date(value: str, text: str) -> bool:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return bool(re.fullmatch(r"\d\d:\d\d(?::\d\d)?", value)) and value[:5].lstrip("0") in text
    day = date(moment.year, moment.month, moment.day)
    return f"{day:%B} {day.day}, {day.year}" in text


def faults(case: Case, docs: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with a row."""
    record = case.record
    own = docs[record["api"]]
    if leaks(case.instruction, own):
        yield "the instruction names the API"
    shown = {json.dumps(one, sort_keys=True) for one in case.documents}
    if shown != {json.dumps(one["content"], sort_keys=True) for one in record["documents"]}:
        yield "the prompt does not show the record's documents"
    yield from condition_faults(case, own)
    roles = [one["role"] for one in record["documents"]]
    right = next(
        (
            one["content"]
            for role in ("successor", "changed", "oracle")
            for one in record["documents"]
            if one["role"] == role
        ),
        None,
    )
    if (right is None and roles and record["policy"] == "not_covered") or record["condition"] == "missing":
        if case.call != "none":
            yield "a call is given that no document covers"
        return
    by, wanted = (right, record["wanted"]) if right else (own, dict(record["closed_book"]["arguments"]))
    found = list(mismatches(case.call, by, constant=case.constant))
    yield from found
    if found:
        return
    if right and not case.constant:
        yield from differs(case.call, by, wanted)
    if not case.constant and not all(is_said(value, case.instruction) for value in wanted.values()):
        yield "a value is not said"
    if record["change"] and right_by_old(case, own):
        yield "the answer is right by the old document"


def right_by_old(case: Case, old: dict[str, Any]) -> bool:
    change, wanted = case.record["change"], case.record["wanted"]
    if change["kind"] == "renamed":
        wanted = {change["old"] if key == change["new"] else key: value for key, value in wanted.items()}
    if list(mismatches(case.call, old, constant=case.constant)):
        return False
    return case.constant or not list(differs(case.call, old, wanted))


def condition_faults(case: Case, own: dict[str, Any]) -> Iterator[str]:
    condition, ids = case.record["condition"], [one["id"] for one in case.record["documents"]]
    shows_own = any(one == own for one in case.documents)
    several, own_id = len(ids) > 1, case.record["api"]
    expected = {
        "none": not ids,
        "oracle": shows_own and not several,
        "top1": len(ids) == 1,
        "topk": shows_own and several,
        "near_identical": shows_own and several,
        "distractors": not shows_own and bool(ids),
        "missing": not shows_own and bool(ids),
        "changed": not shows_own and own_id in ids,
        "deprecated": not shows_own and ids.count(own_id) == 2,
    }
    if not expected[condition]:
        yield f"what is shown is not of the condition {condition}"
    if len(set(map(json.dumps, case.documents))) < len(case.documents):
        yield "a document is shown twice"


def raft_faults(line: dict[str, Any]) -> Iterator[str]:
    passages = line["context"]["sentences"][0]
    quotes = re.findall(r"##begin_quote##(.*?)##end_quote##", line["cot_answer"], re.DOTALL)
    if any(not any(quote in passage for passage in passages) for quote in quotes):
        yield "a quote is not verbatim"
    shows = line["oracle_context"] in passages
    if shows and not quotes:
        yield "nothing is quoted"
    if any(f"<DOCUMENT>{passage}</DOCUMENT>" not in line["instruction"] for passage in passages):
        yield "the instruction lacks a document"
    if not line["instruction"].endswith(line["question"]) or "<ANSWER>: " not in line["cot_answer"]:
        yield "the form is another one"
    if not shows and rests_on(line["cot_answer"], line["oracle_context"], " | ".join([line["question"], *passages])):
        yield "the answer rests on the document left out"


def rests_on(text: str, hidden: str, known: str, size: int = 6) -> bool:
    def runs(of: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", of.lower())
        return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}

    reasons = text.partition("<ANSWER>: ")[0]
    return bool(runs(reasons) & runs(hidden) - runs(known))


def mix_faults(cases: list[Case], asked: dict[str, int], total: int) -> Iterator[str]:
    whole = sum(asked.values())
    exact = {name: Fraction(share * total, whole) for name, share in asked.items()}
    counts = {name: int(value) for name, value in exact.items()}
    for name in sorted(exact, key=lambda name: (-(exact[name] - counts[name]), list(exact).index(name)))[
        : total - sum(counts.values())
    ]:
        counts[name] += 1
    found = Counter(case.record["condition"] for case in cases)
    yield from (f"{found[name]} rows of {name}, not {count}" for name, count in counts.items() if found[name] != count)


Corruption = Callable[[Case, dict[str, dict[str, Any]], random.Random], Case | None]


def with_wrong_parameter(case: Case, _: dict[str, dict[str, Any]], r: random.Random) -> Case | None:
    if case.call == "none" or not (named := parsed(case.call)[2]):
        return None
    name = r.choice(list(named))
    return case.with_call(case.call.replace(f"{name}=", f"{name}_x=", 1)) if f"{name}=" in case.call else None


def with_old_answer(case: Case, _: dict[str, dict[str, Any]], __: random.Random) -> Case | None:
    # A default that has moved to what is wanted: to give it nonetheless, as one had to before, does no harm.
    if not case.record["change"] or case.record["change"]["kind"] == "default":
        return None
    old = case.record["closed_book"]["call"]
    return case.with_call(old) if old != case.call else None


def with_name(case: Case, docs: dict[str, dict[str, Any]], r: random.Random) -> Case | None:
    name = docs[case.record["api"]]["api_call"].partition("(")[0]
    forms = (name, name.rpartition(".")[2], name.rpartition(".")[2].upper())
    return case.with_instruction(f"{case.instruction} I think it is {r.choice(forms)}.")


def with_name_in_words(case: Case, docs: dict[str, dict[str, Any]], _: random.Random) -> Case | None:
    own = docs[case.record["api"]]["api_call"].partition("(")[0].rpartition(".")[2]
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])", own)
    return (
        case.with_instruction(f"{case.instruction} So {' the '.join(words).lower()}, please.")
        if len(words) > 1
        else None
    )


def with_wrong_api(case: Case, docs: dict[str, dict[str, Any]], r: random.Random) -> Case | None:
    others = [one for key, one in sorted(docs.items()) if key != case.record["api"]]
    if not others:
        return None
    other = r.choice(others)
    name = other["api_call"].partition("(")[0]
    return (
        case.with_call(f"{name}({case.call.partition('(')[2]}")
        if "(" in case.call and not case.call.startswith(f"{name}(")
        else None
    )


def without_required(case: Case, docs: dict[str, dict[str, Any]], _: random.Random) -> Case | None:
    right = next(
        (
            one["content"]
            for one in reversed(case.record["documents"])
            if one["role"] in ("oracle", "changed", "successor")
        ),
        docs[case.record["api"]],
    )
    must = [key for key, about in (right.get("api_arguments") or {}).items() if about.get("required") is True]
    if case.call == "none" or not must:
        return None
    name, placed, named = parsed(case.call)
    named.pop(must[0], None)
    given = [*map(repr, placed), *([f"**{named!r}"] if named else [])]
    return case.with_call(f"{name}({', '.join(given)})")


def with_other_value(case: Case, _: dict[str, dict[str, Any]], __: random.Random) -> Case | None:
    if case.call == "none" or not case.record["wanted"] or not case.record["documents"]:
        return None
    name, placed, named = parsed(case.call)
    key = next(
        (key for key, value in named.items() if isinstance(value, str | int) and not isinstance(value, bool)), None
    )
    if key is None:
        return None
    named[key] = f"{named[key]} x" if isinstance(named[key], str) else named[key] + 1
    return case.with_call(f"{name}({', '.join([*map(repr, placed), f'**{named!r}'])})")


def torn(case: Case, _: dict[str, dict[str, Any]], __: random.Random) -> Case | None:
    return case.with_call(case.call[:-1]) if case.call.endswith(")") else None


def made_up(case: Case, docs: dict[str, dict[str, Any]], _: random.Random) -> Case | None:
    return case.with_call(docs[case.record["api"]]["api_call"]) if case.call == "none" else None


CORRUPTIONS: dict[str, Corruption] = {
    "wrong parameter name": with_wrong_parameter,
    "old answer under changed documents": with_old_answer,
    "name in the instruction": with_name,
    "name in the instruction, in words": with_name_in_words,
    "wrong API": with_wrong_api,
    "required argument missing": without_required,
    "another value": with_other_value,
    "call torn": torn,
    "call where none is covered": made_up,
}


def altered_quotes(lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield copies of RAFT rows with a letter of a quote changed."""
    for line in lines:
        found = re.search(r"##begin_quote##(.*?)##end_quote##", line["cot_answer"], re.DOTALL)
        if found:
            quote = found[1]
            other = (
                quote[: len(quote) // 2]
                + ("x" if quote[len(quote) // 2] != "x" else "y")
                + quote[len(quote) // 2 + 1 :]
            )
            yield {**line, "cot_answer": line["cot_answer"].replace(quote, other, 1)}


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def documents(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the documents of the doc set by id, from what is written for retrievers."""
    return {one["_id"]: json.loads(one["text"]) for one in read(folder / "retrieval" / "corpus.jsonl")}


def examine(folder: Path, asked: dict[str, int], seed: int = 0) -> dict[str, Any]:
    """Return what is wrong with the rows of a folder, and what was found of planted corruptions."""
    docs = documents(folder)
    constant = {one["id"] for one in read(folder / "docs.jsonl") if one["written"]}
    pairs = zip(read(folder / "rows.jsonl"), read(folder / "openai.jsonl"), strict=True)
    cases = [Case(record, chat, constant=record["api"] in constant) for record, chat in pairs]
    found: Counter[str] = Counter()
    for case in cases:
        found.update(set(faults(case, docs)))
    raft = read(folder / "raft.jsonl")
    for line in raft:
        found.update(f"RAFT: {fault}" for fault in set(raft_faults(line)))
    found.update(mix_faults(cases, asked, len(cases)))
    caught: dict[str, tuple[int, int]] = {}
    for name, corrupt in CORRUPTIONS.items():
        r = random.Random(seed)
        planted = [made for case in cases if (made := corrupt(case, docs, r)) is not None]
        caught[name] = (sum(any(True for _ in faults(made, docs)) for made in planted), len(planted))
    altered = list(altered_quotes(raft))
    caught["altered quote"] = (
        sum("a quote is not verbatim" in set(raft_faults(line)) for line in altered),
        len(altered),
    )
    calls = [case for case in cases if case.call != "none"]
    changed = [case for case in cases if case.record["change"]]
    return {
        "rows": len(cases),
        "calls": len(calls),
        "changed": len(changed),
        "raft": len(raft),
        "faults": dict(found),
        "caught": caught,
    }


def main() -> None:
    from toolbench.gorilla.mix import DEFAULT
    from toolbench.pipeline.create_apis import ApiWishes, create_apis
    from toolbench.specs import open_catalogue

    count, specs = int(sys.argv[1]) if len(sys.argv) > 1 else 100, [Path(name) for name in sys.argv[2:]]
    apis = () if specs else tuple(open_catalogue().ids())
    with tempfile.TemporaryDirectory() as folder:
        wishes = ApiWishes(
            apis=apis, sources=tuple(specs), count=count, raft=count // 4, context=16_384 if specs else 8192
        )
        summary = create_apis(wishes, Path(folder))
        result = examine(Path(folder), {name: int(share) for name, share in DEFAULT.items()})
    print(
        f"{summary.rows} of {summary.wanted} rows over {summary.apis} of {summary.documents} documents; "
        f"{summary.kept:.1%} of {summary.tried} instructions kept"
    )
    for reason, number in [*summary.dropped.most_common(), *summary.problems.most_common()]:
        print(f"  {number:>6}  {reason}")
    print(
        f"checked: {result['calls']} calls, {result['changed']} of them by changed documents, "
        f"{result['raft']} RAFT rows"
    )
    print(f"faults: {result['faults'] or 'none'}")
    for name, (some, total) in result["caught"].items():
        print(f"  planted: {name}: {some} of {total} found")
    sys.exit(bool(result["faults"]) or any(some < total for some, total in result["caught"].values()))


if __name__ == "__main__":
    main()
