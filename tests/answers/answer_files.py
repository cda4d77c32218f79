"""Files of BFCL and APIBench, written for these tests."""

import json

PLAY = {
    "name": "music.play",
    "description": "Plays.",
    "parameters": {
        "type": "dict",
        "properties": {"artist": {"type": "string"}, "minutes": {"type": "integer"}},
        "required": ["artist"],
    },
}
RIGHT = {"music.play": {"artist": "Maroon 5", "minutes": 20}}
GOLD = {"music.play": {"artist": ["Maroon 5"], "minutes": ["", 20]}}


def lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def bfcl(folder, results, gold=None):
    """Write questions, gold beside them, and results, each by id; return the paths of results and questions."""
    asked = {"role": "user", "content": "Play something."}
    rows = [{"id": identity, "question": [[asked]], "function": [PLAY]} for identity in results]
    questions = lines(folder / "BFCL_v4_some.json", rows)
    gold = {identity: [GOLD] for identity in results if "relevance" not in identity} if gold is None else gold
    lines(folder / "possible_answer" / questions.name, [{"id": i, "ground_truth": one} for i, one in gold.items()])
    found = lines(folder / "result.json", [{"id": i, "result": one} for i, one in results.items()])
    return found, questions


API = [
    {"domain": "Images", "api_call": "torch.hub.load(repo_or_dir='pytorch/vision', model='resnet50')"},
    {"domain": "Objects", "api_call": "torch.hub.load(repo_or_dir='ultralytics/yolov5', model='yolov5s')"},
]


def apibench(folder, texts):
    """Write responses to two questions, the database, and what is right; return the paths."""
    responses = lines(folder / "r.jsonl", [{"question_id": n, "text": text} for n, text in enumerate(texts, 1)])
    rows = [{"code": "…", "api_call": one["api_call"], "provider": "Hub", "api_data": one} for one in API]
    return responses, lines(folder / "api.jsonl", API), lines(folder / "eval.json", rows)
