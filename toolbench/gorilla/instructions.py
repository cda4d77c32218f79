"""Instructions without a model: what a document says its API does, as somebody would ask for it, with the values."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from toolbench.gorilla.answers import labels
from toolbench.gorilla.checks import instruction_problems
from toolbench.gorilla.docset import ApiDoc, sentences
from toolbench.gorilla.values import sampled
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.tasks.english import capital, is_participle, listed
from toolbench.tasks.fields import wished
from toolbench.world.rng import rng

GRAMMAR = "grammar"
"""Who writes where no model does."""

_OPENINGS = ("", "", "", "Hi! ", "Hello, ", "Good morning. ", "Quick question: ")
_CLOSINGS = ("", "", "", " Thanks!", " Thank you.", " That is all.")

_LOOKING = ("Please look up {}", "I need to see {}", "Could you pull up {} for me?", "Can you tell me about {}?",
            "I would like to know more about {}", "Please check {} for me", "I have been asked about {}")  # fmt: skip
_LISTING = ("Please show me {}", "I would like an overview of {}", "Could you go through {} for me?",
            "I need a look at {}", "Please give me {}", "What can you tell me about {}?")  # fmt: skip
_SEEKING = ("I am looking for {}", "Can you find {}?", "Please look for {}", "Help me track down {}")
_MAKING = ("I need {}", "Please set up {}", "Could you enter {} for me?", "We still lack {}, so please see to it",
           "Please make {}", "Could you put in {}?")  # fmt: skip
_CHANGING = ("Please bring {} up to date", "Something has to be different about {}", "Could you adjust {}?",
             "There is something to correct about {}", "I want to alter {}")  # fmt: skip
_ENDING = ("Please get rid of {}", "We no longer need {}", "Could you take {} out for me?", "Please drop {}",
           "I want to be done with {}")  # fmt: skip
_GIVING_BACK = ("I want to give back {}", "Please take back {}", "Could you take back {}?", "I am handing back {}")
_OTHERWISE = ("I would like you to {}", "Please {}", "Could you {}?", "Is there a way to {}?", "I am trying to {}")
_NOMINAL = ("I need help with this: {}", "What I am after: {}", "My problem is this: {}", "Here is what I need: {}",
            "I need something for {}")  # fmt: skip

_FORMS = {
    "look": _LOOKING, "list": _LISTING, "seek": _SEEKING, "make": _MAKING, "change": _CHANGING, "end": _ENDING,
    "give back": _GIVING_BACK,
}  # fmt: skip

_VERBS = {
    **dict.fromkeys("get retrieve return fetch read view show describe display obtain gets give".split(), "look"),
    **dict.fromkeys("list enumerate".split(), "list"),
    **dict.fromkeys("search find query lookup locate look".split(), "seek"),
    **dict.fromkeys("create add register make generate insert new post place book open".split(), "make"),
    **dict.fromkeys("update change modify edit adjust replace set rename patch".split(), "change"),
    **dict.fromkeys("delete remove destroy drop discard erase".split(), "end"),
}
_VERB_LIKE = re.compile(r"^[A-Z][a-z]+$")
_MOST_WORDS = 22
_CUTS = re.compile(
    r"\s*(?:[;:(]|, (?:with|which|ordered|the|and|newest|if|based|in|so)\b|, and\b| - | — |\. "
    r"| by (?:setting|passing|specifying|using|providing|its)\b).*$",
    re.DOTALL,
)
_CODE = re.compile(r"`[^`]*`|\b\w+\(\)|\b[a-z0-9]+_[a-z0-9_]+\b|\b[a-z]+[A-Z]\w+\b")
_PREAMBLE = re.compile(
    r"^(?:use (?:this (?:endpoint|method|api|function|operation|call) )?to|allows? (?:you|users|one) to|used to"
    r"|the [\w.()]+ (?:endpoint|method|api|function|operation|action|command) (?:is used to |lets you |allows you to )?"
    r"|this (?:endpoint|method|api|function|operation) (?:is used to |lets you |allows you to |will )?)\s*",
    re.IGNORECASE,
)
_SECOND_VERB = re.compile(r"^(?:or|and|and/or) (?:look up|\w+) ")
_LIST = re.compile(r"^(?:a|the) (?:\w+ )?list of (?:all )?(?=\w)")
_ABOUT_SOMETHING_ELSE = frozenset(
    "when if with to by note see once after before while because since as you your it this that these there for in on "
    "requires required only related deprecated please each for example however otherwise optional must can may".split()
)
"""First words of sentences that say something else than what is done."""

_STATES = re.compile(r"\b(?:is|are|was|were|should|must|can|cannot|will|has|have)\b")
"""Words of sentences that state something, where what an API does is told without them."""

_JOINTS = (": {}.", ", with {}.", ". What I have: {}.", ". The details: {}.", " — {}.")
_NO_VERB_ENDINGS = ("ss", "us", "is")


@dataclass(frozen=True, slots=True)
class Wish:
    """An instruction, and the values it names."""

    text: str
    wanted: JsonObject
    """Values by parameter."""
    writer: str = GRAMMAR
    explanation: str = ""
    """Why the call does it, in the writer's words; empty where it gave none."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Why there is no instruction."""

    reason: str
    tries: int = 1
    problems: tuple[str, ...] = field(default=())


def grammar_wish(doc: ApiDoc, seed: int, ordinal: int) -> Wish | Unwritten:
    """Return an instruction for an API, written by a grammar from its document.

    Args:
        doc: the document.
        seed: the run's seed.
        ordinal: which of the API's instructions.
    """
    r = rng(seed, "gorilla", "wish", doc.id, ordinal)
    wanted = sampled(doc, r)
    if wanted is None:
        return Unwritten("its values cannot be said")
    problems: list[str] = []
    for text in _candidates(doc, wanted, r):
        problems = instruction_problems(text, doc, wanted)
        if not problems:
            return Wish(text, wanted)
    if not problems:
        return Unwritten("its document says nothing that can be asked for")
    kind = re.sub(r"must say .*", "does not say a value", problems[0])
    return Unwritten(f"the instruction: {kind}", problems=tuple(problems))


def _candidates(doc: ApiDoc, wanted: JsonObject, r: random.Random) -> Iterator[str]:
    """Yield instructions in one order for a seed: of each thing that the document says it does, in various words."""
    values = said(wanted)
    for sentence in sentences(doc.description)[:6]:
        asked = list(dict.fromkeys(_asked(sentence, nominal=bool(doc.written), changes=_changes(doc))))
        r.shuffle(asked)
        for request in asked:
            opening, closing = r.choice(_OPENINGS), r.choice(_CLOSINGS)
            goes_on = opening.endswith(", ") and not request.startswith("I ")
            begun = request[0].lower() + request[1:] if goes_on else capital(request)
            yield f"{_with_values(opening + begun, values, r)}{closing}"


def said(wanted: JsonObject) -> str:
    """Return values as somebody says them: `title "Dune", 3 copies`."""
    return listed([_wished(label, value) for label, value in labels(wanted)])


def _wished(label: str, value: Json) -> str:
    if is_array(value) and any(isinstance(one, dict | list) for one in value):
        return listed([f"{label}: {said(one)}" if is_object(one) else str(one) for one in value])
    return wished(label, value)


def _with_values(request: str, values: str, r: random.Random) -> str:
    ended = request if request[-1] in ".?!" else f"{request}."
    if not values:
        return ended
    if request.endswith("?"):
        return f"{request} {r.choice(('I have', 'The details:', 'This is what matters:'))} {values}."
    return f"{request.rstrip('.')}{r.choice(_JOINTS).format(values)}"


def _changes(doc: ApiDoc) -> bool:
    """Tell whether an API is known to change something."""
    return str(doc.extra.get("method", "GET")).upper() not in ("GET", "HEAD")


def _asked(sentence: str, *, nominal: bool, changes: bool) -> Iterator[str]:
    """Yield ways to ask for what a sentence says an API does.

    Args:
        sentence: the sentence.
        nominal: whether it names what it is for, rather than telling it with a verb, unless that is clearly one.
        changes: whether the API changes something: then what it returns is given back, not shown.
    """
    bare = _PREAMBLE.sub("", " ".join(_CODE.sub("", sentence).split()))
    bare = re.sub(r"\b(a) (?=[aeio])", r"\1n ", bare)
    plain = _CUTS.sub("", bare.strip().rstrip(".:,")).strip()
    every = plain.split()
    begins_otherwise = every and (every[0].lower() in _ABOUT_SOMETHING_ELSE or any(w.endswith("ly") for w in every[:2]))
    if not 2 <= len(every) <= _MOST_WORDS or begins_otherwise or _STATES.search(plain):
        return
    verb, rest = base_verb(every[0]), _SECOND_VERB.sub("", " ".join(every[1:]))
    kind = "give back" if verb == "return" and changes else _VERBS.get(verb, "")
    if kind == "look" and _LIST.match(rest):
        kind, rest = "list", _LIST.sub("", rest)
    if kind:
        others = () if kind in ("end", "change", "make", "give back") else _NOMINAL
        yield from (one.format(rest) for one in (*_FORMS[kind], *others))
    elif _VERB_LIKE.match(every[0]) and _is_verb(every[0], verb) and (not nominal or verb != every[0].lower()):
        yield from (one.format(f"{verb} {rest}") for one in _OTHERWISE)
    else:
        noun = plain[0].lower() + plain[1:] if every[0][1:].islower() or len(every[0]) == 1 else plain
        yield from (one.format(noun) for one in _NOMINAL)


def base_verb(word: str) -> str:
    """Return a verb in its base form, in lower case: `Creates` is `create`."""
    lowered = word.lower()
    if lowered.endswith("ies"):
        return f"{lowered[:-3]}y"
    if lowered.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return lowered[:-2]
    return lowered[:-1] if lowered.endswith("s") and not lowered.endswith(_NO_VERB_ENDINGS) else lowered


def _is_verb(word: str, base: str) -> bool:
    """Tell whether the first word of a description is its verb, by its form."""
    return base not in _ARTICLES and not word.endswith(("ing", "tion", "ed", "ment", "ity")) and not is_participle(base)


_ARTICLES = frozenset("a an the this these that whether number all if when for in on each any some no".split())
