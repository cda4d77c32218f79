"""Frontier policies over a search tree. They know nothing of HTTP, language models or tools."""
