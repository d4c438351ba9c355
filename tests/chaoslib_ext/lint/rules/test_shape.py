"""What the host refuses, or takes without being able to use it."""

from collections.abc import Callable
from typing import Any

import pytest

Found = Callable[..., dict[str, str]]


def test_a_sound_experiment_has_no_findings(sound: dict[str, Any], found: Found) -> None:
    assert found(sound) == {}


@pytest.mark.parametrize("key", ["title", "description", "method"])
def test_what_the_host_needs_is_missed(sound: dict[str, Any], found: Found, key: str) -> None:
    del sound[key]
    assert found(sound) == {"missing": f"$.{key}"}


def test_an_unknown_rollback_strategy_is_found_before_it_makes_every_rollback_vanish(
    sound: dict[str, Any], findings: Any
) -> None:
    sound["runtime"] = {"rollbacks": {"strategy": "alway"}, "hypothesis": {"strategy": "default"}}
    (one,) = findings(sound)
    assert (one.hit.rule.id, one.severity) == ("unknown-word", "error")
    assert "did you mean always?" in one.hit.says and one.as_json()["path"] == "$.runtime.rollbacks.strategy"


def test_an_unknown_hypothesis_strategy_is_found(sound: dict[str, Any], found: Found) -> None:
    sound["runtime"] = {"rollbacks": {"strategy": "always"}, "hypothesis": {"strategy": "continuous"}}
    assert found(sound) == {"unknown-word": "$.runtime.hypothesis.strategy"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tags", "lab"),
        ("method", {"type": "action"}),
        ("rollbacks", {}),
        ("rollbacks", None),
        ("steady-state-hypothesis", []),
        ("steady-state-hypothesis", None),
        ("extensions", {}),
        ("configuration", []),
        ("controls", {}),
    ],
)
def test_a_part_of_the_wrong_kind_is_named_instead_of_a_traceback(
    sound: dict[str, Any], found: Found, key: str, value: Any
) -> None:
    sound[key] = value
    path = f"$.{key}"
    assert found(sound)["wrong-type"] == path


@pytest.mark.parametrize(
    ("key", "value"),
    [("pauses", 5), ("pauses", None), ("background", "true"), ("timeout", "5"), ("provider", []), ("controls", {})],
)
def test_a_part_of_an_activity_of_the_wrong_kind_is_named(
    sound: dict[str, Any], found: Found, key: str, value: Any
) -> None:
    sound["method"][0][key] = value
    assert found(sound)["wrong-type"] == f"$.method[0].{key}"


def test_a_pause_that_is_a_text_is_a_mistake_and_a_whole_variable_is_none(sound: dict[str, Any], found: Found) -> None:
    sound["method"][0]["pauses"] = {"before": "5", "after": "${wait}"}
    assert found(sound) == {"wrong-type": "$.method[0].pauses.before"}


def test_secrets_as_a_text_would_be_taken_letter_by_letter(sound: dict[str, Any], found: Found) -> None:
    sound["method"][0]["provider"]["secrets"] = "mine"
    assert found(sound) == {"wrong-type": "$.method[0].provider.secrets"}


def test_every_mistake_is_told_at_once_and_each_once(sound: dict[str, Any], findings: Any) -> None:
    sound["tags"] = "lab"
    sound["method"][0].update(type="acton", pauses=5)
    sound["method"].append({"name": "x", "type": "probe", "provider": {"type": "pyton"}})
    sound["method"].append(7)
    told = [(one.hit.rule.id, one.as_json()["path"]) for one in findings(sound)]
    assert sorted(told) == [
        ("unknown-word", "$.method[0].type"),
        ("unknown-word", "$.method[1].provider.type"),
        ("wrong-type", "$.method[0].pauses"),
        ("wrong-type", "$.method[2]"),
        ("wrong-type", "$.tags"),
    ]


def test_our_own_extension_takes_no_key_that_nobody_reads(sound: dict[str, Any], findings: Any) -> None:
    sound["extensions"] = [{"name": "chaostoolkit-ext", "sayz": {}}, {"name": "theirs", "anything": 1}]
    (one,) = findings(sound)
    assert one.hit.rule.id == "extension-key" and "did you mean says?" in one.hit.says
    sound["extensions"] = [{"name": "chaostoolkit-ext", "says": {"held": "It comes."}}, {"name": " "}]
    assert findings(sound) == []


def test_a_nameless_extension_is_found(sound: dict[str, Any], found: Found) -> None:
    sound["extensions"] = [{"name": ""}]
    assert found(sound) == {"empty-value": "$.extensions[0].name"}


def test_a_tolerance_or_provider_of_an_unknown_type_is_named(sound: dict[str, Any], findings: Any) -> None:
    sound["steady-state-hypothesis"]["probes"][0]["tolerance"] = {"type": "equal", "value": 5}
    sound["method"][0]["provider"] = {"type": "chaos-mesh"}
    says = {one.as_json()["path"]: one.hit.says for one in findings(sound)}
    assert "'equal' is no type of tolerance" in says["$.steady-state-hypothesis.probes[0].tolerance.type"]
    assert "'chaos-mesh' is no type of provider" in says["$.method[0].provider.type"]
    sound["steady-state-hypothesis"]["probes"][0]["tolerance"] = {"percentage": 20}
    assert "tolerance needs a type (probe, regex, jsonpath, range)" in {one.hit.says for one in findings(sound)}


def test_a_hypothesis_needs_a_title_and_its_probes_a_tolerance(sound: dict[str, Any], findings: Any) -> None:
    del sound["steady-state-hypothesis"]["title"]
    del sound["steady-state-hypothesis"]["probes"][0]["tolerance"]
    assert {one.as_json()["path"] for one in findings(sound)} == {
        "$.steady-state-hypothesis.title",
        "$.steady-state-hypothesis.probes[0].tolerance",
    }


def test_a_key_that_is_no_text_passes_unless_the_journal_cannot_hold_it(found: Found) -> None:
    text = "title: x\ndescription: x\nmethod: []\n1: 2\nnull: 3\n"
    assert found(text) == {"nothing-to-do": "$.method"}
    assert "wrong-type" in found(text + "2026-01-01: x\n")
