"""Our verdicts by BFCL's rules against the package's own checker and decoder, on its gold and on mutations of it.

Usage: python benchmarks/bfcl_agreement.py --bfcl PYTHON

PYTHON is the interpreter of an environment of its own with `bfcl-eval` (installed with `--no-deps`) and what its
checker needs: tenacity, filelock, tree_sitter==0.21.3, tree-sitter-java==0.21.0, tree-sitter-javascript==0.21.4.

Compared are valid or invalid. Where the package's checker breaks with an exception, that is counted apart.
"""

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

try:
    from evaluators.matching import BFCL, NamedCall, UnreadableError, check_calls, decode
    from toolbench.model import AcceptedCall
except ImportError:  # in the package's environment, where this file is the oracle
    BFCL = None

CATEGORIES = (
    "simple_python",
    "multiple",
    "parallel",
    "parallel_multiple",
    "live_simple",
    "live_multiple",
    "live_parallel",
    "live_parallel_multiple",
)
BROKEN = "broken"


def oracle(path):
    """Answer, inside the package's environment, what its checker and its decoder say of a file of cases."""
    import types
    import warnings

    warnings.simplefilter("ignore")

    class Config:
        underscore_to_dot = False

    class Underscores:
        underscore_to_dot = True

    configs = types.ModuleType("bfcl_eval.constants.model_config")
    configs.MODEL_CONFIG_MAPPING = {"dots": Config(), "underscores": Underscores()}
    sys.modules[configs.__name__] = configs
    from bfcl_eval.constants.enums import Language
    from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker
    from bfcl_eval.model_handler.utils import default_decode_ast_prompting

    asked = pickle.loads(Path(path).read_bytes())
    rows, verdicts = asked["rows"], []
    for identity, output, model in asked["cases"]:
        category, functions, gold = rows[identity]
        try:
            verdicts.append(ast_checker(functions, output, gold, Language.PYTHON, category, model)["valid"])
        except Exception:  # noqa: BLE001
            verdicts.append(BROKEN)
    decoded = []
    for text in asked["texts"]:
        try:
            decoded.append(default_decode_ast_prompting(text))
        except Exception:  # noqa: BLE001
            decoded.append(BROKEN)
    Path(path).write_bytes(pickle.dumps({"verdicts": verdicts, "decoded": decoded}))


def first(options):
    """Return the first value that gold accepts and that is said, with objects unfolded."""
    return next((plain(value) for value in options if value != ""), "")


def plain(value):
    if isinstance(value, dict):
        return {
            key: first(options if isinstance(options, list) else [options])
            for key, options in value.items()
            if not isinstance(options, list) or any(one != "" for one in options)
        }
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def said(gold):
    """Return gold as the calls of a model."""
    return [
        {
            name: {
                key: first(options)
                for key, options in arguments.items()
                if any(value != "" for value in options) or "" not in options
            }
            for name, arguments in call.items()
        }
        for call in gold
    ]


CONSTANTS = (
    "",
    None,
    True,
    False,
    0,
    1,
    -1,
    1.5,
    5.0,
    "x",
    "true",
    "None",
    [],
    {},
    [""],
    ["x"],
    [1],
    [{}],
    {"x": 1},
    (),
)


def near(value, depth=0):
    """Yield values near a value: spelt otherwise, of other types, changed inside."""
    if isinstance(value, str):
        yield from (value.upper(), value.lower(), value.title(), f" {value} ", value + ".", value.replace(" ", "_"))
        yield from (value.replace(" ", "-"), value.replace(",", ""), value.replace("'", '"'), value.replace("-", "/"))
        yield from (
            value + "!",
            value[:-1],
            value + "x",
            f"'{value}'",
            value.replace(" ", "  "),
            f"{value}^*",
            value + "\n",
        )
    elif isinstance(value, bool):
        yield from (not value, str(value), str(value).lower(), int(value), float(value))
    elif isinstance(value, int | float):
        yield from (value + 1, -value, value + 0.5, str(value), bool(value), float(value), int(value), [value])
    elif isinstance(value, list):
        yield from (
            value[1:],
            value[:-1],
            value[::-1],
            value + value,
            [*value, None],
            [*value, "x"],
            [*value, 1],
            tuple(value),
        )
        yield from ([*value, 1.0], [value], str(value), value[0] if value else None)
        for place, item in enumerate(value[:4] if depth < 3 else ()):
            for other in (*near(item, depth + 1), *CONSTANTS):
                yield [*value[:place], other, *value[place + 1 :]]
    elif isinstance(value, dict):
        yield from ({}, {**value, "extra_key": 1}, [value], str(value), json.dumps(value), {**value, "": ""})
        for key, item in list(value.items())[:8] if depth < 3 else ():
            yield {name: other for name, other in value.items() if name != key}
            for other in (*near(item, depth + 1), *CONSTANTS):
                yield {**value, key: other}


def changed(arguments, gold, properties):
    """Yield the arguments of a call changed in one place, with the name of the mutation."""
    for key in arguments:
        yield "left out", {name: value for name, value in arguments.items() if name != key}
    yield "extra", {**arguments, "surely_no_argument": 1}
    yield "nothing", {}
    for key in properties:
        if key not in arguments:
            for other in CONSTANTS:
                yield "optional given", {**arguments, key: other}
    for key, options in gold.items():
        for option in options:
            yield "other accepted", {**arguments, key: plain(option)}
            yield "as gold has it", {**arguments, key: option}
            for other in near(plain(option)):
                yield "near value", {**arguments, key: other}
        for other in (*CONSTANTS, *((properties.get(key) or {}).get("enum") or ())):
            yield "other value", {**arguments, key: other}


def mutations(gold, functions):
    """Yield calls made of gold, with the name of what was done to it."""
    base = said(gold)
    yield "gold", base
    yield from (("duplicate", [*base, base[-1]]), ("none", []), ("reordered", base[::-1]), ("one short", base[:-1]))
    yield from (("rotated", base[1:] + base[:1]), ("first for all", base[:1] * len(base)))
    documents = {one["name"]: one["parameters"].get("properties", {}) for one in functions}
    names = [*documents, "no_such_function"]
    for place, (call, accepted) in enumerate(zip(base, gold, strict=True)):
        ((name, arguments),) = call.items()

        def put(other, place=place):
            return [*base[:place], other, *base[place + 1 :]]

        for other in (*names, name.upper(), name.replace(".", "_"), f"{name} "):
            if other != name:
                yield "wrong name", put({other: arguments})
        for kind, new in changed(arguments, accepted[name], documents.get(name, {})):
            yield kind, put({name: new})
            if len(base) > 1 and kind in {"other accepted", "left out"}:
                yield f"{kind}, reordered", put({name: new})[::-1]


ODD_TEXTS = Path(__file__).with_name("bfcl_odd_texts.txt")
"""Texts that are hard to decode, one a line."""


def texts(rows):
    """Yield texts to decode: gold written as calls of Python in several ways, torn, and odd ones."""
    yield from (
        *ODD_TEXTS.read_text().splitlines(),
        "",
        "\n",
        "`",
        "```python\n[f(a=1)]\n```",
        "f(a=1)\ng(b=2)",
        "[f(a=1)] \n",
        "[f(a='\x00')]",
    )
    for _, _, gold in rows.values():
        calls = [
            f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
            for call in said(gold)
            for name, arguments in call.items()
        ]
        text = f"[{', '.join(calls)}]"
        yield from (
            text,
            text[1:-1],
            f"```{text}```",
            f" {text}\n",
            text[:-2],
            text[: len(text) // 2],
            text.replace("'", '"'),
        )
        yield from (text.replace("=", ": "), text.replace(", ", ",\n"), f"Sure! {text}", text.replace("True", "true"))


def load(folder):
    """Return category, functions and gold of each case, by id."""
    rows = {}
    for category in CATEGORIES:
        name = f"BFCL_v4_{category}.json"
        gold = [json.loads(line) for line in (folder / "possible_answer" / name).read_text().splitlines()]
        asked = {row["id"]: row for row in map(json.loads, (folder / name).read_text().splitlines())}
        for row in gold:
            rows[row["id"]] = (category, asked[row["id"]]["function"], row["ground_truth"])
    return rows


def ask(python, rows, cases, written):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.pickle"
        path.write_bytes(pickle.dumps({"rows": rows, "cases": cases, "texts": written}))
        subprocess.run([python, __file__, "--oracle", str(path)], check=True, stdout=subprocess.DEVNULL)
        return pickle.loads(path.read_bytes())


def asked_of(rows):
    """Return all cases (row, output, kind of model) and the name of each one's mutation."""
    cases, kinds = [], []
    for identity, (_, functions, gold) in rows.items():
        distinct = {repr(output): (kind, output) for kind, output in reversed(list(mutations(gold, functions)))}
        for kind, output in distinct.values():
            cases.append((identity, output, "dots"))
            kinds.append(kind)
        if any("." in one["name"] for one in functions):
            renamed = [{name.replace(".", "_"): value for name, value in call.items()} for call in said(gold)]
            cases += [(identity, said(gold), "underscores"), (identity, renamed, "underscores")]
            kinds += ["dots as underscores"] * 2
    return cases, kinds


def compare_verdicts(rows, cases, kinds, theirs):
    """Print how often the verdicts agree; return the number of disagreements."""
    table, differ, broken = {}, [], Counter()
    accepted = {
        identity: [AcceptedCall(name=name, arguments=given) for call in gold for name, given in call.items()]
        for identity, (_, _, gold) in rows.items()
    }
    for (identity, output, model), kind, valid in zip(cases, kinds, theirs, strict=True):
        rules = replace(BFCL, dots_as_underscores=model == "underscores")
        calls = [NamedCall(name, given) for call in output for name, given in call.items()]
        ours = check_calls(rows[identity][1], calls, accepted[identity], rules=rules)
        if valid == BROKEN:
            broken[ours.valid] += 1
            continue
        table.setdefault(kind, Counter()).update(cases=1, valid=valid, differ=ours.valid != valid)
        if ours.valid != valid:
            differ.append((identity, kind, output, valid, ours))
    for kind, count in sorted(table.items()):
        print(f"{kind:28} {count['cases']:>8} cases {count['valid']:>8} valid {count['differ']:>6} disagreements")
    total = sum(count["cases"] for count in table.values())
    print(f"{'all':28} {total:>8} cases over {len(rows)} rows; {len(differ)} disagreements")
    print(f"The package's checker breaks on {broken.total()} more; we call {broken[True]} of them valid.")
    refused = [case[0] for case, kind, valid in zip(cases, kinds, theirs, strict=True) if kind == "gold" and not valid]
    print(f"Gold that its checker refuses: {', '.join(refused)}")
    for one in differ[:40]:
        print("DIFFERS", *one)
    return len(differ)


def compare_decoding(written, theirs):
    """Print how often texts are decoded alike; return the number of disagreements."""
    differ = 0
    for text, decoded in zip(written, theirs, strict=True):
        try:
            ours = [(call.name, call.arguments) for call in decode(text, BFCL)]
        except UnreadableError:
            ours = BROKEN
        wanted = decoded if decoded == BROKEN else [named(call) for call in decoded]
        if repr(ours) != repr(wanted):
            differ += 1
            print("DECODED OTHERWISE", repr(text)[:200], "theirs", repr(wanted)[:200], "ours", repr(ours)[:200])
    unparseable = sum(one == BROKEN for one in theirs)
    print(f"Decoding: {len(written)} texts, {unparseable} of them unparseable; {differ} disagreements")
    return differ


def named(call):
    """Return a decoded call as name and arguments; one that is unpacked has no name there."""
    ((name, given),) = call.items()
    return name, {key or "**": value for key, value in given.items()}


def compare(python):
    where = [python, "-c", "import bfcl_eval; print(bfcl_eval.__path__[0])"]
    found = subprocess.run(where, check=True, capture_output=True, text=True)
    rows = load(Path(found.stdout.strip()) / "data")
    cases, kinds = asked_of(rows)
    written = list(dict.fromkeys(texts(rows)))
    theirs = ask(python, rows, cases, written)
    differ = compare_verdicts(rows, cases, kinds, theirs["verdicts"])
    return bool(differ + compare_decoding(written, theirs["decoded"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bfcl", help="interpreter of the environment of bfcl-eval")
    parser.add_argument("--oracle", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.oracle:
        oracle(given.oracle)
        return 0
    if not given.bfcl:
        print("left out: it needs an environment with bfcl-eval (--bfcl PYTHON)")
        return 0
    return compare(given.bfcl)


if __name__ == "__main__":
    sys.exit(main())
