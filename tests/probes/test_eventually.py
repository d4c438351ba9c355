import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import BadInput, ProbeError
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream, http
from probes import eventually

pytestmark = pytest.mark.joins("probes", "record")


def exists(path: Path) -> dict[str, Any]:
    return {"module": "probes.files", "func": "exists", "arguments": {"path": str(path)}}


def test_what_comes_is_waited_for_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_slow_start.py").write_text(
        "asked = []\n\ndef is_up():\n    asked.append(1)\n    return len(asked) > 3\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    probe = {"module": "a_slow_start", "func": "is_up"}
    seen = eventually.reached(probe, True, within="60s", every="50ms", stable_for="200ms")
    assert seen["status"] == "reached" and seen["value"] is True
    assert seen["after_ms"] > 0 and seen["stable_ms"] >= 200 and seen["unmeasured"] == 0
    assert (seen["seen"][0]["value"], seen["seen"][0]["looks"]) == (False, 3)
    assert sum(one["looks"] for one in seen["seen"]) == seen["looks"]
    assert seen["says"].startswith("reached after ")


def test_what_does_not_come_is_told_too(tmp_path: Path) -> None:
    seen = eventually.reached(exists(tmp_path / "none"), True, within="300ms", every="50ms")
    assert seen["status"] == "not reached" and seen["after_ms"] is None and seen["value"] is False
    assert seen["says"].startswith("false at the last of ")


def test_a_service_behind_a_link_that_comes_back(link: Callable[[str], str], embedded: str) -> None:
    """The probe fails while the link is down; that is a look that was not taken, and no end."""
    client = Client(embedded)
    with Upstream(http) as service:
        probe = {"module": "probes.http", "func": "status", "type": "python"}
        probe["arguments"] = {"url": f"http://{link(service.address)}/"}  # type: ignore[assignment]
        client.update("link", enabled=False)
        with pytest.raises(ProbeError, match=r"none of \d+ looks in 0\.3 s could be taken; the last: NoAnswer"):
            eventually.reached(probe, 200, within="300ms", every="50ms")
        threading.Timer(0.3, lambda: client.update("link", enabled=True)).start()
        seen = eventually.reached(probe, {"type": "range", "range": [200, 299]}, within="30s", every="50ms")
    assert seen["status"] == "reached" and seen["value"] == 200


def test_a_probe_that_hangs_does_not_hold_it(silent: str) -> None:
    probe = {"module": "probes.tcp", "func": "banner", "arguments": {"address": silent, "timeout": "1h"}}
    with pytest.raises(ProbeError, match="the look was not over when the time for all of them was"):
        eventually.reached(probe, "220 ready", within="500ms", every="100ms")


def test_configuration_and_secrets_reach_a_probe_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_shop_probes.py").write_text(
        "def answer(extra, configuration, secrets):\n    return [extra, configuration['a'], secrets['b']]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    probe = {"module": "my_shop_probes", "func": "answer", "arguments": {"extra": 1}}
    seen = eventually.reached(probe, {"type": "jsonpath", "path": "$[2]"}, configuration={"a": 2}, secrets={"b": 3})
    assert (seen["status"], seen["value"]) == ("reached", [1, 2, 3])


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"probe": "probes.http.status"}, "probe must be a mapping of module, func, arguments"),
        ({"probe": {"module": "probes.http", "function": "status"}}, "probe has no 'function'; did you mean func"),
        ({"probe": {"module": "probes.http", "func": "stauts"}}, "has no probe 'stauts'; did you mean status"),
        ({"probe": {"module": "probes.nothing", "func": "x"}}, "cannot be imported"),
        ({"probe": {"module": "actions.toxics", "func": "add_latency"}}, "is an action; only a probe"),
        ({"probe": {"module": "probes.http", "func": "status"}}, "missing a required argument: 'url'"),
        ({"probe": {"module": "probes.http", "func": "status", "arguments": []}}, "missing a required argument"),
        ({"probe": {"module": "probes.http", "func": "status", "arguments": ["x"]}}, "must be a mapping"),
        ({"probe": {"module": "probes.http", "func": "status", "type": "process"}}, "must be a Python function"),
        ({"probe": {"module": "probes.http", "func": "status", "arguments": {"url": "${shop}"}}}, r"\$\{shop\}"),
        ({"tolerance": 0.5}, r"tolerance 0\.5: "),
        ({"tolerance": {"type": "range", "range": [1]}}, "two values"),
        ({"tolerance": {"type": "probe"}}, "not a probe"),
        ({"within": "1s", "stable_for": "1s"}, "stable_for must be shorter than within"),
        ({"within": "1s", "every": "2s"}, "every must be shorter than within"),
        ({"every": "0s"}, "every: "),
    ],
)
def test_a_wrong_question_is_refused_at_once(tmp_path: Path, wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        eventually.reached(**{"probe": exists(tmp_path), "tolerance": False, "within": "60s", **wrong})


def test_a_value_that_cannot_be_compared_is_not_tolerated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host would end the whole run."""
    (tmp_path / "a_probe_of_nothing.py").write_text("def nothing():\n    return None\n")
    monkeypatch.syspath_prepend(tmp_path)
    probe = {"module": "a_probe_of_nothing", "func": "nothing"}
    seen = eventually.reached(probe, [1, 5], within="500ms", every="50ms")
    assert seen["status"] == "not reached" and seen["value"] is None
