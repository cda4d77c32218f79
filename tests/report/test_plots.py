"""Histograms count each value once, and their drawings show what was counted."""

from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.report.plots import BINS, histogram, stacked

VALUES = st.dictionaries(
    st.sampled_from(["kept", "passed", "failed", "<b>lost</b>"]),
    st.lists(st.integers(0, 5_000), max_size=30),
    min_size=1,
).filter(lambda found: any(found.values()))


def bounds(label):
    numbers = [int(word.replace(",", "")) for word in label.split(" to ")]
    return numbers[0], numbers[-1]


@given(VALUES)
def test_each_value_is_counted_where_it_belongs(values):
    found = histogram(values)
    assert len(found.ranges) <= BINS
    for name, held in values.items():
        for label, count in zip(found.ranges.values(), found.counts[name], strict=True):
            low, high = bounds(label)
            assert count == sum(low <= value <= high for value in held)
        assert sum(found.counts[name]) == len(held)


@settings(max_examples=15)
@given(VALUES)
def test_bars_are_as_high_as_what_they_stand_for(values):
    found = histogram(values)
    root = ElementTree.fromstring(stacked(found, "a plot", "traces"))
    drawn = {}
    for bar in root.iterfind(".//g[@class='bar']"):
        drawn[bar.find("title").text] = float(bar.find("rect").get("height"))
    wanted = {
        f"{label}: {count:,} traces {name}": count
        for name, counts in found.counts.items()
        for label, count in zip(found.ranges.values(), counts, strict=True)
        if count
    }
    assert drawn.keys() == wanted.keys()
    unit = max(drawn.values()) / max(wanted.values())
    for title, height in drawn.items():
        assert abs(height - unit * wanted[title]) < 0.01 * max(drawn.values())


def test_a_drawing_brings_no_style_and_no_script():
    text = stacked(histogram({"<script>": [1, 2], "b": []}), '"quoted" & <more>', "traces")
    assert "style" not in text
    assert "<script" not in text
    assert "2026" not in text
    assert text == stacked(histogram({"<script>": [1, 2], "b": []}), '"quoted" & <more>', "traces")
