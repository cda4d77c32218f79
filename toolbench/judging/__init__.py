"""A language model's opinion of answers: ToolEval's pass and win rates, ratings, and how good the opinion is."""

from toolbench.prompts import Prompts

PROMPTS = Prompts("toolbench.judging")
