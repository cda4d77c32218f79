"""Sums, differences, products and quotients, reckoned by a parser of its own."""

import re
from fractions import Fraction

from toolbench.model import Document
from toolbench.toolformer.base import CallTool, Sample, Settings, ToolError, one_text
from toolbench.toolformer.candidates import unquoted

__all__ = ["Calculator"]

LONGEST, DEEPEST = 120, 20
"""Characters of an expression, and levels of its parentheses."""

WINDOW = 100
"""Words within which three numbers must stand."""

_TOKEN = re.compile(r"\s*(?:(\d[\d,]*\.?\d*|\.\d+)|(.))", re.DOTALL)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SAID = re.compile(r"(?:=|\bequals|\bequal to|\btotal of|\baverage of)\s*[^\d\w]{0,3}\d", re.IGNORECASE)
_SIGNS = str.maketrans("\u00d7\u00b7\u00f7\u2212\u2013", "**/--")


class Calculator(CallTool):
    """Reckons; results have at most two decimals."""

    name = "Calculator"
    purpose = "It reckons with the four basic operations."
    advice = "In the parentheses stands an expression of numbers, + - * / and parentheses."
    samples = (
        Sample(
            "The bakery sold 36 loaves on each of the 14 days, which makes 504 loaves.",
            "The bakery sold 36 loaves on each of the 14 days, which makes <API>Calculator(36 * 14)</API> 504 loaves.",
        ),
        Sample(
            "Of the 250 seats 65 were empty, so 185 guests saw the play.",
            "Of the 250 seats 65 were empty, so <API>Calculator(250 - 65)</API> 185 guests saw the play.",
        ),
        Sample(
            "Out of 800 voters, 232 (29%) chose the second bridge.",
            "Out of 800 voters, 232 (<API>Calculator(232 / 800 * 100)</API> 29%) chose the second bridge.",
        ),
        Sample(
            "The farm has 127 sheep and 48 goats, a total of 175 animals.",
            "The farm has 127 sheep and 48 goats, a total of <API>Calculator(127 + 48)</API> 175 animals.",
        ),
    )
    settings = Settings(tau_s=0.0, tau_f=0.5, k=20, m=10)
    parameters = one_text("expression", "Numbers, + - * / and parentheses.")

    def concerns(self, text: str, document: Document) -> bool:
        """Tell whether one of three numbers near each other is reckoned from the others, or the text says so."""
        del document
        return bool(_SAID.search(text)) or _has_reckoned(text)

    async def run(self, argument: str, document: Document) -> str:
        """Return what an expression is."""
        del document
        return shown(reckon(unquoted(argument)))


def _has_reckoned(text: str) -> bool:
    numbers = [
        (len(text[: found.start()].split()), Fraction(found[0].replace(",", ""))) for found in _NUMBER.finditer(text)
    ]
    for n, (place, _) in enumerate(numbers):
        near = [value for at, value in numbers[n : n + 12] if at - place <= WINDOW]
        if any(_is_reckoned(near, i) for i in range(len(near))):
            return True
    return False


def _is_reckoned(values: list[Fraction], i: int) -> bool:
    """Tell whether a value is a sum, difference, product or quotient of two of the others."""
    others = values[:i] + values[i + 1 :]
    wanted = values[i]
    for n, a in enumerate(others):
        for b in others[n + 1 :]:
            quotients = ([a / b] if b else []) + ([b / a] if a else [])
            ways = [a + b, abs(a - b), a * b, *quotients, *(100 * way for way in quotients)]
            if any(abs(way - wanted) * 200 <= 1 for way in ways):
                return True
    return False


def reckon(expression: str) -> Fraction:
    """Return what an expression is.

    Raises:
        ToolError: it is none, too long or deep, or divides by nothing.
    """
    if len(expression) > LONGEST:
        raise ToolError("the expression is too long")
    parser = _Parser([found[1] or found[2] for found in _TOKEN.finditer(expression.translate(_SIGNS).strip())])
    value = parser.sum(0)
    parser.end()
    return value


def shown(value: Fraction) -> str:
    """Return a number with at most two decimals."""
    rounded = round(value * 100)
    whole, part = divmod(abs(rounded), 100)
    return ("-" if rounded < 0 else "") + str(whole) + (f".{part:02}".rstrip("0") if part else "")


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _takes(self, signs: str) -> str:
        sign = self._next()
        if sign and sign in signs:
            self._at += 1
            return sign
        return ""

    def sum(self, depth: int) -> Fraction:
        value = self._product(depth)
        while sign := self._takes("+-"):
            other = self._product(depth)
            value = value + other if sign == "+" else value - other
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._signed(depth)
        while sign := self._takes("*/"):
            other = self._signed(depth)
            if sign == "/" and not other:
                raise ToolError("it divides by nothing")
            value = value * other if sign == "*" else value / other
        return value

    def _signed(self, depth: int) -> Fraction:
        is_negative = False
        while sign := self._takes("+-"):
            is_negative ^= sign == "-"
        value = self._number(depth)
        return -value if is_negative else value

    def _number(self, depth: int) -> Fraction:
        if self._takes("("):
            if depth == DEEPEST:
                raise ToolError("the expression is too deep")
            value = self.sum(depth + 1)
            if not self._takes(")"):
                raise ToolError("a parenthesis is not closed")
            return value
        token = self._next()
        if not token[:1].isdigit() and token[:1] != ".":
            raise ToolError(f"no number stands where one is needed: {token or 'nothing'!r}")
        self._at += 1
        return Fraction(token.replace(",", "").rstrip(".") or "0")

    def end(self) -> None:
        if self._next():
            raise ToolError(f"{self._next()!r} is no sign")
