"""The agent: a LangGraph graph that grows a search tree."""
