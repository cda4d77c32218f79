"""How strict a comparison of calls is: a switch for each rule, and two presets."""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as the same call. All switches off is the strictest."""

    int_for_float: bool = False
    """An integer may stand where a float is meant."""
    strings_loosely: bool = False
    """Case, white space and the characters `,./-_*^` of strings do not count; both quotation marks are the same."""
    order_free: bool = False
    """Several calls may come in any order."""
    optional_may_miss: bool = False
    """An argument among whose accepted values is the empty text may be left out."""
    dots_as_underscores: bool = False
    """Functions were offered with underscores in place of the dots in their names."""
    tolerant_text: bool = False
    """Calls are looked for in all of a text: fenced, tagged, as JSON, of OpenAI's form. Else it is a list of calls."""
    as_published: bool = False
    """Types, values and order are compared as BFCL's own checker does, its oddities included: types are Python's; a
    value of the gold's type may stand in for a variable; in any order, each accepted call in turn takes the first that
    fits; `+5` reads as -5. Else values are compared as JSON at any depth, and calls are assigned as well as can be."""


EXACT = Rules(optional_may_miss=True)
"""One of the accepted values, exactly, in the order of the accepted calls."""

BFCL = Rules(int_for_float=True, strings_loosely=True, order_free=True, optional_may_miss=True, as_published=True)
"""The rules of the Berkeley Function-Calling Leaderboard."""

LOOSE = replace(BFCL, as_published=False)
"""The same without the oddities: values as JSON, order by the best assignment."""

PRESETS = {"bfcl": BFCL, "exact": EXACT, "loose": LOOSE}
"""The presets by name."""

SWITCHES = tuple(field.name for field in fields(Rules))
"""Names of all switches."""

_OFF = "no_"


def rules_of(text: str) -> Rules:
    """Return the rules that a text names: a preset, then switches, separated by commas, as `exact,order_free`.

    A switch turns a rule on, `no_` before it turns it off.

    Raises:
        ValueError: there is no such preset or switch; the message lists what there is.
    """
    preset, *switches = (part.strip() for part in text.split(","))
    if preset not in PRESETS:
        raise ValueError(f"no rules are named {preset!r}; there are: {', '.join(PRESETS)}")
    rules = PRESETS[preset]
    for switch in switches:
        name = switch.removeprefix(_OFF)
        if name not in SWITCHES:
            raise ValueError(f"no switch is named {name!r}; there are: {', '.join(SWITCHES)}")
        rules = replace(rules, **{name: not switch.startswith(_OFF)})
    return rules
