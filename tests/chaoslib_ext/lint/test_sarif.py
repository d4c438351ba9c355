"""SARIF 2.1.0: what the standard requires of a log, and that findings are in it."""

import json
from pathlib import Path
from typing import Any

import jsonschema

from chaoslib_ext.lint.rules import rules
from chaoslib_ext.lint.sarif import sarif

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
REGION = {
    "type": "object",
    "required": ["startLine", "startColumn"],
    "properties": {name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn")},
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation", "logicalLocations"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "properties": {"uri": {"type": "string", "format": "uri-reference"}},
                },
                "region": REGION,
            },
            "additionalProperties": False,
        },
        "logicalLocations": {"type": "array", "items": {"required": ["fullyQualifiedName"]}},
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "required": ["message", "ruleId", "ruleIndex"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION},
        "properties": {"type": "object"},
    },
    "additionalProperties": False,
}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}, "additionalProperties": False},
    },
    "additionalProperties": False,
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {},
        "version": {"type": "string"},
        "rules": {"type": "array", "uniqueItems": True, "items": RULE},
    },
    "additionalProperties": False,
}
RUN = {
    "type": "object",
    "required": ["tool", "results"],
    "properties": {
        "tool": {
            "type": "object",
            "required": ["driver"],
            "properties": {"driver": DRIVER},
            "additionalProperties": False,
        },
        "results": {"type": "array", "items": RESULT},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    },
    "additionalProperties": False,
}
LOG = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
    "additionalProperties": False,
}
"""The properties that we write, as sections 3.13 to 3.52 of the standard require them."""


def test_a_log_has_what_the_standard_requires(sound: dict[str, Any], findings: Any) -> None:
    sound["tags"] = "lab"
    sound["configuration"]["host"] = {"type": "env", "key": "NOT_SET"}
    log = json.loads(json.dumps(sarif(findings(sound))))
    jsonschema.Draft202012Validator(LOG).validate(log)
    (run,) = log["runs"]
    listed = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert listed == [rule.id for rule in rules()]
    for result in run["results"]:
        assert listed[result["ruleIndex"]] == result["ruleId"]
    assert {result["properties"]["concern"] for result in run["results"]} == {"author", "machine"}
    paths = {result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for result in run["results"]}
    assert paths == {"$.tags", "$.configuration.host"}


def test_a_name_becomes_a_uri(tmp_path: Path) -> None:
    from chaoslib_ext.lint.linting import lint

    for name in ("a b.yaml", "ü%.yaml", "\udcff.yaml"):
        (tmp_path / name).write_text("")
    uris = [
        sarif(lint(tmp_path / name, called=called))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        for name, called in [
            ("a b.yaml", "x/a b.yaml"),
            ("ü%.yaml", str(tmp_path / "ü%.yaml")),
            ("\udcff.yaml", "x/\udcff.yaml"),  # a name of bytes that are no UTF-8
        ]
    ]
    assert uris[0]["artifactLocation"]["uri"] == "x/a%20b.yaml"
    assert uris[1]["artifactLocation"]["uri"] == (tmp_path / "ü%.yaml").as_uri()
    assert uris[2]["artifactLocation"]["uri"] == "x/%FF.yaml"


def test_without_findings_there_is_a_log_all_the_same() -> None:
    jsonschema.Draft202012Validator(LOG).validate(json.loads(json.dumps(sarif([]))))
