"""Markdown, with tables; what YAML stands over it tells title, author and date."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from toolbench.documents._decoding import decode
from toolbench.documents._front import split_front
from toolbench.documents.readers.base import DOCS, Draft, installed, iso_date, known, markdown_table
from toolbench.model import Block

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

__all__ = ["MarkdownReader"]

_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)


class MarkdownReader:
    """Reads Markdown."""

    suffixes: ClassVar[tuple[str, ...]] = (".md", ".markdown", ".mdown", ".mkd")
    media_types: ClassVar[tuple[str, ...]] = ("text/markdown", "text/x-markdown")

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the one document. See `Reader.read`."""
        with installed(DOCS):
            from markdown_it import MarkdownIt
            from markdown_it.tree import SyntaxTreeNode

        text, encoding = decode(data, where)
        front, body = split_front(text)
        tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(body))
        blocks = tuple(block for block in _blocks(tree) if block.text)
        title = str(front.get("title") or next((block.text for block in blocks if block.level == 1), ""))
        facts = known(
            author=front.get("author"),
            date=iso_date(front.get("date", "")),
            language=front.get("lang") or front.get("language"),
            encoding=encoding,
        )
        yield Draft(blocks, " ".join(title.split()), facts)


def _blocks(node: "SyntaxTreeNode") -> Iterator[Block]:
    for child in node.children:
        match child.type:
            case "heading":
                yield Block(text=" ".join(_inline(child).split()), kind="heading", level=int(child.tag[1:]))
            case "paragraph":
                yield Block(text=_inline(child).strip())
            case "bullet_list" | "ordered_list":
                yield Block(text="\n".join(_items(child, "")), kind="list")
            case "table":
                rows = [[_inline(cell) for cell in row.children] for part in child.children for row in part.children]
                yield Block(text=markdown_table(rows), kind="table")
            case "fence" | "code_block":
                yield Block(text=child.content.strip("\n"), kind="code")
            case "html_block":
                yield Block(text=_TAG.sub("", child.content).strip())
            case _:
                yield from _blocks(child)


def _items(node: "SyntaxTreeNode", indent: str) -> Iterator[str]:
    """Yield the lines of a list, those of lists within it indented."""
    first = int(str(node.attrs.get("start", 1)))
    for number, item in enumerate(node.children, first):
        mark = f"{number}." if node.type == "ordered_list" else "-"
        for place, child in enumerate(item.children):
            if child.type in {"bullet_list", "ordered_list"}:
                yield from _items(child, f"{indent}  ")
                continue
            text = "\n".join(block.text for block in _blocks_of(child))
            for line, words in enumerate(text.splitlines()):
                yield f"{indent}{mark if place == line == 0 else ' ' * len(mark)} {words}"


def _blocks_of(node: "SyntaxTreeNode") -> list[Block]:
    """Return the blocks of a node, itself included."""
    if node.type == "paragraph":
        return [Block(text=_inline(node).strip())]
    if node.type in {"fence", "code_block"}:
        return [Block(text=node.content.strip("\n"), kind="code")]
    return list(_blocks(node))


def _inline(node: "SyntaxTreeNode") -> str:
    """Return the text of a node without its marks."""
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "html_inline":
            return ""
        case "image":
            return node.content
        case _:
            return "".join(map(_inline, node.children))
