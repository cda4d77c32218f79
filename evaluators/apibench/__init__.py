"""Gorilla's sub-tree matching: whether a free text calls an API of a database, and the right one."""

from evaluators.apibench._judge import Asked, ResponseKind, ResponseVerdict, judge_response
from evaluators.apibench._rows import ApiRow, api_row

__all__ = ["ApiRow", "Asked", "ResponseKind", "ResponseVerdict", "api_row", "judge_response"]
