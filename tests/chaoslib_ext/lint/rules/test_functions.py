"""Functions that are named; read, never run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.lint.here import Here

Found = Callable[..., dict[str, str]]

SOURCE = """
raise SystemExit("this module was run")

def kill(name: str, count: int = 1, *, force: bool = False, secrets=None, configuration=None): ...
def anything(**more): ...
"""


@pytest.fixture
def guest(machine_with: Callable[..., Here]) -> Here:
    """A machine with a package `guest` on it, whose module `guest.pods` must not be run."""
    return machine_with({"guest/__init__.py": "raise SystemExit", "guest/pods.py": SOURCE})


@pytest.fixture
def calling(sound: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """An experiment that calls that function."""

    def made(module: str, func: str, **arguments: Any) -> dict[str, Any]:
        provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
        sound["method"] = [{"type": "action", "name": "it", "provider": provider}]
        return sound

    return made


def test_a_function_that_takes_what_it_is_given_is_left_alone(calling: Any, found: Found, guest: Here) -> None:
    assert found(calling("guest.pods", "kill", name="x", count=2, force=True), on=guest) == {}
    assert found(calling("guest.pods", "anything", what="ever"), on=guest) == {}


def test_unknown_and_missing_arguments_of_an_installed_function_are_found(
    calling: Any, findings: Any, guest: Here
) -> None:
    told = {one.hit.rule.id: one for one in findings(calling("guest.pods", "kill", nmae="x"), on=guest)}
    assert set(told) == {"unknown-argument", "missing-argument"}
    assert "did you mean name?" in told["unknown-argument"].hit.says
    assert told["unknown-argument"].as_json()["path"] == "$.method[0].provider.arguments.nmae"


@pytest.mark.parametrize(
    ("name", "value"), [("count", "2"), ("count", 1.5), ("force", "yes"), ("name", 5), ("name", [])]
)
def test_an_argument_of_another_kind_is_found(calling: Any, found: Found, guest: Here, name: str, value: Any) -> None:
    assert set(found(calling("guest.pods", "kill", **{"name": "x", name: value}), on=guest)) == {"argument-type"}


def test_a_value_that_only_the_run_knows_is_left_alone(calling: Any, found: Found, guest: Here) -> None:
    assert found(calling("guest.pods", "kill", name="x", count="${wait}"), on=guest) == {}


def test_a_function_that_is_not_there_is_found(calling: Any, findings: Any, guest: Here) -> None:
    (one,) = findings(calling("guest.pods", "kil", name="x"), on=guest)
    assert one.hit.rule.id == "unknown-function" and "did you mean kill?" in one.hit.says


@pytest.mark.parametrize(
    ("module", "func", "says"),
    [
        ("os", "renme", "os has no function renme; did you mean rename?"),
        ("antigravity", "geohsh", "antigravity has no function geohsh; did you mean geohash?"),
    ],
)
def test_a_function_that_python_itself_does_not_have_is_found(
    calling: Any, findings: Any, module: str, func: str, says: str
) -> None:
    (one,) = findings(calling(module, func))
    assert one.hit.rule.id == "unknown-function" and one.hit.says.startswith(says)


def test_a_module_that_an_installed_package_does_not_have_is_the_authors_mistake(
    calling: Any, findings: Any, guest: Here
) -> None:
    (one,) = findings(calling("guest.podds", "kill", name="x"), on=guest)
    assert (one.hit.rule.id, one.counts) == ("unknown-module", True)
    assert "did you mean pods?" in one.hit.says


def test_a_module_that_another_version_may_have_is_no_mistake_of_the_author(
    calling: Any, findings: Any, guest: Here
) -> None:
    (one,) = findings(calling("guest.k6.probes", "http"), on=guest)
    assert (one.hit.rule.id, one.counts) == ("not-installed-here", False)


def test_a_package_that_is_not_installed_here_is_no_mistake_of_the_author(
    calling: Any, findings: Any, guest: Here
) -> None:
    (one,) = findings(calling("chaosaws.ec2.actions", "terminate_instance", instance_id="x"), on=guest)
    assert (one.hit.rule.id, one.hit.rule.concern, one.counts) == ("not-installed-here", "machine", False)
    assert one.hit.cure == "pip install chaostoolkit-aws"


def test_a_module_whose_own_imports_fail_is_told_with_what_it_lacks(
    calling: Any, findings: Any, machine_with: Callable[..., Here]
) -> None:
    files = {
        "guest/__init__.py": "try:\n    import maybe_there\nexcept ImportError: ...\n",
        "guest/pods.py": "from . import client\ndef f(): ...\n",
        "guest/client.py": "import json\nimport no_such_client.v1\nfrom guest import pods\n",
    }
    (one,) = findings(calling("guest.pods", "f"), on=machine_with(files))
    assert (one.hit.rule.id, one.counts) == ("import-fails-here", False)
    assert one.hit.says == "guest.pods needs no_such_client"


def test_a_module_beside_the_experiment_is_not_where_the_host_looks(
    calling: Any, findings: Any, guest: Here, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text("def f(): ...")
    (one,) = findings(calling("own", "f"), on=guest)
    assert one.hit.rule.id == "not-installed-here" and f"PYTHONPATH={tmp_path}" in one.hit.cure


def test_a_folder_of_ones_own_beside_our_faces_is_no_mistake(
    calling: Any, findings: Any, here: Here, tmp_path: Path
) -> None:
    (one,) = findings(calling("probes.shop", "f"))
    assert (one.hit.rule.id, one.counts) == ("not-installed-here", False)
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "shop.py").write_text("def f(): ...")
    (one,) = findings(calling("probes.shop", "f"))
    assert not one.counts and f"PYTHONPATH={tmp_path}" in one.hit.cure
    (one,) = findings(calling("probes.htpp", "status"))
    assert one.hit.rule.id == "unknown-module" and one.counts


def test_a_control_that_is_not_there_is_told_before_the_faults_go_in_without_it(
    sound: dict[str, Any], findings: Any
) -> None:
    sound["controls"] = [{"name": "c", "provider": {"type": "python", "module": "nothing_like_this.control"}}]
    (one,) = findings(sound)
    assert (one.hit.rule.id, one.severity) == ("control-not-installed-here", "warning") and not one.counts
    sound["controls"][0]["provider"]["module"] = "chaoslib_ext.contrl"
    (one,) = findings(sound)
    assert one.hit.rule.id == "unknown-module" and one.counts


def test_a_guest_that_is_really_installed_is_read_with_its_version(calling: Any, findings: Any) -> None:
    (one,) = findings(calling("chaosk8s.pod.actions", "terminate_pods", label_selector="app=x", count=1))
    assert one.hit.rule.id == "unknown-argument" and "in chaostoolkit-kubernetes" in one.hit.says
    assert findings(calling("chaosk8s.pod.actions", "terminate_pods", label_selector="app=x", qty=1)) == []


def test_our_own_faces_are_held_to_the_kind_of_an_argument(calling: Any, findings: Any) -> None:
    (one,) = findings(calling("actions.toxics", "add_latency", proxy="web", latency_ms="100"))
    assert (one.hit.rule.id, one.severity) == ("argument-type", "error")


def test_a_tolerance_probe_is_given_its_value(sound: dict[str, Any], found: Found, guest: Here) -> None:
    provider = {"type": "python", "module": "guest.pods", "func": "anything", "arguments": {}}
    sound["method"] = []
    tolerance = {"type": "probe", "name": "t", "provider": provider}
    sound["steady-state-hypothesis"]["probes"][0]["tolerance"] = tolerance
    assert found(sound, on=guest) == {}
