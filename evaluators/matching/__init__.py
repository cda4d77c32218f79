"""Calls held against accepted calls: by BFCL's rules or exactly, with a switch for each rule."""

from evaluators.matching._check import CallVerdict, check_calls
from evaluators.matching._decoding import UnreadableError, decode
from evaluators.matching._fault import Kind, NamedCall
from evaluators.matching._rules import BFCL, EXACT, LOOSE, PRESETS, Rules, rules_of

__all__ = [
    "BFCL",
    "EXACT",
    "LOOSE",
    "PRESETS",
    "CallVerdict",
    "Kind",
    "NamedCall",
    "Rules",
    "UnreadableError",
    "check_calls",
    "decode",
    "rules_of",
]
