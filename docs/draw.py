"""Draws the agent's graphs into docs/agent.md from the code: `make docs`."""

import re
from pathlib import Path

from toolbench.agent.graph import graph, review_graph

PAGE = Path(__file__).parent / "agent.md"
GRAPHS = {"graph": graph, "review_graph": review_graph}
PLACE = re.compile(r"<!-- (\w+) -->\n(\n```mermaid\n.*?```\n)?", re.DOTALL)


def drawn(page: str) -> str:
    """Return the page with its pictures as the code has them."""
    return PLACE.sub(lambda place: f"{_mark(place[1])}\n```mermaid\n{_picture(place[1])}```\n", page)


def _mark(name: str) -> str:
    return f"<!-- {name} -->\n"


def _picture(name: str) -> str:
    return GRAPHS[name]().get_graph().draw_mermaid(with_styles=False)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
