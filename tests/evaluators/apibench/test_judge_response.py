"""Responses held against a database of APIs: hand-made cases for each verdict, and properties."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.apibench import Asked, api_row, judge_response
from evaluators.apibench._texts import calls_in

BERT = "AutoModel.from_pretrained('bert-base-uncased')"
GPT = "GPT2LMHeadModel.from_pretrained('gpt2')"
SENTIMENT = "pipeline('sentiment-analysis', model='distilbert-sst2')"
RESNET = "torch.hub.load(repo_or_dir='pytorch/vision', model='resnet50', pretrained=True)"
YOLO = "torch.hub.load(repo_or_dir='ultralytics/yolov5', model='yolov5s', pretrained=True)"
USE = "hub.load('https://tfhub.dev/google/universal-sentence-encoder/4')"
NET = "hub.KerasLayer('https://tfhub.dev/google/imagenet/mobilenet/5', trainable=True)"


def row(call, domain, **more):
    return {"domain": domain, "api_name": domain, "api_call": call, **more}


HUGGINGFACE = [row(BERT, "Embedding"), row(GPT, "Generation"), row(SENTIMENT, "Classification")]
TORCH = [
    row(RESNET, "Images", api_arguments={"repo_or_dir": "", "model": "", "pretrained": ""}),
    row(YOLO, "Objects", api_arguments=["repo_or_dir", "model", "pretrained"]),
]
TENSORFLOW = [row(USE, "Text"), row(NET, "Images")]
TOOLS = [
    {"name": "weather", "parameters": {"type": "object", "properties": {"city": {}, "days": {}}}},
    {"name": "news.search", "parameters": {"type": "object", "properties": {"query": {}}}},
]


def judge(text, rows, right=None):
    database = [api_row(one) for one in rows]
    known = None if right is None else database[right]
    return judge_response(text, database, known and Asked(known.domain, known.call))


def field(call, domain="x"):
    return f"<<<domain>>>: {domain}\n<<<api_call>>>: {call}\n<<<api_provider>>>: Hub\n<<<explanation>>>: It loads(1)."


@pytest.mark.parametrize(
    ("text", "rows", "right", "kind", "exact"),
    [
        (field(BERT), HUGGINGFACE, 0, "right", True),
        (field(f"model = {BERT}"), HUGGINGFACE, 0, "right", True),
        (field('AutoModel.from_pretrained("bert-base-uncased")'), HUGGINGFACE, 0, "right", True),
        (f"Use this:\n```python\nx = {BERT}\nx.eval()\n```", HUGGINGFACE, 0, "right", True),
        (json.dumps({"domain": "Embedding", "api_call": BERT}), HUGGINGFACE, 0, "right", True),
        (f"{BERT}.to('cuda')", HUGGINGFACE, 0, "right", True),
        (f"print(run({BERT}))", HUGGINGFACE, 0, "right", True),
        (field(GPT), HUGGINGFACE, 0, "wrong_api", False),
        (field("AutoModel.from_pretrained('bert-base')"), HUGGINGFACE, 0, "hallucinated", False),
        (field("AutoModel.from_pretrained('bert-base-uncased-2')"), HUGGINGFACE, 0, "hallucinated", False),
        (field("AutoModelForCats.from_pretrained('bert-base-uncased')"), HUGGINGFACE, 0, "hallucinated", False),
        (field("pipeline(task='sentiment-analysis', model='distilbert-sst2')"), HUGGINGFACE, 2, "right", True),
        (field("pipeline('sentiment-analysis')"), HUGGINGFACE, 2, "hallucinated", False),
        (field(RESNET), TORCH, 0, "right", True),
        (field("torch.hub.load('pytorch/vision', 'resnet50', pretrained=True)"), TORCH, 0, "right", True),
        (field("torch.hub.load('pytorch/vision', 'resnet50')"), TORCH, 0, "right", False),
        (field("torch.hub.load('pytorch/vision', 'resnet51', pretrained=True)"), TORCH, 0, "hallucinated", False),
        (field(YOLO), TORCH, 0, "wrong_api", False),
        (field(USE), TENSORFLOW, 0, "right", True),
        (field(NET), TENSORFLOW, 0, "wrong_api", False),
        (field("hub.load('https://tfhub.dev/google/none/1')"), TENSORFLOW, 0, "hallucinated", False),
        ("I am sorry, I know of none.", HUGGINGFACE, 0, "unparseable", None),
        ("", HUGGINGFACE, 0, "unparseable", None),
        (f"{BERT[:-1]}", HUGGINGFACE, 0, "right", True),
        ("AutoModel.from_pretrained('bert-base-uncased', config=", HUGGINGFACE, 0, "right", False),
        ('{"name": "weather", "arguments": {"city": "Rome"}}', TOOLS, 0, "right", False),
        ('{"function": {"name": "news.search", "arguments": "{\\"query\\": \\"x\\"}"}}', TOOLS, 1, "right", False),
        ("weather(city='Rome')", TOOLS, 0, "right", False),
        ("forecast(city='Rome')", TOOLS, 0, "hallucinated", False),
        (field(BERT), HUGGINGFACE, None, "in_database", None),
    ],
)
def test_verdicts(text, rows, right, kind, exact):
    found = judge(text, rows, right)
    assert (found.kind, found.exact) == (kind, exact)
    assert (found.api is None) == (kind in {"hallucinated", "unparseable"})
    assert (found.reason == "") == (kind == "right")


@pytest.mark.parametrize(
    ("call", "rows", "invented"),
    [
        (RESNET, TORCH, ()),
        ("torch.hub.load('pytorch/vision', 'resnet50', pretrained=False)", TORCH, ("pretrained=False",)),
        ("torch.hub.load('pytorch/vision', 'resnet50', weights='best')", TORCH, ("weights",)),
        ("torch.hub.load(repo='pytorch/vision', model='resnet50')", TORCH, ()),
        ("weather(city='Rome', hours=3)", TOOLS, ("hours",)),
        ("weather(city='Rome', days=3)", TOOLS, ()),
        (BERT.replace(")", ", revision='main')"), HUGGINGFACE, ("revision",)),
    ],
)
def test_arguments_that_the_api_does_not_have(call, rows, invented):
    assert judge(call, rows, 0).invented == invented


def test_kwargs_stand_for_any_arguments():
    rows = [row("AutoModel.from_pretrained('a')", "X", api_arguments={"kwargs": "any"})]
    assert judge("AutoModel.from_pretrained('a', other=1)", rows, 0).invented == ()


@pytest.mark.parametrize(
    ("text", "rows", "right", "published"),
    [
        (field(BERT), HUGGINGFACE, 0, "right"),
        (field(GPT), HUGGINGFACE, 0, "wrong"),
        (field("AutoModel.from_pretrained('bert-base-uncased-2')"), HUGGINGFACE, 0, "right"),
        (field("AutoModel.from_pretrained('bert-base')"), HUGGINGFACE, 0, "hallucinated"),
        ("no call", HUGGINGFACE, 0, "hallucinated"),
        (f"{BERT}", HUGGINGFACE, 0, "right"),
        (f"{RESNET}", TORCH, 0, "wrong"),
        (field("torch.hub.load('pytorch/vision', 'resnet50', pretrained=False)"), TORCH, 0, "right"),
        (field("torch.hub.load('pytorch/vision', 'none')"), TORCH, 0, "hallucinated"),
        (field(NET), TENSORFLOW, 1, "right"),
        (field(NET.replace("True", "False")), TENSORFLOW, 1, "hallucinated"),
    ],
)
def test_as_their_scripts_count(text, rows, right, published):
    assert judge(text, rows, right).published == published


@pytest.mark.parametrize(
    ("text", "call", "published"),
    [
        ("<<<api_call>>>: f.load('a')", "f.load('a')", "right"),
        ("<<<api_call>>>:f.load('a')", "f.load('a')", "hallucinated"),
        ("<<<api_call>>>: f.load('a'", "f.load('a')", "right"),
        ("<<<api_call>>>: f.load('a'), <<<api_provider>>>: g('b')", "g('b')", "hallucinated"),
        ('{"api_call": "f.load(\'a\')"}', "f.load('a')", "right"),
        ('{"api_call": "f.load("a")"}', "f.load('a')", "hallucinated"),
        ("<<<api_call>>>: f.load('a').eval()", "f.load('a').eval()", "hallucinated"),
        ("<<<api_call>>>: f.load('a').to('b')", "f.load('a').to('b')", "right"),
        ("<<<api_call>>>: f.load('a').to('c')", "f.load('a').to('b')", "hallucinated"),
        ("<<<api_call>>>: x = f.load('a')", "x = f.load('a')", "hallucinated"),
        ("<<<api_call>>>: f.load('a')", "f.load", "hallucinated"),
        ("<<<api_call>>>: f.load('ab', c=1)", "f.load('a')", "right"),
    ],
)
def test_the_oddities_of_their_scripts(text, call, published):
    assert judge(text, [row(call, "X")], 0).published == published


def test_among_several_rows_for_one_call_that_of_the_domain_asked_for_counts():
    rows = [row(BERT, "Other"), row(BERT, "Embedding")]
    found = judge(field(BERT), rows, 1)
    assert (found.kind, found.api, found.published) == ("right", 1, "wrong")


names = st.from_regex(r"[A-Z][a-z]{2,6}(\.[a-z]{2,6}_x){0,2}", fullmatch=True)
texts = st.text(st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters="'\"\\"), min_size=1)
scalars = st.integers(-1000, 1000) | st.booleans() | texts
keywords = st.dictionaries(st.from_regex(r"[a-z]{2,5}_k", fullmatch=True), scalars, max_size=3)


def rendered(name, positional, named):
    return f"{name}({', '.join([*map(repr, positional), *(f'{key}={value!r}' for key, value in named.items())])})"


@given(names, st.lists(texts, min_size=1, max_size=3), keywords, st.sampled_from(["{}", "x = {}", "```\n{}\n```"]))
def test_a_call_of_the_database_is_found_again(name, positional, named, around):
    call = rendered(name, positional, named)
    rows = [row("Other.call('x')", "A"), row(call, "B")]
    found = judge(field(around.format(call)), rows, 1)
    assert (found.kind, found.exact, found.api, found.invented, found.call) == ("right", True, 1, (), call)


@given(names, st.lists(texts, min_size=1, max_size=3, unique=True), keywords, st.data())
def test_planted_changes_are_told(name, positional, named, data):
    rows = [row(rendered(name, positional, named), "A")]
    place = data.draw(st.integers(0, len(positional) - 1))
    other = [*positional[:place], f"{positional[place]}~changed", *positional[place + 1 :]]
    assert judge(rendered(name, other, named), rows, 0).kind == "hallucinated"
    assert judge(rendered(f"{name}s", positional, named), rows, 0).kind == "hallucinated"
    found = judge(rendered(name, positional, {**named, "planted": 1}), rows, 0)
    assert (found.kind, found.exact, found.invented) == ("right", False, ("planted",))


@given(st.text() | st.text("f(a=1)[]{}'\"-+,.:\\ \n`api_call"))
def test_any_text_has_a_verdict(text):
    found = judge(text, HUGGINGFACE, 0)
    assert (found.kind == "unparseable") == (not calls_in(text))


@pytest.mark.parametrize("text", ["f(" * 50_000, "f('" * 30_000, "{" * 50_000, "[" * 50_000, '{"a":' * 20_000])
def test_nested_text_is_no_trouble(text):
    assert judge(text, HUGGINGFACE, 0).kind in {"hallucinated", "unparseable"}
