"""A generic weak model: it tries tools that sound right with arguments it can find, and stops when it feels done.

It solves easy tasks now and then and fails most others in plausible ways. What it answers depends on the request and
the seed alone.
"""

import random
from dataclasses import dataclass

import orjson

from toolbench.llm.evidence import Evidence, Leaf, calls_of, gather, words_of
from toolbench.llm.guessing import Guesser
from toolbench.llm.script import Answer, ScriptedCall, offered, text_of
from toolbench.model import Json, JsonObject, digest, is_object

FINISH = "Finish"
"""Name of the function that ends the work, where one is offered."""

PATIENCE = 8
"""Tool results after which it stops in any case."""

QUOTED = 12
"""Values of a result that it quotes at most."""

TROUBLE = {"error", "errors", "detail"}
"""Keys by which it knows a result for a failure."""


@dataclass(frozen=True, slots=True)
class _Option:
    """A call it might make, and how right it sounds."""

    call: ScriptedCall
    appeal: float


def weak_answer(request: JsonObject, seed: int) -> Answer:
    """Return the weak model's answer to a valid request."""
    luck = random.Random(digest([seed, request]))
    evidence = gather(request["messages"])
    schema = _constraint(request)
    if schema is not None:
        return Answer(content=orjson.dumps(Guesser(evidence, "", schema, luck).fill()).decode())
    if not offered(request):
        return Answer(content=_echo(request))
    options = _options(request, evidence, luck)
    if options and _goes_on(request, evidence, options[0], luck):
        # A weak model does not always see which tool is the right one.
        option = options[1] if len(options) > 1 and luck.random() < 0.15 else options[0]
        return Answer(content=_aside(option.call, luck), tool_calls=(option.call,))
    return _end(request, evidence)


def _constraint(request: JsonObject) -> JsonObject | None:
    form: JsonObject = request.get("response_format") or {}
    if form.get("type") == "json_schema":
        return form.get("json_schema", {}).get("schema", {})
    return {"type": "object"} if form.get("type") == "json_object" else None


def _echo(request: JsonObject) -> str:
    return f"As I understand it: {text_of(request['messages'][-1])[:200]}"


def _options(request: JsonObject, evidence: Evidence, luck: random.Random) -> list[_Option]:
    """Return one call per tool, the most appealing first, without those made before."""
    made = {_identity(call["function"]) for message in request["messages"] for call in calls_of(message)}
    options: list[_Option] = []
    for function in offered(request):
        if function["name"] == FINISH:
            continue
        guesser = Guesser(evidence, function["name"], function.get("parameters") or {"type": "object"}, luck)
        call = ScriptedCall(name=function["name"], arguments=guesser.fill())
        if digest([call.name, call.arguments]) not in made:
            appeal = _overlap(function, evidence) - 3 * guesser.guesses + luck.random()
            options.append(_Option(call, appeal))
    return sorted(options, key=lambda option: -option.appeal)


def _identity(function: JsonObject) -> str:
    try:
        return digest([function["name"], orjson.loads(function["arguments"])])
    except ValueError:
        return ""


def _overlap(function: JsonObject, evidence: Evidence) -> float:
    name = set(words_of(function["name"])) & evidence.words
    about = set(words_of(str(function.get("description", "")))) & evidence.words
    return 2 * len(name) + 0.5 * len(about)


def _goes_on(request: JsonObject, evidence: Evidence, best: _Option, luck: random.Random) -> bool:
    done = _results_since_the_user_spoke(request)
    if done == 0:
        return luck.random() < 0.97
    if done >= PATIENCE:
        return False
    if _failed(evidence.last):
        return luck.random() < 0.85
    return luck.random() < (0.6 if best.appeal >= 2 else 0.15) / done


def _results_since_the_user_spoke(request: JsonObject) -> int:
    roles: list[str] = [message["role"] for message in request["messages"]]
    last = max((at for at, role in enumerate(roles) if role == "user"), default=0)
    return roles[last:].count("tool")


def _failed(result: Json) -> bool:
    return result is None or isinstance(result, str) or (is_object(result) and bool(result.keys() & TROUBLE))


def _aside(call: ScriptedCall, luck: random.Random) -> str | None:
    return f"I will try {call.name}." if luck.random() < 0.3 else None


def _end(request: JsonObject, evidence: Evidence) -> Answer:
    """Return the last move: the values of the last result, or giving up where nothing came back."""
    leaves = evidence.results[0] if evidence.results and not _failed(evidence.last) else ()
    text = _told(leaves) if leaves else "I could not find out."
    if FINISH not in {function["name"] for function in offered(request)}:
        return Answer(content=text)
    given: JsonObject = {"return_type": "give_answer", "final_answer": text}
    arguments = given if leaves else {"return_type": "give_up_and_restart"}
    return Answer(tool_calls=(ScriptedCall(name=FINISH, arguments=arguments),))


def _told(leaves: tuple[Leaf, ...]) -> str:
    """Return a result in words; where the user spoke of one object in it, only that one."""
    meant = [leaf for leaf in leaves if leaf.backed] or list(leaves)
    return f"Here is what I found: {'; '.join(_fact(leaf) for leaf in meant[:QUOTED])}."


def _fact(leaf: Leaf) -> str:
    value = leaf.value if isinstance(leaf.value, str) else orjson.dumps(leaf.value).decode()
    return f"{' '.join(leaf.key)} {value}"
