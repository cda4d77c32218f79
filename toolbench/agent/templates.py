"""The agent's prompts."""

from toolbench.prompts import Prompts

_PROMPTS = Prompts("toolbench.agent")

render = _PROMPTS.render
prompts_digest = _PROMPTS.digest
