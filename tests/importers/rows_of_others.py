"""Rows in the formats of others, written for these tests."""

import json


def api(tool="Live Scores", name="Get Matches", category="Sports", method="GET", **more):
    return {
        "category_name": category,
        "tool_name": tool,
        "api_name": name,
        "api_description": f"{name} of {tool}",
        "required_parameters": [{"name": "day", "type": "DATE", "description": "the day", "default": "2023-01-02"}],
        "optional_parameters": [{"name": "limit", "type": "number", "description": "", "default": "10"}],
        "method": method,
        **more,
    }


def query(text="Which matches are on today?", identity=7, apis=None, relevant=None):
    apis = apis or [api(), api(name="delete", method="DELETE"), api("Sky", "forecast", "Weather")]
    named = [[one["tool_name"], one["api_name"]] for one in apis[:1]] if relevant is None else relevant
    return {"query": text, "query_id": identity, "api_list": apis, "relevant APIs": named}


def function(name="math.area", **properties):
    properties = properties or {"base": {"type": "float"}, "unit": {"type": "any"}}
    required = list(properties)[:1]
    parameters = {"type": "dict", "properties": properties, "required": required}
    return {"name": name, "description": f"{name} does it.", "parameters": parameters}


def user(text):
    return {"role": "user", "content": text}


def question(identity="simple_0", turns=None, functions=None, **more):
    turns = turns or [[user("What is the area over a base of 3?")]]
    return {"id": identity, "question": turns, "function": functions or [function()], **more}


def chat(*texts, tools=None, **more):
    messages = [message for text in texts for message in (user(text), {"role": "assistant", "content": "Done."})]
    return {"messages": messages, "tools": tools or [{"type": "function", "function": function("area")}], **more}


def as_list(rows):
    return json.dumps(rows, indent=1)


def as_lines(rows):
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def written(path, rows, form=as_lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(form(rows))
    return path
