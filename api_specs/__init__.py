"""The bundled API descriptions, OpenAPI 3.1, as package data."""
