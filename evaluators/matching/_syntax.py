"""Program text read without running it: bounded in length and depth, and only what stands for a value."""

import ast
import operator
import warnings
from collections.abc import Callable, Iterable, Sequence

from toolbench.model import Json

LONGEST = 200_000
"""Characters of a text that is read."""
DEEPEST = 60
"""Levels of nesting of what is read."""
LARGEST = 10_000
"""Bits, characters or items of what an arithmetic expression may come to."""

_OPERATIONS: dict[type[ast.operator], Callable[[Json, Json], Json]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}


class UnreadableError(ValueError):
    """A text is none of what is looked for."""


def expression(text: str) -> ast.expr:
    """Return the expression that a text of Python is.

    Raises:
        UnreadableError: it is none, is too long, or is nested too deeply.
    """
    if len(text) > LONGEST:
        raise UnreadableError(f"longer than {LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(f"no expression of Python: {error}") from error
    if not _is_shallow(found):
        raise UnreadableError(f"nested deeper than {DEEPEST} levels")
    return found


def _is_shallow(node: ast.AST) -> bool:
    level: list[ast.AST] = [node]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in ast.iter_child_nodes(outer)]
        if not level:
            return True
    return False


def dotted(node: ast.expr) -> str:
    """Return the dotted name that an expression ends in; empty where it does not end in one."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def arguments(call: ast.Call, *, as_published: bool) -> dict[str, Json]:
    """Return the values of a call's named arguments; those by place are left aside, as functions here have none.

    Raises:
        UnreadableError: a value is none.
    """
    return {word.arg or "**": value(word.value, as_published=as_published) for word in call.keywords}


def value(node: ast.expr, *, as_published: bool = False) -> Json:
    """Return the value that an expression stands for. A name stands for itself as a text, a call for an object.

    Args:
        node: the expression.
        as_published: whether `+5` is read as -5, `~5` and `not 5` too, as BFCL does; else signs are read as they are.

    Raises:
        UnreadableError: it stands for no value.
    """

    def values(nodes: Iterable[ast.expr]) -> list[Json]:
        return [value(one, as_published=as_published) for one in nodes]

    match node:
        case ast.Constant(value=constant):
            return "..." if constant is ... else constant
        case ast.UnaryOp():
            return _signed(node, as_published=as_published)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return values(items) if isinstance(node, ast.List) else tuple(values(items))
        case ast.Dict(keys=keys, values=items):
            return _object(values(_present(keys)), values(items))
        case ast.BinOp():
            return _computed(node)
        case ast.Name(id=name):
            return name
        case ast.Call(keywords=[]) | ast.Subscript():
            return ast.unparse(node)
        case ast.Call():
            return {dotted(node.func): arguments(node, as_published=as_published)}
        case _:
            raise UnreadableError(f"{type(node).__name__} is no value")


def _present(keys: Iterable[ast.expr | None]) -> list[ast.expr]:
    found = [key for key in keys if key is not None]
    if len(found) < len(list(keys)):
        raise UnreadableError("an object is unpacked into another")
    return found


def _object(keys: list[Json], values: list[Json]) -> Json:
    try:
        return dict(zip(keys, values, strict=True))
    except TypeError as error:
        raise UnreadableError(f"no key of an object: {error}") from error


def _signed(node: ast.UnaryOp, *, as_published: bool) -> Json:
    operand = node.operand.value if isinstance(node.operand, ast.Constant) else None
    if not isinstance(operand, int | float | complex):
        raise UnreadableError("a sign stands before what is no number")
    if as_published or isinstance(node.op, ast.USub):
        return -operand
    if isinstance(node.op, ast.Not):
        return not operand
    if isinstance(node.op, ast.Invert):
        raise UnreadableError("~ makes no value")
    return operand


def _computed(node: ast.expr) -> Json:
    """Return what an arithmetic expression over constants comes to, within bounds."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            one, other = _computed(left), _computed(right)
            if _grows(op, one, other):
                raise UnreadableError("the result is too large")
            return _applied(_OPERATIONS[type(op)], one, other)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _applied(lambda one, _: -one, _computed(operand), None)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _applied(lambda one, _: +one, _computed(operand), None)
        case ast.Constant(value=constant):
            return constant
        case ast.List(elts=items):
            return [_computed(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_computed(item) for item in items)
        case _:
            raise UnreadableError("arithmetic over what is no constant")


def _applied(operation: Callable[[Json, Json], Json], one: Json, other: Json) -> Json:
    try:
        return operation(one, other)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise UnreadableError(f"arithmetic: {error}") from error


def _grows(op: ast.operator, one: Json, other: Json) -> bool:
    """Tell whether an operation could give something very large."""
    if isinstance(op, ast.Mod):
        return isinstance(one, str | bytes)  # a width in a format can ask for any length
    if isinstance(op, ast.Pow | ast.LShift) and isinstance(one, int) and isinstance(other, int):
        return max(1, one.bit_length()) * abs(other) > LARGEST
    if isinstance(op, ast.Mult):
        return (
            _bits(one) + _bits(other) > LARGEST or _length(one) * _times(other) + _length(other) * _times(one) > LARGEST
        )
    return isinstance(op, ast.Add) and _length(one) + _length(other) > LONGEST


def _bits(operand: Json) -> int:
    return operand.bit_length() if isinstance(operand, int) else 0


def _times(operand: Json) -> int:
    return abs(operand) if isinstance(operand, int) else 0


def _length(operand: Json) -> int:
    return len(_items(operand)) if isinstance(operand, str | bytes | list | tuple) else 0


def _items(operand: Json) -> Sequence[Json]:
    return operand
