"""An experiment's file read before a run: values put in, and whatever stands there answered in a sentence."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.errors import BadFile
from chaoslib_ext.plan.experiment import load, read

GOOD: dict[str, Any] = {"title": "x", "description": "y", "method": []}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=8,
)
KEYS = ("title", "description", "method", "rollbacks", "configuration", "secrets", "steady-state-hypothesis", "tags")


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(data: Any, name: str = "x.json") -> Path:
        path = tmp_path / name
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return path

    return write


def test_a_variable_that_no_machine_can_have_is_one_without_a_value(written: Any) -> None:
    entry = {"type": "env", "key": "\ud800"}
    assert "is not set" in load(written({**GOOD, "configuration": {"a": entry}})).unresolved["a"]


def test_values_are_those_written_given_or_in_the_environment(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUCH", "400")
    configuration = {
        "a": 1,
        "b": {"type": "env", "key": "MUCH", "env_var_type": "int"},
        "c": {"type": "env", "key": "NOSUCHVARIABLE", "default": "d"},
        "d": {"type": "env", "key": "NOSUCHVARIABLE"},
        "e": {"type": "probe", "name": "e", "provider": {}},
    }
    found = load(written({**GOOD, "title": "up to ${b} ms", "configuration": configuration}), {"a": 2}, None)
    assert found.configuration == {"a": 2, "b": 400, "c": "d"}
    assert found.title == "up to 400 ms"
    assert found.unresolved == {
        "d": "the environment variable NOSUCHVARIABLE is not set",
        "e": "a probe gives it when the run begins",
    }
    assert found.without_value == {"d"}, "a probe may still give the other"


@pytest.mark.parametrize("key", [None, {}, [], 1.5, 3])
def test_a_variable_whose_name_is_no_text_has_no_value(written: Any, key: Any) -> None:
    found = load(written({**GOOD, "configuration": {"a": {"type": "env", "key": key, "default": "x"}}}))
    assert found.unresolved == {"a": "no key says from which environment variable"} and found.without_value == {"a"}


@pytest.mark.parametrize("where", ["method", "rollbacks", "steady-state-hypothesis.probes", "configuration.a"])
@pytest.mark.parametrize("key", ["type", "module", "func", "path", "url"])
@pytest.mark.parametrize("value", [[[]], {}, 3, True])
def test_what_a_provider_calls_is_text_and_nothing_else(written: Any, where: str, key: str, value: Any) -> None:
    """A list or a mapping cannot be looked up, and ended the plan in a traceback."""
    probe = {"type": "probe", "name": "x", "provider": {"type": "python", "module": "m", "func": "f", key: value}}
    parts: dict[str, Any] = {
        "method": {"method": [probe]},
        "rollbacks": {"rollbacks": [probe]},
        "steady-state-hypothesis.probes": {"steady-state-hypothesis": {"title": "x", "probes": [probe]}},
        "configuration.a": {"configuration": {"a": probe}},
    }
    with pytest.raises(BadFile, match=rf"{where}\S*\.provider\.{key} must be text, not "):
        read(written({**GOOD, **parts[where]}))


def test_a_pipe_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.yaml")
    with pytest.raises(BadFile, match="a pipe or a device"):
        read(tmp_path / "x.yaml")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "it holds a list, not a mapping"),
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ({}, "title is missing\n  description is missing\n  method is missing; an empty list is enough"),
        ({**GOOD, "method": {}}, "method must be a list, not a mapping"),
        ({**GOOD, "method": [3]}, r"method\[0\] must be a mapping, not a number"),
        ({**GOOD, "method": [{"name": "x"}]}, r"method\[0\] has no provider"),
        ({**GOOD, "method": [{"ref": "x", "provider": []}]}, r"method\[0\].provider must be a mapping, not a list"),
        ({**GOOD, "method": [{"controls": 3, "ref": "x"}]}, r"method\[0\].controls must be a list, not a number"),
        ({**GOOD, "controls": ["x"]}, r"controls\[0\] must be a mapping, not text"),
        ({**GOOD, "controls": [{"provider": True}]}, r"controls\[0\].provider must be a mapping, not true or false"),
        ({**GOOD, "configuration": {"a": {"type": "probe"}}}, "configuration.a has no provider"),
        ({**GOOD, "steady-state-hypothesis": []}, "steady-state-hypothesis must be a mapping, not a list"),
        ({**GOOD, "steady-state-hypothesis": {"probes": {}}}, "probes must be a list"),
        ({**GOOD, "configuration": []}, "configuration must be a mapping"),
    ],
)
def test_what_is_no_experiment_is_told_whole(written: Any, data: Any, says: str) -> None:
    with pytest.raises(BadFile, match=f"(?s).*{says}"):
        read(written(data))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("title: " + "x" * 500_000, "x.yaml"),
        ("a: [", "x.yaml"),
        ("a: b: c", "x.yml"),
        ("x", "x.txt"),
        ("[" * 100_000, "x.json"),
        ("[" * 5000, "x.yaml"),
    ],
)
def test_what_cannot_be_parsed_is_told(written: Any, text: str, name: str) -> None:
    with pytest.raises(BadFile, match=name):
        read(written(text, name))


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "x.yaml", tmp_path / "none.yaml", tmp_path):
        with pytest.raises(BadFile, match="cannot read the experiment"):
            read(path)


@given(data=st.dictionaries(st.sampled_from(KEYS), ANYTHING))
def test_nothing_raises_anything_but_bad_file(data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump({**GOOD, **data}))
    try:
        load(path)
    except BadFile:
        pass
