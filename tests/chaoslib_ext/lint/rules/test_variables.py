"""What gives values, and what asks for them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chaoslib_ext.lint.here import Here

Found = Callable[..., dict[str, str]]


def test_an_undefined_variable_is_found_wherever_the_host_puts_values_in(sound: dict[str, Any], findings: Any) -> None:
    sound["method"][0]["pauses"] = {"after": "${wat}"}
    sound["method"][0]["provider"]["arguments"]["proxy"] = ["${prxy}"]
    sound["steady-state-hypothesis"]["probes"][0]["provider"]["headers"] = {"x": "${hd}"}
    sound["steady-state-hypothesis"]["probes"][0]["tolerance"] = {"type": "jsonpath", "path": "$.a", "expect": "${ex}"}
    told = {one.as_json()["path"]: one.hit.says for one in findings(sound) if one.severity == "error"}
    assert len(told) == 4 and all("has no value" in says for says in told.values())
    assert "did you mean wait?" in told["$.method[0].pauses.after"]


def test_secrets_give_values_by_their_second_level_and_a_group_gives_none(sound: dict[str, Any], findings: Any) -> None:
    arguments = sound["method"][0]["provider"]["arguments"]
    arguments["proxy"] = "${token}"
    assert findings(sound) == []
    arguments["proxy"] = "${mine}"
    (one,) = findings(sound)
    assert one.hit.rule.id == "undefined-variable" and "group of secrets" in one.hit.says


def test_within_a_longer_text_it_may_be_meant_for_somebody_else(sound: dict[str, Any], findings: Any) -> None:
    sound["steady-state-hypothesis"]["probes"][0]["provider"]["url"] = "http://web/${path}"
    (one,) = findings(sound)
    assert one.severity == "warning"


def test_deep_in_a_document_for_somebody_elses_function_it_may_be_meant_for_that(
    sound: dict[str, Any], findings: Any
) -> None:
    provider = {"type": "python", "module": "somebody", "func": "f", "arguments": {"a": {"project": "${PROJECT}"}}}
    sound["method"][0]["provider"] = provider
    told = [one.severity for one in findings(sound) if one.hit.rule.id == "undefined-variable"]
    assert told == ["warning"]
    provider["arguments"] = {"a": "${PROJECT}"}
    told = [one.severity for one in findings(sound) if one.hit.rule.id == "undefined-variable"]
    assert told == ["error"]


@pytest.mark.parametrize("arguments", ["-c 'echo ${HOME}'", ["-c", "echo ${HOME}"]])
def test_what_a_shell_reads_is_the_shells(probe_of: Any, findings: Any, arguments: Any) -> None:
    provider = {"type": "process", "path": "bash", "arguments": arguments, "timeout": 3}
    assert {one.severity for one in findings(probe_of(provider, tolerance=0))} == {"note"}


def test_a_doubled_dollar_is_no_variable_and_a_vault_may_hold_any(sound: dict[str, Any], found: Found) -> None:
    sound["method"][0]["provider"]["arguments"]["proxy"] = "$${x}"
    assert found(sound) == {}
    sound["method"][0]["provider"]["arguments"]["proxy"] = "${x}"
    sound["secrets"]["mine"]["token"] = {"type": "vault", "path": "p"}
    assert found(sound) == {}


def test_a_control_of_somebody_elses_may_give_the_value(sound: dict[str, Any], findings: Any) -> None:
    sound["method"][0]["pauses"] = {"after": "${x}"}
    sound["controls"] = [{"name": "c", "provider": {"type": "python", "module": "json"}}]
    assert [one.severity for one in findings(sound)] == ["warning"]
    sound["controls"][0]["provider"]["module"] = "chaoslib_ext.control"
    assert [one.severity for one in findings(sound)] == ["error"]


def test_the_host_puts_no_values_into_configuration_or_secrets(sound: dict[str, Any], findings: Any) -> None:
    sound["configuration"]["base"] = "http://${host}"
    sound["secrets"]["mine"]["token"] = "${host}"
    told = {(one.hit.rule.id, one.as_json()["path"]) for one in findings(sound)}
    assert told == {("not-substituted", "$.configuration.base"), ("not-substituted", "$.secrets.mine.token")}


def test_undeclared_secrets_are_found(sound: dict[str, Any], found: Found) -> None:
    sound["method"][0]["provider"]["secrets"] = ["mine", "theirs"]
    assert found(sound) == {"undeclared-secret": "$.method[0].provider.secrets[1]"}


def test_a_secret_outside_of_a_group_is_found(sound: dict[str, Any], found: Found) -> None:
    sound["secrets"]["token"] = {"type": "env", "key": "TOKEN_2"}
    assert found(sound) == {"flat-secret": "$.secrets.token", "unset-here": "$.secrets.token"}


def test_a_flat_value_among_the_secrets_is_what_the_host_breaks_off_at(sound: dict[str, Any], findings: Any) -> None:
    sound["secrets"]["token"] = 5
    (one,) = findings(sound)
    assert (one.hit.rule.id, one.severity) == ("flat-secret", "error")


def test_a_secret_in_the_file_itself_is_noted(sound: dict[str, Any], findings: Any) -> None:
    sound["secrets"]["mine"]["token"] = "hunter2"
    (one,) = findings(sound)
    assert one.hit.rule.id == "secret-in-the-file" and not one.counts and "hunter2" not in one.hit.says


def test_a_variable_that_is_not_set_here_is_this_machines_matter(
    sound: dict[str, Any], findings: Any, here: Here
) -> None:
    sound["configuration"]["host"] = {"type": "env", "key": "SHOP_HOST"}
    (one,) = findings(sound)
    assert (one.hit.rule.id, one.hit.rule.concern, one.counts) == ("unset-here", "machine", False)
    assert findings(sound, on=replace(here, environ={"SHOP_HOST": "x", "TOKEN": "x"})) == []
    sound["configuration"]["host"]["default"] = "x"
    assert findings(sound) == []


def test_an_empty_default_for_a_number_means_that_the_variable_is_to_be_set(
    sound: dict[str, Any], findings: Any, here: Here
) -> None:
    sound["configuration"]["wait"] = {"type": "env", "key": "WAIT", "env_var_type": "int", "default": ""}
    (one,) = findings(sound)
    assert (one.hit.rule.id, one.counts) == ("unset-here", False) and "its default is empty" in one.hit.says
    assert findings(sound, on=replace(here, environ={"WAIT": "5", "TOKEN": "x"})) == []


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ({"type": "env"}, "env-without-key"),
        ({"type": "env", "key": "X", "env_var_type": "integr", "default": 1}, "env-type"),
        ({"type": "env", "key": "X", "env_var_type": "int", "default": "many"}, "env-type"),
        ({"type": "env", "key": "X", "env_var_type": "float", "default": None}, "env-type"),
        ({"type": "env", "key": "X", "env_var_type": "int", "default": float("inf")}, "env-type"),
        ({"type": "env", "key": "X", "env_var_type": "float", "default": 10**400}, "env-type"),
        ({"type": "probe", "name": "x"}, "dynamic-without-provider"),
        ({"type": "probe", "name": "x", "provider": {}}, "dynamic-without-provider"),
    ],
)
def test_a_configuration_that_would_break_the_run_off_is_found(
    sound: dict[str, Any], found: Found, entry: Any, rule: str
) -> None:
    sound["configuration"]["host"] = entry
    assert rule in found(sound)


def test_a_dynamic_configuration_is_looked_into_as_any_probe(sound: dict[str, Any], found: Found) -> None:
    provider = {"type": "python", "module": "probes.http", "func": "statu", "arguments": {"url": "http://x"}}
    sound["configuration"]["host"] = {"type": "probe", "name": "x", "provider": provider}
    assert found(sound) == {"unknown-function": "$.configuration.host.provider.func"}
