"""What the host's own check refuses, held against the host itself."""

from collections.abc import Callable
from typing import Any

import pytest
from chaoslib.exceptions import ChaosException
from chaoslib.experiment import ensure_experiment_is_valid

from chaoslib_ext.lint.finding import Finding
from chaoslib_ext.lint.refusal import refusals


@pytest.fixture
def plain(sound: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A sound experiment that the host takes on any machine."""
    monkeypatch.setenv("TOKEN", "x")
    sound["method"][0]["provider"] = {
        "type": "python",
        "module": "chaoslib.configuration",
        "func": "load_configuration",
        "arguments": {"config_info": {}},
    }
    return sound


def spoilt(data: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    here: Any = data
    for step in path[:-1]:
        here = here[step]
    if value is None:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return data


PROBE = ("steady-state-hypothesis", "probes", 0)
PROVIDER = ("method", 0, "provider")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("title",), None),
        (("method", 0, "name"), None),
        (("method", 0, "type"), "tolerance"),
        (("method", 0), {"ref": "nobody"}),
        ((*PROBE, "tolerance"), None),
        ((*PROBE, "tolerance"), {"type": "equal"}),
        ((*PROVIDER, "type"), "chaos-mesh"),
        ((*PROVIDER, "func"), "nobody"),
        ((*PROVIDER, "arguments"), {"nothing": 1}),
        ((*PROVIDER, "module"), "chaoslib.nobody"),
    ],
)
def test_what_the_host_refuses_is_told(
    plain: dict[str, Any], findings: Callable[..., list[Finding]], path: tuple[Any, ...], value: Any
) -> None:
    data = spoilt(plain, path, value)
    with pytest.raises(ChaosException):
        ensure_experiment_is_valid(data)
    assert refusals(findings(data), of_this_machine=True)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("title",), "another"),
        (("rollbacks",), [{"ref": "nobody"}]),
        (("runtime",), {"rollbacks": {"strategy": "alway"}}),
        (("controls",), [{"name": "c", "provider": {"type": "python", "module": "nobody.here"}}]),
        (("tags",), "lab"),
        (("method", 0, "pauses"), {"after": "${nobody}"}),
    ],
)
def test_what_the_host_lets_pass_is_not(
    plain: dict[str, Any], findings: Callable[..., list[Finding]], path: tuple[Any, ...], value: Any
) -> None:
    data = spoilt(plain, path, value)
    ensure_experiment_is_valid(data)
    assert refusals(findings(data), of_this_machine=True) == []


def test_a_finding_on_the_whole_file_is_looked_at_as_well(plain: dict[str, Any], findings: Any) -> None:
    found = findings({**plain, "\ud800": 1})
    assert [one.hit.path for one in found if one.hit.rule.id == "wrong-type"] == [()]
    assert refusals(found, of_this_machine=True) == []


def test_what_is_not_installed_is_refused_on_this_machine_only(plain: dict[str, Any], findings: Any) -> None:
    data = spoilt(plain, (*PROVIDER, "module"), "nobody.here")
    assert refusals(findings(data), of_this_machine=False) == []
    (one,) = refusals(findings(data), of_this_machine=True)
    assert "$.method[0].provider.module: the package nobody is not installed here" in one
