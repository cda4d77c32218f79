"""Reading files: JSON, YAML, and what is neither."""

import hashlib
import json
from pathlib import Path

import pytest
from drafts import load, openapi
from hypothesis import given
from hypothesis import strategies as st

from toolbench.errors import SpecError
from toolbench.specs._names import api_id_of, is_api_id
from toolbench.specs._yaml import MAX_DEPTH, YamlError, read_yaml
from toolbench.specs.base import read_api, read_document

PRINTABLE = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | PRINTABLE | st.floats(-1e6, 1e6).map(float),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4),
    max_leaves=20,
)


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels)]
    return "\n".join(lines)


@given(JSON_VALUES)
def test_yaml_reads_any_json(value: object) -> None:
    assert read_yaml(json.dumps(value, ensure_ascii=False)) == value


def test_yaml_scalars_follow_the_core_schema_of_yaml_1_2() -> None:
    text = """
    on: yes
    200: ok
    date: 2024-02-30
    time: 12:30:00
    version: 1.10
    quoted: "1.10"
    octal: 0o17
    hexadecimal: 0x1f
    leading: 007
    nothing: ~
    empty:
    infinite: .inf
    huge: 123456789012345678901234567890
    tagged: !!str 12
    """
    assert read_yaml(text) == {
        "on": "yes",
        "200": "ok",
        "date": "2024-02-30",
        "time": "12:30:00",
        "version": 1.1,
        "quoted": "1.10",
        "octal": 15,
        "hexadecimal": 31,
        "leading": 7,
        "nothing": None,
        "empty": None,
        "infinite": None,
        "huge": 1.2345678901234568e29,
        "tagged": "12",
    }


def test_yaml_merge_keys_give_way_to_own_keys_and_earlier_sources() -> None:
    text = """
    one: &one {a: 1, b: 1}
    two: &two {b: 2, c: 2}
    both: {<<: [*one, *two], c: 3}
    single: {<<: *one, a: 0}
    plain: {<<: text}
    """
    read = read_yaml(text)
    assert read["both"] == {"a": 1, "b": 1, "c": 3}
    assert read["single"] == {"a": 0, "b": 1}
    assert read["plain"] == {"<<": "text"}


def test_yaml_last_of_equal_keys_counts() -> None:
    assert read_yaml("{a: 1, a: 2}") == {"a": 2}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (bomb(9), "aliases expand"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested deeper"),
        ("[" * 100_000, "nested deeper"),
        ("a: &a [*a]", "no anchor before it"),
        ("a: *b", "no anchor before it"),
        ("? [a, b]\n: c", "a key must be plain text"),
        ("a: 1\n---\nb: 2", "here are 2"),
        ("a: [1", "line"),
        ("a: b: c", "line 1, column 5"),
    ],
)
def test_yaml_that_is_refused(text: str, reason: str) -> None:
    with pytest.raises(YamlError, match=reason):
        read_yaml(text)


def test_aliases_below_the_limit_are_shared() -> None:
    read = read_yaml("base: &base {type: string}\nfirst: *base\nsecond: *base")
    assert read["first"] == read["second"] == {"type": "string"}


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    document = openapi({"/orders": {"get": {}}})
    as_json = load(tmp_path, json.dumps(document), "shop.yaml")
    as_yaml = load(
        tmp_path, "openapi: 3.1.0\ninfo: {title: Shop, version: 1}\npaths:\n  /orders:\n    get: {}\n", "shop.json"
    )
    assert [tool.name for tool in as_json.tools] == [tool.name for tool in as_yaml.tools] == ["shop_get_orders"]


def test_numbers_that_json_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    path.write_text('\ufeff{"nan": NaN, "below": -Infinity, "big": 123456789012345678901234567890, "over": 1e999}')
    read = read_document(path).content
    assert read == {
        "nan": None,
        "below": None,
        "big": 1.2345678901234568e29,
        "over": None,
    }


def test_digest_is_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n")
    assert read_document(path).sha256 == hashlib.sha256(b"a: 1\n").hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        ("missing.json", None, "no such file", "path"),
        ("empty.yaml", b"  \n", "the file is empty", "JSON or YAML"),
        ("junk.bin", b"\x89PNG\r\n\x1a\n\x00\xff", "not text", "UTF-8"),
        ("torn.json", b'{"openapi": "3.1.0", ', "not JSON", "Mend it"),
        ("torn.yaml", b"openapi: [3.1.0", "not YAML", "Mend it"),
        ("surrogate.json", b'{"a": "\\ud800"}', "not JSON", "Mend it"),
        ("deep.json", b'{"a":' * 3000 + b"1" + b"}" * 3000, "not JSON", "Mend it"),
        ("control.yaml", b"a: \x01b", "not YAML", "Mend it"),
        ("bomb.yaml", bomb(9).encode(), "aliases expand", "Mend it"),
        ("other.json", b'{"name": "demo", "version": 1}', "not an API description", "openapi"),
        ("list.json", b"[1, 2]", "not an API description", "openapi"),
        ("text.txt", b"Dear reader, all is well", "not an API description", "openapi"),
        ("old.json", b'{"swagger": "1.2", "paths": {}}', "version '1.2'", "swagger: 2.0"),
        ("new.json", b'{"openapi": "4.0.0", "paths": {}}', "version '4.0.0'", "openapi: 3.1"),
        ("paths.json", b'{"openapi": "3.1.0", "paths": ["/orders"]}', "`paths` is not an object", "Mend it"),
    ],
)
def test_bad_input_says_what_where_and_the_way_out(
    tmp_path: Path, name: str, content: bytes | None, message: str, hint: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SpecError) as caught:
        read_api(path)
    assert message in caught.value.message
    assert caught.value.where.startswith(str(path))
    assert hint in caught.value.hint
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_folders_and_urls_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="this is a folder"):
        read_api(tmp_path)
    with pytest.raises(SpecError, match="Download it first"):
        read_api("https://shop.example/openapi.json")


def test_the_given_id_must_be_legal(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(openapi({})))
    assert read_api(path, api_id="my_shop").id == "my_shop"
    with pytest.raises(SpecError, match="'My Shop' is no id"):
        read_api(path, api_id="My Shop")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("api.github.com.json", "github"),
        ("github.com.json", "github"),
        ("stripe.com.json", "stripe"),
        ("kubernetes.io.json", "kubernetes"),
        ("library.yaml", "library"),
        ("petstore-expanded.yaml", "petstore-expanded"),
        ("xero_accounting.json", "xero-accounting"),
        ("ghes-3.17.json", "ghes-3-17"),
        ("openapi.json", "my-title"),
        ("swagger.yaml", "my-title"),
        ("api.yml", "my-title"),
        ("Spec.JSON", "my-title"),
        ("日本.json", "my-title"),
    ],
)
def test_api_ids_come_from_the_file_name_or_the_title(file: str, expected: str) -> None:
    assert api_id_of(file, "My Title!") == expected


@given(PRINTABLE, PRINTABLE)
def test_every_made_id_is_legal_and_holds_no_underscore(file: str, title: str) -> None:
    made = api_id_of(file, title)
    assert is_api_id(made)
    assert "_" not in made
