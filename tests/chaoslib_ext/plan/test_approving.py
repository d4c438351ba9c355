"""What would be approved: every fault with its values of now; which values are asked for; what cannot be known."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from chaoslib_ext.plan.approving import CannotBeApproved, Seen, seen
from chaoslib_ext.plan.experiment import load
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.safety.approved_fault import Hidden

pytestmark = pytest.mark.joins("plan", "faults", "safety")


@pytest.fixture(autouse=True)
def client(embedded: str, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    found = Client(embedded)
    for name in ("web-http", "orders-http"):
        found.create(name, "127.0.0.1:1")
    return found


def action(proxy: str = "web-http", func: str = "add_latency", **arguments: Any) -> dict[str, Any]:
    provider = {"type": "python", "module": "actions.toxics", "func": func, "arguments": {"proxy": proxy, **arguments}}
    return {"type": "action", "name": "slow", "provider": provider}


def of(folder: Path, *method: dict[str, Any], **more: Any) -> Seen:
    file = folder / "x.yaml"
    file.write_text(yaml.safe_dump({"title": "x", "description": "y", "method": list(method), **more}))
    return seen(load(file), {})


def test_each_fault_on_each_link_stands_there_once_rollbacks_too(client: Client, tmp_path: Path) -> None:
    found = of(tmp_path, action(latency_ms=10), action(latency_ms=10), rollbacks=[action("*", latency_ms=20)])
    rows = [(one.link, one.settings["latency_ms"]) for one in found.faults]
    assert rows[0] == ("web-http", 10) and len(set(rows)) == len(rows) > 2
    assert found.key == "" and {one.server for one in found.faults} == {client.url}


def test_a_value_from_a_secret_is_hidden_in_the_field_that_it_reaches(tmp_path: Path) -> None:
    secrets = {"a": {"much": 10, "share": {"toxicity": 1}, "long": "30s"}}
    found = of(tmp_path, action(latency_ms="${much}", duration="${long}"), secrets=secrets)
    (one,) = found.faults
    assert isinstance(one.settings["latency_ms"], Hidden) and isinstance(one.duration_s, Hidden) and found.key
    assert one.link == "web-http" and one.settings["jitter_ms"] == 0
    (whole,) = of(
        tmp_path, action(func="add", type="latency", attributes={"latency": "${much}"}), secrets=secrets
    ).faults
    assert all(isinstance(value, Hidden) for value in whole.settings.values())


def test_only_probes_that_a_fault_or_the_title_needs_are_asked(tmp_path: Path) -> None:
    def touches(name: str) -> dict[str, Any]:
        told = {"type": "process", "path": "sh", "arguments": ["-c", f"touch {tmp_path / name}; printf 10"]}
        return {"type": "probe", "name": name, "provider": told}

    configuration = {"inner": touches("inner"), "much": touches("much"), "other": touches("other")}
    configuration["much"]["provider"]["arguments"].append("${inner}")
    (one,) = of(tmp_path, action(latency_ms="${much}"), configuration=configuration).faults
    assert one.settings["latency_ms"] == 10
    assert (tmp_path / "much").exists() and (tmp_path / "inner").exists() and not (tmp_path / "other").exists()


def test_what_other_actions_would_put_in_is_named_as_not_seen(tmp_path: Path) -> None:
    mine = {"type": "action", "name": "own", "provider": {"type": "python", "module": "mine", "func": "do"}}
    found = of(tmp_path, mine, {**action(), "provider": {**action()["provider"], "func": "remove"}})
    assert found.unseen == ("own (mine.do)",) and found.faults == ()


@pytest.mark.parametrize(
    "arguments", [{"latency_ms": "${nosuch}"}, {"latency_ms": -1}, {"proxy": "nosuch", "latency_ms": 1}]
)
def test_what_cannot_be_known_is_not_approved(tmp_path: Path, arguments: dict[str, Any]) -> None:
    with pytest.raises(CannotBeApproved, match="nothing is approved"):
        of(tmp_path, action(**arguments))
