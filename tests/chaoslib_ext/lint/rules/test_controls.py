"""Controls."""

from typing import Any

OURS = {"type": "python", "module": "chaoslib_ext.control"}


def test_a_control_that_refers_to_nothing_is_found(sound: dict[str, Any], findings: Any) -> None:
    sound["controls"] = [{"name": "record", "provider": OURS}]
    sound["method"][0]["controls"] = [{"ref": "recrd"}]
    (one,) = findings(sound)
    assert one.hit.rule.id == "bad-control-ref" and "did you mean record?" in one.hit.says


def test_a_lone_reference_is_what_the_host_refuses(sound: dict[str, Any], found: Any) -> None:
    sound["controls"] = [{"name": "record", "provider": OURS}]
    sound["method"][0]["controls"] = [{"ref": "record"}]
    assert found(sound) == {"control-ref-refused": "$.method[0].controls[0].ref"}


def test_a_control_without_a_module_or_of_another_kind_is_found(sound: dict[str, Any], found: Any) -> None:
    sound["controls"] = [{"name": "a", "provider": {"type": "python"}}, {"name": "b", "provider": {"type": "http"}}]
    assert found(sound) == {
        "control-without-module": "$.controls[0].provider",
        "control-kind": "$.controls[1].provider.type",
    }


def test_the_bypass_that_does_not_bypass_is_told_before_the_action_runs(sound: dict[str, Any], found: Any) -> None:
    provider = {"type": "python", "module": "chaosaddons.controls.bypass"}
    sound["method"][0]["controls"] = [{"name": "bypass", "provider": provider}]
    assert found(sound)["bypass-does-not-bypass"] == "$.method[0].controls[0].provider.module"


def test_two_controls_of_one_name_are_found_and_the_same_one_twice_is_not(sound: dict[str, Any], found: Any) -> None:
    sound["controls"] = [{"name": "a", "provider": OURS}]
    sound["method"][0]["controls"] = [{"name": "a", "provider": OURS}]
    assert found(sound) == {}
    sound["method"][0]["controls"] = [{"name": "a", "provider": {**OURS, "module": "chaoslib_ext.control.screen"}}]
    assert found(sound) == {"control-name-twice": "$.method[0].controls[0].name"}
