"""Gorilla's sub-tree matching: whether a free text calls an API of a database, and the right one."""

from evaluators.apibench._judge import Asked, ResponseKind, ResponseVerdict, judge_response
from evaluators.apibench._rows import ApiRow, api_row
from evaluators.apibench._texts import FoundCall, calls_in

__all__ = ["ApiRow", "Asked", "FoundCall", "ResponseKind", "ResponseVerdict", "api_row", "calls_in", "judge_response"]
