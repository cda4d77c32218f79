"""The configuration of the general stages."""

from pathlib import Path

import pytest

from toolbench.errors import ConfigError
from toolbench.pipeline.asked import choose
from toolbench.pipeline.kit import KitConfig, load


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return path


def test_what_a_file_says_lies_over_the_defaults(tmp_path: Path):
    text = "generation:\n  num_pairs: 3\npaths:\n  output:\n    curated: elsewhere\ncurate:\n"
    loaded = load(written(tmp_path, text))
    assert loaded.warnings == ()
    assert loaded.config.generation.num_pairs == 3
    assert loaded.config.generation.chunk_size == KitConfig().generation.chunk_size == 4000
    assert loaded.config.paths.output.cleaned == Path("elsewhere")
    assert loaded.config.paths.output.final == Path("data/final")
    assert loaded.config.curate.threshold == 7


def test_no_file_says_nothing():
    assert load(None).config == KitConfig()


def test_the_endpoint_is_the_provider_s(tmp_path: Path):
    text = (
        "llm: {provider: api-endpoint}\nvllm: {model: one}\n"
        "api-endpoint: {api_base: http://h/v1, api_key: k, model: two, max_retries: 2, retry_delay: 0.1}\n"
    )
    config = load(written(tmp_path, text)).config
    choice = choose(config.endpoint, None, None, 4)
    assert choice is not None
    assert (choice.name, choice.base_url, choice.api_key) == ("two", "http://h/v1", "k")
    assert (choice.attempts, choice.delay) == (3, 0.1)
    assert "'k'" not in repr(choice)
    named = choose(config.endpoint, "three", "http://other/v1", 4)
    assert named is not None
    assert (named.name, named.base_url) == ("three", "http://other/v1")
    assert choose(KitConfig().endpoint, None, None, 4) is None


def test_unknown_keys_are_warned_of(tmp_path: Path):
    loaded = load(written(tmp_path, "generation:\n  tempreature: 1\nprompts: {}\nnonsense: 2\n"))
    first, second = loaded.warnings
    assert "`generation.tempreature` means nothing here; did you mean `temperature`?" in first
    assert second.endswith("`nonsense` means nothing here")
    assert loaded.config.generation.temperature == 0.7


def test_sections_with_the_names_of_kinds_hold_their_options(tmp_path: Path):
    loaded = load(written(tmp_path, "qa: {grounded: mark}\ncot-enhance: {simple_steps: true}\n"))
    assert loaded.warnings == ()
    assert loaded.config.kinds == {"qa": {"grounded": "mark"}, "cot-enhance": {"simple_steps": True}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("generation:\n  chunk_size: 0\n", r"generation.chunk_size: input should be greater"),
        ("llm:\n  provider: other\n", r"llm.provider: input should be 'vllm'"),
        ("- 1\n", "not a mapping"),
        ("a: [", "not YAML"),
        ("apis: [library]\nseed: 0\nmodel: planner\n", "not a configuration of these stages"),
    ],
)
def test_bad_ones_are_told_apart(tmp_path: Path, text: str, message: str):
    with pytest.raises(ConfigError, match=message):
        load(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "no.yaml")
