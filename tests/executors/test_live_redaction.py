"""Secrets in whatever form a server gives them back."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.executors._redaction import REDACTED, Redactor

SECRETS = st.text(st.characters(min_codepoint=33, exclude_categories=("C", "Z")), min_size=6, max_size=20)
CONTEXT = st.text(max_size=6)


@given(secret=SECRETS, before=CONTEXT, after=CONTEXT)
def test_what_is_encoded_whole_is_hidden(secret, before, after):
    redactor = Redactor([secret])
    for encode in (str, quote, quote_plus, lambda text: quote(quote(text)), html.escape, json.dumps):
        assert secret not in redactor.text(encode(before + secret + after))
        assert REDACTED in redactor.text(encode(before + secret + after))


@given(secret=SECRETS, before=CONTEXT, after=CONTEXT)
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, base64.b16encode])
def test_binary_encodings_are_hidden_at_any_offset(encode, secret, before, after):
    written = encode(f"{before}{secret}{after}".encode()).decode()
    shown = Redactor([secret]).text(quote(written))
    assert REDACTED in shown
    assert len(shown) - len(REDACTED) <= len(quote(written)) - len(secret.encode())


@given(text=st.text())
def test_without_secrets_nothing_changes(text):
    assert Redactor([]).text(text) == text
    assert Redactor([]).longest == 0


def test_values_of_json():
    redactor = Redactor(["secret-1", "12345678", "secret-1-longer"])
    value = {"secret-1": ["a secret-1-longer b", 12345678, 1.5, None, True], "x": {"y": "12345678"}}
    assert redactor.json(value) == {
        REDACTED: [f"a {REDACTED} b", REDACTED, 1.5, None, True],
        "x": {"y": REDACTED},
    }
