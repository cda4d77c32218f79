"""Our verdicts by BFCL's rules against the package's own checker and decoder, on its gold and on mutations of it.

Usage: python benchmarks/bfcl_agreement.py --bfcl PYTHON

PYTHON is the interpreter of an environment of its own with `bfcl-eval` (installed with `--no-deps`) and what its checker
needs: tenacity, filelock, tree_sitter==0.21.3, tree-sitter-java==0.21.0, tree-sitter-javascript==0.21.4.

Compared are valid or invalid. Where the package's checker breaks with an exception, that is counted apart.
"""

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

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
        except Exception:
            verdicts.append(BROKEN)
    decoded = []
    for text in asked["texts"]:
        try:
            decoded.append(default_decode_ast_prompting(text))
        except Exception:
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


ODD_TEXTS = (
    """
[f(a=Color.RED)]|[f(a={1,2})]|[f(a=f'x')]|[f(a=+5)]|[f(a=not True)]|[f(a=~5)]|[f(a=x[0])]|[f(a=lambda: 1)]|[f(a=1+2)]
[f(a='a'+'b')]|[f(a=b+1)]|[f(a=...)]|f(a=1), g(b=2)|f(a=1);g(b=2)|[f(**{'a':1})]|[f(1, a=2)]|hello|```f(a=1)```|[f]|[f()()]
[f(a=-b)]|[f(a=[x for x in y])]|[f(a=true)]|[f(a=(1,2))]|[a['x'](b=1)]|[f(a=b'x')]|[f(a=1 if x else 2)]|[f(a=b and c)]
[f(a=1<2)]|[f(a=- -5)]|[f(a=-5.0)]|'[f(a=1)]'|[f(a={'x': -1})]|[f(a=2**3)]|[f(a=g())]|[f(a=g(1, x=2))]|[f(a=1, a=2)]
[f(a=x.y[1:2])]|[[f(a=1)]]|{f(a=1)}|[f(a={**x})]|[f(a=*x)]|[f(*x)]|[f(a=1);]|[f(a=1)], [g(a=1)]|[f(a=1j)]|[f(a=2*x)]
[f(a=[1]*3)]|[f(a=1_000)]|[f(a=0x1f)]|[f(a='\\d')]|[f(a=(x:=3))]|[f(a=-True)]|[f(a=-None)]|[f.g.h(a=1)]|[f(x).g(a=1)]
[f(a=5%3)]|[f(a=7//2)]|[f(a=1/3)]|[f(a=1/0)]|[f(a=1<<3)]|[f(a=6&3)]|[f(a=-(1+2))]|[f(a=[1,2)]|[f(a=1]|[f(a='x)]|[f(a=)]
[f(a={'k': [1, {'z': None}]}), g()]|[f(a="it's")]|[f(a='''x''')]|[f(a='x' 'y')]|[f(a=None)]|[f(a=null)]|[f(a=01)]|[f(a=1.)]
I would call f(a=1)|[f(a=1)] and then|f|f()|()|[]|[()]|{}|[{"f": {"a": 1}}]|{"name": "f"}|[f(a="[b]")]|[f(a=[[1]])]|[f(a=1e400)]
[f(a=(1))]|[f(a=(1,))]|[f(a=())]|[f(a=x.y())]|[f(a=x.y(z=1))]|[f(a={[1]: 2})]|[f(a={g(): 2})]|[f(a=True), g(b=False)]|[f(a=1),]
""".strip()
    .replace("\n", "|")
    .split("|")
)
"""Texts that are hard to decode."""


def texts(rows):
    """Yield texts to decode: gold written as calls of Python in several ways, torn, and odd ones."""
    yield from (*ODD_TEXTS, "", "\n", "`", "```python\n[f(a=1)]\n```", "f(a=1)\ng(b=2)", "[f(a=1)] \n", "[f(a='\x00')]")
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


def compare(python):
    from dataclasses import replace

    from evaluators.matching import BFCL, NamedCall, UnreadableError, check_calls, decode
    from toolbench.model import AcceptedCall

    found = subprocess.run(
        [python, "-c", "import bfcl_eval; print(bfcl_eval.__path__[0])"], check=True, capture_output=True, text=True
    )
    rows = load(Path(found.stdout.strip()) / "data")
    cases, kinds = [], []
    for identity, (_, functions, gold) in rows.items():
        seen = set()
        for kind, output in mutations(gold, functions):
            if repr(output) not in seen:
                seen.add(repr(output))
                cases.append((identity, output, "dots"))
                kinds.append(kind)
        if any("." in one["name"] for one in functions):
            renamed = [{name.replace(".", "_"): value for name, value in call.items()} for call in said(gold)]
            for output in (said(gold), renamed):
                cases.append((identity, output, "underscores"))
                kinds.append("underscores")
    written = list(dict.fromkeys(texts(rows)))
    theirs = ask(python, rows, cases, written)

    accepted = {
        identity: [AcceptedCall(name=name, arguments=given) for call in gold for name, given in call.items()]
        for identity, (_, _, gold) in rows.items()
    }
    table, differ, broken = {}, [], Counter()
    for (identity, output, model), kind, valid in zip(cases, kinds, theirs["verdicts"], strict=True):
        rules = replace(BFCL, dots_as_underscores=model == "underscores")
        calls = [NamedCall(name, given) for call in output for name, given in call.items()]
        ours = check_calls(rows[identity][1], calls, accepted[identity], rules=rules)
        if valid == BROKEN:
            broken[ours.valid] += 1
            continue
        count = table.setdefault(kind, Counter())
        count["cases"] += 1
        count["valid"] += valid
        if ours.valid != valid:
            count["differ"] += 1
            differ.append((identity, kind, output, valid, ours))
    for kind, count in sorted(table.items()):
        print(f"{kind:28} {count['cases']:>8} cases {count['valid']:>8} valid {count['differ']:>6} disagreements")
    total = sum(count["cases"] for count in table.values())
    print(f"{'all':28} {total:>8} cases over {len(rows)} rows; {len(differ)} disagreements")
    print(f"The package's checker breaks on {broken.total()} more; we call {broken[True]} of them valid.")
    gold = [
        (identity, valid)
        for (identity, *_), kind, valid in zip(cases, kinds, theirs["verdicts"], strict=True)
        if kind == "gold"
    ]
    print(f"Gold that its checker refuses: {[identity for identity, valid in gold if valid is not True]}")
    for one in differ[:40]:
        print("DIFFERS", *one)

    wrong = 0
    for text, decoded in zip(written, theirs["decoded"], strict=True):
        try:
            ours = [{call.name: call.arguments} for call in decode(text, BFCL)]
        except UnreadableError:
            ours = BROKEN
        as_ours = (
            decoded
            if decoded == BROKEN
            else [{n: {k or "**": v for k, v in a.items()} for n, a in c.items()} for c in decoded]
        )
        if repr(ours) != repr(as_ours):
            wrong += 1
            print("DECODED OTHERWISE", repr(text)[:200], "theirs", repr(as_ours)[:200], "ours", repr(ours)[:200])
    print(
        f"Decoding: {len(written)} texts, {sum(one == BROKEN for one in theirs['decoded'])} unparseable; {wrong} disagreements"
    )
    return bool(differ or wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bfcl", help="interpreter of the environment of bfcl-eval")
    parser.add_argument("--oracle", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.oracle:
        oracle(given.oracle)
        return 0
    if not given.bfcl:
        parser.error("--bfcl PYTHON is missing")
    return compare(given.bfcl)


if __name__ == "__main__":
    sys.exit(main())
