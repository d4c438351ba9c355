"""A whole file: every finding, sorted; and never a crash, whatever the file says."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.linting import lint, lint_text

ROOT = Path(__file__).parent.parent.parent.parent
OURS = sorted([*(ROOT / "experiments").glob("*.yaml"), *(ROOT / "experiments").glob("*.json")])
HERE = Here(environ={}, program=lambda name: name)
HEALTH = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))

WORDS = st.sampled_from(
    ["python", "http", "process", "probe", "action", "ref", "range", "regex", "jsonpath", "env", "vault", "always", "",
     "${x}", "${host}", "actions.toxics", "probes.http", "add_latency", "status", "http://x", "chaostoolkit-ext", "os"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["title", "description", "tags", "configuration", "secrets", "controls", "steady-state-hypothesis", "probes",
     "method", "rollbacks", "rollback", "runtime", "hypothesis", "strategy", "extensions", "type", "name", "ref",
     "provider", "module", "func", "arguments", "url", "path", "headers", "timeout", "tolerance", "range", "target",
     "pattern", "pauses", "before", "after", "background", "dry", "key", "default", "env_var_type", "scope"]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | WORDS
    | st.text(max_size=5)
    | st.dates()
    | st.binary(max_size=3)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | SCALARS, inner, max_size=6),
    max_leaves=25,
)


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in below for found in paths_in(one, (*path, key)))]


SEEDS = [yaml.safe_load(file.read_text()) for file in OURS]
PLACES = [(number, path) for number, seed in enumerate(SEEDS) for path in paths_in(seed) if path]


@HEALTH
@given(ANYTHING)
def test_no_yaml_makes_it_crash(value: Any) -> None:
    lint_text(yaml.dump(value, allow_unicode=True).encode("utf-8", "replace"), ".yaml", HERE)


@HEALTH
@given(ANYTHING)
def test_no_json_makes_it_crash(value: Any) -> None:
    lint_text(json.dumps(value, default=str, skipkeys=True).encode(), ".json", HERE)


@HEALTH
@given(st.text() | st.text(alphabet="[]{}:,-#&*!|>'\"%@`? \n\tabtruenl0123.~<="), st.sampled_from([".yaml", ".json"]))
def test_no_text_makes_it_crash(text: str, suffix: str) -> None:
    lint_text(text.encode("utf-8", "surrogatepass"), suffix, HERE)


@HEALTH
@given(st.binary(), st.sampled_from([".yaml", ".json"]))
def test_no_bytes_make_it_crash(raw: bytes, suffix: str) -> None:
    lint_text(raw, suffix, HERE)


@pytest.mark.skipif(not SEEDS, reason="beside an installed wheel")
@HEALTH
@given(st.data())
def test_no_mutation_of_an_experiment_makes_it_crash_or_passes_for_another_file(data: st.DataObject) -> None:
    """One part of a real experiment replaced by anything, or taken out."""
    number, path = data.draw(st.sampled_from(PLACES))
    mutant = copy.deepcopy(SEEDS[number])
    holder = mutant
    for step in path[:-1]:
        holder = holder[step]
    if data.draw(st.booleans()):
        del holder[path[-1]]
    else:
        holder[path[-1]] = data.draw(ANYTHING)
    for one in lint_text(json.dumps(mutant, default=str, skipkeys=True).encode(), ".json", HERE):
        assert one.hit.says and one.hit.cure and one.place.line >= 1
        assert json.dumps(one.as_json())


@pytest.mark.skipif(not OURS, reason="beside an installed wheel")
@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_our_own_experiments_are_sound(file: Path) -> None:
    assert [one.as_json() for one in lint(file) if one.counts] == []


def test_findings_come_in_the_order_of_the_file_with_the_name_that_was_given(
    tmp_path: Path, sound: dict[str, Any]
) -> None:
    sound["method"][0]["timeout"] = 5
    sound["tags"] = "lab"
    sound["rollback"] = []
    file = tmp_path / "x.json"
    file.write_text(json.dumps(sound, indent=1))
    found = lint(file, HERE, called="as/typed.json")
    assert {one.file for one in found} == {"as/typed.json"}
    assert [one.place for one in found] == sorted(one.place for one in found)
    assert [one.hit.rule.id for one in found if one.counts] == ["unused-timeout", "wrong-type", "unknown-key"]
    assert all(json.loads(file.read_text().splitlines()[one.place.line - 1].split(":")[0]) for one in found)


def test_it_looks_beside_the_file(tmp_path: Path, sound: dict[str, Any], machine_with: Callable[..., Here]) -> None:
    (tmp_path / "own_probes.py").write_text("def f(): ...\n")
    sound["method"][0]["provider"] = {"type": "python", "module": "own_probes", "func": "f"}
    (tmp_path / "x.json").write_text(json.dumps(sound))
    (one,) = lint(tmp_path / "x.json", replace(machine_with({}), folder=Path("elsewhere")))
    assert str(tmp_path) in one.hit.says


@pytest.mark.parametrize(
    ("raw", "suffix", "rule", "line", "path"),
    [
        (b'{"method": [{"a": 1,\n "name": "x",\n "name": "y"}]}', ".json", "duplicate-key", 3, ("method", 0, "name")),
        (b"method:\n- a: 1\n  name: x\n  name: y\n", ".yaml", "duplicate-key", 4, ("method", 0, "name")),
        (b'{"method": [{"pauses":\n {"after": NaN}}]}', ".json", "not-a-number", 2, ("method", 0, "pauses", "after")),
        (b"method:\n- pauses:\n    after: 1:30\n", ".yaml", "yaml-word", 3, ("method", 0, "pauses", "after")),
        (b"method:\n- on: 1\n", ".yaml", "yaml-word", 2, ("method", 0, True)),
    ],
)
def test_what_the_text_alone_shows_has_a_path_too(
    raw: bytes, suffix: str, rule: str, line: int, path: tuple[Any, ...]
) -> None:
    (one,) = (one for one in lint_text(raw, suffix, HERE) if one.hit.rule.id == rule)
    assert (one.place.line, one.hit.path) == (line, path)
