"""The schema made from the models."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from chaoslib_ext.lint.schema import schema

ROOT = Path(__file__).parent.parent.parent.parent
OURS = sorted([*(ROOT / "experiments").glob("*.yaml"), *(ROOT / "experiments").glob("*.json")])


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    made = schema()
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


@pytest.mark.skipif(not OURS, reason="beside an installed wheel")
def test_the_schema_takes_every_experiment_of_ours(validator: jsonschema.Draft202012Validator) -> None:
    for file in OURS:
        assert list(validator.iter_errors(yaml.safe_load(file.read_text()))) == [], file.name


def test_the_schema_takes_a_sound_experiment_and_keys_of_ones_own(
    validator: jsonschema.Draft202012Validator, sound: dict[str, Any]
) -> None:
    sound["x-team"] = "shop"
    assert validator.is_valid(sound)


@pytest.mark.parametrize(
    "spoil",
    [
        {"title": ""},
        {"method": {}},
        {"rollbacks": [{"type": "action", "name": "x", "provider": {"type": "pyton"}}]},
        {"runtime": {"rollbacks": {"strategy": "alway"}}},
        {"tags": "lab"},
        {"extensions": [{"name": "chaostoolkit-ext", "sayz": {}}]},
        {"steady-state-hypothesis": {"title": "x", "probes": [{"type": "probe", "name": "x"}]}},
    ],
)
def test_the_schema_refuses_what_lint_refuses(
    validator: jsonschema.Draft202012Validator, sound: dict[str, Any], spoil: dict[str, Any]
) -> None:
    assert not validator.is_valid({**sound, **spoil})


def test_the_schema_is_plain_json_with_words_for_an_editor() -> None:
    made = json.loads(json.dumps(schema()))
    assert made["$schema"].endswith("2020-12/schema")
    assert "steady-state-hypothesis" in made["properties"] and made["required"] == ["title", "description", "method"]
    assert all(part.get("description") for name, part in made["$defs"].items()), "an editor shows these"
