"""The page on answers under each condition."""

from toolbench.pipeline.evaluate_apis import MEANINGS
from toolbench.report.apis import page

SHARE = {"count": 3, "of": 4, "rate": 0.75, "interval": [0.3, 0.95]}


def figures(**more):
    rates = {
        "answers": 4,
        "kinds": {"right": 3, "wrong_api": 1},
        "exact": SHARE,
        "copied": {**SHARE, "of": 0, "rate": None},
    }
    return {
        "name": "model",
        "rows": 4,
        "unanswered": 1,
        "overall": rates,
        "conditions": {"near_identical": rates},
    } | more


def test_it_tells_shares_with_intervals_and_what_is_wrong() -> None:
    text = page(figures(), MEANINGS)
    assert "75.0%" in text
    assert "95% interval 30.0% to 95.0%" in text
    assert "near identical" in text
    assert "wrong api" in text
    assert "1 of them without an answer" in text
    assert "3 of 4" in text


def test_what_cannot_be_said_is_left_open() -> None:
    row = page(figures(), MEANINGS).partition('<th scope="row">near identical</th>')[2].partition("</tr>")[0]
    assert row.count("<td") == 1 + len(MEANINGS)
    assert row.count("\u2013") == len(MEANINGS) - 1


def test_nothing_wrong_is_said_so_and_names_are_escaped() -> None:
    rates = {"answers": 4, "kinds": {"right": 4}, "exact": {**SHARE, "count": 4, "rate": 1.0}}
    text = page(figures(name="<script>x", overall=rates), MEANINGS)
    assert "all answers are right" in text
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text
    assert "http" not in text.replace("http-equiv", "")
