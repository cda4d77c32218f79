"""Our prompts for creating."""

from toolbench.prompts import Prompts

ours = Prompts("toolbench.create")
