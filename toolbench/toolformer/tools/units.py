"""Amounts in other units."""

import re

from toolbench.model import Document
from toolbench.toolformer.base import CallTool, Sample, Settings, ToolError, one_text
from toolbench.toolformer.candidates import unquoted

__all__ = ["Units"]

_SIZES: dict[str, dict[str, float]] = {
    "length": {
        "mile|miles|mi": 1609.344,
        "kilometre|kilometres|kilometer|kilometers|km": 1000,
        "metre|metres|meter|meters|m": 1,
        "centimetre|centimetres|centimeter|centimeters|cm": 0.01,
        "millimetre|millimetres|millimeter|millimeters|mm": 0.001,
        "yard|yards|yd": 0.9144,
        "foot|feet|ft": 0.3048,
        "inch|inches|in": 0.0254,
    },
    "weight": {
        "tonne|tonnes": 1000,
        "kilogram|kilograms|kilo|kilos|kg": 1,
        "gram|grams|g": 0.001,
        "pound|pounds|lb|lbs": 0.45359237,
        "ounce|ounces|oz": 0.028349523125,
        "stone|stones": 6.35029318,
    },
    "volume": {
        "litre|litres|liter|liters|l": 1,
        "millilitre|millilitres|milliliter|milliliters|ml": 0.001,
        "gallon|gallons|gal": 3.785411784,
        "pint|pints": 0.473176473,
        "quart|quarts": 0.946352946,
        "barrel|barrels": 158.987294928,
    },
    "area": {
        "hectare|hectares|ha": 10_000,
        "acre|acres": 4046.8564224,
        "square kilometre|square kilometres|square kilometer|square kilometers|km²": 1_000_000,
        "square metre|square metres|square meter|square meters|m²": 1,
        "square mile|square miles": 2_589_988.110336,
        "square foot|square feet": 0.09290304,
    },
    "time": {
        "day|days": 86_400,
        "hour|hours|h": 3600,
        "minute|minutes|min": 60,
        "second|seconds|s": 1,
        "week|weeks": 604_800,
    },
    "speed": {
        "miles per hour|mph": 0.44704,
        "kilometres per hour|kilometers per hour|km/h": 1 / 3.6,
        "metres per second|meters per second|m/s": 1,
        "knots|knot": 0.514444,
    },
}
"""By kind, names of units with their size in one of them."""

_DEGREES = {"celsius": (1.0, 0.0), "fahrenheit": (5 / 9, -32.0), "kelvin": (1.0, -273.15)}
"""Degrees, as the factor and what is added first to come to Celsius."""

_KNOWN = {
    name: (kind, size) for kind, units in _SIZES.items() for names, size in units.items() for name in names.split("|")
}
_ASKED = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)\s*([^\d,]+?)\s+(?:in|to|into|as)\s+([^\d,]+)")
_NAMES = "|".join(re.escape(name) for name in sorted((*_KNOWN, *_DEGREES), key=len, reverse=True) if len(name) > 1)
_AMOUNT = re.compile(rf"\d\s*(?:degrees\s+|°\s*)?(?:{_NAMES})\b", re.IGNORECASE)


class Units(CallTool):
    """Converts an amount; results have two decimals."""

    name = "Units"
    purpose = "It converts amounts from one unit to another."
    advice = "In the parentheses stand a number, its unit, the word in, and the other unit."
    samples = (
        Sample(
            "The trail is 12 miles long, that is 19.31 kilometres.",
            "The trail is 12 miles long, that is <API>Units(12 miles in kilometres)</API> 19.31 kilometres.",
        ),
        Sample(
            "The crate weighs 80 pounds (36.29 kilograms) without its lid.",
            "The crate weighs 80 pounds (<API>Units(80 pounds in kilograms)</API> 36.29 kilograms) without its lid.",
        ),
        Sample(
            "The field of 15 acres, or 6.07 hectares, lies by the brook.",
            "The field of 15 acres, or <API>Units(15 acres in hectares)</API> 6.07 hectares, lies by the brook.",
        ),
        Sample(
            "The vat takes 50 gallons, which is 189.27 litres.",
            "The vat takes 50 gallons, which is <API>Units(50 gallons in litres)</API> 189.27 litres.",
        ),
    )
    settings = Settings(tau_s=0.0, tau_f=0.5, k=20, m=10)
    parameters = one_text("amount", "As `12 miles in kilometres`.")

    def concerns(self, text: str, document: Document) -> bool:
        """Tell whether a text has amounts, twice at least: one that is given, and one that may be converted."""
        del document
        return len(_AMOUNT.findall(text)) > 1

    async def run(self, argument: str, document: Document) -> str:
        """Return an amount in the unit asked for, with its name."""
        del document
        asked = _ASKED.fullmatch(unquoted(argument))
        if asked is None:
            raise ToolError("it is not of the form `12 miles in kilometres`")
        wanted = asked[3].strip()
        return f"{convert(float(asked[1].replace(',', '')), asked[2].strip(), wanted):.2f} {wanted}"


def convert(amount: float, unit: str, wanted: str) -> float:
    """Return an amount in another unit.

    Raises:
        ToolError: a unit is not known, or the two measure different things.
    """
    first, second = _plain(unit), _plain(wanted)
    if first in _DEGREES and second in _DEGREES:
        celsius = (amount + _DEGREES[first][1]) * _DEGREES[first][0]
        return celsius / _DEGREES[second][0] - _DEGREES[second][1]
    for name, said in ((first, unit), (second, wanted)):
        if name not in _KNOWN:
            raise ToolError(f"no unit is known as {said!r}")
    (kind, size), (other, measure) = _KNOWN[first], _KNOWN[second]
    if kind != other:
        raise ToolError(f"{unit} and {wanted} measure different things")
    return amount * size / measure


def _plain(unit: str) -> str:
    return re.sub(r"^(?:degrees?\s+|°\s*)", "", unit.casefold())
